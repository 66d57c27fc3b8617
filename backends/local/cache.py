"""Whether a task need not run again: the key of what it would do, and why there is or is no outcome to use again.

A task would do the same again when its implementation, its inputs, its declared environment, the folder it runs in and
its declared outputs are the same. What it reads beyond that is not known: to say `cache` is to say there is nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from pipec.analysis.plan_text import duration_text
from pipec.engine.events import StartAttempt
from pipec.ir.model import CommandLine, PythonFunction, SecretReference, ShellScript, Task
from pipec.ir.types import ARTIFACTS, DictType, ListType, OptionalType, RecordType, ScalarType, Type

from .fingerprint import ModuleSources
from .store.records import CacheEntry

_SHOWN_LENGTH = 80
"""Longer values are known by their digest alone."""

_DIGEST = "sha256:"


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What a task would do, as a digest. `parts` says what went into it: short values in JSON, of all else digests."""

    key: str
    parts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Uncacheable:
    """Why there is no key."""

    reason: str


@dataclass(frozen=True, slots=True)
class CacheVerdict:
    """Either an outcome to use again (`hit`) or None; `reasons` say why, in lines for people."""

    hit: CacheEntry | None
    reasons: tuple[str, ...]


class CacheTable(Protocol):
    """What is asked of the store."""

    def cache_lookup(self, key: str, not_before: float | None = None) -> CacheEntry | None: ...

    def cache_latest(self, pipeline: str, task: str) -> CacheEntry | None: ...


def cache_key(task: Task, start: StartAttempt, folder: Path, sources: ModuleSources) -> CacheKey | Uncacheable:
    """The key of an attempt; `folder` is that of the `.pipe` file."""
    parts: dict[str, str] = {}
    match task.implementation:
        case PythonFunction(module=module, function=function):
            source = sources.find(module)
            if isinstance(source, str):
                return Uncacheable(source)
            parts["function"] = _part(f"{module}:{function}")
            parts[f"source of {source.path}"] = _DIGEST + source.digest
        case ShellScript(text=text):
            parts["shell text"] = _part(text)
        case CommandLine():
            parts["command"] = _part(list(start.arguments))
        case other:
            return Uncacheable(f"a task of the kind {other.kind} always runs")
    options = task.options
    parts |= {f"input {name}": _part(value) for name, value in start.inputs.items()}
    parts |= {f"env {name}": _variable(value) for name, value in {**options.env, **options.secrets}.items()}
    parts["types of inputs"] = _part({given.name: str(given.type) for given in task.inputs})
    parts["outputs"] = _part({output.name: str(output.type) for output in task.outputs})
    parts["working folder"] = _part(str(folder / (options.working_dir or "")))
    return CacheKey(_digest(parts), parts)


def look_up(
    table: CacheTable, pipeline: str, task: Task, instance: str, key: CacheKey | Uncacheable, folder: Path, now: float
) -> CacheVerdict:
    """Whether an earlier outcome may be used for an instance; `now` is Unix time, `folder` that of the `.pipe` file.

    The task must have the option `cache`.
    """
    if isinstance(key, Uncacheable):
        return CacheVerdict(None, (key.reason,))
    age = None if isinstance(task.options.cache, bool) else task.options.cache
    found = table.cache_lookup(key.key)
    if found is None:
        return CacheVerdict(None, tuple(explain(key.parts, table.cache_latest(pipeline, instance))))
    if age is not None and found.stored_at < now - age:
        return CacheVerdict(None, (f"older than {duration_text(age)}",))
    missing = missing_outputs(task, found.outputs, folder)
    if missing:
        return CacheVerdict(None, (f"outputs no longer there: {', '.join(missing)}",))
    return CacheVerdict(found, (f"nothing has changed since run {found.run_id}",))


def explain(parts: Mapping[str, str], latest: CacheEntry | None) -> list[str]:
    """What is not as it was when a task last left an outcome; `parts` are those of its key now."""
    if latest is None:
        return ["never run before"]
    names = dict.fromkeys([*parts, *latest.parts])
    return [
        _change(name, latest.parts.get(name), parts.get(name)) for name in names if _differ(name, latest.parts, parts)
    ]


def missing_outputs(task: Task, outputs: Mapping[str, Any], folder: Path) -> list[str]:
    """The local files and folders among the outputs of a task that are not there."""
    place = folder / (task.options.working_dir or "")
    uris = [uri for output in task.outputs for uri in _artifacts(outputs.get(output.name), output.type)]
    return [uri for uri in uris if (path := _local_path(uri)) is not None and not (place / path).exists()]


def _artifacts(value: Any, type_: Type) -> Iterator[str]:
    """The URIs of artifacts in a value."""
    match type_:
        case _ if value is None:
            return
        case ScalarType(name=name) if name in ARTIFACTS:
            yield value
        case OptionalType(inner=inner):
            yield from _artifacts(value, inner)
        case ListType(element=element):
            for item in value:
                yield from _artifacts(item, element)
        case DictType(value=element):
            for item in value.values():
                yield from _artifacts(item, element)
        case RecordType(fields=fields):
            for one in fields:
                yield from _artifacts(value.get(one.name), one.type)


def _local_path(uri: str) -> str | None:
    """The path of a file of this machine; None for what is stored elsewhere."""
    if uri.startswith("file:"):
        return unquote(urlsplit(uri).path)
    return None if "://" in uri else uri


def _variable(value: str | SecretReference) -> str:
    """A secret counts by its name."""
    return _part({"secret": value.name} if isinstance(value, SecretReference) else value)


def _part(value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= _SHOWN_LENGTH else _DIGEST + hashlib.sha256(text.encode()).hexdigest()


def _digest(parts: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _differ(name: str, before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    return before.get(name) != now.get(name)


def _change(name: str, before: str | None, now: str | None) -> str:
    if before is None:
        return f"{name} is new"
    if now is None:
        return f"{name} is gone"
    if before.startswith(_DIGEST) or now.startswith(_DIGEST):
        return f"the {name} has changed" if name.startswith("source of") else f"{name} has changed"
    return f"{name} was {_shown(before)} and is {_shown(now)}"


def _shown(part: str) -> str:
    """A text without its quotes, all else as JSON."""
    value = json.loads(part)
    return value if isinstance(value, str) and value.isprintable() and value else part
