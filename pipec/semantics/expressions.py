"""Typing of expressions: tree in, IR out, with the type and the phase in which the value is known."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from pipec.diagnostics.model import Diagnostics, Label
from pipec.diagnostics.suggest import nearest
from pipec.engine.evaluate import EvaluationError, json_value
from pipec.engine.evaluate import Scope as ValueScope
from pipec.ir.expressions import (
    BinaryOperation,
    ConditionalExpression,
    DictEntry,
    DictExpression,
    Expression,
    FunctionCall,
    IndexOperation,
    Interpolation,
    ItemReference,
    ListExpression,
    LiteralValue,
    OutputReference,
    ParameterReference,
    RunField,
    RunReference,
    UnaryOperation,
)
from pipec.ir.types import (
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    JSON,
    NULL,
    SECRET,
    SIZE,
    STR,
    ListType,
    LiteralUnion,
    RecordField,
    RecordType,
    Type,
    optional,
)
from pipec.semantics import symbols
from pipec.semantics.operators import FUNCTIONS, binary_type, fits, function_type, index_type, unary_type
from pipec.semantics.selection import Selection, select
from pipec.semantics.types import common, contains_secret, may_be_null, without_null
from pipec.syntax import tree
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.semantics.placing import Placed


class Phase(IntEnum):
    """When a value is known."""

    COMPILE = 0
    START = 1
    RUN = 2


RUN_FIELDS: dict[RunField, Type] = {
    "date": DATE,
    "timestamp": DATETIME,
    "interval_start": DATETIME,
    "interval_end": DATETIME,
    "id": STR,
    "attempt": INT,
    "pipeline": STR,
    "url": STR,
}

_LITERAL_TYPES: dict[str, Type] = {
    "int": INT,
    "float": FLOAT,
    "bool": BOOL,
    "null": NULL,
    "date": DATE,
    "duration": DURATION,
    "size": SIZE,
}


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression that was understood."""

    expression: Expression
    type: Type
    phase: Phase
    span: Span

    @property
    def value(self) -> object:
        """The value of a constant in its JSON form. Raises TypeError where it is none."""
        if not isinstance(self.expression, LiteralValue):
            raise TypeError("not a constant")
        return self.expression.value

    @property
    def is_empty_list(self) -> bool:
        return (isinstance(self.expression, LiteralValue) and self.expression.value == []) or (
            isinstance(self.expression, ListExpression) and not self.expression.items
        )


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
    here: frozenset[str] = frozenset()

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
                return self._call(node)
            case tree.Unary():
                return self._unary(node)
            case tree.Binary():
                return self._binary(node)
            case tree.Conditional():
                return self._conditional(node)
            case tree.ListDisplay():
                return self._list(node)
            case tree.MapDisplay():
                return self._map(node)
            case _:
                return None

    def check_as(self, node: tree.Expression, target: Type, what: str) -> Typed | None:
        """The typed expression where it fits `target`; `what` names what needs it ("input `x`")."""
        typed = self.check(node)
        return typed if typed is not None and self.require_type(typed, target, what) else None

    def require_type(self, typed: Typed, target: Type, what: str) -> bool:
        if fits(typed.type, target, empty_list=typed.is_empty_list):
            return True
        if may_be_null(typed.type) and fits(without_null(typed.type), target):
            self._possibly_null(typed, f"{what} needs {target}")
        elif typed.type == SECRET:
            self.diagnostics.error(
                "P0210", f"{what} cannot be a secret", typed.span, help="pass secrets by the options env or secrets"
            )
        else:
            self.diagnostics.error(
                "P0201",
                f"{what} needs {target}, this is {typed.type}",
                typed.span,
                label=f"this is {typed.type}",
            )
        return False

    def constant(self, node: tree.Expression, what: str) -> LiteralValue | None:
        """The value of an expression that must be known when compiling."""
        typed = self.check(node)
        if typed is None:
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

    def _possibly_null(self, typed: Typed, need: str) -> None:
        self.diagnostics.error(
            "P0203",
            f"`{typed.span.text}` may be null, and {need}",
            typed.span,
            label=f"this is {typed.type}",
            notes=self._why_null(typed.expression),
            help=f"give a value for that case: `{typed.span.text} ?? …`",
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
                self._possibly_null(typed, "text needs a value here")
                sound = False
            elif contains_secret(typed.type):
                self.diagnostics.error("P0210", "a secret cannot become text", typed.span)
                sound = False
            else:
                parts.append(typed.expression)
                phase = max(phase, typed.phase)
        if not sound:
            return None
        return self._fold(Typed(Interpolation(parts=tuple(parts)), STR, phase, node.span))

    # --- names and paths -------------------------------------------------------------------------

    def _path(self, node: tree.Expression) -> Typed | None:
        if _is_run(node, self.scope):
            return self._run_field(node)
        selection = select(node, self.scope, self.diagnostics)
        if selection == "faulty":
            return None
        if isinstance(selection, Selection):
            return self._output(selection, None, node.span)
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

    def _run_field(self, node: tree.Expression) -> Typed | None:
        if isinstance(node, tree.Attribute) and isinstance(node.base, tree.NameReference):
            for name, type in RUN_FIELDS.items():
                if name == node.name.text:
                    return Typed(RunReference(field=name, type=type), type, Phase.START, node.span)
            self._unknown("P0101", f"`run` has no `{node.name.text}`", node.name, list(RUN_FIELDS))
            return None
        if isinstance(node, tree.NameReference):
            self.diagnostics.error(
                "P0106", "`run` is no value by itself", node.span, help="name a fact of the run, such as `run.date`"
            )
            return None
        if isinstance(node, tree.Attribute | tree.Index):
            return self._inside_value(node, node.base)
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
                return Typed(bound.expression, bound.type, bound.phase, node.span) if bound is not None else None
            case symbols.ItemSymbol(map=map, type=type):
                if type is None:
                    return None
                return Typed(ItemReference(map=map, type=type), type, Phase.RUN, node.span)
            case symbols.OwnOutputSymbol(task=task, output=output, type=type):
                reference = OutputReference(task=task, output=output, type=type)
                return Typed(reference, type, Phase.RUN, node.span)
            case None:
                self._unknown("P0101", f"`{node.name}` is not defined", node, [*self.scope.all_names(), "run"])
            case symbol:
                self.diagnostics.error(
                    "P0106",
                    f"`{node.name}` is a {kind_of(symbol)}, not a value",
                    node.span,
                    labels=(Label(symbol.span, "defined here"),),
                )
        return None

    def _attribute(self, node: tree.Attribute, base: tree.Expression, name: tree.Name) -> Typed | None:
        selection = select(base, self.scope, self.diagnostics)
        if selection == "faulty":
            return None
        if isinstance(selection, Selection):
            return self._output(selection, name, node.span)
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
                known = list(imported.module.scope.names)
                self._unknown("P0105", f"`{alias}` does not define `{name.text}`", name, known)
            case symbol:
                self.diagnostics.error("P0106", f"`{alias}.{name.text}` is a {kind_of(symbol)}, not a value", span)
        return None

    def _inside_value(self, node: tree.Attribute | tree.Index, base: tree.Expression) -> Typed | None:
        """`.name` or `[index]` of a value."""
        if isinstance(node, tree.Index):
            return self._index(node, base, node.index)
        typed = self.check(base)
        if typed is None:
            return None
        if may_be_null(typed.type):
            self._possibly_null(typed, f"`.{node.name.text}` needs a value")
            return None
        key = LiteralValue(value=node.name.text, type=STR)
        if isinstance(typed.type, RecordType):
            found = next((f.type for f in typed.type.fields if f.name == node.name.text), None)
            if found is None:
                names = [field.name for field in typed.type.fields]
                self._unknown("P0206", f"there is no `{node.name.text}` in {typed.type}", node.name, names)
                return None
        else:
            found = index_type(typed.type, STR)
            if found is None:
                self.diagnostics.error(
                    "P0202", f"{typed.type} has no `.{node.name.text}`", node.name.span, label=f"of {typed.type}"
                )
                return None
        operation = IndexOperation(base=typed.expression, index=key, source=node.span.text)
        return self._fold(Typed(operation, found, typed.phase, node.span))

    def _index(self, node: tree.Index, base: tree.Expression, index: tree.Expression) -> Typed | None:
        typed, key = self.check(base), self.check(index)
        if typed is None or key is None:
            return None
        if may_be_null(typed.type):
            self._possibly_null(typed, "`[…]` needs a value")
            return None
        found = self._record_member(typed.type, key) or index_type(typed.type, key.type)
        if found is None:
            self.diagnostics.error(
                "P0202", f"{typed.type} cannot be indexed by {key.type}", node.span, label=f"{typed.type}"
            )
            return None
        operation = IndexOperation(base=typed.expression, index=key.expression, source=node.span.text)
        return self._fold(Typed(operation, found, max(typed.phase, key.phase), node.span))

    def _record_member(self, type: Type, key: Typed) -> Type | None:
        if isinstance(type, RecordType) and isinstance(key.expression, LiteralValue):
            return next((f.type for f in type.fields if f.name == key.expression.value), None)
        return None

    def _output(self, selection: Selection, name: tree.Name | None, span: Span) -> Typed | None:
        """An output of the selected instances, `name` None for the single unnamed one."""
        placed = selection.placed
        shown = placed[0]
        if name is None and not shown.single_output:
            names = ", ".join(f"`{shown.name}.{output}`" for output in shown.outputs)
            self.diagnostics.error(
                "P0404",
                f"task `{shown.name}` is not a value by itself",
                span,
                label=f"name an output: {names}" if names else "this task has no outputs",
                labels=(Label(shown.span, "declared here"),),
            )
            return None
        output = name.text if name is not None else "output"
        if output not in shown.outputs:
            known = [] if shown.single_output else list(shown.outputs)
            assert name is not None
            note = f"outputs of `{shown.name}`: {', '.join(known)}" if known else f"`{shown.name}` has no named outputs"
            self._unknown("P0206", f"task `{shown.name}` has no output `{output}`", name, known, notes=(note,))
            return None
        return self._output_value(selection, output, span)

    def _output_value(self, selection: Selection, output: str, span: Span) -> Typed | None:
        shown = selection.placed[0]
        if shown.map is not None and shown.map not in self.here:
            return self._mapped_output(selection, output, span)
        references: list[Expression] = []
        element: Type | None = None
        for one in selection.placed:
            type = one.outputs[output]
            if type is None:
                return None
            type = optional(type) if self.may_miss(one) else type
            references.append(OutputReference(task=one.id, output=output, type=type))
            element = type if element is None else common(element, type) or JSON
        assert element is not None
        if not selection.every:
            return Typed(references[0], element, Phase.RUN, span)
        return Typed(ListExpression(items=tuple(references)), ListType(element=element), Phase.RUN, span)

    def _mapped_output(self, selection: Selection, output: str, span: Span) -> Typed | None:
        shown = selection.placed[0]
        type = shown.outputs[output]
        if type is None:
            return None
        if not selection.every:
            self.diagnostics.error(
                "P0404",
                f"task `{shown.name}` runs once per item of a `map`",
                span,
                help=f"read all of them as a list: `{shown.name}[*].{output}`",
            )
            return None
        listed: Type = ListType(element=type)
        listed = optional(listed) if self.may_miss(shown) else listed
        return Typed(OutputReference(task=shown.id, output=output, type=listed, mapped=True), listed, Phase.RUN, span)

    # --- operations ------------------------------------------------------------------------------

    def _unary(self, node: tree.Unary) -> Typed | None:
        operand = self.check(node.operand)
        if operand is None:
            return None
        type = unary_type(node.operator, operand.type)
        if type is None:
            if may_be_null(operand.type) and unary_type(node.operator, without_null(operand.type)):
                self._possibly_null(operand, f"`{node.operator}` needs a value")
            else:
                self.diagnostics.error(
                    "P0202", f"`{node.operator}` does not work on {operand.type}", node.span, label=str(operand.type)
                )
            return None
        operation = UnaryOperation(operator=node.operator, operand=operand.expression)
        return self._fold(Typed(operation, type, operand.phase, node.span))

    def _binary(self, node: tree.Binary) -> Typed | None:
        left, right = self.check(node.left), self.check(node.right)
        if left is None or right is None:
            return None
        type = binary_type(node.operator, left.type, right.type)
        if type is None:
            self._bad_operands(node, left, right)
            return None
        if node.operator == "??" and not may_be_null(left.type) and left.type != JSON:
            self.diagnostics.warning(
                "L002", f"`{node.left.span.text}` is never null", node.left.span, help="drop `??` and what follows"
            )
        operation = BinaryOperation(
            operator=node.operator, left=left.expression, right=right.expression, source=node.span.text
        )
        return self._fold(Typed(operation, type, max(left.phase, right.phase), node.span))

    def _bad_operands(self, node: tree.Binary, left: Typed, right: Typed) -> None:
        without = binary_type(node.operator, without_null(left.type), without_null(right.type))
        if without is not None:
            for operand in (left, right):
                if may_be_null(operand.type):
                    self._possibly_null(operand, f"`{node.operator}` needs a value")
            return
        self.diagnostics.error(
            "P0202",
            f"`{node.operator}` does not work on {left.type} and {right.type}",
            node.span,
            labels=(Label(left.span, str(left.type)), Label(right.span, str(right.type))),
        )

    def _conditional(self, node: tree.Conditional) -> Typed | None:
        condition = self.check_as(node.condition, BOOL, "the condition of `?:`")
        then, otherwise = self.check(node.then), self.check(node.otherwise)
        if condition is None or then is None or otherwise is None:
            return None
        if isinstance(condition.expression, LiteralValue):
            chosen = then if condition.expression.value else otherwise
            return Typed(chosen.expression, chosen.type, chosen.phase, node.span)
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
        return Typed(expression, type, max(condition.phase, then.phase, otherwise.phase), node.span)

    def _call(self, node: tree.Call) -> Typed | None:
        name = node.function.name if isinstance(node.function, tree.NameReference) else None
        if name == "secret":
            return self._secret(node)
        if name not in FUNCTIONS:
            what = f"`{node.function.span.text}`"
            self._unknown("P0101", f"{what} is not a function of expressions", node.function, list(FUNCTIONS))
            return None
        arguments = [self.check(argument.value) for argument in node.arguments]
        named = next((argument.name for argument in node.arguments if argument.name is not None), None)
        if named is not None:
            self.diagnostics.error(
                "P0207", f"`{name}` takes no named arguments", named.span, help=f"call it as {FUNCTIONS[name]}"
            )
            return None
        given = [argument for argument in arguments if argument is not None]
        if len(given) < len(arguments):
            return None
        type = function_type(name, [argument.type for argument in given])
        if type is None:
            shown = ", ".join(str(argument.type) for argument in given)
            self.diagnostics.error(
                "P0207", f"`{name}` does not take ({shown})", node.span, help=f"call it as {FUNCTIONS[name]}"
            )
            return None
        call = FunctionCall(
            function=name, arguments=tuple(argument.expression for argument in given), source=node.span.text
        )
        phase = max([Phase.START if name == "env" else Phase.COMPILE, *(argument.phase for argument in given)])
        return self._fold(Typed(call, type, phase, node.span))

    def _secret(self, node: tree.Call) -> Typed | None:
        match node.arguments:
            case (tree.Argument(name=None, value=tree.Text() as text),) if text.plain:
                return Typed(LiteralValue(value=text.plain, type=SECRET), SECRET, Phase.START, node.span)
        self.diagnostics.error("P0207", "`secret` takes the name of a secret", node.span, help='write secret("name")')
        return None

    def _list(self, node: tree.ListDisplay) -> Typed | None:
        items = [self.check(item) for item in node.items]
        sound = [item for item in items if item is not None]
        if len(sound) < len(items):
            return None
        element: Type | None = sound[0].type if sound else JSON
        for item in sound[1:]:
            element = common(element, item.type) if element is not None else None
        type = ListType(element=element if element is not None else JSON)
        phase = max((item.phase for item in sound), default=Phase.COMPILE)
        return self._fold(Typed(ListExpression(items=tuple(i.expression for i in sound)), type, phase, node.span))

    def _map(self, node: tree.MapDisplay) -> Typed | None:
        entries: dict[str, Typed] = {}
        sound = True
        for entry in node.entries:
            if entry.key.text in entries:
                self.diagnostics.error("P0102", f"key `{entry.key.text}` stands twice", entry.key.span)
                sound = False
            typed = self.check(entry.value)
            if typed is None:
                sound = False
            else:
                entries[entry.key.text] = typed
        if not sound:
            return None
        type = RecordType(fields=tuple(RecordField(name=key, type=typed.type) for key, typed in entries.items()))
        expression = DictExpression(
            entries=tuple(DictEntry(key=key, value=typed.expression) for key, typed in entries.items())
        )
        phase = max((typed.phase for typed in entries.values()), default=Phase.COMPILE)
        return self._fold(Typed(expression, type, phase, node.span))

    def _fold(self, typed: Typed) -> Typed | None:
        """Computes what is known when compiling."""
        if typed.phase is not Phase.COMPILE:
            return typed
        try:
            value = json_value(typed.expression, ValueScope())
        except EvaluationError as error:
            self.diagnostics.error("P0209", str(error), typed.span)
            return None
        return Typed(LiteralValue(value=value, type=typed.type), typed.type, Phase.COMPILE, typed.span)

    def _unknown(
        self,
        code: str,
        message: str,
        node: tree.Node,
        known: list[str],
        notes: tuple[str, ...] = (),
    ) -> None:
        name = node.text if isinstance(node, tree.Name) else node.span.text
        similar = nearest(name, known)
        help = f"there is `{similar}`" if similar else None
        self.diagnostics.error(code, message, node.span, notes=notes, help=help)


def _is_run(node: tree.Expression, scope: symbols.Scope) -> bool:
    """Whether a path starts at `run`, unless something of the file is called so."""
    while isinstance(node, tree.Attribute | tree.Index | tree.Splat):
        node = node.base
    return isinstance(node, tree.NameReference) and node.name == "run" and scope.find("run") is None


def kind_of(symbol: symbols.Symbol) -> str:
    """What a symbol is, in the user's words."""
    match symbol:
        case symbols.ConstantSymbol():
            return "const"
        case symbols.ParameterSymbol() | symbols.ValueSymbol():
            return "parameter"
        case symbols.ItemSymbol():
            return "variable of a map"
        case symbols.OwnOutputSymbol():
            return "output"
        case symbols.TaskSymbol():
            return "task"
        case symbols.GroupSymbol():
            return "group"
        case symbols.ImportSymbol():
            return "imported file"
        case symbols.ComponentSymbol():
            return "component"
        case symbols.PipelineSymbol():
            return "pipeline"
        case symbols.TypeSymbol():
            return "type"
