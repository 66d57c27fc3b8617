"""`given` of a test: what it fixes, checked against the pipeline, each fact at most once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from pipec.diagnostics.model import Diagnostics, Label
from pipec.diagnostics.suggest import correction, hint
from pipec.ir.base import Location
from pipec.ir.expressions import Expression, IndexOperation, ListExpression, LiteralValue
from pipec.ir.model import ApprovalRequest, Decision, GateCheck, Given, GivenState, Pipeline, Task, WaitCondition
from pipec.ir.types import BOOL, DATETIME, DURATION, INT, ListType, Type, optional
from pipec.semantics.excerpts import excerpt
from pipec.semantics.expressions import Checker
from pipec.semantics.operators import fits
from pipec.semantics.run_fields import RUN_FIELDS, is_run
from pipec.semantics.subjects import Subject, SubjectReader
from pipec.semantics.symbols import ParameterSymbol, Scope
from pipec.semantics.typed import Phase, Typed
from pipec.semantics.types import without_null
from pipec.syntax import tree
from pipec.syntax.source import Span

OUTCOMES: tuple[GivenState, ...] = ("success", "failed", "skipped", "approved", "rejected", "timeout")
"""What a test may give a task as its outcome."""

FACTS = ("date", "timestamp", "interval_start", "interval_end", "id", "url")
"""The facts of a run that a test may give: the others follow from it."""


@dataclass(eq=False, repr=False)
class GivenReader:
    """Reads the givens of one test."""

    pipeline: Pipeline
    scope: Scope
    diagnostics: Diagnostics
    location: Callable[[Span], Location]
    _found: dict[tuple[object, ...], tuple[int, Span, Given]] = field(default_factory=dict)
    """By what is fixed: how closely it was picked, where, and the fact."""

    def read(self, nodes: Iterable[tree.Given]) -> tuple[Given, ...]:
        """The facts, without those that are faulty; of several for one instance of a loop the closest one."""
        for node in nodes:
            for picked, given in self._given(node):
                self._add(picked, node.subject.span, given)
        self._check_attempts()
        return tuple(given for _, _, given in self._found.values())

    def _add(self, picked: int, span: Span, given: Given) -> None:
        key = (given.task, given.items, given.output, given.measure, given.parameter, given.fact, given.state is None)
        earlier = self._found.get(key)
        if earlier is not None and earlier[0] == picked:
            self.diagnostics.error(
                "P0305",
                f"`{excerpt(span)}` is given twice",
                span,
                labels=(Label(earlier[1], "first given here"),),
            )
        elif earlier is None or earlier[0] < picked:
            self._found[key] = (picked, span, given)

    def _check_attempts(self) -> None:
        """What fails does so in every attempt."""
        outcomes = {
            (given.task, given.items): (span, given.state)
            for _, span, given in self._found.values()
            if given.state not in (None, "success")
        }
        for _, span, given in self._found.values():
            if given.measure == "attempts" and (given.task, given.items) in outcomes:
                other, state = outcomes[given.task, given.items]
                self.diagnostics.error(
                    "P0305",
                    f"`{given.task}` is given as {state} and with the attempts after which it succeeds",
                    span,
                    labels=(Label(other, f"given as {state} here"),),
                    help=f"drop one of them: what is {state} is so in every attempt",
                )

    def _given(self, node: tree.Given) -> Iterator[tuple[int, Given]]:
        location = self.location(node.span)
        if node.state is not None:
            yield from self._outcome(node, node.state, location)
        elif is_run(node.subject, self.scope):
            yield from self._fact(node, location)
        elif self._parameter(node.subject) is not None:
            yield from self._parameter_value(node, location)
        else:
            yield from self._task_value(node, location)

    # --- the run and its parameters --------------------------------------------------------------

    def _fact(self, node: tree.Given, location: Location) -> Iterator[tuple[int, Given]]:
        subject = node.subject
        name = subject.name if isinstance(subject, tree.Attribute) else None
        if not isinstance(subject, tree.Attribute) or name is None or name.text not in FACTS:
            shown = subject.span if name is None else name.span
            self.diagnostics.error(
                "P0101" if name is not None and name.text not in RUN_FIELDS else "P0303",
                f"`{excerpt(subject.span)}` cannot be given",
                shown,
                help=hint(name.text if name else "", FACTS, f"facts of a run to give: {', '.join(FACTS)}"),
            )
            return
        type = RUN_FIELDS[cast(Any, name.text)]
        value = self._value(node, type, Phase.COMPILE)
        if value is not None:
            yield 0, Given(fact=cast(Any, name.text), value=value.expression, location=location)

    def _parameter(self, subject: tree.Expression) -> ParameterSymbol | None:
        symbol = self.scope.find(subject.name) if isinstance(subject, tree.NameReference) else None
        return symbol if isinstance(symbol, ParameterSymbol) else None

    def _parameter_value(self, node: tree.Given, location: Location) -> Iterator[tuple[int, Given]]:
        symbol = self._parameter(node.subject)
        assert symbol is not None
        if symbol.type is None:
            return
        value = self._value(node, symbol.type, Phase.COMPILE)
        if value is not None:
            yield 0, Given(parameter=symbol.name, value=value.expression, location=location)

    # --- tasks -----------------------------------------------------------------------------------

    def _subject(self, node: tree.Expression) -> Subject | None:
        return SubjectReader(self.pipeline, self.scope, self.diagnostics).read(node)

    def _outcome(self, node: tree.Given, state: tree.Name, location: Location) -> Iterator[tuple[int, Given]]:
        subject = self._subject(node.subject)
        if subject is None or not known_state(state, OUTCOMES, self.diagnostics):
            return
        if subject.output is not None:
            self.diagnostics.error(
                "P0303",
                f"an output is not {state.text}, a task is",
                node.subject.span,
                help=f"write `given {subject.name} is {state.text}`",
            )
            return
        for task in subject.tasks:
            refusal = _refusal(task, state.text) or _of_some_items(task, subject)
            if refusal is not None:
                message, help = refusal
                self.diagnostics.error("P0303", message, state.span, help=help)
                return
            yield (
                subject.picked,
                Given(task=task.id, items=subject.items, state=cast(GivenState, state.text), location=location),
            )

    def _task_value(self, node: tree.Given, location: Location) -> Iterator[tuple[int, Given]]:
        subject = self._subject(node.subject)
        if subject is None or not subject.tasks:
            return
        first = subject.tasks[0]
        name = subject.output.text if subject.output is not None else "output"
        type = _output_type(first, name)
        if type is None and name in ("attempts", "estimate") and subject.output is not None:
            yield from self._measure(node, subject, name, location)
            return
        if type is None or (subject.output is not None and first.single_output):
            self._no_output(subject, first)
            return
        value = self._task_output(node, subject, type)
        if value is None:
            return
        typed, by_item = value
        refusal = _of_some_items(first, subject) or (_of_some_items(first, subject, True) if by_item else None)
        if refusal is not None:
            self.diagnostics.error("P0303", refusal[0], node.subject.span, help=refusal[1])
            return
        is_split = by_item and not subject.is_mapped
        for place, task in enumerate(subject.tasks):
            expression = _element(typed, place) if is_split else typed.expression
            given = Given(
                task=task.id,
                items=subject.items,
                output=name,
                value=expression,
                by_item=by_item and not is_split,
                location=location,
            )
            yield subject.picked, given

    def _measure(
        self, node: tree.Given, subject: Subject, name: str, location: Location
    ) -> Iterator[tuple[int, Given]]:
        """How many attempts a task makes, the last of them a success, or how long each of them takes."""
        what = f"`{excerpt(node.subject.span)}`"
        assert node.value is not None
        type = INT if name == "attempts" else DURATION
        checker = Checker(self.diagnostics, self.scope)
        if checker.check_as(node.value, type, what) is None:
            return
        value = checker.constant(node.value, what)
        if value is None:
            return
        for task in subject.tasks:
            most = 1 + (task.options.retry.max if task.options.retry is not None else 0)
            if isinstance(task.implementation, Decision | GateCheck):
                message = f"`{task.id}` runs no code: it has no {name}"
                self.diagnostics.error("P0303", message, node.subject.span)
                return
            if name == "attempts" and not 1 <= value.value <= most:
                self.diagnostics.error(
                    "P0303",
                    f"`{task.id}` makes 1 to {most} attempts" if most > 1 else f"`{task.id}` makes one attempt",
                    node.value.span,
                    help=f"`given {subject.name} is failed` lets all of them fail",
                )
                return
            if value.value < 0:
                self.diagnostics.error("P0303", "a time is not negative", node.value.span)
                return
            given = Given(task=task.id, items=subject.items, measure=cast(Any, name), value=value, location=location)
            yield subject.picked, given

    def _task_output(self, node: tree.Given, subject: Subject, type: Type) -> tuple[Typed, bool] | None:
        """The value for one output, and whether it holds one for each item or instance."""
        assert node.value is not None
        typed = self._check(node.value, type)
        if typed is None:
            return None
        many = subject.is_mapped or len(subject.tasks) > 1
        listed = ListType(element=optional(type))
        single = fits(typed.type, type, empty_list=typed.is_empty_list)
        fits_list = many and fits(typed.type, listed, empty_list=typed.is_empty_list)
        is_list = fits_list and (not single or (subject.is_mapped and not subject.has_star))
        if is_list and subject.levels > 1:
            self.diagnostics.error(
                "P0303",
                f"`{subject.name}` stands in several maps: a list cannot say which item is meant",
                node.value.span,
                help=f"give one by one, `{subject.name}[0][0]`, or all alike, `{subject.name}[*]`",
            )
            return None
        if not is_list:
            fitted = Checker(self.diagnostics, self.scope).fitted(typed, type, "a given value")
            return (fitted, False) if fitted is not None and self._is_known(typed, Phase.START) else None
        if not self._is_known(typed, Phase.START):
            return None
        count = _length(typed)
        if not subject.is_mapped and count is not None and count != len(subject.tasks):
            self.diagnostics.error(
                "P0303",
                f"`{subject.name}` has {len(subject.tasks)} instances, the list {count} values",
                node.value.span,
                notes=(f"instances: {', '.join(task.id for task in subject.tasks)}",),
            )
            return None
        return typed, True

    # --- values ----------------------------------------------------------------------------------

    def _value(self, node: tree.Given, type: Type, latest: Phase) -> Typed | None:
        assert node.value is not None
        typed = self._check(node.value, type)
        fitted = Checker(self.diagnostics, self.scope).fitted(typed, type, "a given value") if typed else None
        return fitted if fitted is not None and self._is_known(fitted, latest) else None

    def _check(self, node: tree.Expression, type: Type) -> Typed | None:
        """A value; a time, which has no literal, is a text in ISO 8601."""
        if without_null(type) != DATETIME or not isinstance(node, tree.Text) or node.plain is None:
            return Checker(self.diagnostics, self.scope).check(node)
        moment = _moment(node.plain, self.pipeline.timezone)
        if moment is None:
            self.diagnostics.error(
                "P0303", "this is no time", node.span, help='write one as "2026-01-31T02:00:00+01:00"'
            )
            return None
        return Typed(LiteralValue(value=moment, type=DATETIME), DATETIME, Phase.COMPILE, node.span)

    def _is_known(self, typed: Typed, latest: Phase) -> bool:
        if typed.phase <= latest:
            return True
        self.diagnostics.error(
            "P0304",
            "a given value cannot be read from the run"
            if latest is Phase.START
            else "this must be known when compiling",
            typed.span,
            label="known only in the run" if typed.phase is Phase.RUN else "known only when the run starts",
            help="use literals, consts, and for outputs parameters and `run`",
        )
        return False

    def _no_output(self, subject: Subject, task: Task) -> None:
        known = [] if task.single_output else [output.name for output in task.outputs]
        name = subject.output
        if name is None:
            shown = ", ".join(f"`{subject.name}.{output}`" for output in known)
            self.diagnostics.error(
                "P0206",
                f"`{subject.name}` is no value by itself",
                subject.span,
                help=f"give an output: {shown}" if known else f"write `given {subject.name} is success`, or failed",
            )
            return
        single = f"its one output has no name: write `given {subject.name} = …`" if task.single_output else None
        self.diagnostics.error(
            "P0206",
            f"task `{subject.name}` has no output `{name.text}`",
            subject.span,
            help=single or hint(name.text, known, f"outputs: {', '.join(known)}" if known else "it has no outputs"),
            fix=None if single else correction(name.span, name.text, known),
        )


def known_state(name: tree.Name, known: tuple[str, ...], diagnostics: Diagnostics) -> bool:
    """Whether a word is one of the states that may stand here; reports it where it is not."""
    if name.text in known:
        return True
    diagnostics.error(
        "P0303",
        f"`{name.text}` is no state",
        name.span,
        help=hint(name.text, known, f"states: {', '.join(known)}"),
        fix=correction(name.span, name.text, known),
    )
    return False


def _refusal(task: Task, state: str) -> tuple[str, str] | None:
    """Why a task cannot be given this outcome, and what to do instead."""
    is_played = isinstance(task.implementation, Decision | GateCheck)
    if state == "timeout" and task.options.timeout is None and not is_played:
        return f"`{task.id}` has no timeout", "give it one, `timeout = 1h`: without it waits and runs for ever"
    match task.implementation:
        case Decision() if state in OUTCOMES:
            return f"a decision is not {state}", f"give the side it takes, `given {task.id} = true`, or what it reads"
        case GateCheck() if state not in ("success", "failed"):
            return f"a gate is not {state}", "a gate is success or failed"
        case ApprovalRequest() if state in ("success", "failed", "skipped"):
            return f"a person does not answer `{state}`", "an approval is approved, rejected or timeout"
        case ApprovalRequest():
            return None
        case WaitCondition(on_timeout="fail") if state == "skipped":
            return f"`{task.id}` is never skipped by itself", "it fails when its time is over: `timeout`"
        case WaitCondition():
            return None if state in ("success", "failed", "skipped", "timeout") else _no_person(task, state)
        case _ if state == "skipped":
            return (
                f"`{task.id}` is never skipped by itself",
                "a task is skipped by a decision or by what it waits for: give those",
            )
        case _:
            return _no_person(task, state) if state in ("approved", "rejected") else None


def _of_some_items(task: Task, subject: Subject, is_each: bool = False) -> tuple[str, str] | None:
    """Why a decision or gate in a map cannot be given for some of the items, and what to do instead."""
    is_played = isinstance(task.implementation, Decision | GateCheck)
    if not is_played or not (is_each or any(item is not None for item in subject.items)):
        return None
    return f"`{task.id}` is given for all items alike", "give what it reads, where the items differ in it"


def _no_person(task: Task, state: str) -> tuple[str, str] | None:
    if state not in ("approved", "rejected"):
        return None
    return f"`{task.id}` is no approval", "a task is success, failed or timeout"


def _output_type(task: Task, name: str) -> Type | None:
    if isinstance(task.implementation, Decision) and name == "output":
        return BOOL
    return next((output.type for output in task.outputs if output.name == name), None)


def _length(typed: Typed) -> int | None:
    match typed.expression:
        case LiteralValue(value=list() as values):
            return len(values)
        case ListExpression(items=items):
            return len(items)
        case _:
            return None


def _element(typed: Typed, place: int) -> Expression:
    """What stands at a place in a list."""
    element = typed.type.element if isinstance(typed.type, ListType) else typed.type
    match typed.expression:
        case LiteralValue(value=list() as values):
            return LiteralValue(value=values[place], type=element)
        case ListExpression(items=items):
            return items[place]
        case whole:
            index = LiteralValue(value=place, type=INT)
            return IndexOperation(base=whole, index=index, source=f"{excerpt(typed.span)}[{place}]")


def _moment(text: str, timezone: str) -> str | None:
    """A time in ISO 8601; one without offset is in the pipeline's time zone."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(timezone))).isoformat()
