"""Containers that are equal, which a server keeps once, with the inputs and outputs of the first one's component."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from pipec.backends.kubeflow.linting import lint
from pipec.backends.kubeflow.telling_apart import tell_apart

import pipec
from tests.backends.kubeflow.specifications import output, pipeline, task
from tests.support.kubeflow_cluster import play

CONDITIONS = """
  task a -> int = python("s:f")
  if a > 3 { task c = python("s:c") }
  if a > 4 { task d = python("s:d") }
  task equal after c, d = python("s:e") { trigger_rule = none_failed_min_one_success }
  task second = python("s:e")
  task third = python("s:e")
"""

WORKSPACE = """
  task first = python("s:e")
  task equal = python("s:e") { target kubeflow { workspace = true } }
"""


def compiled(tasks: str, settings: str) -> tuple[Any, Any]:
    """The PipelineSpec and the PlatformSpec."""
    text = f'pipeline p {{\n  target kubeflow {{\n image = "a:1"\n {settings}\n}}\n{tasks}\n}}\n'
    loaded = pipec.load("p.pipe", text=text)
    assert loaded.program is not None, loaded.diagnostics.found
    documents = list(yaml.safe_load_all(pipec.compile(loaded, "kubeflow")[0].text))
    return documents[0], documents[1]["platforms"]["kubernetes"] if len(documents) > 1 else {}


def variables(document: Any) -> dict[str, str]:
    """By executor the variable that tells it from an equal one."""
    executors = document["deploymentSpec"]["executors"]
    found = {name: executor["container"].get("env", []) for name, executor in executors.items()}
    assert all(one["name"] == "PIPEC_TASK" for env in found.values() for one in env)
    return {name: env[0]["value"] for name, env in found.items() if env}


@pytest.mark.parametrize(
    ("tasks", "settings", "told"),
    [
        pytest.param(CONDITIONS, "", {"exec-equal": "equal"}, id="inputs for a condition"),
        pytest.param(WORKSPACE, "workspace = 1073741824", {"exec-equal": "equal"}, id="the workspace"),
    ],
)
def test_of_tasks_with_other_inputs(tasks: str, settings: str, told: dict[str, str]) -> None:
    """Those that have no other inputs share a container."""
    document, platform = compiled(tasks, settings)
    assert variables(document) == told
    assert lint(document, platform) == ()


def told_apart(*components: dict[str, Any], env: tuple[list[dict[str, str]], ...]) -> list[Any]:
    """The variables of containers that have these, and are equal besides, by their components."""
    labelled = {f"comp-{number}": {**one, "executorLabel": f"exec-{number}"} for number, one in enumerate(components)}
    executors = {
        f"exec-{number}": {"container": {"image": "a", "command": ["run"], **({"env": one} if one else {})}}
        for number, one in enumerate(env)
    }
    tell_apart(labelled, executors)
    return [executor["container"].get("env", []) for executor in executors.values()]


ONE: dict[str, Any] = {"outputDefinitions": {"parameters": {"n": {"parameterType": "STRING"}}}}


def test_a_variable_that_is_there_already_is_kept() -> None:
    mine = [{"name": "PIPEC_TASK", "value": "1"}]
    assert told_apart({}, {}, env=(mine, mine)) == [mine, mine]
    assert told_apart(ONE, {}, env=(mine, mine)) == [mine, [*mine, {"name": "PIPEC_TASK_", "value": "1"}]]


def test_what_tells_apart_equals_nothing_else() -> None:
    mine = [{"name": "PIPEC_TASK", "value": "2"}]
    found = told_apart(ONE, ONE, {}, env=(mine, [], []))
    assert found == [mine, [], [{"name": "PIPEC_TASK", "value": "2"}, {"name": "PIPEC_TASK_", "value": "2"}]]


def test_a_cluster_gives_all_the_component_of_the_first() -> None:
    """The double knows the outputs of `a` alone, which is the first of the alphabet."""
    number = {"m": "NUMBER_INTEGER"}
    specification = pipeline(
        a=task(gives={"n": "STRING"}), b=task(gives=number), c=task(takes=number, m=output("b", "m"))
    )
    executors = specification["deploymentSpec"]["executors"]

    def act(path: str, inputs: Any, attempt: int) -> Any:
        return "success", {"n": "x", "m": 2.0}

    assert play(specification, act).verdict == "succeeded"
    executors["exec-b"] = executors["exec-a"]
    assert len(lint(specification)) == 1
    assert play(specification, act).states == {"a": "succeeded", "b": "succeeded", "c": "failed"}
    tell_apart(specification["components"], executors)
    assert lint(specification) == ()
    assert play(specification, act).verdict == "succeeded"
