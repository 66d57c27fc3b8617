"""What a pipeline uses against what a target can express: every refusal as a diagnostic at its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipec.analysis.feature_names import FEATURES, FeatureUse
from pipec.analysis.features import features_used, mapped_call_uses
from pipec.analysis.pods import runs_in_pod
from pipec.backend import Backend, Capability, Refusing, TargetOption, TargetOptions
from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import correction, nearest
from pipec.ir.base import Location
from pipec.ir.model import Pipeline, Program, Task
from pipec.ir.traverse import called_pipelines, location_of
from pipec.syntax.source import Span

_SpanOf = Callable[[Location], Span]

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
    program: Program,
    key: str,
    backend: Backend,
    span_of: _SpanOf,
    diagnostics: Diagnostics,
    version: str | None = None,
) -> None:
    """Adds an error for each use of a feature that the target does not offer, and for each wrong target option.

    Of the pipeline `key` and of all that it runs as tasks. `version` is that of the engine, None the target's default.
    """
    in_version = {feature: capability.in_version(version) for feature, capability in backend.capabilities.items()}
    refused = {feature: capability for feature, capability in in_version.items() if capability.support == "no"}
    uses = [use for use in mapped_call_uses(program, key) if use.feature in refused]
    for called in called_pipelines(program, key):
        uses.extend(features_used(program.pipelines[called], called != key, among=refused))
    for use in uses:
        _refuse(use, refused[use.feature], _name(backend, version), span_of, diagnostics)
    if isinstance(backend, Refusing):
        for called in called_pipelines(program, key):
            pipeline = program.pipelines[called]
            for refusal in backend.refusals(pipeline, program.pipelines[key]):
                diagnostics.error(
                    "P0501",
                    f"{_name(backend, version)} cannot express {refusal.what}: {refusal.reason}",
                    span_of(refusal.location or location_of(pipeline, refusal.key)),
                    label=refusal.subject or f"pipeline `{pipeline.name}`",
                    help=refusal.way_out,
                )
    for called in called_pipelines(program, key):
        _check_target_options(program.pipelines[called], backend, span_of, diagnostics, version)


def _check_target_options(
    pipeline: Pipeline, backend: Backend, span_of: _SpanOf, diagnostics: Diagnostics, version: str | None
) -> None:
    if version is None and backend.versions:
        version = backend.versions[0]
    _check_options(pipeline, backend, version, span_of, diagnostics)
    for task in pipeline.tasks:
        _check_options(task, backend, version, span_of, diagnostics)


def _name(backend: Backend, version: str | None) -> str:
    """The target as messages name it, with its version where that is not the default."""
    is_default = version is None or version in backend.versions[:1]
    return f"`{backend.name}`" if is_default else f"`{backend.name}` {version}"


def _refuse(use: FeatureUse, capability: Capability, name: str, span_of: _SpanOf, diagnostics: Diagnostics) -> None:
    ways_out = [way for way in (use.mend, capability.way_out) if way]
    diagnostics.error(
        "P0501",
        f"{name} cannot express {FEATURES[use.feature]}: {capability.reason}",
        span_of(use.location),
        label=f"{use.subject}: {use.detail}" if use.detail else use.subject,
        help="; or ".join(ways_out) or None,
    )


# --- options of a target block -------------------------------------------------------------------


def _check_options(
    thing: Pipeline | Task, backend: Backend, version: str | None, span_of: _SpanOf, diagnostics: Diagnostics
) -> None:
    """The target block of a pipeline or task, held against the options that the backend declares."""
    known = _options_of(thing, backend.options)
    for name, value in thing.targets.get(backend.name, {}).items():
        span = span_of(_option_place(thing, backend.name, name))
        option = known.get(name)
        if option is None:
            _refuse_option(name, thing, backend, known, span, diagnostics)
        elif option.versions and version not in option.versions:
            diagnostics.error(
                "P0502",
                f"option `{name}` of target `{backend.name}` does not exist in version {version}",
                span,
                help=f"compile for version {' or '.join(option.versions)}, or remove it",
            )
        else:
            for problem in _value_problems(name, value, option, backend.name):
                diagnostics.error("P0503", problem, span, help=f"`{name}`: {option.doc}")


def _options_of(thing: Pipeline | Task, options: TargetOptions) -> Mapping[str, TargetOption]:
    """What the target block of a pipeline or task may set."""
    if isinstance(thing, Pipeline):
        return options.pipeline
    return {**options.task, **options.container} if runs_in_pod(thing) else options.task


def _refuse_option(
    name: str,
    thing: Pipeline | Task,
    backend: Backend,
    known: Mapping[str, TargetOption],
    span: Span,
    diagnostics: Diagnostics,
) -> None:
    """An option that cannot stand here: one that nobody may set, one that belongs elsewhere, or an unknown one."""
    options = backend.options
    is_task = isinstance(thing, Task)
    subject = f"task `{thing.id}`" if isinstance(thing, Task) else f"pipeline `{thing.name}`"
    cannot_set = f"option `{name}` of target `{backend.name}` cannot be set in {subject}"
    if name in options.refused:
        diagnostics.error("P0502", cannot_set, span, help=options.refused[name])
    elif is_task and name in options.container:
        diagnostics.error("P0502", cannot_set, span, help="it is for tasks that run in a container image")
    elif name in (options.pipeline if is_task else options.task):
        place = "the pipeline" if is_task else "a task"
        diagnostics.error("P0502", cannot_set, span, help=f"set it in the target block of {place}")
    else:
        meant = _help_for_unknown(name, known, options.refused)
        names = ", ".join(f"`{option}`" for option in sorted(known)) or "none"
        diagnostics.error(
            "P0502",
            f"unknown option `{name}` of target `{backend.name}` for {subject}",
            span,
            help=meant,
            fix=correction(span, name, known),
            notes=() if meant else (f"options here: {names}",),
        )


def _help_for_unknown(name: str, known: Mapping[str, TargetOption], refused: Mapping[str, str]) -> str | None:
    """The nearest known name, or what to write instead of the nearest one that cannot be set."""
    similar = nearest(name, [*known, *refused])
    if similar is not None and similar not in known:
        return f"if `{similar}` is meant: {refused[similar]}"
    return f"there is `{similar}`" if similar else None


def _option_place(thing: Pipeline | Task, target: str, name: str) -> Location:
    block = location_of(thing, f"target.{target}")
    return thing.locations.get(f"target.{target}.{name}", block)


def _value_problems(name: str, value: Any, option: TargetOption, target: str) -> Iterator[str]:
    """What is wrong with the value of an option, in one line each."""
    subject = f"option `{name}` of target `{target}`"
    if not _has_type(value, option.types):
        yield f"{subject} must be {_type_names(option.types)}, not {_TYPE_NAMES[type(value)]}"
        return
    held = list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list | tuple) else None
    for one in [value] if held is None else held:
        shown = json.dumps(one, ensure_ascii=False)
        if held is not None and option.items and not _has_type(one, option.items):
            yield f"each value in {subject} must be {_type_names(option.items)}, not {shown}"
        elif option.choices and isinstance(one, str) and one not in option.choices:
            yield f"{subject} cannot be {shown}: it is one of {', '.join(option.choices)}"
        elif option.minimum is not None and isinstance(one, int | float) and one < option.minimum:
            yield f"{subject} must be at least {option.minimum}, not {shown}"
        elif option.links and isinstance(one, str) and not _is_link(one):
            yield f"{subject} cannot be {shown}: it is a URL such as https://example.com/team or mailto:ml@example.com"


def _is_link(text: str) -> bool:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.path if parts.scheme == "mailto" else parts.scheme and parts.netloc)


def _type_names(types: tuple[type, ...]) -> str:
    return " or ".join(dict.fromkeys(_TYPE_NAMES.get(type, type.__name__) for type in types))


def _has_type(value: Any, types: tuple[type, ...]) -> bool:
    """A bool is never an int, an int is a float, and lists may come as tuples."""
    if isinstance(value, bool):
        return bool in types
    if isinstance(value, int):
        return int in types or float in types
    if isinstance(value, list | tuple):
        return list in types or tuple in types
    return isinstance(value, types)
