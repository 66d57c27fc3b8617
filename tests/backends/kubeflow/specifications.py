"""Small PipelineSpecs in few words, for tests of what a cluster makes of them.

pipeline(a=task(), b=task(after="a", k=output("a", "n")))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Data = dict[str, Any]

EXIT = "ALL_UPSTREAM_TASKS_COMPLETED"


def output(producer: str, key: str) -> Data:
    """A parameter that is the output of a task beside."""
    return {"taskOutputParameter": {"producerTask": producer, "outputParameterKey": key}}


def outer(name: str) -> Data:
    """A parameter that is an input of the DAG around."""
    return {"componentInputParameter": name}


def constant(value: Any) -> Data:
    """A parameter that is written in the specification."""
    return {"runtimeValue": {"constant": value}}


def status(producer: str) -> Data:
    """A parameter that is the final status of a task."""
    return {"taskFinalStatus": {"producerTask": producer}}


def task(
    *,
    after: str = "",
    takes: Mapping[str, str] | None = None,
    gives: Mapping[str, str] | None = None,
    inside: Data | None = None,
    **inputs: Any,
) -> Data:
    """A task with its component: a container, or the DAG of the tasks `inside`.

    `takes` and `gives` are the types of its inputs and outputs, a type with `?` being optional, and with `=x` having
    the default x. Inputs are named as they are; `when`, `exit`, `over`, `item`, `limit`, `retries` and `outputs` are
    the condition, whether it is an exit task, what a loop runs over, and so on.
    """
    options = {name: inputs.pop(name) for name in tuple(inputs) if name in _OPTIONS}
    return {"after": after.split(), "takes": takes or {}, "gives": gives or {}, "inside": inside, "inputs": inputs} | {
        "options": options
    }


_OPTIONS = ("when", "exit", "over", "item", "limit", "retries", "outputs", "importer")


def pipeline(
    takes: Mapping[str, str] | None = None,
    gives: Mapping[str, str] | None = None,
    outputs: Mapping[str, Any] | None = None,
    **tasks: Data,
) -> Data:
    """A PipelineSpec with these tasks; `_` in their names stands for `-`."""
    made: Data = {
        "pipelineInfo": {"name": "small"},
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.17.0",
        "components": {},
        "deploymentSpec": {"executors": {}},
    }
    made["root"] = _component(made, "", takes or {}, gives or {}, outputs or {}, tasks)
    return made


def _component(
    made: Data,
    prefix: str,
    takes: Mapping[str, str],
    gives: Mapping[str, str],
    outputs: Mapping[str, Any],
    tasks: Mapping[str, Data],
) -> Data:
    dag: Data = {"tasks": {}}
    for raw, one in tasks.items():
        name = raw.replace("_", "-")
        dag["tasks"][name] = _task(made, f"{prefix}{name}", one)
    if outputs:
        dag["outputs"] = {"parameters": {name: _selection(each) for name, each in outputs.items()}}
    return {"dag": dag} | _interface(takes, gives)


def _selection(choices: str | Sequence[str]) -> Data:
    """`a.n` is the output n of a; a list of such the first that ran."""
    selectors = [
        dict(zip(("producerSubtask", "outputParameterKey"), each.split("."), strict=True))
        for each in ([choices] if isinstance(choices, str) else choices)
    ]
    if isinstance(choices, str):
        return {"valueFromParameter": selectors[0]}
    return {"valueFromOneof": {"parameterSelectors": selectors}}


def _interface(takes: Mapping[str, str], gives: Mapping[str, str]) -> Data:
    interface: Data = {}
    if takes:
        interface["inputDefinitions"] = {"parameters": {name: _input(each) for name, each in takes.items()}}
    if gives:
        interface["outputDefinitions"] = {"parameters": {name: {"parameterType": each} for name, each in gives.items()}}
    return interface


def _input(text: str) -> Data:
    if "=" in text:
        kind, default = text.split("=")
        return {
            "parameterType": kind,
            "isOptional": True,
            "defaultValue": default if kind == "STRING" else float(default),
        }
    return {"parameterType": text.rstrip("?")} | ({"isOptional": True} if text.endswith("?") else {})


def _task(made: Data, name: str, one: Data) -> Data:
    options = one["options"]
    component = f"comp-{name}"
    if one["inside"] is not None:
        body = _component(made, f"{name}-", one["takes"], one["gives"], options.get("outputs", {}), one["inside"])
        made["components"][component] = body
    else:
        made["components"][component] = {"executorLabel": f"exec-{name}"} | _interface(one["takes"], one["gives"])
        made["deploymentSpec"]["executors"][f"exec-{name}"] = (
            {"importer": {"artifactUri": {"constant": "s3://b/d"}}}
            if options.get("importer")
            else {"container": {"image": "alpine:3.20", "command": ["run", name]}}
        )
    spec: Data = {"taskInfo": {"name": name}, "componentRef": {"name": component}}
    after = {
        *one["after"],
        *(
            each["taskOutputParameter"]["producerTask"]
            for each in one["inputs"].values()
            if "taskOutputParameter" in each
        ),
    }
    if after:
        spec["dependentTasks"] = sorted(after)
    if one["inputs"]:
        spec["inputs"] = {"parameters": one["inputs"]}
    if "when" in options:
        spec["triggerPolicy"] = {"condition": options["when"]}
    if options.get("exit"):
        spec.setdefault("triggerPolicy", {})["strategy"] = EXIT
    if "over" in options:
        over = options["over"]
        items = {"raw": over} if over.startswith("[") else {"inputParameter": over}
        spec["parameterIterator"] = {"itemInput": options.get("item", "item"), "items": items}
    if "limit" in options:
        spec["iteratorPolicy"] = {"parallelismLimit": options["limit"]}
    if "retries" in options:
        spec["retryPolicy"] = {"maxRetryCount": options["retries"]}
    return spec
