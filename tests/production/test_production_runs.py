"""Runs by hand: which way they go, how they end, what they take as parameters."""

from __future__ import annotations

import psutil  # type: ignore[import-untyped]
import pytest

from tests.production.client import RefusedError, wait_for
from tests.production.scenario import Scenario
from tests.production.session import RUN_SECONDS, Production

pytestmark = pytest.mark.engine

BRANCHES = Scenario(
    """\
pipeline branches(auc: float, name: str = "{{ ds }}'s", threshold: float = 0.8) {
  require threshold < 1 else "nothing is perfect"
  task evaluate(auc) -> { auc: float } = python("branches_steps:evaluate")
  if evaluate.auc >= threshold as good_enough {
    task deploy -> { version: str } = shell('echo v7 > "$PIPEC_OUTPUTS/version"')
  } else {
    task page = shell('true')
  }
  task report(version = deploy.version ?? "unchanged", name) -> str = python("branches_steps:report")
}
""",
    """\
def evaluate(auc):
    return {"auc": auc}


def report(version, name):
    return f"{name}: {version}"
""",
    runs={"good": {"auc": 0.9}, "weak": {"auc": 0.7}},
)


def test_only_the_chosen_branch_runs_and_the_join_reads_it(production: Production) -> None:
    good = production.run(BRANCHES, "good").wait()
    assert good.state == "success"
    assert good.states() == {
        "check_parameters": "success",
        "evaluate": "success",
        "good_enough": "success",
        "deploy": "success",
        "page": "skipped",
        "report": "success",
    }
    assert good.value("report") == "{{ ds }}'s: v7"


def test_the_join_runs_also_after_the_other_branch(production: Production) -> None:
    weak = production.run(BRANCHES, "weak").wait()
    assert weak.state == "success"
    assert weak.states()["deploy"] == "skipped"
    assert weak.states()["page"] == "success"
    assert weak.value("report") == "{{ ds }}'s: unchanged"


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"auc": "high"}, "auc"),
        ({}, "auc"),
        ({"auc": 0.9, "threshold": 1.0}, "threshold"),
        ({"auc": 0.9, "name": None}, "name"),
    ],
)
def test_airflow_refuses_parameters_that_do_not_fit(
    production: Production, parameters: dict[str, object], named: str
) -> None:
    production.check(BRANCHES)
    with pytest.raises(RefusedError, match=named) as refused:
        production.trigger(BRANCHES, "refused", parameters)
    assert refused.value.status == 400


CLEANED = Scenario(
    """\
pipeline cleaned {
  task fetch -> { path: file } = python("cleaned_steps:fetch")
  task train(path = fetch.path) = python("cleaned_steps:train")
  task publish after train = shell('true')
  finally {
    task clean_up(path = fetch.path ?? "") -> str = python("cleaned_steps:clean_up")
    task tell after clean_up = shell('true')
  }
}
""",
    """\
def fetch():
    return {"path": "/scratch/lots"}


def train(path):
    raise RuntimeError(f"{path} is empty")


def clean_up(path):
    return f"removed {path}"
""",
)


def test_finally_runs_after_a_failure_and_does_not_hide_it(production: Production) -> None:
    run = production.run(CLEANED).wait()
    states = run.states()
    assert (states["fetch"], states["train"], states["publish"]) == ("success", "failed", "upstream_failed")
    assert (states["clean_up"], states["tell"]) == ("success", "success")
    assert run.value("clean_up") == "removed /scratch/lots"
    assert run.state == "failed"


STOPPED = Scenario(
    """\
pipeline stopped {
  task plain = shell('echo $$ > "$PRODUCTION_NOTES/plain.pid"; sleep 600 & wait')
  task helped(name = "helped") = shell('sleep 600 & echo $! > "$PRODUCTION_NOTES/$name.pid"; wait')
  task behind after plain, helped
}
"""
)


def test_a_run_that_is_stopped_failed_and_its_processes_are_ended(production: Production) -> None:
    run = production.run(STOPPED)
    files = [production.installation.notes / f"{task}.pid" for task in ("plain", "helped")]
    wait_for(lambda: all(file.exists() and file.read_text() for file in files), "both tasks to run", RUN_SECONDS)
    processes = [psutil.Process(int(file.read_text())) for file in files]
    run.stop()
    _, left = psutil.wait_procs(processes, timeout=RUN_SECONDS)
    assert left == []
    assert run.state == "failed"
    assert run.states()["behind"] == "skipped"


def test_nothing_is_wrong_with_any_file(production: Production) -> None:
    production.check(BRANCHES)
    assert production.client.get("importErrors")["import_errors"] == []
    assert production.client.get("dagWarnings")["dag_warnings"] == []
