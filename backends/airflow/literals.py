"""Values as Python source, spelled as `ruff format` would leave them."""

from __future__ import annotations

import datetime
import inspect
import re
from typing import Any

from pipec.ir.types import DictType, ListType, OptionalType, RecordType, ScalarType, Type

DOUBLE = '"'
_PLAIN = re.compile(r"[ !#-&(-\[\]-~]*")  # printable ASCII without quotes and backslash


def string_source(text: str, quote: str | None = None) -> str:
    """A string as one literal: in double quotes unless single ones need fewer escapes, or in the `quote` given."""
    if _PLAIN.fullmatch(text):
        return f"{quote or DOUBLE}{text}{quote or DOUBLE}"  # most texts, and quickly
    if quote is None:
        quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(character, quote) for character in text) + quote


def _escaped(character: str, quote: str) -> str:
    if character in "'\"":
        return "\\" + character if character == quote else character
    return repr(character)[1:-1]


def text_source(text: str) -> str:
    """A string; one of several lines as a `\"\"\"` literal that shows them where they can be shown as they are."""
    if "\n" not in text.strip("\n") or not _is_shown_plainly(text):
        return string_source(text)
    body = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if body.endswith('"'):
        body += "\\\n"  # a continued line, so that the quote does not touch the closing ones
    return f'"""\\\n{body}"""'


def _is_shown_plainly(text: str) -> bool:
    return text.replace("\n", "").isprintable()


def py(value: Any) -> str:
    """Python source for None, truth values, finite numbers, strings, and lists and dicts of them."""
    match value:
        case str():
            return string_source(value)
        case list() | tuple():
            return "[" + ", ".join(py(item) for item in value) + "]"
        case dict():
            return "{" + ", ".join(f"{py(key)}: {py(item)}" for key, item in value.items()) + "}"
        case None | bool() | int() | float():
            return repr(value)
    raise TypeError(f"no Python literal for {value!r}")


def typed_source(value: Any, type_: Type) -> str:
    """Python source for the native form of a value in JSON form."""
    match type_:
        case _ if value is None:
            return "None"
        case OptionalType(inner=inner):
            return typed_source(value, inner)
        case ListType(element=element):
            return "[" + ", ".join(typed_source(item, element) for item in value) + "]"
        case DictType(value=inner):
            return "{" + ", ".join(f"{py(key)}: {typed_source(item, inner)}" for key, item in value.items()) + "}"
        case RecordType(fields=fields):
            types = {field.name: field.type for field in fields}
            entries = (f"{py(key)}: {typed_source(value[key], types[key])}" for key in value)
            return "{" + ", ".join(entries) + "}"
        case ScalarType(name="date"):
            day = datetime.date.fromisoformat(value)
            return f"datetime.date({day.year}, {day.month}, {day.day})"
        case ScalarType(name="datetime"):
            return f"datetime.datetime.fromisoformat({py(value)})"
        case ScalarType(name="duration"):
            return timedelta_source(value)
        case ScalarType(name="float"):
            return py(float(value))
        case _:
            return py(value)


_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60))


def timedelta_source(seconds: float) -> str:
    """A duration as `timedelta(…)` in the largest unit that divides it."""
    if seconds != int(seconds):
        return f"timedelta(seconds={seconds!r})"
    whole = int(seconds)
    for unit, size in _UNITS:
        if whole and whole % size == 0:
            return f"timedelta({unit}={whole // size})"
    return f"timedelta(seconds={whole})"


def docstring(text: str, indent: int) -> str | None:
    """The text as a docstring that stands `indent` columns in, or None where a docstring would change it."""
    lines = text.split("\n")
    is_plain = (
        text == inspect.cleandoc(text)
        and all(line == line.rstrip() for line in lines)
        and _is_shown_plainly(text)
        and "\\" not in text
        and '"""' not in text
        and not text.startswith('"')
        and not text.endswith('"')
    )
    if not text or not is_plain:
        return None
    if len(lines) == 1:
        return f'"""{text}"""'
    margin = " " * indent
    shown = "\n".join(margin + line if line and number else line for number, line in enumerate(lines))
    return f'"""{shown}\n{margin}"""'
