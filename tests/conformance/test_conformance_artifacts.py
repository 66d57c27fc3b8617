"""Artifacts in maps and of tasks that may be skipped: the same URIs as here, and Kubeflow is told of every one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import pipec
from pipec.api import Loaded
from tests.differential.kubeflow_cluster_play import play_on_cluster
from tests.differential.kubeflow_comparison import differing, specification
from tests.support.kubeflow import Kubeflow

pytestmark = pytest.mark.engine

STEPS = """
def load(fold):
    return f"s3://{fold}"


def below(data, fold):
    return f"{data}/{fold}"


def two(data, fold):
    return {"weights": f"{data}/{fold}/weights", "report": f"{data}/{fold}/report", "score": len(data)}


def tuned(weights):
    return f"{weights}/tuned"


def picked(weights):
    return f"{weights}/picked"


def many(count):
    return f"s3://{count}"


def all_of(models):
    return "s3://all/" + "+".join(model.rpartition("/")[2] for model in models)
"""

TEXT = """
pipeline part(data: dataset, fold: str) -> model {
  image = "python:3.12"
  task inner(data, fold) -> model = python("steps:below")
  return inner
}

pipeline p(folds: list[str] = ["a", "b", "c"], best: str = "b") -> { whole: model?, joined: model? } {
  image = "python:3.12"
  map fold in folds {
    task load(fold) -> dataset = python("steps:load")
    task fit(data = load, fold) -> { weights: model, report: metrics, score: int } = python("steps:two")
    if fold == best {
      task tune(weights = fit.weights) -> model = python("steps:tuned")
    } else {
      task keep(weights = fit.weights) -> model = shell('echo "$weights/kept" > $PIPEC_OUTPUTS/output')
    }
    task pick(weights = tune ?? keep ?? fit.weights) -> model = python("steps:picked")
    task called(data = load, fold) -> model = part
    task after_call(weights = called) -> model = python("steps:picked")
  }
  task whole(models = pick[*]) -> model = python("steps:all_of")
  task reports(models = fit[*].report) -> dataset = python("steps:all_of")
  task calls(models = called[*]) -> dataset = python("steps:all_of")
  if len(folds) > 2 {
    task many(count = len(folds)) -> model = python("steps:many")
  }
  task joined(weights = many ?? "s3://few") -> model = python("steps:picked")
  return { whole: whole, joined: joined }
}
"""
FOLDS: dict[str, list[str]] = {"three": ["a", "b", "c"], "one": ["b"], "none": []}


@pytest.mark.parametrize("runner", ["local", "cluster"])
@pytest.mark.parametrize("folds", FOLDS.values(), ids=FOLDS)
def test_uris_are_the_same(folds: list[str], runner: str, tmp_path: Path, kubeflow: Kubeflow) -> None:
    loaded, text = compiled(tmp_path)
    parameters: dict[str, Any] = {"folds": folds}
    here = pipec.run(loaded, pipeline="p", parameters=parameters, store_folder=tmp_path / "store")
    assert here.state == "success"
    is_local = runner == "local"
    there = kubeflow.run(text, parameters, tmp_path) if is_local else play_on_cluster(text, parameters, tmp_path)
    assert not list(differing(loaded, "p", here, there, goes_on=True)), there.log


def test_kubeflow_is_told_of_every_artifact(tmp_path: Path, kubeflow: Kubeflow) -> None:
    _, text = compiled(tmp_path)
    run = kubeflow.run(text, {"folds": ["b"]}, tmp_path)
    found = {
        f"{path.rpartition('/')[2]}.{name}": f"{value['type'].removeprefix('system.')} {value['metadata']['location']}"
        for path, task in run.tasks.items()
        for name, value in task.outputs.items()
        if isinstance(value, dict) and "uri" in value
    }
    assert found == {
        "load.output": "Dataset s3://b",
        "fit.weights": "Model s3://b/b/weights",
        "fit.report": "Metrics s3://b/b/report",
        "tune-run.output-artifact": "Model s3://b/b/weights/tuned",
        "pick.output": "Model s3://b/b/weights/tuned/picked",
        "called--inner.output": "Model s3://b/b",
        "after-call.output": "Model s3://b/b/picked",
        "whole-run.output-artifact": "Model s3://all/picked",
        "reports.output": "Dataset s3://all/report",
        "calls.output": "Dataset s3://all/b",
        "joined.output": "Model s3://few/picked",
    }


def test_what_a_task_reads_in_its_map_is_an_artifact(tmp_path: Path) -> None:
    """Its lineage is known, where the list of all is one of texts."""
    _, text = compiled(tmp_path)
    components = next(iter(yaml.safe_load_all(text)))["components"]
    assert list(components["comp-fit"]["inputDefinitions"]["artifacts"]) == ["data"]
    assert list(components["comp-fit"]["outputDefinitions"]["parameters"]) == ["report-uri", "score"]
    assert components["comp-reports"]["inputDefinitions"]["parameters"]["models"] == {"parameterType": "LIST"}


def compiled(folder: Path) -> tuple[Loaded, str]:
    loaded = pipec.load(folder / "test.pipe", text=TEXT)
    (folder / "steps.py").write_text(STEPS, "utf-8")
    return loaded, specification(loaded, "p")
