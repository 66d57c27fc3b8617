"""Decisions, maps and estimates with spread in plans: what can be in one run, and what it then takes."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from pipec.analysis.assumptions import Assumptions, Items, Learnt, Side
from pipec.analysis.plan import Plan, plan
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Estimate, MapRegion, Options, Pipeline, PipelineCall, Task, TriggerRule
from pipec.ir.types import INT, ListType
from tests.analysis.builders import decision, pipeline, place, program, task
from tests.differential.generator import random_case

JOIN: TriggerRule = "none_failed_min_one_success"


def spread(id: str, *upstream: str, least: float, likely: float, most: float) -> Task:
    return task(id, *upstream, options=Options(estimate=Estimate(min=least, likely=likely, max=most)))


def choice(left: float = 10, right: float = 4) -> Pipeline:
    """`a`, then one of `left` and `right` by the decision `d`, then `end`."""
    return pipeline(
        task("a", seconds=1),
        decision("d", "a"),
        task("left", "d", sides=[("d", True)], seconds=left),
        task("right", "d", sides=[("d", False)], seconds=right),
        task("end", "d", "left", "right", rule=JOIN, seconds=2),
    )


def states(found: Plan) -> dict[str, str]:
    return {each.id: "skipped" if not each.runs else "critical" if each.critical else "slack" for each in found.tasks}


# --- decisions -----------------------------------------------------------------------------------


def test_the_worse_side_counts_and_never_both() -> None:
    found = plan(choice())
    assert found.critical_path == ("a", "d", "left", "end")
    assert (found.critical_path_length, found.least_work, found.total_work, found.width) == (13, 7, 13, 1)
    [chosen] = found.decisions
    assert (chosen.length_if_true, chosen.length_if_false, chosen.worst) == (13, 7, True)


def test_a_side_that_is_known_leaves_the_other_out() -> None:
    found = plan(choice(), Assumptions(sides={"d": Side(False, "given")}))
    assert found.critical_path == ("a", "d", "right", "end")
    assert (found.critical_path_length, found.least_work, found.total_work) == (7, 7, 7)
    assert states(found) == {
        "a": "critical",
        "d": "critical",
        "left": "skipped",
        "right": "critical",
        "end": "critical",
    }
    [chosen] = found.decisions
    assert (chosen.taken, chosen.origin, chosen.worst) == (False, "given", None)


def test_what_needs_a_task_that_is_skipped_is_skipped_too() -> None:
    shape = pipeline(
        decision("d"),
        task("deploy", "d", sides=[("d", True)], seconds=5),
        task("announce", "deploy", seconds=5),
        task("report", "d", "deploy", rule=JOIN, seconds=1),
    )
    found = plan(shape, Assumptions(sides={"d": Side(False, "given")}))
    assert states(found) == {"d": "critical", "deploy": "skipped", "announce": "skipped", "report": "critical"}
    assert (found.critical_path_length, found.total_work) == (1, 1)


def test_sides_of_the_same_length_make_no_difference() -> None:
    [chosen] = plan(choice(left=3, right=3)).decisions
    assert (chosen.length_if_true, chosen.length_if_false, chosen.worst) == (6, 6, None)


def test_no_run_takes_a_path_through_both_sides() -> None:
    """`late` stands on the other side than `early` and waits for it, whatever becomes of it."""
    shape = pipeline(
        decision("d"),
        task("early", "d", sides=[("d", True)], seconds=10),
        task("late", "d", "early", rule="all_done", sides=[("d", False)], seconds=7),
    )
    found = plan(shape)
    assert (found.critical_path_length, found.critical_path) == (10, ("d", "early"))
    assert (found.decisions[0].length_if_true, found.decisions[0].length_if_false) == (10, 7)


def random_choices(random: Random) -> Pipeline:
    """A few decisions after each other or in each other, with tasks on their sides and joins behind them."""
    tasks: list[Task] = [task("first", seconds=random.randint(0, 5))]
    ends: list[str] = ["first"]

    def block(after: str, sides: list[tuple[str, bool]], depth: int) -> str:
        name = f"d{len(tasks)}"
        tasks.append(decision(name, after, sides=sides))
        inner_ends = []
        for taken in (True, False):
            inside = [*sides, (name, taken)]
            last = name
            for _ in range(random.randint(0, 2)):
                if depth and random.random() < 0.4:
                    last = block(last, inside, depth - 1)
                else:
                    id = f"t{len(tasks)}"
                    tasks.append(task(id, last, sides=inside, seconds=random.randint(0, 9)))
                    last = id
            inner_ends.append(last)
        join = f"j{len(tasks)}"
        tasks.append(
            task(join, *dict.fromkeys([name, *inner_ends]), rule=JOIN, sides=sides, seconds=random.randint(0, 3))
        )
        return join

    for _ in range(random.randint(1, 2)):
        ends.append(block(random.choice(ends), [], random.randint(0, 1)))
    return pipeline(*tasks)


@pytest.mark.parametrize("seed", range(100))
def test_the_worst_of_all_runs_is_found(seed: int) -> None:
    """Every choice of all decisions for itself: then there is nothing left to weigh."""
    shape = random_choices(Random(seed))
    found = plan(shape)
    names = [each.id for each in shape.tasks if each.implementation.kind == "decision"]
    runs = [
        (dict(zip(names, taken, strict=True)), plan(shape, Assumptions(sides=sides)))
        for taken in product((True, False), repeat=len(names))
        for sides in [{name: Side(side, "given") for name, side in zip(names, taken, strict=True)}]
    ]
    assert found.critical_path_length == max(run.critical_path_length for _, run in runs)
    assert found.width == max(run.width for _, run in runs)
    assert found.total_work == max(run.total_work for _, run in runs)
    assert found.least_work == min(run.total_work for _, run in runs)
    assert all(run.least_work == run.total_work for _, run in runs)
    for each in found.decisions:
        for side, length in ((True, each.length_if_true), (False, each.length_if_false)):
            assert length == max(run.critical_path_length for sides, run in runs if sides[each.id] is side)


# --- estimates -----------------------------------------------------------------------------------

SPREAD = pipeline(
    spread("a", least=1, likely=2, most=9),
    spread("b", least=4, likely=5, most=6),
    spread("c", "a", "b", least=1, likely=1, most=2),
    deadline=8.0,
)


def test_every_kind_of_estimate_has_its_path() -> None:
    found = plan(SPREAD)
    assert found.has_spread
    assert {kind: (each.critical_path, each.critical_path_length) for kind, each in found.outlooks.items()} == {
        "min": (("b", "c"), 5),
        "likely": (("b", "c"), 6),
        "max": (("a", "c"), 11),
    }
    assert [each.deadline_margin for each in found.outlooks.values()] == [3, 2, -3]
    assert (found.estimate, found.critical_path_length, found.deadline_margin) == ("likely", 6, 2)


def test_the_times_are_of_the_kind_that_is_asked_for() -> None:
    found = plan(SPREAD, kind="max")
    assert (found.critical_path_length, found.total_work, found.deadline_margin) == (11, 17, -3)
    assert [each.estimate for each in found.tasks] == [9, 6, 2]


def test_estimates_learnt_take_the_place_of_those_written() -> None:
    learnt = {"a": Learnt(Estimate(min=20, likely=30, max=40), attempts=7)}
    found = plan(SPREAD, Assumptions(learnt=learnt, runs=3))
    assert (found.critical_path, found.critical_path_length) == (("a", "c"), 31)
    assert [each.attempts for each in found.tasks] == [7, None, None]


def test_a_pipeline_run_as_a_task_takes_as_long_as_its_path() -> None:
    inner = pipeline(spread("x", least=1, likely=2, most=3), spread("y", "x", least=1, likely=1, most=4), name="inner")
    outer = pipeline(
        task("call", implementation=PipelineCall(pipeline="inner")), task("z", "call", seconds=1), name="outer"
    )
    found = plan(outer, program=program(inner, outer))
    assert [each.critical_path_length for each in found.outlooks.values()] == [3, 4, 8]


# --- maps ----------------------------------------------------------------------------------------


def mapped(max_parallel: int | None, seconds: float | None = 3) -> Pipeline:
    numbers = LiteralValue(value=[], type=ListType(element=INT))
    region = MapRegion(
        name="map_b", variable="x", items=numbers, item_type=INT, max_parallel=max_parallel, location=place()
    )
    return pipeline(
        task("a", seconds=1),
        task("b", "a", map="map_b", seconds=seconds),
        task("c", "b", map="map_b", seconds=2),
        task("d", "c", seconds=1),
        maps=(region,),
    )


@pytest.mark.parametrize(
    ("items", "max_parallel", "length", "work"),
    [(None, 4, 7, 7), (25, 4, 2 + 7 * 5, 2 + 25 * 5), (25, None, 7, 2 + 25 * 5), (4, 4, 7, 22), (0, 4, 1, 1)],
)
def test_a_map_takes_waves(items: int | None, max_parallel: int | None, length: float, work: float) -> None:
    known = {} if items is None else {"map_b": Items(items, "given")}
    found = plan(mapped(max_parallel), Assumptions(items=known))
    assert (found.critical_path_length, found.total_work) == (length, work)
    assert found.maps[0].items == items


def test_tasks_of_an_empty_map_are_skipped() -> None:
    found = plan(mapped(4), Assumptions(items={"map_b": Items(0, "given")}))
    assert states(found) == {"a": "critical", "b": "skipped", "c": "skipped", "d": "skipped"}


def test_a_map_in_a_map_runs_as_often_again() -> None:
    numbers = LiteralValue(value=[], type=ListType(element=INT))
    regions = tuple(
        MapRegion(
            name=name, variable=name, items=numbers, item_type=INT, max_parallel=2, parent=parent, location=place()
        )
        for name, parent in (("outer", None), ("inner", "outer"))
    )
    shape = pipeline(task("a", map="outer", seconds=1), task("b", "a", map="inner", seconds=1), maps=regions)
    found = plan(shape, Assumptions(items={"outer": Items(3, "given"), "inner": Items(5, "given")}))
    assert [each.waves for each in found.tasks] == [2, 6]
    assert (found.critical_path_length, found.total_work) == (8, 3 + 15)


@pytest.mark.engine
@pytest.mark.parametrize("seed", range(40))
def test_the_worst_of_all_runs_of_any_pipeline_is_found(seed: int) -> None:
    """With every trigger rule, maps, groups, waits and `finally`."""
    shape = random_case(seed).pipeline
    found = plan(shape)
    names = [each.id for each in shape.tasks if each.implementation.kind == "decision"]
    runs = [
        plan(shape, Assumptions(sides={name: Side(side, "given") for name, side in zip(names, taken, strict=True)}))
        for taken in product((True, False), repeat=len(names))
    ]
    assert found.critical_path_length == max(run.critical_path_length for run in runs)
    assert found.width == max(run.width for run in runs)
    assert found.total_work >= max(run.total_work for run in runs)
    assert found.least_work <= min(run.least_work for run in runs)
