"""Pipelines that are too large for their drivers, and what they are split into."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pipec.backends.kubeflow import splitting
from pipec.backends.kubeflow.driver_arguments import argument_sizes
from pipec.backends.kubeflow.names import Names
from pipec.backends.kubeflow.nodes import Dag, Node

import pipec
from pipec.api import Loaded
from pipec.compilation import check_target, compile_to
from pipec.optimisation.optimiser import Optimiser
from tests.support.ir_builder import HERE

GOLDEN = Path(__file__).parents[2] / "optimisation" / "golden"
SHELL = "shell('echo 1 > $PIPEC_OUTPUTS/output')"
IMAGE = 'image("busybox", command = ["true"])'


def compiled(loaded: Loaded, *chosen: str) -> tuple[dict[str, Any], str, Optimiser]:
    assert loaded.program is not None, [fault.message for fault in loaded.diagnostics.found]
    optimiser = Optimiser({"redundant-edges", *chosen}, explains=True)
    (file,) = compile_to(loaded, [*loaded.program.pipelines][-1], "kubeflow", optimiser=optimiser)
    return next(iter(yaml.safe_load_all(file.text))), file.text, optimiser


def sizes(specification: Mapping[str, Any]) -> dict[str, int]:
    """Of each DAG component, by name of its task, as JSON."""
    dags = {name.removeprefix("comp-"): one for name, one in specification["components"].items() if "dag" in one}
    return {
        name: len(json.dumps(one, separators=(",", ":"))) for name, one in {**dags, "": specification["root"]}.items()
    }


def rows(count: int, length: int) -> str:
    """Rows of tasks that hand on a number, between a first and a last one."""
    lines = ["pipeline p {", '  image = "python:3.12"', f"  task first -> int = {SHELL}"]
    for row in range(count):
        for column in range(length):
            before = f"step_{row}_{column - 1}" if column else "first"
            lines.append(f"  task step_{row}_{column}(value = {before}) -> int = {SHELL}")
    ends = ", ".join(f"value_{row} = step_{row}_{length - 1}" for row in range(count))
    return "\n".join([*lines, f"  task last({ends}) -> int = {SHELL}", "}", ""])


def interwoven(count: int) -> str:
    """Layers in which each task reads four of the layer before: nothing of it can be taken apart."""
    lines = ["pipeline p {"]
    for number in range(count):
        before = [f"task_{number - number % 20 - 20 + (number + step) % 20}" for step in (0, 1, 3, 7)]
        after = f" after {', '.join(before)}" if number >= 20 else ""
        lines.append(f"  task task_{number}{after} = {IMAGE}")
    return "\n".join([*lines, "}", ""])


def test_every_driver_can_be_started() -> None:
    """Of 402 tasks with the DAG of all in one argument, and with a part of it in another one."""
    loaded = pipec.load("p.pipe", text=rows(40, 10))
    assert sizes(compiled(loaded)[0]) == {"": 117_611}
    made, _, optimiser = compiled(loaded, "split")
    assert sizes(made) == {"part-1": 61_830, "": 59_516}
    assert [reason.message for reason in optimiser.reasons] == [
        "210 of the 402 tasks of the pipeline, `step-0-0` to `step-20-9`, stand in `part-1`: its DAG would have 117,611"
        " bytes, and above 100,000 they may be too many for its driver"
    ]


@pytest.mark.parametrize("largest", [4_000, 20_000])
def test_parts_of_parts(largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "LARGEST", largest)
    made, _, _ = compiled(pipec.load("p.pipe", text=rows(1, 400)), "split")
    found = sizes(made)
    assert max(found.values()) <= largest
    assert len(found) > 1
    within = {task for one in made["components"].values() for task in one.get("dag", {}).get("tasks", {})}
    assert any(name in within for name in found) is (largest == 4_000)
    assert sum(len(one["dag"]["tasks"]) for one in made["components"].values() if "dag" in one) > 200


def test_what_is_small_enough_stays_as_it_is() -> None:
    loaded = pipec.load("p.pipe", text=rows(30, 10))
    plain, split = compiled(loaded), compiled(loaded, "split")
    assert split[1] == plain[1]
    assert split[2].reasons == []


def test_a_called_pipeline_is_split_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "LARGEST", 3_000)
    text = rows(3, 5) + "pipeline outer {\n  image = 'python:3.12'\n  task whole = p\n}\n"
    made, _, optimiser = compiled(pipec.load("p.pipe", text=text), "split")
    assert "tasks of `whole`" in optimiser.reasons[0].message
    assert "part-1" in made["components"]["comp-whole"]["dag"]["tasks"]
    assert max(sizes(made).values()) <= 3_000


def test_what_cannot_be_split() -> None:
    """Told where it is asked for, and warned of where the driver will not start."""
    loaded = pipec.load("p.pipe", text=interwoven(900))
    made, text, optimiser = compiled(loaded, "split")
    size = sizes(made)[""]
    assert size > 131_072
    assert argument_sizes(text)[""] == pytest.approx(size, rel=0.05)
    assert [reason.message for reason in optimiser.reasons] == [
        f"the DAG of the pipeline has {size:,} bytes and cannot be split without a task waiting for more"
    ]
    found = check_target(loaded, "p", "kubeflow").found
    told = [one.message for one in found if "the DAG of the pipeline will have about" in one.message]
    assert len(told) == 1
    assert {one.code for one in found} == {"P0506"}


def in_a_row(*names: str) -> Dag:
    """Tasks that each wait for the one before."""
    dag = Dag()
    for name in names:
        Node(name, dag, after=dag.nodes[-1:], settings={"said": "x" * 500})
    return dag


def left(dag: Dag) -> list[str]:
    """What stands in a DAG that was slightly too large."""
    splitting.split(dag, Names(), HERE, splitting.component_size(dag) - 1)
    return [node.name for node in dag.nodes]


def test_skipped_tasks_stay_where_others_wait_for_them() -> None:
    assert left(in_a_row("a", "b", "c", "d")) == ["a", "b", "part-1"]
    skipped = in_a_row("a", "b", "c", "d")
    skipped.nodes[2].condition = "1 == 2"
    assert left(skipped) == ["part-1", "c", "d"]
    last = in_a_row("a", "b", "c", "d")
    last.nodes[3].condition = "1 == 2"
    assert left(last) == ["a", "b", "part-1"]


def test_exit_tasks_stay_with_what_they_follow() -> None:
    dag = in_a_row("a", "b", "c", "d")
    dag.nodes[1].needs_no_success = True
    assert left(dag) == ["a", "b", "part-1"]


def test_before_and_after(golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """DAGs with what their tasks wait for; a map, a decision, an exit handler and a result among them."""
    monkeypatch.setattr(splitting, "LARGEST", 1_800)
    source = GOLDEN / "split.pipe"
    loaded = pipec.load(source.name, text=source.read_text("utf-8"))
    before, after, optimiser = compiled(loaded)[0], *compiled(loaded, "split")[::2]
    why = "".join(f"{reason.message}\n" for reason in optimiser.reasons)
    shown = ["--- before", *lines(before, before["root"]), "", "--- after", *lines(after, after["root"]), "", "--- why"]
    golden(GOLDEN / "split.txt", "\n".join([*shown, why]))


def lines(specification: Mapping[str, Any], component: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    for name, one in component["dag"]["tasks"].items():
        after = "".join(f" {other}" for other in one.get("dependentTasks", ()))
        yield f"{indent}{name}{f' after{after}' if after else ''}"
        inner = specification["components"][one["componentRef"]["name"]]
        if "dag" in inner:
            yield from lines(specification, inner, indent + "  ")
