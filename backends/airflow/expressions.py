"""Expressions of the IR as Python source, which means what `pipec.engine.evaluate` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipec.frozen import Frozen
from pipec.ir.expressions import (
    BinaryOperation,
    ConditionalExpression,
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
    RunReference,
    UnaryOperation,
    walk,
)
from pipec.ir.model import Input, Parameter, Task
from pipec.ir.types import (
    FLOAT,
    JSON,
    ListType,
    OptionalType,
    ScalarType,
    Type,
)

from .forms import (
    CONVERTED,
    fits,
    holds,
    is_null,
    is_number,
    is_plain,
    is_singleton,
    is_stored,
    is_text,
    may_be_null,
)
from .layout import Call, DictNode, ListNode, Node, Pieces
from .literals import py, string_source, typed_source
from .names import Names
from .reading import Family, family_of
from .references import RUN_FIELDS, context_keys, is_computed

# How tightly Python binds, loosest first.
CONDITIONAL, OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, PRIMARY = range(1, 10)

_LEVELS = {"or": OR, "and": AND, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "%": PRODUCT}
_COMPARISONS = {"==", "!=", "<", "<=", ">", ">=", "in", "not in"}
_NEGATED = {
    "in": "not in",
    "not in": "in",
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}
_METHODS = {"lower", "upper", "replace", "split"}


class _NestingError(Exception):
    """The source cannot stand in an f-string of Python 3.11."""


class Surroundings(Frozen):
    """What expressions refer to. `own` is the task whose own outputs are in the local variable `outputs`.

    `families` are the loops all instances of which are in one variable.
    """

    names: Names
    tasks: Mapping[str, Task]
    parameters: Mapping[str, Parameter]
    own: str | None = None
    families: tuple[Family, ...] = ()


@dataclass(slots=True)
class ExpressionPrinter:
    """Prints expressions as they stand in the body of one task function."""

    surroundings: Surroundings
    _quote: str | None = None
    _values: list[str] = field(default_factory=list)

    def source(self, expression: Expression, level: int = 0) -> str:
        """The expression, in parentheses where it binds less tightly than `level`."""
        text, own_level = self._print(expression)
        return f"({text})" if own_level < level else text

    def text_source(self, expression: Expression) -> str:
        """The text form of an expression."""
        if isinstance(expression, LiteralValue) and isinstance(expression.value, str):
            return self._string(expression.value)
        return self.source(expression) if is_text(expression) else f"to_text({self.source(expression)})"

    def text_node(self, expression: Expression) -> Node:
        """The text form so that what it is made of may go over several lines."""
        if isinstance(expression, ListExpression | DictExpression):
            return Call("to_text", ((None, self.node(expression)),))
        return self.text_source(expression)

    def negated(self, expression: Expression) -> str:
        """`not expression`."""
        return self.source(UnaryOperation(operator="not", operand=expression))

    # --- one method a kind: the source and how tightly it binds --------------------------------------

    def _print(self, expression: Expression) -> tuple[str, int]:
        match expression:
            case LiteralValue(value=value, type=type_):
                return self._literal(value, type_)
            case ParameterReference(name=name, type=type_):
                return self._parameter(name, type_)
            case RunReference(field=name):
                return RUN_FIELDS[name][0], PRIMARY
            case OutputReference(mapped=True):
                return self._instances(expression)
            case OutputReference():
                return self._output(expression)
            case ItemReference(map=region, type=type_):
                return self.native(self.surroundings.names.items[region], type_), PRIMARY
            case UnaryOperation(operator="-", operand=operand):
                return "-" + self.source(operand, SIGN), SIGN
            case UnaryOperation(operand=operand):
                return self._not(operand)
            case BinaryOperation():
                return self._binary(expression)
            case ConditionalExpression(condition=condition, then=then, otherwise=otherwise):
                parts = self.source(then, OR), self.source(condition, OR), self.source(otherwise, CONDITIONAL)
                return "{} if {} else {}".format(*parts), CONDITIONAL
            case Interpolation():
                return self._interpolation(expression)
            case FunctionCall(function=function, arguments=arguments):
                return self._call(function, arguments)
            case IndexOperation(base=base, index=index):
                return f"{self.source(base, PRIMARY)}[{self.source(index)}]", PRIMARY
            case ListExpression() if family_of(expression) in self.surroundings.families:
                return self._family(expression)
            case ListExpression(items=items):
                return "[" + ", ".join(self.source(item, CONDITIONAL) for item in items) + "]", PRIMARY
            case DictExpression(entries=entries):
                shown = (f"{self._string(entry.key)}: {self.source(entry.value, CONDITIONAL)}" for entry in entries)
                return "{" + ", ".join(shown) + "}", PRIMARY
            case _:
                raise TypeError(f"{expression.kind} expressions have no source here")

    def _string(self, text: str) -> str:
        if self._quote is None:
            return py(text)
        if any(character in "\"'\\#{}" or not character.isprintable() for character in text):
            raise _NestingError
        return string_source(text, self._quote)

    def _literal(self, value: object, type_: Type) -> tuple[str, int]:
        if isinstance(value, str) and is_plain(type_):
            return self._string(value), PRIMARY
        text = typed_source(value, type_)
        if self._quote is not None and ('"' in text or "{" in text):
            raise _NestingError
        return text, SIGN if text.startswith("-") else PRIMARY

    def _parameter(self, name: str, type_: Type) -> tuple[str, int]:
        parameter = self.surroundings.parameters[name]
        if parameter.default is not None and is_computed(parameter):
            keys = dict.fromkeys(["params", *context_keys([parameter.default], self.surroundings.parameters)])
            return f"{self.surroundings.names.default_functions[name]}({', '.join(keys)})", PRIMARY
        return self.native(f"params[{self._string(name)}]", type_, from_outside=True), PRIMARY

    def native(self, stored: str, type_: Type, from_outside: bool = False) -> str:
        """The native form of what `stored` gives in JSON form.

        An int may come for a float `from_outside`: of a parameter, and of an XCom that is a bare number in SQLite.
        """
        match type_:
            case ScalarType(name="date"):
                return f"datetime.date.fromisoformat({stored})"
            case ScalarType(name="datetime"):
                return f"datetime.datetime.fromisoformat({stored})"
            case ScalarType(name="duration"):
                return f"timedelta(seconds={stored})"
            case ScalarType(name="float") if from_outside:
                return f"float({stored})"
        if holds(type_, CONVERTED | {"float"} if from_outside else CONVERTED):
            return f"from_json({stored}, {self._string(str(type_))})"
        return stored

    def input_node(self, given: Input) -> Node:
        """The value of an input, of exactly its declared type: an int given for a float becomes one."""
        value, type_ = given.value, given.type
        if isinstance(value, LiteralValue):
            return self.source(value.model_copy(update={"type": type_}))
        node = self.node(value)
        parts = [value] if hasattr(value, "type") else walk(value)
        if type_ == JSON and any(holds(getattr(part, "type", JSON), CONVERTED) for part in parts):
            return Call("to_json", ((None, node),))
        if fits(value, type_):
            return node
        return (
            Call("float", ((None, node),))
            if type_ == FLOAT
            else Call("from_json", ((None, node), (None, py(str(type_)))))
        )

    def node(self, expression: Expression) -> Node:
        """The expression so that the lists and dicts it is made of may go over several lines."""
        match expression:
            case ListExpression(items=items) if family_of(expression) not in self.surroundings.families:
                return ListNode(tuple(self.node(item) for item in items))
            case DictExpression(entries=entries):
                return DictNode(tuple((self._string(entry.key), self.node(entry.value)) for entry in entries))
            case _:
                pieces = self._pieces(expression)
                return Pieces(tuple(pieces)) if len(pieces) > 1 else pieces[0]

    def _output(self, reference: OutputReference) -> tuple[str, int]:
        task = self.surroundings.tasks[reference.task]
        if reference.task == self.surroundings.own:
            return self.native(f"outputs[{self._string(reference.output)}]", reference.type), PRIMARY
        variable = self.surroundings.names.functions[task.id]
        if task.single_output:
            return self.native(variable, reference.type, from_outside=is_number(reference.type)), PRIMARY
        stored = f"{variable}[{self._string(reference.output)}]"
        if not may_be_null(reference.type):
            return self.native(stored, reference.type), PRIMARY
        stored = f"{stored} if {variable} else None"
        converted = self.native(stored, reference.type)
        return converted, CONDITIONAL if converted == stored else PRIMARY

    def _instances(self, reference: OutputReference) -> tuple[str, int]:
        """The list of what the instances of a mapped task gave, read from outside its map."""
        task = self.surroundings.tasks[reference.task]
        variable = self.surroundings.names.functions[task.id]
        listed = reference.type.inner if isinstance(reference.type, OptionalType) else reference.type
        element = listed.element if isinstance(listed, ListType) else JSON
        return self._each(variable, task, reference.output, element)

    def _family(self, family: ListExpression) -> tuple[str, int]:
        """The list of what the instances of a loop gave."""
        first = family.items[0]
        assert isinstance(first, OutputReference)
        variable = self.surroundings.names.families[family_of(family)]
        return self._each(variable, self.surroundings.tasks[first.task], first.output, first.type)

    def _each(self, variable: str, task: Task, output: str, element: Type) -> tuple[str, int]:
        stored = "one" if task.single_output else f"one[{self._string(output)}]"
        if may_be_null(element) and not task.single_output:
            stored += " if one else None"
        shown = self.native(stored, element, from_outside=task.single_output and is_number(element))
        return f"list({variable})" if shown == "one" else f"[{shown} for one in {variable}]", PRIMARY

    def _not(self, operand: Expression) -> tuple[str, int]:
        match operand:
            case BinaryOperation(operator="in" | "not in" | "==" | "!=" as operator, left=left, right=right):
                return self._comparison(left, _NEGATED[operator], right)
            case BinaryOperation(operator=operator, left=left, right=right) if operator in _NEGATED and is_stored(
                left, right
            ):
                return self._comparison(left, _NEGATED[operator], right)
        return f"not {self.source(operand, NOT)}", NOT

    def _binary(self, expression: BinaryOperation) -> tuple[str, int]:
        left, operator, right = expression.left, expression.operator, expression.right
        if operator == "??":
            return self._coalesce(left, right)
        if operator in _COMPARISONS:
            return self._comparison(left, operator, right)
        level = _LEVELS[operator]
        return f"{self.source(left, level)} {operator} {self.source(right, level + 1)}", level

    def _comparison(self, left: Expression, operator: str, right: Expression) -> tuple[str, int]:
        """A comparison; with null by identity, and with true and false in a way that style checkers take."""
        if operator in ("==", "!="):
            if isinstance(left, LiteralValue) and not isinstance(right, LiteralValue) and is_singleton(left):
                left, right = right, left
            if is_null(right):
                operator = "is" if operator == "==" else "is not"
            elif isinstance(right, LiteralValue) and is_singleton(right):
                text = f"{self.source(left, SUM)} {'in' if operator == '==' else 'not in'} ({right.value},)"
                return text, COMPARISON
        return f"{self.source(left, SUM)} {operator} {self.source(right, SUM)}", COMPARISON

    def _coalesce(self, left: Expression, right: Expression) -> tuple[str, int]:
        pieces = self._coalesce_pieces(left, right)
        return (" ".join(pieces), CONDITIONAL) if len(pieces) > 1 else self._print(left)

    def _coalesce_pieces(self, left: Expression, right: Expression) -> list[str]:
        """`value`, `if condition`, `else …`: pieces that a long conditional is broken between."""
        if is_null(right):
            return self._pieces(left)
        if isinstance(left, BinaryOperation) and left.operator == "??":
            return self._coalesce_pieces(left.left, left.model_copy(update={"left": left.right, "right": right}))
        first, *others = self._pieces(right)
        otherwise = [f"else {first}", *others]
        if isinstance(left, OutputReference) and not left.mapped and left.task != self.surroundings.own:
            task = self.surroundings.tasks[left.task]
            declared = next(output.type for output in task.outputs if output.name == left.output)
            if not task.single_output and not may_be_null(declared):
                variable = self.surroundings.names.functions[task.id]
                stored = f"{variable}[{self._string(left.output)}]"
                return [self.native(stored, declared), f"if {variable}", *otherwise]
        text = self.source(left)
        if text.isidentifier():
            return [text, f"if {text} is not None", *otherwise]
        value = f"value_{len(self._values) + 1}" if self._values else "value"
        self._values.append(value)
        return [value, f"if ({value} := {text}) is not None", *otherwise]

    def _pieces(self, expression: Expression) -> list[str]:
        match expression:
            case BinaryOperation(operator="??", left=left, right=right):
                return self._coalesce_pieces(left, right)
            case ConditionalExpression(condition=condition, then=then, otherwise=otherwise):
                first, *others = self._pieces(otherwise)
                return [self.source(then, OR), f"if {self.source(condition, OR)}", f"else {first}", *others]
            case OutputReference(mapped=False, task=task) if task != self.surroundings.own:
                variable = self.surroundings.names.functions[task]
                text, level = self._output(expression)
                ending = f" if {variable} else None"
                return [text.removesuffix(ending), ending[1:-10], "else None"] if level == CONDITIONAL else [text]
            case _:
                return [self.source(expression, CONDITIONAL)]

    def _call(self, function: str, arguments: tuple[Expression, ...]) -> tuple[str, int]:
        if function in _METHODS:
            receiver, *others = arguments
            shown = ", ".join(self.source(argument) for argument in others)
            return f"{self.source(receiver, PRIMARY)}.{function}({shown})", PRIMARY
        if function == "join":
            items, separator = arguments
            return f"{self.source(separator, PRIMARY)}.join({self.source(items)})", PRIMARY
        return f"{function}({', '.join(self.source(argument) for argument in arguments)})", PRIMARY

    def _interpolation(self, expression: Interpolation) -> tuple[str, int]:
        if self._quote is not None:
            raise _NestingError
        inner = ExpressionPrinter(self.surroundings, "'", self._values)
        pieces: list[tuple[str, bool]] = []
        values = len(self._values)
        try:
            for part in expression.parts:
                if isinstance(part, LiteralValue) and isinstance(part.value, str):
                    pieces.append((part.value, False))
                else:
                    pieces.append((f"{{{inner._field(part)}}}", True))
        except _NestingError:
            del self._values[values:]
            return self._concatenation(expression)
        texts = "".join(text for text, is_field in pieces if not is_field)
        fields = "".join(text for text, is_field in pieces if is_field)
        if not fields:
            return py(texts), PRIMARY
        # In single quotes where that needs fewer escapes, and no field has strings of its own, which are in them.
        quote = "'" if "'" not in fields and texts.count('"') > texts.count("'") else '"'
        shown = (
            text if is_field else string_source(text, quote)[1:-1].replace("{", "{{").replace("}", "}}")
            for text, is_field in pieces
        )
        return f"f{quote}{''.join(shown)}{quote}", PRIMARY

    def _field(self, part: Expression) -> str:
        prints_as_text = isinstance(part, OutputReference | ParameterReference | RunReference) and str(part.type) in (
            "int",
            "size",
        )
        text = self.source(part, OR) if prints_as_text or is_text(part) else f"to_text({self.source(part)})"
        if any(character in text for character in '"\\#{}') or ":=" in text:
            raise _NestingError
        return text

    def _concatenation(self, expression: Interpolation) -> tuple[str, int]:
        return '"".join([' + ", ".join(self.text_source(part) for part in expression.parts) + "])", PRIMARY
