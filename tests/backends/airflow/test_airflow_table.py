"""Every row of the capability table: what is offered compiles and loads, what is not is refused at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

import pipec
from pipec.analysis.feature_names import FEATURES
from pipec.analysis.features import features_used, mapped_call_uses
from pipec.backend import load_backend
from pipec.compilation import check_target
from tests.backends.airflow.feature_pipelines import PIPELINES
from tests.conformance.both import dag_file
from tests.support.airflow import AirflowHome

CAPABILITIES = load_backend("airflow").capabilities
OFFERED = [feature for feature in FEATURES if CAPABILITIES[feature].support != "no"]
REFUSED = [feature for feature in FEATURES if CAPABILITIES[feature].support == "no"]


def loaded(feature: str, folder: Path) -> pipec.Loaded:
    """The pipeline of a feature, which it uses."""
    (folder / "p.pipe").write_text(PIPELINES[feature], "utf-8")
    found = pipec.load(folder / "p.pipe")
    assert found.program is not None, [diagnostic.message for diagnostic in found.diagnostics.sorted()]
    uses = [
        use
        for key, pipeline in found.program.pipelines.items()
        for use in (*features_used(pipeline, is_part=key != "p"), *mapped_call_uses(found.program, key))
    ]
    assert feature in {use.feature for use in uses}
    return found


def test_every_feature_has_a_pipeline() -> None:
    assert sorted(PIPELINES) == sorted(FEATURES)


@pytest.mark.parametrize("feature", REFUSED)
def test_what_is_not_offered_is_refused_with_the_way_out(feature: str, tmp_path: Path) -> None:
    found = loaded(feature, tmp_path)
    errors = [one for one in check_target(found, "p", "airflow").sorted() if one.code == "P0501"]
    mine = [error for error in errors if FEATURES[feature] in error.message]
    assert len(mine) == 1
    assert CAPABILITIES[feature].reason in mine[0].message
    assert CAPABILITIES[feature].way_out in (mine[0].help or "")


@pytest.mark.parametrize("feature", OFFERED)
def test_what_is_offered_compiles(feature: str, tmp_path: Path) -> None:
    assert "with DAG(" in dag_file(loaded(feature, tmp_path), "p")


@pytest.mark.engine
@pytest.mark.parametrize("feature", OFFERED)
def test_what_is_offered_loads(feature: str, airflow: AirflowHome, tmp_path: Path) -> None:
    """With no error and no warning, and as serialised for the scheduler."""
    (dag,) = airflow.load(dag_file(loaded(feature, tmp_path), "p")).values()
    assert dag.dag_id == "p"
