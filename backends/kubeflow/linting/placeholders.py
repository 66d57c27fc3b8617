"""Placeholders: that `{{$…}}` in a command is one that a cluster fills in, and that none hides in a value.

The driver fills `{{$.inputs.parameters['x']}}` in before the defaults of a container are known, in its command and
arguments; the launcher fills in the rest, but not in the first word of a command. Nobody does in environment variables.
Facts of the run are filled in only where they are the whole constant of an input.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .document import Data, Document, declared, given, listed

OPENING = "{{$"
WORKSPACE = "{{$.workspace_path}}"
OF_THE_RUN = frozenset(
    f"{{{{$.{name}}}}}"
    for name in (
        "pipeline_job_name",
        "pipeline_job_resource_name",
        "pipeline_job_uuid",
        "pipeline_task_name",
        "pipeline_task_uuid",
        "pipeline_job_create_time_utc",
        "pipeline_job_schedule_time_utc",
    )
)
"""What is filled in where it is the whole of a constant."""

_PLACEHOLDER = re.compile(
    r"\{\{\$(?:"
    r"(?P<whole>)"
    r"|\.inputs\.parameters\['(?P<parameter>[^']+)'\]"
    r"|\.inputs\.artifacts\['(?P<artifact>[^']+)'\]\.(?:path|uri)"
    r"|\.outputs\.parameters\['(?P<result>[^']+)'\]\.output_file"
    r"|\.outputs\.artifacts\['(?P<product>[^']+)'\]\.(?:path|uri)"
    r")\}\}"
)
_INPUT = re.compile(r"\{\{\$\.inputs\.parameters\['(?P<parameter>[^']+)'\]\}\}")


def is_of_the_run(value: Any) -> bool:
    """Whether a constant stands for a fact of the run."""
    if not isinstance(value, str):
        return False
    return value in OF_THE_RUN or (WORKSPACE in value and OPENING not in value.replace(WORKSPACE, ""))


def hidden(value: Any) -> str | None:
    """What is wrong with a value that contains the opening of a placeholder, which would be filled in later."""
    match value:
        case str():
            return f"{OPENING} opens a placeholder, which would be filled in: {value!r}" if OPENING in value else None
        case list():
            return next(filter(None, map(hidden, value)), None)
        case dict():
            return next(filter(None, map(hidden, [*value, *value.values()])), None)
    return None


def is_filled_in(document: Document, component: Data, name: str) -> bool:
    """Whether a placeholder of a container takes an input, which need not be declared then: so the SDK does it."""
    return f"{{{{$.inputs.parameters['{name}']}}}}" in json.dumps(document.executor_of(component))


def check(document: Document) -> Iterator[str]:
    """The faults in what executors contain."""
    for name, component in document.components.items():
        container = document.executor_of(component).get("container")
        if container is not None:
            yield from _container(document, name, component, container)


def _container(document: Document, name: str, component: Data, container: Data) -> Iterator[str]:
    base = f"deploymentSpec.executors.{component['executorLabel']}.container"
    there = _there(document, name, component)
    for part in ("command", "args"):
        for position, text in enumerate(container.get(part, [])):
            path = f"{base}.{part}[{position}]"
            yield from _text(there, text, path)
            if (part, position) == ("command", 0) and any("parameter" not in each for each in _found(text)):
                yield f"{path}: only input parameters are filled in, in the first word of a command"
            yield from _absent(document, name, component, text, path)
    for variable in container.get("env", []):
        if OPENING in variable.get("value", ""):
            yield f"{base}.env.{variable.get('name')}: nothing fills in placeholders in environment variables"
    yield from _whole(there["parameter"], container.get("image", ""), f"{base}.image")
    for resource, text in container.get("resources", {}).items():
        if isinstance(text, str):
            yield from _whole(there["parameter"], text, f"{base}.resources.{resource}")


def _found(text: str) -> Iterator[Mapping[str, str]]:
    """The placeholders in a text: what each names, by what it is."""
    for match in _PLACEHOLDER.finditer(text):
        yield {kind: name for kind, name in match.groupdict().items() if name}


def _text(there: Mapping[str, Mapping[str, Any]], text: str, path: str) -> Iterator[str]:
    """Placeholders that are unknown, or name what the component does not have."""
    rest = _PLACEHOLDER.sub("", text)
    if any(known in rest for known in (*OF_THE_RUN, WORKSPACE)):
        yield f"{path}: facts of the run are filled in as constants of inputs, not in commands: {rest!r}"
    elif OPENING in rest:
        unknown = rest[rest.index(OPENING) :][:60]
        yield f"{path}: a cluster knows no placeholder that begins with {unknown!r}"
    for placeholder in _found(text):
        for kind, name in placeholder.items():
            if name not in there[kind]:
                yield f'{path}: the component has no {_WORDS[kind]} "{name}"; {listed(there[kind])}'


_WORDS = {
    "parameter": "input parameter",
    "artifact": "input artifact",
    "result": "output parameter",
    "product": "output artifact",
}


def _there(document: Document, name: str, component: Data) -> Mapping[str, Mapping[str, Any]]:
    """What placeholders can name, by kind: what the component declares, and inputs that it is given all the same."""
    given_everywhere = [given(use.task, "parameters") for use in document.uses.get(name, ())]
    more = {each: None for each in next(iter(given_everywhere), {}) if all(each in one for one in given_everywhere)}
    return {
        "parameter": more | dict(declared(component, "inputDefinitions", "parameters")),
        "artifact": declared(component, "inputDefinitions", "artifacts"),
        "result": declared(component, "outputDefinitions", "parameters"),
        "product": declared(component, "outputDefinitions", "artifacts"),
    }


def _absent(document: Document, name: str, component: Data, text: str, path: str) -> Iterator[str]:
    """Inputs with a default that a task does not give: the driver fails where it is to fill them in.

    It leaves alone what contains an output, which the launcher fills in later, and what stands for an input if present.
    """
    if "$.outputs" in text or text.lstrip().startswith('{"IfPresent"'):
        return
    needed = {each["parameter"] for each in _found(text) if "parameter" in each}
    needed &= declared(component, "inputDefinitions", "parameters").keys()
    for use in document.uses.get(name, ()):
        for missing in sorted(needed - given(use.task, "parameters").keys()):
            if component["inputDefinitions"]["parameters"][missing].get("isOptional"):
                yield f'{path}: {use.path} does not give "{missing}", and a default comes too late for a command'


def _whole(there: Mapping[str, Any], text: str, path: str) -> Iterator[str]:
    """What may be one input as a whole and nothing more."""
    if OPENING not in text:
        return
    match = _INPUT.fullmatch(text)
    if match is None:
        yield f"{path}: can be an input parameter as a whole, and nothing more: {text!r}"
    elif match["parameter"] not in there:
        yield f'{path}: the component has no input parameter "{match["parameter"]}"; {listed(there)}'
