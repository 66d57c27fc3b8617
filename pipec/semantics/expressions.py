"""Typing of expressions: tree in, IR out, with the type and the phase in which the value is known."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from pipec.diagnostics.model import Diagnostics, Edit, Fix, Label
from pipec.diagnostics.suggest import correction, hint
from pipec.engine.evaluate import EvaluationError, json_value
from pipec.engine.evaluate import Scope as ValueScope
from pipec.ir.assignable import contains_secret
from pipec.ir.expressions import (
    BinaryOperation,
    ConditionalExpression,
    Expression,
    Interpolation,
    LiteralValue,
    OutputReference,
    UnaryOperation,
)
from pipec.ir.types import (
    BOOL,
    DATE,
    DURATION,
    FLOAT,
    INT,
    JSON,
    NULL,
    SECRET,
    SIZE,
    STR,
    LiteralUnion,
    Type,
)
from pipec.semantics.calls import read_call
from pipec.semantics.displays import read_list, read_map
from pipec.semantics.excerpts import excerpt, one_line
from pipec.semantics.operators import binary_type, fits, unary_type
from pipec.semantics.paths import read_path
from pipec.semantics.sizes import TOO_LARGE, grows_too_large, is_too_large
from pipec.semantics.symbols import Scope
from pipec.semantics.typed import Phase, Typed
from pipec.semantics.types import common, is_text, may_be_null, without_null
from pipec.syntax import tree
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.semantics.habits import Kind
    from pipec.semantics.measures import Measures
    from pipec.semantics.placement import Placed


_LITERAL_TYPES: dict[str, Type] = {
    "int": INT,
    "float": FLOAT,
    "bool": BOOL,
    "null": NULL,
    "date": DATE,
    "duration": DURATION,
    "size": SIZE,
}


def _never(_: Placed) -> bool:
    return False


@dataclass(eq=False, repr=False)
class Checker:
    """Types expressions in one scope; faults go to `diagnostics` and make the result None.

    `may_miss` says whether a task may have no outputs when the value is read; `here` are the
    map regions around the reader. `is_unsure` says that nobody knows when the reader runs, for a fault of its own.
    `inputs` are those of the task whose implementation is read: variables of its program, and no names here.
    `measures` says what else is known after a run, for what a test expects.
    """

    diagnostics: Diagnostics
    scope: Scope
    may_miss: Callable[[Placed], bool] = field(default=_never)
    here: tuple[str, ...] = ()
    is_unsure: bool = False
    inputs: tuple[tree.Binding, ...] = ()
    measures: Measures | None = None
    chosen: set[Span] = field(default_factory=set, init=False)
    """Reads of tasks in branches chosen when compiling, which another choice would leave out."""

    def check(self, node: tree.Expression) -> Typed | None:
        """The typed expression, folded where it is constant."""
        match node:
            case tree.Literal():
                return self._literal(node)
            case tree.Text():
                return self._text(node)
            case tree.NameReference() | tree.Attribute() | tree.Index() | tree.Splat():
                return read_path(self, node)
            case tree.Call():
                return read_call(self, node)
            case tree.Unary():
                return self._unary(node)
            case tree.Binary():
                return self._binary(node)
            case tree.Conditional():
                return self._conditional(node)
            case tree.ListDisplay():
                return read_list(self, node)
            case tree.MapDisplay():
                return read_map(self, node)
            case _:
                return None

    def check_as(self, node: tree.Expression, target: Type, what: str) -> Typed | None:
        """The typed expression where it fits `target`; `what` names what needs it ("input `x`")."""
        typed = self.check(node)
        return self.fitted(typed, target, what) if typed is not None else None

    def fitted(self, typed: Typed, target: Type, what: str) -> Typed | None:
        """The expression where it fits `target`; an empty list becomes one of the type that is needed."""
        if not self.require_type(typed, target, what):
            return None
        if not typed.is_empty_list or target == JSON:
            return typed
        return replace(typed, expression=LiteralValue(value=[], type=target), type=target)

    def require_type(self, typed: Typed, target: Type, what: str) -> bool:
        if fits(typed.type, target, empty_list=typed.is_empty_list):
            return True
        if may_be_null(typed.type) and fits(without_null(typed.type), target):
            self.possibly_null(typed, f"{what} needs {target}")
        elif typed.type == SECRET:
            self._secret_here(typed, what)
        else:
            from pipec.semantics.habits import other_spelling

            help, fix = other_spelling(target, typed) or (None, None)
            self.diagnostics.error(
                "P0201",
                f"{what} needs {target}, this is {typed.type}",
                typed.span,
                label=f"this is {typed.type}",
                help=help,
                fix=fix,
            )
        return False

    def constant(
        self,
        node: tree.Expression,
        what: str,
        *,
        may_be_secret: bool = False,
        help: str = "use a literal or a const",
    ) -> LiteralValue | None:
        """The value of an expression that must be known when compiling; `help` says what else to write."""
        typed = self.check(node)
        if typed is None:
            return None
        if not may_be_secret and contains_secret(typed.type):
            self._secret_here(typed, what)
            return None
        if not isinstance(typed.expression, LiteralValue):
            when = "when the run starts" if typed.phase is Phase.START else "in the run"
            self.diagnostics.error(
                "P0304",
                f"{what} must be known when compiling",
                typed.span,
                label=f"known only {when}",
                help=help,
            )
            return None
        return typed.expression

    def _secret_here(self, typed: Typed, what: str) -> None:
        self.diagnostics.error(
            "P0210", f"{what} cannot be a secret", typed.span, help="pass secrets by the options env or secrets"
        )

    def possibly_null(self, typed: Typed, need: str) -> None:
        """Reports a value that may be null; `need` says why it must not be ("input `x` needs a value")."""
        self.diagnostics.error(
            "P0203",
            f"`{excerpt(typed.span)}` may be null, and {need}",
            typed.span,
            label=f"this is {typed.type}",
            notes=self._why_null(typed.expression),
            help=f"give a value for that case: `{excerpt(typed.span)} ?? …`",
        )

    def _why_null(self, expression: Expression) -> tuple[str, ...]:
        match expression:
            case OutputReference(task=task):
                return (f"task `{task}` may be skipped or fail before this is read",)
            case _:
                return ()

    # --- leaves ----------------------------------------------------------------------------------

    def _literal(self, node: tree.Literal) -> Typed:
        value = node.value.isoformat() if isinstance(node.value, datetime.date) else node.value
        type = _LITERAL_TYPES[node.kind]
        return Typed(LiteralValue(value=value, type=type), type, Phase.COMPILE, node.span)

    def _text(self, node: tree.Text) -> Typed | None:
        if (plain := node.plain) is not None:
            type = LiteralUnion(values=(plain,))
            return Typed(LiteralValue(value=plain, type=type), type, Phase.COMPILE, node.span)
        parts: list[Expression] = []
        phase = Phase.COMPILE
        sound = True
        for part in node.parts:
            if isinstance(part, str):
                parts.append(LiteralValue(value=part, type=STR))
                continue
            typed = self.check(part)
            if typed is None:
                sound = False
            elif may_be_null(typed.type):
                self.possibly_null(typed, "text needs a value here")
                sound = False
            elif contains_secret(typed.type):
                self.diagnostics.error("P0210", "a secret cannot become text", typed.span)
                sound = False
            else:
                parts.append(typed.expression)
                phase = max(phase, typed.phase)
        if not sound:
            return None
        return self.fold(Typed(Interpolation(parts=tuple(parts)), STR, phase, node.span))

    # --- operations ------------------------------------------------------------------------------

    def _unary(self, node: tree.Unary) -> Typed | None:
        operand = self.check(node.operand)
        if operand is None:
            return None
        type = unary_type(node.operator, operand.type)
        if type is None:
            if may_be_null(operand.type) and unary_type(node.operator, without_null(operand.type)):
                self.possibly_null(operand, f"`{node.operator}` needs a value")
            else:
                self.diagnostics.error(
                    "P0202", f"`{node.operator}` does not work on {operand.type}", node.span, label=str(operand.type)
                )
            return None
        operation = UnaryOperation(operator=node.operator, operand=operand.expression)
        return self.fold(Typed(operation, type, operand.phase, node.span))

    def _binary(self, node: tree.Binary) -> Typed | None:
        left = self.check(node.left)
        if left is not None and _decides(node.operator, left):
            found = self._check_unused(node.right)
            if found is None:
                return replace(left, span=node.span)
            right = found if isinstance(found, Typed) else None
        else:
            right = self.check(node.right)
        if left is None or right is None:
            return None
        type = binary_type(node.operator, left.type, right.type)
        if type is None:
            self._bad_operands(node, left, right)
            return None
        may_be_null_here = may_be_null(left.type) or left.type == JSON or left.span in self.chosen
        if node.operator == "??" and not may_be_null_here:
            self.diagnostics.warning(
                "L002",
                f"`{excerpt(node.left.span)}` is never null",
                node.left.span,
                help="drop `??` and what follows",
                fix=_left_alone(node),
            )
        operation = BinaryOperation(
            operator=node.operator, left=left.expression, right=right.expression, source=one_line(node.span)
        )
        skipped = node.operator == "??" and right.may_be_skipped
        return self.fold(Typed(operation, type, max(left.phase, right.phase), node.span, skipped))

    def _bad_operands(self, node: tree.Binary, left: Typed, right: Typed) -> None:
        without = binary_type(node.operator, without_null(left.type), without_null(right.type))
        if without is not None:
            for operand in (left, right):
                if may_be_null(operand.type):
                    self.possibly_null(operand, f"`{node.operator}` needs a value")
            return
        self.diagnostics.error(
            "P0202",
            f"`{node.operator}` does not work on {left.type} and {right.type}",
            node.span,
            labels=(Label(left.span, str(left.type)), Label(right.span, str(right.type))),
            help=_as_text(node, left, right),
        )

    def _conditional(self, node: tree.Conditional) -> Typed | None:
        condition = self.check_as(node.condition, BOOL, "the condition of `?:`")
        if condition is not None and isinstance(condition.expression, LiteralValue):
            chosen, unused = (node.then, node.otherwise) if condition.value else (node.otherwise, node.then)
            typed = self.check(chosen)
            is_sound = self._check_unused(unused) != "faulty"
            return replace(typed, span=node.span) if typed is not None and is_sound else None
        then, otherwise = self.check(node.then), self.check(node.otherwise)
        if condition is None or then is None or otherwise is None:
            return None
        type = common(then.type, otherwise.type)
        if type is None:
            self.diagnostics.error(
                "P0202",
                "both sides of `?:` need a common type",
                node.span,
                labels=(Label(then.span, str(then.type)), Label(otherwise.span, str(otherwise.type))),
            )
            return None
        expression = ConditionalExpression(
            condition=condition.expression, then=then.expression, otherwise=otherwise.expression
        )
        phase = max(condition.phase, then.phase, otherwise.phase)
        return Typed(expression, type, phase, node.span, then.may_be_skipped or otherwise.may_be_skipped)

    def _check_unused(self, node: tree.Expression) -> Typed | Literal["faulty"] | None:
        """Types an operand that is never computed; None where computing it is all that is wrong with it."""
        found = Diagnostics()
        typed = replace(self, diagnostics=found).check(node)
        others = [one for one in found.found if one.code != "P0209"]
        self.diagnostics.found.extend(others)
        if typed is None and any(one.severity == "error" for one in others):
            return "faulty"
        return typed

    def fold(self, typed: Typed) -> Typed | None:
        """Computes what is known when compiling."""
        if typed.phase is not Phase.COMPILE:
            return typed
        try:
            value = (
                None if (is_large := grows_too_large(typed.expression)) else json_value(typed.expression, ValueScope())
            )
        except EvaluationError as error:
            self.diagnostics.error("P0209", str(error), typed.span)
            return None
        if is_large or is_too_large(value):
            self.diagnostics.error("P0209", f"this gives {TOO_LARGE}", typed.span)
            return None
        folded = LiteralValue(value=value, type=typed.type)
        return Typed(folded, typed.type, Phase.COMPILE, typed.span, typed.may_be_skipped)

    def unknown_name(
        self,
        code: str,
        message: str,
        node: tree.Node,
        known: list[str],
        notes: tuple[str, ...] = (),
        labels: tuple[Label, ...] = (),
        kind: Kind = "value",
    ) -> None:
        """Reports a name that is not one of the known ones, with what is meant by it or the nearest of them."""
        if self.diagnostics.is_full:
            self.diagnostics.error(code, message, node.span)
            return
        from pipec.semantics.habits import meant, replacement  # here, because a file without faults has no such words

        name = node.text if isinstance(node, tree.Name) else node.span.text
        elsewhere = meant(kind, name)
        fix = correction(node.span, name, known) if elsewhere is None else replacement(kind, name, node.span)
        help = elsewhere or hint(name, known)
        self.diagnostics.error(code, message, node.span, labels=labels, notes=notes, help=help, fix=fix)


def _decides(operator: str, left: Typed) -> bool:
    """Whether a constant left side is the result, so that the right side is never computed."""
    if not isinstance(left.expression, LiteralValue):
        return False
    match operator, left.expression.value:
        case ("or", True) | ("and", False):
            return True
        case "??", value:
            return value is not None
        case _:
            return False


def _as_text(node: tree.Binary, left: Typed, right: Typed) -> str | None:
    """How a text and another value are joined; None where that is not what is wrong."""
    if node.operator != "+" or is_text(left.type) == is_text(right.type):
        return None
    return f'put values into a text by interpolation: "{_part(left)}{_part(right)}"'


def _part(typed: Typed) -> str:
    match typed.expression:
        case LiteralValue(value=str(text)) if "\n" not in text and '"' not in text:
            return text
        case _:
            return f"${{{excerpt(typed.span)}}}"


def _left_alone(node: tree.Binary) -> Fix | None:
    """The fix that drops an operator and its right side; None where a comment might go with them."""
    rest = Span(node.span.source, node.left.span.end, node.right.span.end)
    return None if "#" in rest.text else Fix("remove `??` and what follows", (Edit(rest, ""),))
