"""The tree: what a `.pipe` file says, with an exact span on every node and no meaning yet.

Every node is frozen. Bare lists of things are tuples in source order. Names of classes are the words of the language.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal as OneOf

from pipec.syntax.source import Span


@dataclass(frozen=True, slots=True)
class Node:
    """Anything that stands somewhere in a source."""

    span: Span


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An identifier as written."""

    text: str


# --- expressions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expression(Node):
    """Base of all expressions."""


LiteralKind = OneOf["int", "float", "bool", "null", "date", "duration", "size"]


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """A value written out. A duration is in seconds, a size in bytes."""

    kind: LiteralKind
    value: int | float | bool | datetime.date | None


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class NameReference(Expression):
    """A bare name."""

    name: str


@dataclass(frozen=True, slots=True)
class Attribute(Expression):
    """`base.name`."""

    base: Expression
    name: Name


@dataclass(frozen=True, slots=True)
class Index(Expression):
    """`base[index]`."""

    base: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class Splat(Expression):
    """`base[*]`: all instances of a task of a `for` or `map`."""

    base: Expression


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """An argument of a call; `name` is None for a positional one."""

    name: Name | None
    value: Expression


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """`function(arguments)`."""

    function: Expression
    arguments: tuple[Argument, ...]


UnaryOperator = OneOf["not", "-"]
BinaryOperator = OneOf["??", "or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "+", "-", "*", "/", "%"]


@dataclass(frozen=True, slots=True)
class Unary(Expression):
    operator: UnaryOperator
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary(Expression):
    operator: BinaryOperator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Conditional(Expression):
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class ListDisplay(Expression):
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Entry(Node):
    """`key: value` of a map; a key is a name or a string without interpolation."""

    key: Name
    value: Expression


@dataclass(frozen=True, slots=True)
class MapDisplay(Expression):
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Missing(Expression):
    """Where an expression could not be read, which has been reported: it may be anything."""


# --- types ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TypeExpression(Node):
    """Base of all written types."""


@dataclass(frozen=True, slots=True)
class NamedType(TypeExpression):
    """`float`, `lib.Algorithm`, `list[T]`, `dict[str, T]`."""

    parts: tuple[Name, ...]
    arguments: tuple[TypeExpression, ...]


@dataclass(frozen=True, slots=True)
class LiteralType(TypeExpression):
    """`"dev"` as a type."""

    value: str


@dataclass(frozen=True, slots=True)
class UnionType(TypeExpression):
    """`A | B`."""

    members: tuple[TypeExpression, ...]


@dataclass(frozen=True, slots=True)
class OptionalType(TypeExpression):
    """`T?`."""

    inner: TypeExpression


@dataclass(frozen=True, slots=True)
class MissingType(TypeExpression):
    """Where a type could not be read, which has been reported."""


# --- pieces of declarations ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """`name: type = default` of a pipeline or component."""

    name: Name
    type: TypeExpression
    default: Expression | None
    doc: str | None


@dataclass(frozen=True, slots=True)
class Field(Node):
    """`name: type` of an output list."""

    name: Name
    type: TypeExpression


@dataclass(frozen=True, slots=True)
class Results(Node):
    """What follows `->`: one unnamed type (`single`) or named `fields`."""

    single: TypeExpression | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Reference(Node):
    """A task named after `after` or in `order`: `train`, `train["rf"]`, `grid[0.1, 4]`."""

    name: Name
    keys: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Binding(Node):
    """An input: `name = value`, or `name` alone (value None) for `name = name`."""

    name: Name
    value: Expression | None


# --- statements ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statement(Node):
    """Base of everything that stands in a block."""


@dataclass(frozen=True, slots=True)
class Option(Statement):
    """`name = value`."""

    name: Name
    value: Expression


@dataclass(frozen=True, slots=True)
class TargetBlock(Statement):
    """`target airflow { … }`."""

    target: Name
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Require(Statement):
    """`require condition else message`."""

    condition: Expression
    message: Expression | None


@dataclass(frozen=True, slots=True)
class On(Statement):
    """`on failure, deadline = …`."""

    events: tuple[Name, ...]
    value: Expression


@dataclass(frozen=True, slots=True)
class Const(Statement):
    name: Name
    type: TypeExpression | None
    value: Expression
    doc: str | None


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Wait(Statement):
    """`wait NAME after A = file("…") { … }`."""

    name: Name
    doc: str | None
    after: tuple[Reference, ...]
    implementation: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Gate(Statement):
    """`gate NAME after A { require … }`; `body` holds Require, Option, TargetBlock and On."""

    name: Name
    doc: str | None
    after: tuple[Reference, ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Approval(Statement):
    """`approval NAME after A { message = … }`."""

    name: Name
    doc: str | None
    after: tuple[Reference, ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class If(Statement):
    """`if condition as name { … } else { … }`; `else if` is an If alone in `otherwise`."""

    condition: Expression
    name: Name | None
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] | None


@dataclass(frozen=True, slots=True)
class LoopVariable(Node):
    """`name in iterable`."""

    name: Name
    iterable: Expression


@dataclass(frozen=True, slots=True)
class For(Statement):
    variables: tuple[LoopVariable, ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Map(Statement):
    """`map x in items { … }`; the option `max_parallel` stands in `body`."""

    variable: LoopVariable
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Group(Statement):
    name: Name
    doc: str | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Order(Statement):
    """`order a -> [b, c] -> d`; each link is one or more references."""

    links: tuple[tuple[Reference, ...], ...]


@dataclass(frozen=True, slots=True)
class Finally(Statement):
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Return(Statement):
    value: Expression


# --- items of a file -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item(Node):
    """Base of what stands at the top level of a file. A Const may stand there too."""


@dataclass(frozen=True, slots=True)
class Language(Item):
    """`language 1`."""

    number: int


@dataclass(frozen=True, slots=True)
class Import(Item):
    """`import "path.pipe" as alias`."""

    path: Text
    alias: Name


@dataclass(frozen=True, slots=True)
class TypeAlias(Item):
    name: Name
    type: TypeExpression
    doc: str | None


@dataclass(frozen=True, slots=True)
class Component(Item):
    """`component NAME(parameters) -> outputs = IMPLEMENTATION { body }`."""

    name: Name
    doc: str | None
    parameters: tuple[Parameter, ...]
    results: Results | None
    implementation: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Pipeline(Item):
    name: Name
    doc: str | None
    parameters: tuple[Parameter, ...]
    results: Results | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Given(Node):
    """`given subject = value` or `given subject is state`; exactly one of `value` and `state` is set."""

    subject: Expression
    value: Expression | None
    state: Name | None


@dataclass(frozen=True, slots=True)
class Expect(Node):
    """`expect a, b is state` (state set) or `expect condition` (one subject, no state)."""

    subjects: tuple[Expression, ...]
    state: Name | None


@dataclass(frozen=True, slots=True)
class Test(Item):
    """`test "title" for pipeline { … }`."""

    title: Text
    pipeline: Name
    body: tuple[Given | Expect | Option, ...]


@dataclass(frozen=True, slots=True)
class File(Node):
    """A whole file. `items` holds Item and Const."""

    items: tuple[Item | Const, ...]
