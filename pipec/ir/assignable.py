"""Which types fit which: the one rule that the checker and the verifier of the IR share."""

from __future__ import annotations

from pipec.ir.types import (
    ARTIFACTS,
    SECRET,
    DictType,
    ListType,
    LiteralUnion,
    OptionalType,
    RecordType,
    ScalarType,
    Type,
)


def assignable(source: Type, target: Type) -> bool:
    """Whether `source` may go where `target` is needed: `int` to `float`, `T` to `T?`, artifacts to `str`."""
    if source == target:
        return True
    match source, target:
        case _, ScalarType(name="json"):
            return not contains_secret(source)
        case ScalarType(name="null"), OptionalType():
            return True
        case OptionalType(inner=inner), OptionalType(inner=wanted):
            return assignable(inner, wanted)
        case OptionalType(), _:
            return False
        case _, OptionalType(inner=wanted):
            return assignable(source, wanted)
        case ScalarType(name="int"), ScalarType(name="float"):
            return True
        case LiteralUnion(values=values), LiteralUnion(values=wanted_values):
            return set(values) <= set(wanted_values)
        case LiteralUnion(), ScalarType(name=name):
            return name == "str" or name in ARTIFACTS
        case ScalarType(name=name), ScalarType(name="str"):
            return name in ARTIFACTS
        case ListType(element=element), ListType(element=wanted):
            return assignable(element, wanted)
        case DictType(value=value), DictType(value=wanted):
            return assignable(value, wanted)
        case RecordType(fields=fields), DictType(value=wanted):
            return all(assignable(field.type, wanted) for field in fields)
        case RecordType(fields=fields), RecordType(fields=wanted_fields):
            types = {field.name: field.type for field in fields}
            return types.keys() == {field.name for field in wanted_fields} and all(
                assignable(types[field.name], field.type) for field in wanted_fields
            )
        case _:
            return False


def contains_secret(type: Type) -> bool:
    match type:
        case ListType(element=inner) | DictType(value=inner) | OptionalType(inner=inner):
            return contains_secret(inner)
        case RecordType(fields=fields):
            return any(contains_secret(field.type) for field in fields)
        case _:
            return type == SECRET
