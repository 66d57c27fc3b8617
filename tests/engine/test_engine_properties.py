"""What holds for every pipeline, whatever its tasks do and in whatever order.

The states a run ends in are compared with a definition that knows no time: each instance is judged by the final states
of those upstream alone.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from pipec.engine.events import RunFinished, StartAttempt, TaskChanged, WaitForRetry
from pipec.engine.states import FINAL, State
from pipec.engine.trigger_rules import decide
from pipec.ir.expressions import Expression, LiteralValue, OutputReference
from pipec.ir.model import Decision, MapRegion, Pipeline, Retry, Task, TriggerRule
from pipec.ir.types import INT
from tests.engine.driver import ERROR, Choose, Driver, Outcome, driver
from tests.support.ir_builder import HERE, decision, gate, literal, output, pipeline, require, task

ORDER_FREE_RULES = sorted(set(get_args(TriggerRule)) - {"one_success", "one_failed", "one_done", "always"})


Chain = tuple[str, ...]
"""The maps around a task, outermost first."""


@dataclass(frozen=True)
class Scenario:
    """A pipeline with everything fixed that will happen in it, but not when."""

    pipeline: Pipeline
    outcomes: Mapping[str, Sequence[Outcome]]

    def play(self, seed: int, max_parallel: int | None = None, cancel_after: int | None = None) -> Driver:
        """Run it; the seed says which of the events that may come next does."""
        return driver(self.pipeline, self.outcomes, max_parallel=max_parallel).run(by_chance(seed), cancel_after)


def by_chance(seed: int) -> Choose:
    chance = random.Random(seed)
    return lambda waiting: chance.randrange(len(waiting))


@st.composite
def scenarios(draw: st.DrawFn, rules: Sequence[TriggerRule] = get_args(TriggerRule)) -> Scenario:
    """Up to eight tasks, the last ones perhaps in `finally`: code, gates and decisions, with some tasks in branches.

    Some stand in maps, one inside the other perhaps, whose lists are known at once or an output of a task.
    """
    size = draw(st.integers(1, 8))
    work = draw(st.integers(0, size))
    spans = draw(maps(work))
    tasks: list[Task] = []
    chains: dict[str, Chain] = {}
    regions: list[MapRegion] = []
    outcomes: dict[str, list[Outcome]] = {}
    for number in range(size):
        for name, (start, _, parent) in spans.items():
            if start == number:
                around = chain_of(parent, spans)
                sources = [id for id in outcomes if id in chains and chains[id] == around[: len(chains[id])]]
                regions.append(draw(region(name, parent, sources)))
        name = f"t{number}"
        found = [inside for inside, (start, end, _) in spans.items() if start <= number < end]
        chains[name] = tuple(found)
        upstream = [other for other in tasks if draw(st.booleans())]
        sides = [
            (other.id, draw(st.booleans()))
            for other in upstream
            if isinstance(other.implementation, Decision)
            and chains[other.id] == chains[name][: len(chains[other.id])]
            and draw(st.booleans())
        ]
        after = " ".join(other.id for other in upstream)
        is_finally = number >= work
        rule: TriggerRule = "all_done" if is_finally else draw(st.sampled_from(rules))
        match draw(st.sampled_from(["code", "code", "code", "decision", "gate"])):
            case "decision":
                chosen = draw(st.booleans())
                made = decision(name, chosen, after=after, rule=rule, side=sides, is_finally=is_finally)
            case "gate":
                held = require(draw(st.booleans()), source="held")
                made = gate(name, held, after=after, rule=rule, side=sides, is_finally=is_finally)
            case _:
                retry = Retry(max=draw(st.integers(0, 2)), delay=1)
                made = task(
                    name, after=after, rule=rule, side=sides, retry=retry, outputs="list[int]", is_finally=is_finally
                )
                of_items = draw(st.sets(places)) if found else set()
                for instance_id in (name, *(f"{name}{place}" for place in sorted(of_items))):
                    items = list(range(draw(st.integers(0, 3))))
                    outcomes[instance_id] = [*[ERROR] * draw(st.integers(0, 3)), {"output": items}]
        tasks.append(made.model_copy(update={"map": found[-1] if found else None}))
    return Scenario(pipeline(*tasks, maps=tuple(regions)), outcomes)


Span = tuple[int, int, str | None]
"""The first task in a map, the one behind the last, and the map around it."""

places = st.sampled_from(["[0]", "[1]", "[0][0]", "[1][0]", "[1][1]"])


@st.composite
def maps(draw: st.DrawFn, work: int) -> dict[str, Span]:
    """Neighbouring tasks in a map, some of those in one inside it, others in a second one behind."""
    spans: dict[str, Span] = {}
    if work and draw(st.booleans()):
        start = draw(st.integers(0, work - 1))
        end = draw(st.integers(start + 1, work))
        spans["outer"] = (start, end, None)
        if draw(st.booleans()):
            begin = draw(st.integers(start, end - 1))
            spans["inner"] = (begin, draw(st.integers(begin + 1, end)), "outer")
        if end < work and draw(st.booleans()):
            spans["second"] = (end, draw(st.integers(end + 1, work)), None)
    return spans


@st.composite
def region(draw: st.DrawFn, name: str, parent: str | None, sources: list[str]) -> MapRegion:
    items: Expression = literal(list(range(draw(st.integers(0, 3)))), "list[int]")
    if len(sources) > 0 and draw(st.booleans()):
        items = output(draw(st.sampled_from(sources)), "list[int]")
    max_parallel = draw(st.none() | st.integers(1, 2))
    return MapRegion(
        name=name, variable="x", items=items, item_type=INT, max_parallel=max_parallel, parent=parent, location=HERE
    )


def chain_of(name: str | None, spans: Mapping[str, Span]) -> Chain:
    return () if name is None else (*chain_of(spans[name][2], spans), name)


# --- the meaning, without time -------------------------------------------------------------------

Path = tuple[int, ...]


def instance(id: str, path: Path) -> str:
    return id + "".join(f"[{index}]" for index in path)


@dataclass
class Meaning:
    """The final state of every instance, judged in source order with no notion of time."""

    scenario: Scenario
    states: dict[str, dict[Path, State]] = field(default_factory=dict)

    def chain(self, found: Task | MapRegion) -> Chain:
        name = found.map if isinstance(found, Task) else found.parent
        regions = {each.name: each for each in self.scenario.pipeline.maps}
        return () if name is None else (*self.chain(regions[name]), name)

    def places(self, found: Task) -> dict[Path, Literal["open", "empty", "upstream_failed"]]:
        """Where a task stands: at each item, or where a list gives none, before it and why."""
        ends: dict[Path, Literal["open", "empty", "upstream_failed"]] = {(): "open"}
        regions = {each.name: each for each in self.scenario.pipeline.maps}
        for name in self.chain(found):
            longer: dict[Path, Literal["open", "empty", "upstream_failed"]] = {}
            for path, end in ends.items():
                items = self.items(regions[name], path) if end == "open" else None
                if isinstance(items, list) and items:
                    longer |= {(*path, index): "open" for index in range(len(items))}
                else:
                    longer[path] = end if end != "open" else "upstream_failed" if items == "failed" else "empty"
            ends = longer
        return ends

    def items(self, found: MapRegion, path: Path) -> list[Any] | Literal["failed", "skipped"]:
        if isinstance(found.items, LiteralValue):
            return list(found.items.value)
        assert isinstance(found.items, OutputReference)
        source = self.scenario.pipeline.task(found.items.task)
        at = path[: len(self.chain(source))]
        match self.states[source.id][at]:
            case "success":
                ends = outcomes_of(self.scenario, source, at)[-1]
                assert isinstance(ends, Mapping)
                return list(ends["output"])
            case "skipped":
                return "skipped"
            case _:
                return "failed"

    def upstream(self, found: Task, path: Path) -> list[tuple[Task, State]]:
        """The instances upstream: those at the same items of the maps that both stand in."""
        seen = []
        for id in found.upstream:
            other = self.scenario.pipeline.task(id)
            pairs = zip(self.chain(found), self.chain(other), strict=False)
            common = sum(1 for mine, theirs in pairs if mine == theirs)
            at = path[:common]
            seen += [(other, state) for place, state in self.states[id].items() if place[: len(at)] == at]
        return seen

    def judge(self, found: Task, path: Path, end: Literal["open", "empty", "upstream_failed"]) -> State:
        if end == "upstream_failed":
            return "upstream_failed"
        upstream = self.upstream(found, path)
        states = [state for _, state in upstream]
        failure_wins = found.trigger_rule in ("all_success", "none_failed", "none_failed_min_one_success")
        has_failure = "failed" in states or "upstream_failed" in states
        decided = "run" if found.is_finally else decide(found.trigger_rule, states)
        if is_untaken(found, upstream):
            decided = "upstream_failed" if failure_wins and has_failure and not found.is_finally else "skipped"
        assert decided != "wait"
        if decided != "run":
            return decided
        return own_end(self.scenario, found, path) if end == "open" else "skipped"


def outcomes_of(scenario: Scenario, found: Task, path: Path) -> Sequence[Outcome]:
    return scenario.outcomes.get(instance(found.id, path), scenario.outcomes[found.id])


def own_end(scenario: Scenario, found: Task, path: Path) -> State:
    """How a task ends once it runs."""
    if isinstance(found.implementation, Decision):
        return "success"
    if found.requirements:
        condition = found.requirements[0].condition
        assert isinstance(condition, LiteralValue)
        return "success" if condition.value else "failed"
    attempts = 1 + (found.options.retry or Retry()).max
    ends = outcomes_of(scenario, found, path)[:attempts]
    return "success" if any(outcome != ERROR for outcome in ends) else "failed"


def is_untaken(found: Task, upstream: Sequence[tuple[Task, State]]) -> bool:
    """Whether a decision right before a task chose the other side."""
    sides = {side.decision: side.taken for side in found.branches}
    for other, state in upstream:
        if other.id in sides and state == "success":
            assert isinstance(other.implementation, Decision)
            assert isinstance(other.implementation.condition, LiteralValue)
            if other.implementation.condition.value != sides[other.id]:
                return True
    return False


def expected_states(scenario: Scenario) -> dict[str, State]:
    """The final state of every instance."""
    meaning = Meaning(scenario)
    for found in scenario.pipeline.tasks:
        places = meaning.places(found)
        meaning.states[found.id] = {path: meaning.judge(found, path, end) for path, end in places.items()}
    return {instance(id, path): state for id, states in meaning.states.items() for path, state in states.items()}


seeds = st.integers(0, 2**32)
limits = st.none() | st.integers(1, 3)


@given(scenarios(), seeds, limits)
def test_final_states_do_not_depend_on_time(scenario: Scenario, seed: int, limit: int | None) -> None:
    assert scenario.play(seed, limit).engine.states == expected_states(scenario)


@given(scenarios(ORDER_FREE_RULES), seeds, seeds, limits)
def test_two_orders_end_alike(scenario: Scenario, one: int, other: int, limit: int | None) -> None:
    first, second = scenario.play(one), scenario.play(other, limit)
    assert first.engine.states == second.engine.states
    assert first.finish == second.finish
    assert Counter(first.started) == Counter(second.started)
    for task_id in first.engine.states:
        assert first.engine.outputs(task_id) == second.engine.outputs(task_id)
        assert first.engine.attempts(task_id) == second.engine.attempts(task_id)


FOLLOWS: dict[State, set[State]] = {
    "pending": {"running", "success", "failed", "skipped", "upstream_failed"},
    "running": {"success", "failed", "up_for_retry"},
    "up_for_retry": {"running", "failed"},
    "success": set(),
    "failed": set(),
    "skipped": set(),
    "upstream_failed": set(),
}


@given(scenarios(), seeds, limits, st.none() | st.integers(0, 10))
def test_every_run_ends_properly(scenario: Scenario, seed: int, limit: int | None, cancel_after: int | None) -> None:
    run = scenario.play(seed, limit, cancel_after)
    known: dict[str, State] = dict.fromkeys(run.engine.states, "pending")
    for command in run.commands:
        match command:
            case TaskChanged(task=task_id, state=state):
                assert state in FOLLOWS[known[task_id]]
                known[task_id] = state
            case StartAttempt(task=task_id):
                assert known[task_id] == "running"
            case WaitForRetry(task=task_id):
                assert known[task_id] == "up_for_retry"
            case RunFinished():
                assert FINAL.issuperset(known.values())
        assert limit is None or Counter(known.values())["running"] <= limit
    assert known == run.engine.states
    assert run.finish.state == run.engine.run_state


@given(scenarios(), seeds, st.integers(0, 10))
def test_nothing_starts_after_cancelling(scenario: Scenario, seed: int, cancel_after: int) -> None:
    run, free = scenario.play(seed, cancel_after=cancel_after), scenario.play(seed)
    assert free.started[: len(run.started)] == run.started
    if run.commands != free.commands:
        assert run.finish.state == "failed"


@given(scenarios(), seeds, st.permutations([f"t{number}" for number in range(8)]), limits)
def test_names_mean_nothing(scenario: Scenario, seed: int, names: list[str], limit: int | None) -> None:
    renamed = {f"t{number}": f"x_{name}" for number, name in enumerate(names)}

    def new(id: str) -> str:
        name, bracket, indexes = id.partition("[")
        return renamed[name] + bracket + indexes

    def rename(found: Task) -> Task:
        sides = tuple(side.model_copy(update={"decision": renamed[side.decision]}) for side in found.branches)
        upstream = tuple(renamed[task_id] for task_id in found.upstream)
        changes = {"id": renamed[found.id], "name": renamed[found.id], "upstream": upstream, "branches": sides}
        return found.model_copy(update=changes)

    def rename_map(found: MapRegion) -> MapRegion:
        if not isinstance(found.items, OutputReference):
            return found
        return found.model_copy(update={"items": output(renamed[found.items.task], "list[int]")})

    other = Scenario(
        pipeline(*map(rename, scenario.pipeline.tasks), maps=tuple(map(rename_map, scenario.pipeline.maps))),
        {new(id): outcomes for id, outcomes in scenario.outcomes.items()},
    )
    one, two = scenario.play(seed, limit), other.play(seed, limit)
    assert two.engine.states == {new(id): state for id, state in one.engine.states.items()}
    assert two.started == [new(id) for id in one.started]
    assert two.finish == one.finish


@given(scenarios(), seeds, limits)
def test_never_more_items_at_once_than_allowed(scenario: Scenario, seed: int, limit: int | None) -> None:
    run = driver(scenario.pipeline, scenario.outcomes, max_parallel=limit).start()
    choose = by_chance(seed)
    limited = {each.name: each.max_parallel for each in scenario.pipeline.maps if each.parent is None}
    while run.waiting:
        begun = {id for id in run.started if run.engine.task(id).map is not None}
        for name, allowed in limited.items():
            tasks = {found.id for found in scenario.pipeline.tasks if name in Meaning(scenario).chain(found)}
            items: dict[str, list[str]] = {}
            for id in run.engine.states:
                task_id, bracket, indexes = id.partition("[")
                if task_id in tasks and bracket:
                    items.setdefault(indexes.partition("]")[0], []).append(id)
            under_way = [
                ids
                for ids in items.values()
                if begun.intersection(ids) and not FINAL.issuperset(run.engine.states[id] for id in ids)
            ]
            assert allowed is None or len(under_way) <= allowed
        run.send(run.waiting.pop(choose(run.waiting)))


@given(scenarios(), seeds)
@settings(max_examples=20)
def test_the_same_events_give_the_same_commands(scenario: Scenario, seed: int) -> None:
    assert scenario.play(seed, 2).commands == scenario.play(seed, 2).commands


def test_thousands_of_tasks() -> None:
    """Wide and deep: a task with 2,000 upstream tasks, and a chain of 2,000."""
    wide = [task(f"w{number}") for number in range(2_000)]
    join = task("join", after=" ".join(found.id for found in wide), rule="all_done")
    chain = [task("c0", after="join"), *(task(f"c{n}", after=f"c{n - 1}") for n in range(1, 2_000))]
    run = driver(pipeline(*wide, join, *chain, task("clean", is_finally=True)), max_parallel=8)
    run.run()
    assert run.finish.state == "success"


def test_thousands_of_instances() -> None:
    """Each instance of the second map waits for all of the first: one step for each of them, not for each pair."""
    items = literal(list(range(2_000)))
    first, second = (
        MapRegion(name=name, variable="x", items=items, item_type=INT, location=HERE) for name in ("first", "second")
    )
    a = task("a").model_copy(update={"map": "first"})
    b = task("b", after="a").model_copy(update={"map": "second"})
    run = driver(pipeline(a, b, task("join", after="b"), maps=(first, second)), max_parallel=8).run()
    assert run.finish.state == "success"
    assert len(run.engine.states) == 4_001
