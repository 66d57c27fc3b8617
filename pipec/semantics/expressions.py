"""Typing of expressions: tree in, IR out, with the type and the phase in which the value is known."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from pipec.diagnostics.model import Diagnostics, Label
from pipec.diagnostics.suggest import nearest
from pipec.engine.evaluate import EvaluationError, json_value
from pipec.engine.evaluate import Scope as ValueScope
from pipec.ir.assignable import contains_secret
from pipec.ir.expressions import (
    BinaryOperation,
    ConditionalExpression,
    Expression,
    IndexOperation,
    Interpolation,
    ItemReference,
    LiteralValue,
    OutputReference,
    ParameterReference,
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
    RecordType,
    Type,
)
from pipec.semantics import symbols
from pipec.semantics.calls import read_call
from pipec.semantics.displays import read_list, read_map
from pipec.semantics.excerpts import excerpt, one_line
from pipec.semantics.operators import binary_type, fits, index_type, unary_type
from pipec.semantics.outputs import read_output
from pipec.semantics.run_fields import is_run, read_run_field
from pipec.semantics.selection import Selection, select
from pipec.semantics.typed import Phase, Typed
from pipec.semantics.types import common, may_be_null, without_null
from pipec.semantics.written_types import report_undefined
from pipec.syntax import tree
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.semantics.placing import Placed


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


@dataclass
class Checker:
    """Types expressions in one scope; faults go to `diagnostics` and make the result None.

    `may_miss` says whether a task may have no outputs when the value is read; `here` are the
    map regions around the reader.
    """

    diagnostics: Diagnostics
    scope: symbols.Scope
    may_miss: Callable[[Placed], bool] = field(default=_never)
    here: tuple[str, ...] = ()
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
                return self._path(node)
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
            self.diagnostics.error(
                "P0201",
                f"{what} needs {target}, this is {typed.type}",
                typed.span,
                label=f"this is {typed.type}",
            )
        return False

    def constant(self, node: tree.Expression, what: str, *, may_be_secret: bool = False) -> LiteralValue | None:
        """The value of an expression that must be known when compiling."""
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
                help="use a literal or a const",
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

    # --- names and paths -------------------------------------------------------------------------

    def _path(self, node: tree.Expression) -> Typed | None:
        if is_run(node, self.scope):
            return self._run_path(node)
        selection = select(node, self.scope, self.diagnostics)
        if selection == "faulty":
            return None
        if isinstance(selection, Selection):
            return read_output(self, selection, None, node.span)
        match node:
            case tree.NameReference():
                return self._name(node)
            case tree.Attribute(base=base, name=name):
                return self._attribute(node, base, name)
            case tree.Index(base=base, index=index):
                return self._index(node, base, index)
            case _:
                self.diagnostics.error(
                    "P0404", "`[*]` needs a task of a `for` or `map`", node.span, label="not such a task"
                )
                return None

    def _run_path(self, node: tree.Expression) -> Typed | None:
        """A fact of the run, or what is inside one."""
        if isinstance(node, tree.Attribute) and isinstance(node.base, tree.NameReference):
            return read_run_field(self, node)
        if isinstance(node, tree.Attribute | tree.Index):
            return self._inside_value(node, node.base)
        self.diagnostics.error(
            "P0106", "`run` is no value by itself", node.span, help="name a fact of the run, such as `run.date`"
        )
        return None

    def _name(self, node: tree.NameReference) -> Typed | None:
        match self.scope.find(node.name):
            case symbols.ConstantSymbol(value=value):
                return Typed(value, value.type, Phase.COMPILE, node.span) if value is not None else None
            case symbols.ParameterSymbol(name=name, type=type):
                if type is None:
                    return None
                return Typed(ParameterReference(name=name, type=type), type, Phase.START, node.span)
            case symbols.ValueSymbol(value=bound):
                if bound is None:
                    return None
                return Typed(bound.expression, bound.type, bound.phase, node.span, bound.may_be_skipped)
            case symbols.ItemSymbol(map=map, type=type):
                if type is None:
                    return None
                return Typed(ItemReference(map=map, type=type), type, Phase.RUN, node.span)
            case symbols.OwnOutputSymbol(task=task, output=output, type=type):
                reference = OutputReference(task=task, output=output, type=type)
                return Typed(reference, type, Phase.RUN, node.span)
            case None:
                self.unknown_name("P0101", f"`{node.name}` is not defined", node, [*self.scope.all_names(), "run"])
            case symbol:
                self.diagnostics.error(
                    "P0106",
                    f"`{node.name}` is a {symbols.kind_of(symbol)}, not a value",
                    node.span,
                    labels=(Label(symbol.span, "defined here"),),
                )
        return None

    def _attribute(self, node: tree.Attribute, base: tree.Expression, name: tree.Name) -> Typed | None:
        selection = select(base, self.scope, self.diagnostics)
        if selection == "faulty":
            return None
        if isinstance(selection, Selection):
            return read_output(self, selection, name, node.span)
        if isinstance(base, tree.NameReference):
            match self.scope.find(base.name):
                case symbols.ImportSymbol() as imported:
                    return self._imported_value(imported, base.name, name, node.span)
        return self._inside_value(node, base)

    def _imported_value(self, imported: symbols.ImportSymbol, alias: str, name: tree.Name, span: Span) -> Typed | None:
        imported.used = True
        if imported.module is None:
            return None
        match imported.module.scope.names.get(name.text):
            case symbols.ConstantSymbol(value=value):
                return Typed(value, value.type, Phase.COMPILE, span) if value is not None else None
            case None:
                report_undefined(alias, name, list(imported.module.scope.names), self.diagnostics)
            case symbol:
                self.diagnostics.error(
                    "P0106", f"`{alias}.{name.text}` is a {symbols.kind_of(symbol)}, not a value", span
                )
        return None

    def _inside_value(self, node: tree.Attribute | tree.Index, base: tree.Expression) -> Typed | None:
        """`.name` or `[index]` of a value."""
        if isinstance(node, tree.Index):
            return self._index(node, base, node.index)
        typed = self.check(base)
        if typed is None:
            return None
        if may_be_null(typed.type):
            self.possibly_null(typed, f"`.{node.name.text}` needs a value")
            return None
        key = LiteralValue(value=node.name.text, type=STR)
        if isinstance(typed.type, RecordType):
            found = next((f.type for f in typed.type.fields if f.name == node.name.text), None)
            if found is None:
                names = [field.name for field in typed.type.fields]
                self.unknown_name("P0206", f"there is no `{node.name.text}` in {typed.type}", node.name, names)
                return None
        else:
            found = index_type(typed.type, STR)
            if found is None:
                self.diagnostics.error(
                    "P0202", f"{typed.type} has no `.{node.name.text}`", node.name.span, label=f"of {typed.type}"
                )
                return None
        operation = IndexOperation(base=typed.expression, index=key, source=one_line(node.span))
        return self.fold(Typed(operation, found, typed.phase, node.span))

    def _index(self, node: tree.Index, base: tree.Expression, index: tree.Expression) -> Typed | None:
        typed, key = self.check(base), self.check(index)
        if typed is None or key is None:
            return None
        if may_be_null(typed.type):
            self.possibly_null(typed, "`[…]` needs a value")
            return None
        found = self._record_member(typed.type, key) or index_type(typed.type, key.type)
        if found is None:
            self.diagnostics.error(
                "P0202", f"{typed.type} cannot be indexed by {key.type}", node.span, label=f"{typed.type}"
            )
            return None
        operation = IndexOperation(base=typed.expression, index=key.expression, source=one_line(node.span))
        return self.fold(Typed(operation, found, max(typed.phase, key.phase), node.span))

    def _record_member(self, type: Type, key: Typed) -> Type | None:
        if isinstance(type, RecordType) and isinstance(key.expression, LiteralValue):
            return next((f.type for f in type.fields if f.name == key.expression.value), None)
        return None

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
                "L002", f"`{excerpt(node.left.span)}` is never null", node.left.span, help="drop `??` and what follows"
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
            value = json_value(typed.expression, ValueScope())
        except EvaluationError as error:
            self.diagnostics.error("P0209", str(error), typed.span)
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
    ) -> None:
        """Reports a name that is not one of the known ones, with the nearest of them."""
        name = node.text if isinstance(node, tree.Name) else node.span.text
        similar = nearest(name, known)
        help = f"there is `{similar}`" if similar else None
        self.diagnostics.error(code, message, node.span, notes=notes, help=help)


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
