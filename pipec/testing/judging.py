"""What a test expects, held against the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipec.engine.evaluate import EvaluationError
from pipec.engine.unknown import UnknownValueError, truth
from pipec.ir.expressions import Expression, OutputReference, outputs_used
from pipec.ir.model import Decision, Expectation, GateCheck, Given
from pipec.ir.types import DURATION
from pipec.simulation.simulated import SimulatedTask
from pipec.testing.doubts import Doubt, Doubts
from pipec.testing.facts import fits_items, path_of
from pipec.testing.reasons import WORDS, why, why_run
from pipec.testing.results import Finding
from pipec.testing.scene import RUN, Scene
from pipec.testing.wording import shown_condition, shown_value, shown_values

_MOST_SHOWN = 5


def failures(scene: Scene, doubts: Doubts) -> Iterator[Finding]:
    """What does not hold, in source order."""
    for problem in scene.played.facts.problems:
        yield Finding(str(problem), problem.given.location)
    for expectation in scene.played.case.expectations:
        if expectation.condition is not None:
            yield from _condition(scene, doubts, expectation, expectation.condition)
        else:
            yield from _states(scene, doubts, expectation)


def warnings(scene: Scene, doubts: Doubts) -> Iterator[Finding]:
    """What is given of tasks that do not run in this test; and where nothing is expected."""
    if not scene.played.case.expectations:
        yield Finding("this test expects nothing", scene.played.case.location, help="write `expect run is success`")
    settled = {given.location for given in scene.played.case.givens if given.task is None or _is_used(scene, given)}
    for given in scene.played.case.givens:
        if given.task is None or given.location in settled or doubts.of(given.task) is not None:
            continue
        settled.add(given.location)  # one statement may stand for many instances
        instances = [found for path, found in scene.instances.get(given.task, ()) if fits_items(given.items, path)]
        if not instances or len(path_of(instances[0].task, instances[0].id) or ()) < len(given.items):
            yield Finding(f"nothing runs of `{given.task}` that this could be given for", given.location)
            continue
        state = WORDS[instances[0].state]
        yield Finding(
            f"`{instances[0].id}` does not run in this test",
            given.location,
            f"it {state}",
            tuple(why(scene, instances[0])),
            help="drop this `given`: it changes nothing",
        )


def _is_used(scene: Scene, given: Given) -> bool:
    if id(given) in scene.played.facts.used:
        return True
    if given.task is None or not isinstance(scene.played.tasks[given.task].implementation, Decision | GateCheck):
        return False
    return any(found.state in ("success", "failed") for _, found in scene.instances.get(given.task, ()))


# --- states --------------------------------------------------------------------------------------


def _states(scene: Scene, doubts: Doubts, expectation: Expectation) -> Iterator[Finding]:
    wrong: list[SimulatedTask] = []
    for id in expectation.tasks:
        if id == RUN and RUN not in scene.played.tasks:
            yield from _verdict(scene, doubts, expectation)
            continue
        instances = _named(scene, id)
        doubt = doubts.of(instances[0].task.id) if instances else None
        if doubt is not None:
            yield _doubtful(expectation, doubt)
            return
        if not instances:
            yield _no_instance(scene, expectation, id)
        wrong.extend(found for found in instances if found.state != expectation.state)
    for place, found in enumerate(wrong[:_MOST_SHOWN], 1):
        more = f", as {len(wrong) - _MOST_SHOWN} more" if place == _MOST_SHOWN < len(wrong) else ""
        yield Finding(
            f"expected `{found.id}` to be {expectation.state}, it {WORDS[found.state]}{more}",
            expectation.location,
            f"`{found.id}` {WORDS[found.state]}",
            tuple(why(scene, found)),
        )


def _named(scene: Scene, id: str) -> list[SimulatedTask]:
    """All instances of a task, or the one of this id."""
    if id in scene.played.tasks:
        return [found for _, found in scene.instances.get(id, ())]
    found = scene.played.run.tasks.get(id)
    return [found] if found is not None else []


def _no_instance(scene: Scene, expectation: Expectation, id: str) -> Finding:
    task = id[: id.rindex("[")]
    while task not in scene.played.tasks and "[" in task:
        task = task[: task.rindex("[")]
    instances = _named(scene, task)
    is_open = len(instances) == 1 and instances[0].id == task
    count = 0 if is_open else len(instances)
    return Finding(
        f"there is no `{id}` in this run",
        expectation.location,
        f"`{task}` has {count} instances",
        tuple(why(scene, instances[0])) if is_open else (),
    )


def _verdict(scene: Scene, doubts: Doubts, expectation: Expectation) -> Iterator[Finding]:
    state = scene.played.run.state
    doubt = doubts.any
    if doubt is not None:
        yield _doubtful(expectation, doubt)
    elif state != expectation.state:
        yield Finding(
            f"expected the run to be {expectation.state}, it {WORDS[state]}",
            expectation.location,
            f"the run {WORDS[state]}",
            tuple(why_run(scene)),
        )


def _doubtful(expectation: Expectation, doubt: Doubt) -> Finding:
    names = " and ".join(f"`{name}`" for name in doubt.names) or "a value"
    message = f"{doubt.what} reads {names}, which no `given` fixes"
    places = ((doubt.place, "this needs the value"),) if doubt.place is not None else ()
    return Finding(message, expectation.location, "this hangs on it", help=doubt.advice, places=places)


# --- conditions ----------------------------------------------------------------------------------


def _condition(scene: Scene, doubts: Doubts, expectation: Expectation, condition: Expression) -> Iterator[Finding]:
    references = outputs_used(condition)
    for reference in references:
        is_run = reference.task == RUN and RUN not in scene.played.tasks
        doubt = doubts.any if is_run else doubts.of(reference.task)
        if doubt is not None:
            yield _doubtful(expectation, doubt)
            return
    try:
        if truth(condition, scene.after):
            return
    except UnknownValueError as error:
        names = " and ".join(f"`{name}`" for name in error.names) or "a value"
        advice = " and ".join(f"`given {name} = …`" for name in error.names)
        yield Finding(
            f"this reads {names}, which no `given` fixes",
            expectation.location,
            help=f"add {advice}" if advice else None,
        )
        return
    except EvaluationError as error:
        yield Finding(
            f"`{expectation.source}` has no value: {error}",
            expectation.location,
            why=tuple(_missing(scene, references)) or tuple(_makespan(scene, references)),
        )
        return
    values = shown_values(condition, scene.after).removesuffix(f"{shown_condition(condition)} = false")
    yield Finding(
        f"`{expectation.source}` is false",
        expectation.location,
        values or f"`{shown_condition(condition)}` is false",
        (*_missing(scene, references), *_makespan(scene, references)),
    )


def _missing(scene: Scene, references: list[OutputReference]) -> Iterator[str]:
    """Why outputs that a condition reads are null, or attempts were not made."""
    seen: set[str] = set()
    for reference in references:
        if reference.task not in scene.played.tasks or reference.task in seen:
            continue
        seen.add(reference.task)
        for _, found in scene.instances.get(reference.task, ()):
            if found.state != "success":
                yield from why(scene, found)
                break
    if scene.played.run.state != "success" and any(
        reference.task == RUN and reference.output == "returns" for reference in references
    ):
        yield from why_run(scene)


def _makespan(scene: Scene, references: list[OutputReference]) -> Iterator[str]:
    """What the makespan is made of: what ended last, and what it waited for."""
    if RUN in scene.played.tasks or not any(one.output == "makespan" and one.task == RUN for one in references):
        return
    chain: list[SimulatedTask] = []
    current = _last(found for found in scene.played.run.tasks.values() if found.started is not None)
    while current is not None:
        chain.insert(0, current)
        path = path_of(current.task, current.id)
        if path is None or scene.played.tasks.get(current.task.id) is not current.task:
            break
        current = _last(found for _, found in scene.upstream(current.task, path))
    timed = [found for found in chain if found.started is not None and found.ended != found.started]
    if timed:
        yield "the last to end: " + " -> ".join(f"`{found.id}` {_took(found)}" for found in timed[-6:])


def _last(instances: Iterable[SimulatedTask]) -> SimulatedTask | None:
    """What ended last, of what ended after the run began."""
    return max((found for found in instances if found.ended), key=lambda found: found.ended or 0.0, default=None)


def _took(found: SimulatedTask) -> str:
    return shown_value((found.ended or 0.0) - (found.started or 0.0), DURATION)
