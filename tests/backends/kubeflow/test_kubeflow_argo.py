"""The rules by which the cluster double plays a DAG are those of Argo's controller, in whatever order pods end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backends.kubeflow.specifications import constant, pipeline, task
from tests.support.argo_dags import ArgoTask, Controller
from tests.support.kubeflow_cluster import Outcome, play

STATES = {"Succeeded": "succeeded", "Failed": "failed", "Skipped": "skipped", "Omitted": "omitted"}


@st.composite
def dags(draw: st.DrawFn, depth: int = 2) -> tuple[ArgoTask, ...]:
    """Tasks that depend on those before them, some of them DAGs, some with an exit task, some skipped or failing."""
    made: list[ArgoTask] = []
    for number in range(draw(st.integers(1, 6 if depth == 2 else 3))):
        depends = draw(st.lists(st.sampled_from(made), unique=True, max_size=3)) if made else []
        kind = draw(st.sampled_from(("", "", "fails", "skips")))
        hook = draw(st.sampled_from((None, None, False, True)))
        made.append(
            ArgoTask(
                f"t{number}",
                tuple(each.name for each in depends),
                draw(dags(depth=depth - 1)) if depth and draw(st.booleans()) else (),
                kind == "fails",
                kind == "skips",
                None if hook is None else ArgoTask("exit", fails=hook),
            )
        )
    return tuple(made)


def specified(tasks: Sequence[ArgoTask]) -> dict[str, Any]:
    """The same tasks as Kubeflow has them: the name of an exit task is that of the other with `x`."""
    made: dict[str, Any] = {}
    for one in tasks:
        given: dict[str, Any] = {"takes": {"n": "NUMBER_INTEGER"}, "n": constant(1)} if one.skips else {}
        if one.skips:
            given["when"] = "int(inputs.parameter_values['n']) > 1"
        inside = specified(one.inside) if one.inside else None
        made[one.name] = task(after=" ".join(one.depends), inside=inside, **given)
        if one.hook is not None:
            made[f"{one.name}x"] = task(after=one.name, exit=True)
    return made


def ends(tasks: Sequence[ArgoTask], around: str = "") -> dict[str, bool]:
    """By path whether a container fails."""
    found: dict[str, bool] = {}
    for one in tasks:
        found |= ends(one.inside, f"{around}{one.name}/") if one.inside else {f"{around}{one.name}": one.fails}
        if one.hook is not None:
            found[f"{around}{one.name}x"] = one.hook.fails
    return found


@settings(deadline=None)
@given(dags(), st.randoms(use_true_random=False))
def test_what_runs_does_not_depend_on_when_pods_end(tasks: tuple[ArgoTask, ...], chance: Any) -> None:
    controller = Controller(tasks)
    verdict = controller.run(lambda running: chance.sample(running, chance.randint(1, len(running))))
    seen = {
        path.replace("@exit", "x"): STATES[node.phase]
        for path, node in controller.nodes.items()
        if path and not (node.is_hook and node.phase == "Pending")
    }
    failing = ends(tasks)

    def act(path: str, inputs: Mapping[str, Any], attempt: int) -> Outcome:
        return ("failed" if failing[path] else "success"), None

    played = play(pipeline(**specified(tasks)), act)
    told = {path: state for path, state in played.states.items() if not (path.endswith("x") and state == "omitted")}
    assert seen == told
    assert STATES[verdict] == played.verdict


def test_after_a_failure_what_has_nothing_to_do_with_it_goes_on() -> None:
    controller = Controller([ArgoTask("a", fails=True), ArgoTask("b"), ArgoTask("c", ("b",)), ArgoTask("d", ("c",))])
    assert controller.run(lambda running: running[:1]) == "Failed"
    assert {path: node.phase for path, node in controller.nodes.items() if path} == {
        "a": "Failed",
        "b": "Succeeded",
        "c": "Succeeded",
        "d": "Succeeded",
    }


def test_the_failure_of_an_exit_task_counts_for_nothing() -> None:
    controller = Controller([ArgoTask("a", hook=ArgoTask("exit", fails=True)), ArgoTask("b", ("a",))])
    assert controller.run(lambda running: running) == "Succeeded"
    assert controller.nodes["a@exit"].phase == "Failed"
    assert controller.nodes["b"].phase == "Succeeded"
