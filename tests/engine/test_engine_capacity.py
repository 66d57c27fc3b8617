"""Capacity: what runs at once, who goes first, and what can never run."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipec.engine.capacity import Capacity
from pipec.engine.events import AttemptFailed, AttemptSucceeded, Event, RetryDue
from pipec.ir.model import Options, Pipeline, PipelineCall, Resources, Retry, Task
from tests.engine.driver import ERROR, Driver, driver
from tests.support.ir_builder import pipeline, task

GIGA = 1024**3


def needs(
    id: str,
    cpu: float | None = None,
    memory: int | None = None,
    gpu: int | None = None,
    pool: str | None = None,
    *,
    after: str = "",
    priority: int | None = None,
) -> Task:
    resources = Resources(cpu=cpu, memory=memory, gpu=gpu) if (cpu, memory, gpu) != (None, None, None) else None
    return task(id, after=after).model_copy(
        update={"options": Options(resources=resources, pool=pool, priority=priority)}
    )


def at_once(capacity: Capacity, *tasks: Task, priorities: Mapping[str, float] | None = None) -> str:
    """The tasks that run first, in the order in which they started."""
    run = driver(pipeline(*tasks), capacity=capacity, priorities=priorities).start()
    return " ".join(run.started)


# --- shares --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("capacity", "started"),
    [
        (Capacity(), "a b c d"),
        (Capacity(slots=3), "a b c"),
        (Capacity(cpu=4), "a b d"),
        (Capacity(cpu=3.9), "a b"),
        (Capacity(cpu=8), "a b c d"),
        (Capacity(memory=4 * GIGA), "a d"),
        (Capacity(memory=3 * GIGA), "b c d"),
        (Capacity(gpu=1), "a b c d"),
        (Capacity(gpu=0), "a b c"),
        (Capacity(pools={"db": 1}), "a c d"),
        (Capacity(pools={"other": 0}), "a b c d"),
        (Capacity(slots=2, cpu=4, gpu=1), "a b"),
    ],
)
def test_what_runs_at_once(capacity: Capacity, started: str) -> None:
    tasks = [
        needs("a", cpu=2, memory=4 * GIGA, pool="db"),
        needs("b", cpu=1.5, memory=GIGA, pool="db"),
        needs("c", cpu=1, memory=GIGA),
        needs("d", cpu=0.5, gpu=1),
    ]
    assert at_once(capacity, *tasks) == started


def test_shares_of_a_core_add_up_to_one() -> None:
    tasks = [needs(f"t{number}", cpu=0.1) for number in range(11)]
    assert len(at_once(Capacity(cpu=1), *tasks).split()) == 10


def test_what_fits_goes_ahead_and_what_did_not_goes_when_it_does() -> None:
    big, small = needs("big", cpu=3, priority=9), [needs(f"s{number}", cpu=1) for number in range(4)]
    run = driver(pipeline(needs("first", cpu=2, priority=10), big, *small), capacity=Capacity(cpu=4)).start()
    assert run.started == ["first", "s0", "s1"]
    run.send(AttemptSucceeded("first"))
    assert run.started[3:] == ["s2", "s3"]
    run.send(AttemptSucceeded("s0"))
    run.send(AttemptSucceeded("s1"))
    run.send(AttemptSucceeded("s2"))
    assert run.started[5:] == ["big"]


@pytest.mark.parametrize("end", [AttemptSucceeded("a"), AttemptFailed("a", ERROR)])
def test_an_attempt_that_ended_gives_back_what_it_had(end: Event) -> None:
    run = driver(pipeline(needs("a", 2, GIGA, 1, "db"), needs("b", 2, GIGA, 1, "db")), capacity=FULL).start()
    assert run.started == ["a"]
    run.send(end)
    assert run.started == ["a", "b"]


FULL = Capacity(slots=1, cpu=2, memory=GIGA, gpu=1, pools={"db": 1})


def test_who_waits_for_a_retry_has_nothing() -> None:
    retried = task("a", retry=Retry(max=1, delay=9)).model_copy(
        update={"options": Options(retry=Retry(max=1, delay=9), resources=Resources(cpu=2))}
    )
    run = driver(pipeline(retried, needs("b", cpu=2)), {"a": [ERROR, {}]}, capacity=Capacity(cpu=2)).start()
    run.end("a")
    assert run.started == ["a", "b"]
    run.send(RetryDue("a"))
    assert run.started == ["a", "b"]
    run.end("b")
    assert run.started == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("found", "capacity", "lacks"),
    [
        (needs("a", cpu=4), Capacity(cpu=4), []),
        (needs("a", cpu=4.5), Capacity(cpu=4), [("cpu", 4.5, 4)]),
        (needs("a", cpu=4.5), Capacity(memory=1), []),
        (needs("a", 8, 2, 1), Capacity(cpu=4, memory=1, gpu=0), [("cpu", 8, 4), ("memory", 2, 1), ("gpu", 1, 0)]),
        (needs("a", pool="db"), Capacity(pools={"db": 0}), [("pool", 1, 0)]),
        (needs("a", pool="db"), Capacity(pools={"db": 1}), []),
        (needs("a", pool="other"), Capacity(pools={"db": 0}), []),
        (needs("a"), Capacity(cpu=0, memory=0, gpu=0), []),
    ],
)
def test_what_can_never_be_enough(found: Task, capacity: Capacity, lacks: Any) -> None:
    assert list(capacity.lacks(found)) == lacks


# --- who goes first ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("priorities", "order"),
    [
        ({}, "d b a c"),
        ({"c": 1}, "d b c a"),
        ({"a": 99, "b": 1}, "d b a c"),
        ({"c": 2, "a": 1}, "d b c a"),
    ],
)
def test_declared_priority_goes_before_the_longest_path(priorities: Mapping[str, float], order: str) -> None:
    tasks = (needs("a"), needs("b", priority=1), needs("c"), needs("d", priority=2))
    run = driver(pipeline(*tasks), capacity=Capacity(slots=1), priorities=priorities).run()
    assert " ".join(run.started) == order


def test_priority_holds_among_tasks_of_different_needs() -> None:
    tasks = (
        needs("a", cpu=1),
        needs("b", cpu=2, priority=1),
        needs("c", cpu=3, priority=2),
        needs("d", cpu=1, priority=3),
    )
    assert driver(pipeline(*tasks), capacity=Capacity(slots=1, cpu=3)).run().started == ["d", "c", "b", "a"]


# --- never more than there is --------------------------------------------------------------------


@st.composite
def loads(draw: st.DrawFn) -> tuple[Pipeline, dict[str, Pipeline], Capacity, dict[str, list[Any]]]:
    """Tasks of all needs, some in a called pipeline with a limit of its own, and a capacity that each fits in."""

    def some(prefix: str, count: int) -> list[Task]:
        tasks: list[Task] = []
        for number in range(count):
            found = needs(
                f"{prefix}{number}",
                cpu=draw(st.sampled_from([None, 0.1, 0.5, 1, 2])),
                memory=draw(st.sampled_from([None, 1, 2, 3])),
                gpu=draw(st.sampled_from([None, 0, 1, 2])),
                pool=draw(st.sampled_from([None, "x", "y"])),
                after=" ".join(other.id for other in tasks if draw(st.integers(0, 3)) == 0),
                priority=draw(st.none() | st.integers(-1, 1)),
            )
            retry = Retry(max=draw(st.integers(0, 1)))
            tasks.append(found.model_copy(update={"options": found.options.model_copy(update={"retry": retry})}))
        return tasks

    inner = pipeline(*some("i", draw(st.integers(1, 4))), name="inner", concurrency=draw(st.none() | st.integers(1, 2)))
    calls = [
        task(f"call{number}", implementation=PipelineCall(pipeline="inner"))
        for number in range(draw(st.integers(0, 2)))
    ]
    capacity = Capacity(
        slots=draw(st.none() | st.integers(1, 3)),
        cpu=draw(st.none() | st.integers(2, 4)),
        memory=draw(st.none() | st.integers(3, 6)),
        gpu=draw(st.none() | st.integers(2, 3)),
        pools=draw(st.dictionaries(st.sampled_from("xy"), st.integers(1, 2))),
    )
    main = pipeline(*some("t", draw(st.integers(1, 6))), *calls)
    outcomes = {f"{prefix}{number}": [ERROR, {}] for prefix in "ti" for number in range(6) if draw(st.booleans())}
    return main, {"inner": inner}, capacity, outcomes


def used(run: Driver) -> dict[str, float]:
    """What the running attempts take."""
    running = [id for id, state in run.engine.states.items() if state == "running"]
    tasks = [run.engine.task(id) for id in running]
    working = [found for found in tasks if not isinstance(found.implementation, PipelineCall)]
    asked = [found.options.resources or Resources() for found in working]
    return {
        "slots": len(working),
        "cpu": sum(each.cpu or 0 for each in asked),
        "memory": sum(each.memory or 0 for each in asked),
        "gpu": sum(each.gpu or 0 for each in asked),
        **{pool: sum(found.options.pool == pool for found in working) for pool in "xy"},
    }


@given(loads(), st.integers(0, 2**32))
def test_never_more_than_there_is_and_everything_ends(load: Any, seed: int) -> None:
    main, called, capacity, outcomes = load
    chance = random.Random(seed)
    run = driver(main, outcomes, pipelines=called, capacity=capacity).start()
    limits: Mapping[str, float | None] = {
        **{name: getattr(capacity, name) for name in ("slots", "cpu", "memory", "gpu")},
        **capacity.pools,
    }
    concurrency = called["inner"].concurrency
    while run.waiting:
        for name, amount in used(run).items():
            limit = limits.get(name)
            assert limit is None or amount <= limit + 1e-9
        for call in range(2):
            inside = sum(state == "running" for id, state in run.engine.states.items() if id.startswith(f"call{call}/"))
            assert concurrency is None or inside <= concurrency
        run.send(run.waiting.pop(chance.randrange(len(run.waiting))))
    assert run.finish.state == run.engine.run_state


@given(loads(), st.integers(0, 2**32))
def test_nothing_that_fits_is_left_waiting(load: Any, seed: int) -> None:
    """Where only slots and shares limit, a task that may start and fits does so: the driver never waits in vain."""
    main, called, capacity, outcomes = load
    chance = random.Random(seed)
    run = driver(main, outcomes, pipelines=called, capacity=capacity).start()
    while run.waiting:
        left = {name: getattr(capacity, name) for name in ("slots", "cpu", "memory", "gpu")}
        taken = used(run)
        for found in main.tasks:
            is_ready = all(run.engine.states[upstream] == "success" for upstream in found.upstream)
            if run.engine.states[found.id] != "pending" or not is_ready:
                continue
            asked = found.options.resources or Resources()
            wanted: Sequence[tuple[str, float]] = (
                ("slots", 1), ("cpu", asked.cpu or 0), ("memory", asked.memory or 0), ("gpu", asked.gpu or 0),
            )  # fmt: skip
            lacking = any(
                amount and left[name] is not None and taken[name] + amount > left[name] + 1e-9
                for name, amount in wanted
            )
            pool = found.options.pool
            assert lacking or (pool in capacity.pools and taken[str(pool)] >= capacity.pools[str(pool)])
        run.send(run.waiting.pop(chance.randrange(len(run.waiting))))
