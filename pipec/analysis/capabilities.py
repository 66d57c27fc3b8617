"""What a pipeline uses against what a target can express: every refusal as a diagnostic at its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipec.analysis.features import FEATURES, FeatureUse, features_used
from pipec.backend import Backend, Capability, TargetOption
from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import hint
from pipec.ir.base import Location
from pipec.ir.model import Pipeline, Task
from pipec.ir.traverse import location_of
from pipec.syntax.source import Span

_TYPE_NAMES = {
    bool: "a bool",
    int: "an int",
    float: "a float",
    str: "a str",
    list: "a list",
    tuple: "a list",
    dict: "a map",
    type(None): "null",
}


def check_capabilities(
    pipeline: Pipeline, backend: Backend, span_of: Callable[[Location], Span], diagnostics: Diagnostics
) -> None:
    """Adds an error for each use of a feature that the target does not offer, and for each wrong target option."""
    for use in features_used(pipeline):
        capability = backend.capabilities[use.feature]
        if capability.support == "no":
            _refuse(use, capability, backend, span_of, diagnostics)
    _check_options(pipeline, backend.options.pipeline, backend, span_of, diagnostics)
    for task in pipeline.tasks:
        _check_options(task, backend.options.task, backend, span_of, diagnostics)


def _refuse(
    use: FeatureUse,
    capability: Capability,
    backend: Backend,
    span_of: Callable[[Location], Span],
    diagnostics: Diagnostics,
) -> None:
    ways_out = [way for way in (use.mend, capability.way_out) if way]
    diagnostics.error(
        "P0501",
        f"`{backend.name}` cannot express {FEATURES[use.feature]}: {capability.reason}",
        span_of(use.location),
        label=f"{use.subject}: {use.detail}" if use.detail else use.subject,
        help="; or ".join(ways_out) or None,
    )


def _check_options(
    thing: Pipeline | Task,
    known: Mapping[str, TargetOption],
    backend: Backend,
    span_of: Callable[[Location], Span],
    diagnostics: Diagnostics,
) -> None:
    """The target block of a pipeline or task, held against the options that the backend declares."""
    subject = f"task `{thing.id}`" if isinstance(thing, Task) else f"pipeline `{thing.name}`"
    for name, value in thing.targets.get(backend.name, {}).items():
        span = span_of(_option_place(thing, backend.name, name))
        if name not in known:
            names = ", ".join(f"`{option}`" for option in sorted(known)) or "none"
            diagnostics.error(
                "P0502",
                f"unknown option `{name}` of target `{backend.name}` for {subject}",
                span,
                help=hint(name, known),
                notes=(f"options here: {names}",),
            )
        elif not _has_type(value, known[name].types):
            wanted = " or ".join(dict.fromkeys(_TYPE_NAMES.get(type, type.__name__) for type in known[name].types))
            diagnostics.error(
                "P0503",
                f"option `{name}` of target `{backend.name}` must be {wanted}, not {_TYPE_NAMES[type(value)]}",
                span,
                help=f"`{name}`: {known[name].doc}",
            )


def _option_place(thing: Pipeline | Task, target: str, name: str) -> Location:
    block = location_of(thing, f"target.{target}")
    return thing.locations.get(f"target.{target}.{name}", block)


def _has_type(value: Any, types: tuple[type, ...]) -> bool:
    """A bool is never an int, an int is a float, and lists may come as tuples."""
    if isinstance(value, bool):
        return bool in types
    if isinstance(value, int):
        return int in types or float in types
    if isinstance(value, list | tuple):
        return list in types or tuple in types
    return isinstance(value, types)
