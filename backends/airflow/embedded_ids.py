"""Ids of tasks on Airflow, from their names in the language. Generated files that wait for tasks hold a copy of it."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterable
from typing import Any

ALPHABET = frozenset((string.ascii_letters + string.digits + "_").encode())
"""The bytes that stand for themselves in the keys of an id."""


def encode(text: str) -> str:
    """A text in the alphabet of Airflow's ids, never the same for two texts."""
    return "".join(chr(byte) if byte in ALPHABET else f"-{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))


def id_with_keys(name: str, keys: Iterable[Any]) -> str:
    """The id of a task with the keys of its loops: `train["rf"]` is `train.rf`."""
    shown = (key if isinstance(key, str) else json.dumps(key, ensure_ascii=False, sort_keys=True) for key in keys)
    return ".".join([name, *map(encode, shown)])


def named_task(text: str) -> tuple[str, list[str]]:
    """The id of the DAG and that of the task, alone in a list, that `pipeline.task` or `pipeline.train["rf"]` names.

    Raises ValueError where it names none.
    """
    match = re.fullmatch(r'([a-z]\w*)\.([a-z]\w*)(?:\[((?:[^\]"]|"(?:[^"\\]|\\.)*")+)\])?', text, re.ASCII)
    if match is None:
        raise ValueError(f"{text} is no task: write pipeline.task")
    keys = re.findall(r'"(?:[^"\\]|\\.)*"|[^\s,"]+', match[3] or "")
    return match[1], [id_with_keys(match[2], map(key_value, keys))]


def key_value(spelled: str) -> Any:
    """The value of a loop's key as the language writes it; a date is its text."""
    if spelled.startswith('"'):
        return json.loads(spelled.replace("$${", "${"), strict=False)
    try:
        return json.loads(spelled)
    except ValueError:
        return spelled
