"""Whether an annotation of Python agrees with a type of the language, where both are simple enough to be sure.

What a function is given and what may be returned for a type is what `pipec.runtime.values` says.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from pipec.frozen import Frozen
from pipec.ir.types import (
    ARTIFACTS,
    DictType,
    ListType,
    LiteralUnion,
    OptionalType,
    RecordType,
    ScalarType,
    Type,
)
from pipec.references.modules import PythonModule
from pipec.references.resolving import dotted_name


class PythonType(Frozen):
    """A simple type of Python: its name, and the types inside, each a union, where they are given and simple."""

    name: str
    inner: tuple[Union, ...] = ()


Union = tuple[PythonType, ...] | None
"""The members of a union; None for a type of which nothing is known."""

_PLAIN = frozenset({"int", "float", "bool", "str", "bytes", "list", "dict", "tuple", "set", "frozenset"})
_CONTAINERS = {
    "List": "list", "Dict": "dict", "Tuple": "tuple", "Set": "set",
    "Sequence": "sequence", "Iterable": "sequence", "Collection": "sequence", "MutableSequence": "list",
    "Mapping": "mapping", "MutableMapping": "dict",
}  # fmt: skip
_FORMS = frozenset({"Annotated", "Literal", "Optional", "Union"})
"""What stands for a type only together with what is in its brackets."""
_DATES = frozenset({"date", "datetime", "timedelta"})
_PATHS = frozenset({"Path", "PurePath", "PosixPath"})


def read_annotation(node: ast.expr | None, module: PythonModule) -> Union:
    """The union that an annotation means, None where it is not simple."""
    match node:
        case None:
            return None
        case ast.Constant(value=None):
            return (PythonType("None"),)
        case ast.Constant(value=str() as text):
            return _read_text(text, module)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _joined([read_annotation(left, module), read_annotation(right, module)])
        case ast.Subscript(value=base, slice=index):
            return _read_subscript(_known_name(base, module), index, module)
        case _:
            name = _known_name(node, module)
            return (PythonType(name),) if name is not None and name not in _FORMS else None


def _read_text(text: str, module: PythonModule) -> Union:
    try:
        return read_annotation(ast.parse(text.strip(), mode="eval").body, module)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _read_subscript(name: str | None, index: ast.expr, module: PythonModule) -> Union:
    items = index.elts if isinstance(index, ast.Tuple) else [index]
    match name:
        case "Optional":
            return _joined([read_annotation(index, module), (PythonType("None"),)])
        case "Union":
            return _joined([read_annotation(item, module) for item in items])
        case "Annotated":
            return read_annotation(items[0], module)
        case "Literal" if all(isinstance(item, ast.Constant) and isinstance(item.value, str) for item in items):
            return (PythonType("str"),)
        case "list" | "sequence" | "dict" | "mapping":
            return (PythonType(name, tuple(read_annotation(item, module) for item in items)),)
        case "tuple" | "set" | "frozenset":
            return (PythonType(name),)
        case _:
            return None


def _joined(members: list[Union]) -> Union:
    found: list[PythonType] = []
    for member in members:
        if member is None:
            return None
        found.extend(member)
    return tuple(found)


def _known_name(node: ast.expr, module: PythonModule) -> str | None:
    """Our name of a type that is spelt by name, None for one that is not known or is another thing in the module."""
    if isinstance(node, ast.Name) and node.id in _PLAIN and node.id not in module.bindings.names:
        return node.id
    source, _, last = (dotted_name(module, node) or "").rpartition(".")
    if source in ("typing", "collections.abc"):
        return _CONTAINERS.get(last) or (last if last in _FORMS else None)
    if (source == "datetime" and last in _DATES) or (source == "pathlib" and last in _PATHS):
        return "Path" if last in _PATHS else last
    return None


# --- given values --------------------------------------------------------------------------------

_GIVEN = {
    "bool": {"bool", "int", "float"},
    "int": {"int", "float"},
    "float": {"float"},
    "str": {"str", "sequence"},
    "date": {"date"},
    "datetime": {"datetime", "date"},
    "duration": {"timedelta"},
    "size": {"int", "float"},
}
"""The types of Python whose annotation a value of a scalar type agrees with."""


def accepts(annotation: Union, given: Type) -> bool:
    """Whether a parameter annotated so may be given a value of this type; true where that is not sure.

    Null is passed over: functions that take the output of either branch know that one of them is there.
    """
    if annotation is None:
        return True
    match given:
        case OptionalType(inner=inner):
            return accepts(annotation, inner)
        case ScalarType(name="json" | "secret"):
            return True
        case _:
            return any(_accepts(member, given) for member in annotation)


def _accepts(member: PythonType, given: Type) -> bool:
    match given:
        case ScalarType(name="null"):
            return member.name == "None"
        case ScalarType(name=name):
            return member.name in _GIVEN["str" if name in ARTIFACTS else name]
        case LiteralUnion():
            return member.name in _GIVEN["str"]
        case ListType(element=element):
            return member.name in ("list", "sequence") and _inside(member, 1, [element], accepts)
        case DictType(value=value):
            return member.name in ("dict", "mapping") and _inside(member, 2, [value], accepts)
        case RecordType(fields=fields):
            return member.name in ("dict", "mapping") and _inside(member, 2, [one.type for one in fields], accepts)
        case _:
            return True


# --- returned values -----------------------------------------------------------------------------

_RETURNED = {
    "bool": {"bool"},
    "int": {"int"},
    "float": {"float", "int"},
    "str": {"str", "Path"},
    "date": {"date", "str"},
    "datetime": {"datetime", "str"},
    "duration": {"timedelta", "int", "float"},
    "size": {"int"},
    "null": {"None"},
}
"""The types of Python that an output of a scalar type may be returned as."""


def provides(annotation: Union, wanted: Type) -> bool:
    """Whether what is annotated so may be returned for an output of this type; true where that is not sure."""
    return annotation is None or all(_provides(member, wanted) for member in annotation)


def _provides(member: PythonType, wanted: Type) -> bool:
    match wanted:
        case OptionalType(inner=inner):
            return member.name == "None" or _provides(member, inner)
        case ScalarType(name="json"):
            return member.name not in ("bytes", "set", "frozenset")
        case ScalarType(name="secret"):
            return True
        case ScalarType(name=name):
            return member.name in _RETURNED["str" if name in ARTIFACTS else name]
        case LiteralUnion():
            return member.name == "str"
        case ListType(element=element):
            return member.name in ("list", "tuple", "sequence") and _inside(member, 1, [element], provides)
        case DictType(value=value):
            return member.name in ("dict", "mapping") and _inside(member, 2, [value], provides)
        case RecordType(fields=fields):
            return member.name in ("dict", "mapping") and _inside(member, 2, [one.type for one in fields], provides)


Agreement = Callable[[Union, Type], bool]


def _inside(member: PythonType, count: int, types: list[Type], agrees: Agreement) -> bool:
    """Whether the types inside agree with what the last of `count` parameters of a generic type says."""
    if len(member.inner) != count:
        return True
    return all(agrees(member.inner[-1], type) for type in types)
