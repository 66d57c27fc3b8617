"""Every row of the capability table for Airflow 2.11: what it offers compiles and loads, the rest is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipec.analysis.feature_names import FEATURES
from pipec.api import Loaded, load
from pipec.backend import load_backend
from pipec.compilation import check_target
from tests.backends.airflow.feature_pipelines import PIPELINES
from tests.conformance.both import dag_file
from tests.support.airflow2 import Airflow2Home

CAPABILITIES = load_backend("airflow").capabilities
HERE = {feature: capability.in_version("2.11") for feature, capability in CAPABILITIES.items()}
OFFERED = [feature for feature in FEATURES if HERE[feature].support != "no"]

NEWER = {
    "approval": "3.1",
    "asset.unicode": "3.0",
    "deadline": "3.1",
    "map.one_failed": "3.3",
    "retry.backoff": "3.2",
    "schedule.several_crons": "3.0",
    "trigger_rule.all_done_min_one_success": "3.1",
}
"""What only newer versions have, and since when."""


def loaded(feature: str, folder: Path) -> Loaded:
    return load(folder / "p.pipe", text=PIPELINES[feature])


def test_only_what_newer_versions_have_is_refused_besides() -> None:
    refused = {feature for feature in FEATURES if HERE[feature].support == "no"}
    assert refused - set(NEWER) == {feature for feature in FEATURES if CAPABILITIES[feature].support == "no"}
    assert set(NEWER) <= refused


def test_a_version_without_differences_has_the_answers_of_the_default() -> None:
    assert CAPABILITIES["approval"].in_version("3.3") == CAPABILITIES["approval"].in_version(None)


@pytest.mark.parametrize("feature", NEWER)
def test_a_refusal_names_the_version_that_has_it(feature: str, tmp_path: Path) -> None:
    found = loaded(feature, tmp_path)
    assert not [one for one in check_target(found, "p", "airflow").found if one.code == "P0501"]
    (refusal,) = {one.message: one for one in check_target(found, "p", "airflow", "2.11").found}.values()
    assert refusal.code == "P0501"
    assert refusal.message.startswith(f"`airflow` 2.11 cannot express {FEATURES[feature]}: ")
    assert f"Airflow {NEWER[feature]}" in refusal.message
    assert "compile for Airflow 3.3" in (refusal.help or "")


def test_files_have_nothing_of_airflow_3_and_ruff_has_nothing_to_say(tmp_path: Path) -> None:
    for feature in OFFERED:
        text = dag_file(loaded(feature, tmp_path), "p", "2.11")
        assert "airflow.sdk" not in text, feature
        (tmp_path / f"{feature.replace('.', '_')}_dag.py").write_text(text, "utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    settings = ["--isolated", "--no-cache", "--line-length", "120", "--target-version", "py311"]
    checked = subprocess.run(
        [*ruff, "check", *settings, "--select", "E4,E7,E9,F,I", tmp_path], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout
    formatted = subprocess.run([*ruff, "format", "--diff", *settings, tmp_path], capture_output=True, text=True)
    assert formatted.returncode == 0, formatted.stdout


@pytest.mark.engine
@pytest.mark.parametrize("feature", OFFERED)
def test_what_is_offered_loads(feature: str, airflow2: Airflow2Home, tmp_path: Path) -> None:
    """With no error and no warning, and as serialised for the scheduler."""
    assert airflow2.load(dag_file(loaded(feature, tmp_path), "p", "2.11")) == ["p"]
