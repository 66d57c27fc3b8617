"""`test` blocks: what is given and what is expected, checked against the pipeline they are for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import correction, hint
from pipec.ir.model import Expectation, Pipeline, TestCase
from pipec.ir.types import BOOL
from pipec.semantics.excerpts import excerpt, one_line
from pipec.semantics.expressions import Checker
from pipec.semantics.givens import OUTCOMES as OUTCOMES
from pipec.semantics.givens import GivenReader, known_state
from pipec.semantics.measures import RUN, Measures
from pipec.semantics.modules import Loader
from pipec.semantics.run_fields import is_run
from pipec.semantics.selection import Selection, select
from pipec.semantics.subjects import Subject, SubjectReader
from pipec.semantics.symbols import GroupSymbol, Scope
from pipec.syntax import tree

STATES = ("success", "failed", "skipped", "upstream_failed")
"""The states a task may be expected in."""

RUN_STATES = ("success", "failed")


def report_unknown_pipeline(node: tree.Test, known: list[str], diagnostics: Diagnostics) -> None:
    """A test is for a pipeline that is not there."""
    diagnostics.error(
        "P0101",
        f"pipeline `{node.pipeline.text}` is not defined",
        node.pipeline.span,
        help=hint(node.pipeline.text, known),
        fix=correction(node.pipeline.span, node.pipeline.text, known),
    )


def read_test(node: tree.Test, pipeline: Pipeline, scope: Scope, loader: Loader) -> TestCase:
    """A test in its IR form, without what is faulty in it. `scope` holds the names of the pipeline."""
    diagnostics = loader.diagnostics
    for part in node.body:
        if isinstance(part, tree.Option):
            diagnostics.error("P0302", f"a test has no option `{part.name.text}`", part.name.span)
    givens = GivenReader(pipeline, scope, diagnostics, loader.location)
    expected = _ExpectationReader(pipeline, scope, loader)
    return TestCase(
        title=node.title.plain or node.title.span.text,
        pipeline=pipeline.name,
        givens=givens.read(part for part in node.body if isinstance(part, tree.Given)),
        expectations=tuple(one for part in node.body if isinstance(part, tree.Expect) for one in expected.read(part)),
        location=loader.location(node.span),
    )


@dataclass(eq=False, repr=False)
class _ExpectationReader:
    pipeline: Pipeline
    scope: Scope
    loader: Loader

    @property
    def diagnostics(self) -> Diagnostics:
        return self.loader.diagnostics

    def read(self, node: tree.Expect) -> Iterator[Expectation]:
        """What is expected; nothing where it is faulty."""
        if node.state is not None:
            yield from self._state(node, node.state)
        else:
            yield from self._condition(node.subjects[0])

    # --- states ----------------------------------------------------------------------------------

    def _state(self, node: tree.Expect, state: tree.Name) -> Iterator[Expectation]:
        tasks: list[str] = []
        for subject in node.subjects:
            found = self._tasks(subject)
            if found is None:
                return
            tasks.extend(found)
        if not self._is_state(state, RUN_STATES if tasks == [RUN] and self._is_run(node.subjects[0]) else STATES):
            return
        yield Expectation(
            tasks=tuple(dict.fromkeys(tasks)),
            state=cast(Any, state.text),
            source=one_line(node.subjects[0].span.to(state.span)),
            location=self.loader.location(node.span),
        )

    def _is_state(self, state: tree.Name, known: tuple[str, ...]) -> bool:
        other = {"approved": "success", "rejected": "skipped", "timeout": "failed"}.get(state.text)
        if other is None or other not in known:
            return known_state(state, known, self.diagnostics)
        self.diagnostics.error(
            "P0303",
            f"`{state.text}` is no state",
            state.span,
            help=f"an approval that was {state.text} is {other}"
            if state.text != "timeout"
            else "a timeout is a failure: `failed`, or what `on_timeout` says",
        )
        return False

    def _is_run(self, node: tree.Expression) -> bool:
        return isinstance(node, tree.NameReference) and is_run(node, self.scope)

    def _tasks(self, node: tree.Expression) -> list[str] | None:
        """The ids of the tasks that should be in a state; None where a fault was reported."""
        if self._is_run(node):
            return [RUN]
        if isinstance(node, tree.NameReference):
            symbol = self.scope.find(node.name)
            if isinstance(symbol, GroupSymbol):
                return self._grouped(symbol.id)
        subject = SubjectReader(self.pipeline, self.scope, self.diagnostics).read(node)
        if subject is None or not self._names_tasks(subject):
            return None
        indexes = "".join(f"[{item}]" for item in subject.items)
        return [task.id if None in subject.items else f"{task.id}{indexes}" for task in subject.tasks]

    def _names_tasks(self, subject: Subject) -> bool:
        items = subject.items
        if subject.output is not None:
            self.diagnostics.error(
                "P0106",
                f"`{excerpt(subject.span)}` is an output: a state is one of a task",
                subject.span,
                help=f"name the task, `{subject.name}`, or write a condition, `{excerpt(subject.span)} == …`",
            )
            return False
        if items and any(item is not None for item in items) and (None in items or len(items) < subject.levels):
            self.diagnostics.error(
                "P0404",
                f"`{excerpt(subject.span)}` is neither one instance nor all of them",
                subject.span,
                help=f"name one, `{subject.name}{'[0]' * subject.levels}`, or all, `{subject.name}`",
            )
            return False
        return True

    def _grouped(self, group: str) -> list[str]:
        """The tasks of a group and of those inside it."""
        parents = {one.name: one.parent for one in self.pipeline.groups}
        found: list[str] = []
        for task in self.pipeline.tasks:
            around = task.group
            while around is not None and around != group:
                around = parents.get(around)
            if around is not None:
                found.append(task.id)
        return found

    # --- conditions ------------------------------------------------------------------------------

    def _condition(self, node: tree.Expression) -> Iterator[Expectation]:
        if self._says_nothing(node):
            return
        found = Diagnostics()
        checker = Checker(found, self.scope, measures=Measures(self.pipeline.return_type))
        typed = checker.check_as(node, BOOL, "`expect`")
        for one in found.found:
            if one.code != "L002":  # which of the outputs are null is what a test is about
                self.diagnostics.found.append(one)
        self.diagnostics.errors += found.errors
        if typed is not None:
            yield Expectation(
                condition=typed.expression, source=one_line(node.span), location=self.loader.location(node.span)
            )

    def _says_nothing(self, node: tree.Expression) -> bool:
        """Whether only a task or the run is named, whose state was forgotten."""
        is_named = self._is_run(node)
        if not is_named and isinstance(node, tree.NameReference | tree.Index | tree.Splat):
            selection = select(node, self.scope, Diagnostics())
            is_named = isinstance(selection, Selection) and not selection.symbol.faulty and not self._is_value(node)
        if is_named:
            self.diagnostics.error(
                "P0106",
                f"`expect {excerpt(node.span)}` does not say what is expected",
                node.span,
                help=f"write `expect {excerpt(node.span)} is success`, or another state",
            )
        return is_named

    def _is_value(self, node: tree.Expression) -> bool:
        return Checker(Diagnostics(), self.scope).check(node) is not None
