"""The forms of a value: as JSON (stored and passed on), native (what Python code computes with), and text.

| type | JSON form | native form | text form |
|---|---|---|---|
| date, datetime | ISO 8601 text | `datetime.date`, aware `datetime.datetime` | ISO 8601 text |
| duration | seconds | `datetime.timedelta` | seconds |
| size | bytes | int | bytes |
| str, URIs of artifacts | text | str | as it is |
| null | null | None | empty |
| all else | as JSON says | as JSON says | JSON |

NaN and the infinities are no JSON. Types are given as the language spells them: `list[float]`, `("a" | "b")?`.
Every function stands on the standard library and on its neighbours here alone, because their source is also copied
into files for engines that know nothing of this package.
"""

from __future__ import annotations

import datetime
import json
import math
import numbers
import os
import re
from collections.abc import Mapping
from typing import Any

MAX_OUTPUT_BYTES = 48 * 1024
"""The most that all outputs of a task may take, as JSON in UTF-8."""


class OutputError(ValueError):
    """What a task gave is not what it declared; the message says what was expected and what came."""


def read_type(type_text: str) -> tuple[str, Any]:
    """The outermost layer of a type: its kind, and the texts of the types inside.

    ("optional", inner), ("list", element), ("dict", value), ("literal", values), ("record", {name: type}) or
    ("scalar", name).
    """
    if type_text.endswith("?"):
        inner = type_text[:-1]
        return "optional", inner[1:-1] if inner.startswith("(") else inner
    if type_text.startswith("list["):
        return "list", type_text.removeprefix("list[")[:-1]
    if type_text.startswith("dict[str, "):
        return "dict", type_text.removeprefix("dict[str, ")[:-1]
    if type_text.startswith("{"):
        return "record", record_fields(type_text)
    if type_text.startswith('"'):
        quoted = re.findall(r'"(?:[^"\\]|\\.)*"', type_text, re.DOTALL)
        return "literal", [json.loads(text.replace("$${", "${"), strict=False) for text in quoted]
    return "scalar", type_text


def record_fields(type_text: str) -> dict[str, str]:
    """The fields of a record type: `{ a: int, b: str }` has a of type int and b of type str."""
    text = type_text[1:-1].strip()
    depth, start, fields = 0, 0, []
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{(]|[\]})]|,', text, re.DOTALL):
        if token[0] in "[{(":
            depth += 1
        elif token[0] in "]})":
            depth -= 1
        elif token[0] == "," and depth == 0:
            fields.append(text[start : token.start()])
            start = token.end()
    fields.append(text[start:])
    pairs = (field.strip().partition(": ") for field in fields if field.strip())
    return {name: field_type for name, _, field_type in pairs}


def describe(value: Any) -> str:
    """A value for a message: its type and how it looks, cut where it is long."""
    if value is None:
        return "null"
    shown = repr(value)
    return f"{type(value).__name__} {shown if len(shown) <= 60 else shown[:57] + '...'}"


def is_bool(value: Any) -> bool:
    """Whether a value is a truth value; numpy's is known by its name, since numpy may not be there."""
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")


def from_json(value: Any, type_text: str) -> Any:
    """The native form of a value of this type. Raises ValueError where a text is no date."""
    if value is None:
        return None
    match read_type(type_text):
        case "optional", inner:
            return from_json(value, inner)
        case "list", element:
            return [from_json(item, element) for item in value]
        case "dict", inner:
            return {key: from_json(item, inner) for key, item in value.items()}
        case "record", fields:
            return {key: from_json(item, fields.get(key, "json")) for key, item in value.items()}
        case "scalar", "date":
            return datetime.date.fromisoformat(value)
        case "scalar", "datetime":
            return datetime.datetime.fromisoformat(value)
        case "scalar", "duration":
            return datetime.timedelta(seconds=value)
        case "scalar", "float":
            return float(value)
        case _:
            return value


def to_json(value: Any) -> Any:
    """The JSON form of a native value, by its Python type. Raises OutputError where it has none."""
    if value is None:
        return None
    if is_bool(value):
        return bool(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        number = float(value)
        if not math.isfinite(number):
            raise OutputError(f"{number} is not a JSON value")
        return number
    if isinstance(value, datetime.timedelta):
        seconds = value.total_seconds()
        return int(seconds) if seconds.is_integer() else seconds
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {str.__str__(key): to_json(item) for key, item in value.items()}
    raise OutputError(f"{describe(value)} is not a JSON value")


def to_text(value: Any) -> str:
    """The text form of a native value. Raises OutputError where it has none."""
    stored = to_json(value)
    if stored is None:
        return ""
    if isinstance(stored, str):
        return stored
    return json.dumps(stored, ensure_ascii=False)


def environment(inputs: Mapping[str, Any]) -> dict[str, str]:
    """Inputs in native form as environment variables of their names."""
    return {name: to_text(value) for name, value in inputs.items()}


def check_output(value: Any, type_text: str, place: str = "") -> Any:
    """The JSON form of what a task gave for an output of this type, in native or JSON form.

    `place` names the output in the message. Raises OutputError where the value is not of the type.
    """
    kind, inner = read_type(type_text)
    if kind == "optional":
        return None if value is None else check_output(value, inner, place)
    if kind == "list" and isinstance(value, list | tuple):
        return [check_output(item, inner, f"{place}[{index}]") for index, item in enumerate(value)]
    if kind == "dict" and isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {str.__str__(key): check_output(item, inner, f"{place}[{key!r}]") for key, item in value.items()}
    if kind == "record" and isinstance(value, Mapping) and set(value) == set(inner):
        return {name: check_output(value[name], inner[name], f"{place}.{name}") for name in inner}
    if kind == "literal" and isinstance(value, str) and value in inner:
        return str.__str__(value)
    if kind == "scalar":
        return check_scalar(value, type_text, place)
    raise OutputError(mismatch(value, type_text, place))


def mismatch(value: Any, type_text: str, place: str) -> str:
    """The message for a value that is not of its type."""
    return f"{place}{': ' if place else ''}expected {type_text}, got {describe(value)}"


def check_scalar(value: Any, type_name: str, place: str) -> Any:
    """`check_output` for a type without parts."""
    is_number = isinstance(value, numbers.Real) and not is_bool(value)
    try:
        match type_name:
            case "json":
                return to_json(value)
            case "null" if value is None:
                return None
            case "bool" if is_bool(value):
                return bool(value)
            case "int" | "size" if is_number and isinstance(value, numbers.Integral):
                return int(value)
            case "float" if is_number and math.isfinite(value):
                return float(value)
            case "duration" if isinstance(value, datetime.timedelta) or (is_number and math.isfinite(value)):
                return to_json(value)
            case "date":
                return check_date(value)
            case "datetime":
                return check_datetime(value)
            case "str" | "file" | "dir" | "dataset" | "model" | "metrics" | "secret" if isinstance(
                value, str | os.PathLike
            ):
                text = to_json(value)
                if isinstance(text, str):
                    return text
    except (ValueError, OverflowError) as error:
        raise OutputError(f"{mismatch(value, type_name, place)} ({error})") from error
    raise OutputError(mismatch(value, type_name, place))


def check_date(value: Any) -> str:
    """The ISO 8601 text of a date or of its text. Raises ValueError where it is none."""
    if isinstance(value, str):
        return datetime.date.fromisoformat(value).isoformat()
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    raise ValueError("a datetime.date or its ISO 8601 text")


def check_datetime(value: Any) -> str:
    """The ISO 8601 text of a time or of its text. Raises ValueError where it is none or has no offset."""
    moment = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime.datetime):
        raise ValueError("a datetime.datetime or its ISO 8601 text")
    if moment.utcoffset() is None:
        raise ValueError("it has no time zone")
    return moment.isoformat()


def check_size(outputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs themselves. Raises OutputError where they take more than `MAX_OUTPUT_BYTES`."""
    size = len(json.dumps(outputs, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if size > MAX_OUTPUT_BYTES:
        raise OutputError(too_large(size))
    return outputs


def too_large(size: int) -> str:
    """The message for outputs of this many bytes."""
    return (
        f"the outputs take {size} bytes, the limit is {MAX_OUTPUT_BYTES} in all: "
        "write big data to storage and give its URI as the output"
    )


def collect_outputs(result: Any, outputs: Mapping[str, str], single: bool) -> dict[str, Any]:
    """The outputs in JSON form by name, from what a Python function returned.

    `outputs` holds the declared types by name. A `single` output is the value itself; several are a dict or a
    dataclass with exactly the declared names; without declared outputs what was returned is not looked at.
    Raises OutputError.
    """
    if not outputs:
        return {}
    if single:
        (declared,) = outputs.values()
        if result is None and declared not in ("json", "null") and read_type(declared)[0] != "optional":
            raise OutputError(f"the task returned null, but its output is {declared}")
        given: Mapping[str, Any] = dict.fromkeys(outputs, result)
    elif hasattr(type(result), "__dataclass_fields__"):
        import dataclasses  # late: every worker waits for what this module imports

        given = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    elif isinstance(result, Mapping):
        given = result
    else:
        names = ", ".join(outputs)
        raise OutputError(f"expected a dict or a dataclass with the outputs {names}, got {describe(result)}")
    missing = [name for name in outputs if name not in given]
    if missing:
        raise OutputError(f"missing outputs: {', '.join(missing)}")
    extra = [str(name) for name in given if name not in outputs]
    if extra:
        raise OutputError(f"outputs that are not declared: {', '.join(extra)}")
    checked = {name: check_output(given[name], outputs[name], f"output {name}") for name in outputs}
    return check_size(checked)


def read_outputs(folder: str | os.PathLike[str], outputs: Mapping[str, str]) -> dict[str, Any]:
    """The outputs in JSON form by name, from the files of these names that a program wrote into `folder`.

    A file holds text for strings, URIs, dates and literal unions (one newline at its end is dropped), else JSON; an
    empty file is null for an optional type. Raises OutputError.
    """
    paths = {name: os.path.join(folder, name) for name in outputs}
    missing = [name for name, path in paths.items() if not os.path.isfile(path)]
    if missing:
        raise OutputError(f"missing outputs: {', '.join(f'$PIPEC_OUTPUTS/{name}' for name in missing)} not written")
    size = sum(os.path.getsize(path) for path in paths.values())
    if size > MAX_OUTPUT_BYTES:
        raise OutputError(too_large(size))
    return check_size({name: read_output(paths[name], outputs[name], f"output {name}") for name in outputs})


def read_output(path: str, type_text: str, place: str) -> Any:
    """One output from its file, in JSON form. Raises OutputError."""
    with open(path, "rb") as file:
        content = file.read()
    try:
        text = content.decode("utf-8").removesuffix("\n")
    except UnicodeDecodeError as error:
        raise OutputError(f"{place}: the file is not UTF-8 text ({error})") from error
    kind, inner = read_type(type_text)
    is_optional = kind == "optional"
    if is_optional:
        kind, type_text = read_type(inner)[0], inner
    if is_optional and not text:
        return None
    if kind == "literal" or type_text in ("str", "file", "dir", "dataset", "model", "metrics", "date", "datetime"):
        return check_output(text, type_text, place)
    try:
        value = json.loads(text)
    except ValueError as error:
        raise OutputError(f"{place}: expected {type_text} as JSON, got {describe(text)} ({error})") from error
    return None if is_optional and value is None else check_output(value, type_text, place)
