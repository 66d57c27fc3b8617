"""Every row of the capability table: what is offered compiles to a sound file, what is not is refused at its place."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml

import pipec
from pipec.analysis.feature_names import FEATURES
from pipec.backend import load_backend
from pipec.compilation import check_target
from tests.backends.airflow.feature_pipelines import PIPELINES
from tests.differential.kubeflow_comparison import specification
from tests.support.kubeflow import Kubeflow

CAPABILITIES = load_backend("kubeflow").capabilities
OFFERED = [feature for feature in FEATURES if CAPABILITIES[feature].support != "no"]
REFUSED = [feature for feature in FEATURES if CAPABILITIES[feature].support == "no"]


_WORK = 'task work -> int = python("steps:f")\n'
OWN = {
    "image": 'task work(day = run.date) = image("busybox:1.36", command = ["echo", "--day=${run.date}"])',
    "trigger_rule.one_success": (
        f'{_WORK}if work > 1 {{ task more = python("steps:f") }} else {{ task less = python("steps:f") }}\n'
        'task then after more, less = python("steps:f") { trigger_rule = one_success }'
    ),
    "secrets.as_files": f'{_WORK}defaults = {{ secrets: {{ "/secrets/value": secret("store") }} }}',
    "schedule.cron": f'{_WORK}schedule = cron("0 2 * * *")',
    "schedule.combined": f'{_WORK}schedule = cron("0 2 * * *") or cron("0 4 * * *")',
    "schedule.several_crons": f'{_WORK}schedule = cron("0 2 * * *") or cron("0 4 * * *")',
    "schedule.timezone": (
        f'{_WORK}schedule = cron("0 5 * * *", timezone = "Europe/Berlin")\n'
        'target kubeflow { server_timezone = "Europe/Berlin" }'
    ),
    "max_active_runs": f'{_WORK}schedule = cron("0 2 * * *")\nmax_active_runs = 2',
}
"""Pipelines for features that Kubeflow has in another form than the ones that all backends are asked about."""


def loaded(feature: str, folder: Path) -> pipec.Loaded:
    """The pipeline of a feature, with an image for its code."""
    text = f"pipeline p {{\n{OWN[feature]}\n}}\n" if feature in OWN else PIPELINES[feature]
    start = text.index("{\n", text.index("pipeline p"))
    image = 'target kubeflow { image = "registry.example.com/steps:1" }\n'
    (folder / "p.pipe").write_text(text[: start + 2] + image + text[start + 2 :], "utf-8")
    found = pipec.load(folder / "p.pipe")
    assert found.program is not None, [diagnostic.message for diagnostic in found.diagnostics.sorted()]
    return found


@pytest.mark.parametrize("feature", REFUSED)
def test_what_is_not_offered_is_refused_with_the_way_out(feature: str, tmp_path: Path) -> None:
    errors = check_target(loaded(feature, tmp_path), "p", "kubeflow").sorted()
    mine = [error for error in errors if error.code == "P0501" and FEATURES[feature] in error.message]
    assert mine, [error.message for error in errors]
    assert CAPABILITIES[feature].reason in mine[0].message
    assert CAPABILITIES[feature].way_out in (mine[0].help or "")


@pytest.mark.parametrize("feature", OFFERED)
def test_what_is_offered_has_no_faults(feature: str, tmp_path: Path) -> None:
    documents = list(yaml.safe_load_all(specification(loaded(feature, tmp_path), "p")))
    platform = documents[1]["platforms"]["kubernetes"] if len(documents) > 1 else {}
    assert importlib.import_module("pipec.backends.kubeflow.linting").lint(documents[0], platform) == ()


@pytest.mark.engine
@pytest.mark.parametrize("feature", OFFERED)
def test_what_is_offered_is_valid(feature: str, kubeflow: Kubeflow, tmp_path: Path) -> None:
    assert kubeflow.validate(specification(loaded(feature, tmp_path), "p")) == []
