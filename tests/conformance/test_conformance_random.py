"""Random pipelines do the same here and in a real Airflow: branches, joins, all trigger rules, failures, `finally`."""

from __future__ import annotations

from pathlib import Path

import pytest

import pipec
from tests.conformance.both import run_both
from tests.conformance.random_pipelines import TASK_CODE, random_pipeline
from tests.support.airflow import AirflowHome

FIRST_SEEDS = range(40)


@pytest.mark.engine
@pytest.mark.parametrize("seed", FIRST_SEEDS)
def test_random_pipeline_is_the_same_here_and_in_airflow(seed: int, airflow: AirflowHome, tmp_path: Path) -> None:
    name = f"random_{seed}"
    loaded = pipec.load(tmp_path / f"{name}.pipe", text=random_pipeline(seed, name))
    refused = [one.code for one in pipec.check(loaded, targets=["airflow"]) if one.severity == "error"]
    if refused:
        # A pipeline that can never keep its meaning is refused with a code; that is an answer too.
        assert set(refused) <= {"P0406", "P0407", "P0501"}
        return
    (tmp_path / "random_steps.py").write_text(TASK_CODE, "utf-8")

    run_both(loaded, name, {"random_steps.py": TASK_CODE}, airflow, tmp_path / "store", {})


def test_most_random_pipelines_compile(tmp_path: Path) -> None:
    accepted = 0
    for seed in FIRST_SEEDS:
        loaded = pipec.load(tmp_path / "one.pipe", text=random_pipeline(seed, "one"))
        accepted += not any(one.severity == "error" for one in pipec.check(loaded, targets=["airflow"]))
    assert accepted >= 0.8 * len(FIRST_SEEDS)
