"""The tree: what a `.pipe` file says, with an exact span on every node and no meaning yet.

Every node is frozen. Bare lists of things are tuples in source order. Names of classes are the words of the language.
"""

from __future__ import annotations

import datetime
from typing import Literal as OneOf

from pipec.frozen import Frozen
from pipec.syntax.source import Span


class Node(Frozen):
    """Anything that stands somewhere in a source."""

    span: Span


class Name(Node):
    """An identifier as written."""

    text: str


# --- expressions ---------------------------------------------------------------------------------


class Expression(Node):
    """Base of all expressions."""


LiteralKind = OneOf["int", "float", "bool", "null", "date", "duration", "size"]


class Literal(Expression):
    """A value written out. A duration is in seconds, a size in bytes."""

    kind: LiteralKind
    value: int | float | bool | datetime.date | None


class Text(Expression):
    """A string: its literal pieces and its `${…}` expressions in order, escapes resolved, long forms dedented.

    A string without interpolation has exactly one part, a `str` (which may be empty). `interpolates` is true for the
    `"…"` and triple-double-quoted forms, whether or not any `${…}` occurs.
    """

    parts: tuple[str | Expression, ...]
    interpolates: bool

    @property
    def plain(self) -> str | None:
        """The text when nothing is interpolated, else None."""
        match self.parts:
            case (str() as text,):
                return text
            case _:
                return None


class NameReference(Expression):
    """A bare name."""

    name: str


class Attribute(Expression):
    """`base.name`."""

    base: Expression
    name: Name


class Index(Expression):
    """`base[index]`."""

    base: Expression
    index: Expression


class Splat(Expression):
    """`base[*]`: all instances of a task of a `for` or `map`."""

    base: Expression


class Argument(Node):
    """An argument of a call; `name` is None for a positional one."""

    name: Name | None
    value: Expression


class Call(Expression):
    """`function(arguments)`."""

    function: Expression
    arguments: tuple[Argument, ...]


UnaryOperator = OneOf["not", "-"]
BinaryOperator = OneOf["??", "or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "+", "-", "*", "/", "%"]


class Unary(Expression):
    operator: UnaryOperator
    operand: Expression


class Binary(Expression):
    operator: BinaryOperator
    left: Expression
    right: Expression


class Conditional(Expression):
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression


class ListDisplay(Expression):
    items: tuple[Expression, ...]


class Entry(Node):
    """`key: value` of a map; a key is a name or a string without interpolation."""

    key: Name
    value: Expression


class MapDisplay(Expression):
    entries: tuple[Entry, ...]


class Missing(Expression):
    """Where an expression could not be read, which has been reported: it may be anything."""


# --- types ---------------------------------------------------------------------------------------


class TypeExpression(Node):
    """Base of all written types."""


class NamedType(TypeExpression):
    """`float`, `lib.Algorithm`, `list[T]`, `dict[str, T]`."""

    parts: tuple[Name, ...]
    arguments: tuple[TypeExpression, ...]


class LiteralType(TypeExpression):
    """`"dev"` as a type."""

    value: str


class UnionType(TypeExpression):
    """`A | B`."""

    members: tuple[TypeExpression, ...]


class OptionalType(TypeExpression):
    """`T?`."""

    inner: TypeExpression


class MissingType(TypeExpression):
    """Where a type could not be read, which has been reported."""


# --- pieces of declarations ----------------------------------------------------------------------


class Parameter(Node):
    """`name: type = default` of a pipeline or component."""

    name: Name
    type: TypeExpression
    default: Expression | None
    doc: str | None


class Field(Node):
    """`name: type` of an output list."""

    name: Name
    type: TypeExpression


class Results(Node):
    """What follows `->`: one unnamed type (`single`) or named `fields`."""

    single: TypeExpression | None
    fields: tuple[Field, ...]


class Reference(Node):
    """A task named after `after` or in `order`: `train`, `train["rf"]`, `grid[0.1, 4]`."""

    name: Name
    keys: tuple[Expression, ...]


class Binding(Node):
    """An input: `name = value`, or `name` alone (value None) for `name = name`."""

    name: Name
    value: Expression | None


# --- statements ----------------------------------------------------------------------------------


class Statement(Node):
    """Base of everything that stands in a block."""


class Option(Statement):
    """`name = value`."""

    name: Name
    value: Expression


class TargetBlock(Statement):
    """`target airflow { … }`."""

    target: Name
    options: tuple[Option, ...]


class Require(Statement):
    """`require condition else message`."""

    condition: Expression
    message: Expression | None


class On(Statement):
    """`on failure, deadline = …`."""

    events: tuple[Name, ...]
    value: Expression


class Const(Statement):
    name: Name
    type: TypeExpression | None
    value: Expression
    doc: str | None


class Task(Statement):
    """`task NAME(inputs) -> outputs after A, B = IMPLEMENTATION { body }`.

    `implementation` is a Call for constructors (`python("m:f")`) and a NameReference or Attribute for components and
    pipelines. `body` holds Option, TargetBlock, Require and On.
    """

    name: Name
    doc: str | None
    inputs: tuple[Binding, ...]
    results: Results | None
    after: tuple[Reference, ...]
    implementation: Expression | None
    body: tuple[Statement, ...]


class Wait(Statement):
    """`wait NAME after A = file("…") { … }`."""

    name: Name
    doc: str | None
    after: tuple[Reference, ...]
    implementation: Expression
    body: tuple[Statement, ...]


class Gate(Statement):
    """`gate NAME after A { require … }`; `body` holds Require, Option, TargetBlock and On."""

    name: Name
    doc: str | None
    after: tuple[Reference, ...]
    body: tuple[Statement, ...]


class Approval(Statement):
    """`approval NAME after A { message = … }`."""

    name: Name
    doc: str | None
    after: tuple[Reference, ...]
    body: tuple[Statement, ...]


class If(Statement):
    """`if condition as name { … } else { … }`; `else if` is an If alone in `otherwise`."""

    condition: Expression
    name: Name | None
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] | None


class LoopVariable(Node):
    """`name in iterable`."""

    name: Name
    iterable: Expression


class For(Statement):
    variables: tuple[LoopVariable, ...]
    body: tuple[Statement, ...]


class Map(Statement):
    """`map x in items { … }`; the option `max_parallel` stands in `body`."""

    variable: LoopVariable
    body: tuple[Statement, ...]


class Group(Statement):
    name: Name
    doc: str | None
    body: tuple[Statement, ...]


class Order(Statement):
    """`order a -> [b, c] -> d`; each link is one or more references."""

    links: tuple[tuple[Reference, ...], ...]


class Finally(Statement):
    body: tuple[Statement, ...]


class Return(Statement):
    value: Expression


# --- items of a file -----------------------------------------------------------------------------


class Item(Node):
    """Base of what stands at the top level of a file. A Const may stand there too."""


class Language(Item):
    """`language 1`."""

    number: int


class Import(Item):
    """`import "path.pipe" as alias`."""

    path: Text
    alias: Name


class TypeAlias(Item):
    name: Name
    type: TypeExpression
    doc: str | None


class Component(Item):
    """`component NAME(parameters) -> outputs = IMPLEMENTATION { body }`."""

    name: Name
    doc: str | None
    parameters: tuple[Parameter, ...]
    results: Results | None
    implementation: Expression
    body: tuple[Statement, ...]


class Pipeline(Item):
    name: Name
    doc: str | None
    parameters: tuple[Parameter, ...]
    results: Results | None
    body: tuple[Statement, ...]


class Given(Node):
    """`given subject = value` or `given subject is state`; exactly one of `value` and `state` is set."""

    subject: Expression
    value: Expression | None
    state: Name | None


class Expect(Node):
    """`expect a, b is state` (state set) or `expect condition` (one subject, no state)."""

    subjects: tuple[Expression, ...]
    state: Name | None


class Test(Item):
    """`test "title" for pipeline { … }`."""

    title: Text
    pipeline: Name
    body: tuple[Given | Expect | Option, ...]


class File(Node):
    """A whole file. `items` holds Item and Const.

    `damaged` are the places where syntax faults leave in doubt what was meant, each from where its statement begins;
    `nameless` the offsets where a name is missing.
    """

    items: tuple[Item | Const, ...]
    damaged: tuple[Span, ...] = ()
    nameless: tuple[int, ...] = ()
