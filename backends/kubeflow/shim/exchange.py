"""What Kubeflow gives a task, and what it takes from it."""

from __future__ import annotations

import datetime
import json
import os
import sys
from typing import Any
from zoneinfo import ZoneInfo

from pipec.runtime.values import OutputError, read_type

from .attempts import ATTEMPT, tell
from .shielding import shielded
from .whole_numbers import beyond

LOCATION = "location"
"""The metadata that says where an artifact is.

Its URI is a place in the store of the cluster. Kubeflow fails a task that gives it another one: it moves all that lies
at the URI into the store and out of it.
"""

STORES = {"gs://": "/gcs/", "minio://": "/minio/", "s3://": "/s3/"}
"""By scheme of its URI the folder in which a container finds an artifact, and puts one."""


def request() -> dict[str, Any]:
    """What the compiler asks for."""
    asked: dict[str, Any] = json.loads(sys.argv[1])
    return asked


def received() -> dict[str, Any]:
    """What Kubeflow gives the task, with the folders of what it is to write."""
    given: dict[str, Any] = json.loads(sys.argv[2])
    return given


def values_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The inputs of the component by name, in JSON form; null for one that was not given.

    `channels` of the request says by name whether an input is an artifact, or JSON in a text, and its type.
    """
    given = received().get("inputs", {})
    parameters, artifacts = given.get("parameterValues", {}), given.get("artifacts", {})
    values: dict[str, Any] = {}
    for name, (form, type_text) in asked["channels"].items():
        if form == "artifact":
            values[name] = location_of(artifacts[name]["artifacts"][0]) if name in artifacts else None
        else:
            values[name] = received_as(form, parameters.get(name), type_text)
    return values


def received_as(form: str, value: Any, type_text: str) -> Any:
    """The value of a parameter: as it is, JSON in a text, a list of such texts, or "" where a default is wanted."""
    if value is None or (form.startswith("optional-") and value == ""):
        return None
    match form.removeprefix("optional-"):
        case "json":
            return json.loads(value)
        case "json-items":
            return [json.loads(item) for item in value]
        case _:
            return exact(value, type_text)


def exact(value: Any, type_text: str) -> Any:
    """The value as its type has it: all numbers of Kubeflow are doubles."""
    if value is None:
        return None
    kind, inner = read_type(type_text)
    match kind:
        case "optional":
            return exact(value, inner)
        case "list":
            return [exact(item, inner) for item in value]
        case "dict":
            return {key: exact(item, inner) for key, item in value.items()}
        case "record":
            return {key: exact(item, inner.get(key, "json")) for key, item in value.items()}
        case "scalar" if inner in ("int", "size"):
            return int(value)
        case "scalar" if inner in ("float", "duration"):
            return float(value)
        case _:
            return value


def facts(asked: dict[str, Any]) -> dict[str, Any]:
    """What `run.…` stands for, in JSON form."""
    told = received().get("inputs", {}).get("parameterValues", {})
    known: dict[str, Any] = {"pipeline": asked.get("pipeline"), "attempt": int(os.environ.get(ATTEMPT, "1"))}
    if "run-id" in told:
        known["id"] = told["run-id"]
    fired = told.get("run-scheduled") or told.get("run-created")
    if fired:
        moment = datetime.datetime.fromisoformat(fired.replace("Z", "+00:00"))
        local = moment.astimezone(ZoneInfo(asked["timezone"]))
        known["timestamp"], known["date"] = local.isoformat(), local.date().isoformat()
    return known


def write(outputs: dict[str, Any], asked: dict[str, Any]) -> None:
    """Hand over the outputs, by name in JSON form, in the way Kubeflow's own components do."""
    where = received().get("outputs", {})
    parameters: dict[str, Any] = {}
    artifacts: dict[str, Any] = {}
    copies = {name: outputs[output] for name, output in asked.get("copies", {}).items()}
    for name, value in {**outputs, **copies}.items():
        form = asked["outputs_by"][name]
        if form == "artifact":
            slot = dict(where["artifacts"][name]["artifacts"][0])
            artifacts[name] = {"artifacts": [{**slot, "metadata": {LOCATION: value}}]}
            say_in_store(slot["uri"], value)
        elif form == "json":
            parameters[name] = shielded(value)
        elif form == "json-items":
            parameters[name] = [shielded(item) for item in value]
        else:
            parameters[name] = carried(value, name)
    path = where["outputFile"]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"parameterValues": parameters, "artifacts": artifacts}, file)


def location_of(artifact: dict[str, Any]) -> Any:
    """Where the task that made an artifact says it is; the place in the store for one that nobody said that of."""
    return (artifact.get("metadata") or {}).get(LOCATION, artifact["uri"])


def say_in_store(uri: str, value: Any) -> None:
    """Write where an artifact is to the file that Kubeflow keeps as its content: people see it when they open it."""
    path = uri
    for scheme, folder in STORES.items():
        path = path.replace(scheme, folder, 1) if path.startswith(scheme) else path
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", errors="replace") as file:
        file.write(f"{value}\n")


def carried(value: Any, name: str) -> Any:
    """The value, where a double can hold every whole number in it."""
    number = beyond(value)
    if number is not None:
        raise OutputError(f"output {name}: Kubeflow cannot carry the number {number}, which is beyond 2 ** 53")
    return value


def failed(message: str) -> int:
    """Say why the task failed for good: with what it was given, or gave; its exit status."""
    print(message, file=sys.stderr, flush=True)
    tell("output", [], None)
    return 1
