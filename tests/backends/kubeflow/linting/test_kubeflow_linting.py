"""One thing made wrong in a good PipelineSpec is one fault, which says where it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pipec.backends.kubeflow.linting import lint

from tests.backends.kubeflow.linting.good_specification import (
    artifact,
    artifact_of,
    constant,
    container,
    good,
    good_platform,
    output_of,
    parameter,
    selected,
    task,
)

Table = dict[str, tuple[dict[str, Any], str]]
"""Mutations by name: the values at paths to change, and how the fault begins."""

ABSENT = object()
"""In place of a value: the entry is taken out."""

HANDLER = "components.comp-exit-handler-1.dag.tasks"
GEN = f"{HANDLER}.gen"
LOOP = f"{HANDLER}.for-loop-3"
REPORT = f"{HANDLER}.report"
BRANCHES = "components.comp-condition-branches-2.dag"
WORK_TASK = "components.comp-for-loop-3.dag.tasks.work"
COUNT_LOOP = "components.comp-for-loop-3.dag.tasks.for-loop-5"
BYE = "root.dag.tasks.bye"
EXECUTORS = "deploymentSpec.executors"
PLATFORM = "platforms.kubernetes.deploymentSpec.executors"
EXIT = {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}


def changed(document: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A document with other values at paths, whose parts are separated by dots."""
    for path, value in changes.items():
        *parts, last = path.split(".")
        inside: Any = document
        for part in parts:
            inside = inside[int(part)] if isinstance(inside, list) else inside.setdefault(part, {})
        if value is ABSENT:
            del inside[last]
        elif isinstance(inside, list):
            inside[int(last)] = value
        else:
            inside[last] = value
    return document


def test_a_good_specification_has_no_fault() -> None:
    assert lint(good(), good_platform()) == ()
    assert lint(good()) == ()


STRUCTURE: Table = {
    "schemaVersion missing": ({"schemaVersion": ABSENT}, "schemaVersion: is None"),
    "schemaVersion of old": ({"schemaVersion": "2.0.0"}, "schemaVersion: is '2.0.0'"),
    "sdkVersion missing": ({"sdkVersion": ABSENT}, "sdkVersion: is missing"),
    "pipeline name": ({"pipelineInfo.name": "My Pipe"}, 'pipelineInfo.name: "My Pipe" is no name'),
    "pipeline name missing": ({"pipelineInfo": {}}, 'pipelineInfo.name: "" is no name'),
    "dangling componentRef": (
        {f"{GEN}.componentRef.name": "comp-none"},
        f'{GEN}.componentRef: there is no component "comp-none"; there are "comp-alternative"',
    ),
    "dangling executorLabel": (
        {"components.comp-gen.executorLabel": "exec-none"},
        'components.comp-gen.executorLabel: there is no executor "exec-none"; there are "exec-alternative"',
    ),
    "empty dag": (
        {
            "components.comp-for-loop-5.dag.tasks": {},
            "components.comp-count": ABSENT,
            f"{EXECUTORS}.exec-count": ABSENT,
        },
        "components.comp-for-loop-5.dag.tasks: there is no task",
    ),
    "dag and executor": (
        {"components.comp-count.dag": {"tasks": {"x": task("comp-split")}}},
        "components.comp-count: has to have either a dag or an executorLabel",
    ),
    "root without dag": ({"root": {"executorLabel": "exec-split"}}, "root: has to have a dag"),
    "component not used": (
        {"components.comp-new": {"executorLabel": "exec-new"}, f"{EXECUTORS}.exec-new": container("new")},
        "components.comp-new: no task uses it",
    ),
    "executor not used": (
        {f"{EXECUTORS}.exec-new": {"container": {"image": "alpine:3.20"}}},
        f"{EXECUTORS}.exec-new: no component uses it",
    ),
    "executor garbage": (
        {f"{EXECUTORS}.exec-split": {"contaner": {"img": 1}}},
        f"{EXECUTORS}.exec-split: has to be either a container or an importer",
    ),
    "no image": (
        {f"{EXECUTORS}.exec-split.container.image": ""},
        f"{EXECUTORS}.exec-split.container.image: is missing",
    ),
    "equal containers of unlike components": (
        {
            "components.comp-new": {"executorLabel": "exec-new"},
            f"{EXECUTORS}.exec-new": container("{{$}}"),
            f"{HANDLER}.new": task("comp-new"),
        },
        'components.comp-new: has a container like that of "comp-split", and other inputs or outputs: the backend',
    ),
    "a component in itself": (
        {
            "components.comp-for-loop-5.dag.tasks.again": task(
                "comp-for-loop-5", inputs={"parameters": {"item": constant(1)}}
            )
        },
        "components.comp-for-loop-5: contains itself: comp-for-loop-5 in comp-for-loop-5",
    ),
}

NAMES: Table = {
    "task name": (
        {f"{HANDLER}.Work_A": task("comp-split")},
        f'{HANDLER}.Work_A: "Work_A" is no name of a task: small letters',
    ),
    "task name with a digit first": ({f"{HANDLER}.1-a": task("comp-split")}, f'{HANDLER}.1-a: "1-a" is no name'),
    "task name too long": (
        {f"{HANDLER}.{'a' * 122}": task("comp-split")},
        f"{HANDLER}.{'a' * 122}: the name is too long: 122 characters, at most 121 fit",
    ),
    "task named as the step before another": (
        {f"{HANDLER}.gen-driver": task("comp-split")},
        f'{GEN}: the backend puts a step "gen-driver" before it',
    ),
    "component name": (
        {
            "components.comp_x": {"executorLabel": "exec-x"},
            f"{EXECUTORS}.exec-x": container("x"),
            f"{HANDLER}.x": task("comp_x"),
        },
        'components.comp_x: "comp_x" is no name of a component',
    ),
    "component named as a template of the backend": (
        {
            "components.system-dag-driver": {"executorLabel": "exec-x"},
            f"{EXECUTORS}.exec-x": container("x"),
            f"{HANDLER}.x": task("system-dag-driver"),
        },
        'components.system-dag-driver: "system-dag-driver" is a name that the backend itself uses',
    ),
    "parameter name": (
        {"components.comp-work.inputDefinitions.parameters.a b": parameter("STRING", isOptional=True)},
        'components.comp-work.inputDefinitions.parameters.a b: "a b" is no name',
    ),
}

ORDER: Table = {
    "unknown dependentTask": (
        {f"{GEN}.dependentTasks": ["zzz"]},
        f'{GEN}.dependentTasks: there is no task "zzz" in this dag; there are "condition-branches-2"',
    ),
    "dependentTask of another dag": (
        {f"{GEN}.dependentTasks": ["bye"]},
        f'{GEN}.dependentTasks: there is no task "bye" in this dag',
    ),
    "cycle": (
        {f"{GEN}.dependentTasks": ["report"]},
        f"{HANDLER}: they wait for each other: ",
    ),
    "a task that waits for itself": (
        {f"{GEN}.dependentTasks": ["gen"]},
        f"{HANDLER}: they wait for each other: gen -> gen",
    ),
    "a task named twice": (
        {f"{REPORT}.dependentTasks": ["for-loop-3", "condition-branches-2", "for-loop-3"]},
        f"{REPORT}.dependentTasks: a task is named twice",
    ),
    "data without dependentTasks": (
        {f"{LOOP}.dependentTasks": []},
        f'{LOOP}.inputs.parameters.pipelinechannel--split-names: takes an output of "split", which dependentTasks',
    ),
    "artifact without dependentTasks": (
        {
            "components.comp-exit-handler-1.dag.tasks.again": task(
                "comp-use", inputs={"artifacts": {"data": artifact_of("gen", "data")}}
            )
        },
        f'{HANDLER}.again.inputs.artifacts.data: takes an output of "gen", which dependentTasks',
    ),
}

INPUTS: Table = {
    "missing required input": (
        {f"{GEN}.inputs.parameters.n": ABSENT},
        f'{GEN}.inputs.parameters: "n" is missing, which its component needs',
    ),
    "missing required artifact": (
        {"components.comp-condition-4.dag.tasks.use.inputs": ABSENT},
        'components.comp-condition-4.dag.tasks.use.inputs.artifacts: "data" is missing',
    ),
    "unknown input": (
        {f"{GEN}.inputs.parameters.zzz": constant("x")},
        f'{GEN}.inputs.parameters.zzz: its component has no such input; there are "label", "n"',
    ),
    "unknown componentInputParameter": (
        {f"{GEN}.inputs.parameters.n": {"componentInputParameter": "nope"}},
        f'{GEN}.inputs.parameters.n: there is no input "nope" of components.comp-exit-handler-1',
    ),
    "componentInputParameter of the wrong scope": (
        {f"{GEN}.inputs.parameters.n": {"componentInputParameter": "n"}},
        f'{GEN}.inputs.parameters.n: there is no input "n" of components.comp-exit-handler-1; '
        'there are "pipelinechannel--n"',
    ),
    "unknown componentInputArtifact": (
        {"components.comp-condition-4.dag.tasks.use.inputs.artifacts.data": {"componentInputArtifact": "nope"}},
        'components.comp-condition-4.dag.tasks.use.inputs.artifacts.data: there is no input "nope"',
    ),
    "the list inside of its loop": (
        {
            "components.comp-for-loop-3.dag.tasks.all": task(
                "comp-report",
                inputs={
                    "parameters": {
                        "joined": constant(""),
                        "texts": {"componentInputParameter": "pipelinechannel--split-names"},
                    }
                },
            )
        },
        "components.comp-for-loop-3.dag.tasks.all.inputs.parameters.texts: "
        'there is no input "pipelinechannel--split-names" of components.comp-for-loop-3',
    ),
    "unknown producerTask": (
        {f"{REPORT}.inputs.parameters.texts": output_of("nope", "texts")},
        f'{REPORT}.inputs.parameters.texts: there is no task "nope" in this dag',
    ),
    "unknown outputParameterKey": (
        {f"{REPORT}.inputs.parameters.texts": output_of("for-loop-3", "nope")},
        f'{REPORT}.inputs.parameters.texts: "for-loop-3" has no output "nope"; there are "texts"',
    ),
    "unknown outputArtifactKey": (
        {f"{HANDLER}.condition-branches-2.inputs.artifacts.pipelinechannel--gen-data": artifact_of("gen", "nope")},
        f"{HANDLER}.condition-branches-2.inputs.artifacts.pipelinechannel--gen-data: "
        '"gen" has no output "nope"; there are "data"',
    ),
    "source of no kind": (
        {f"{GEN}.inputs.parameters.n": {}},
        f"{GEN}.inputs.parameters.n: nothing says where it comes from",
    ),
    "constant of the wrong type": (
        {f"{GEN}.inputs.parameters.label": constant(5)},
        f"{GEN}.inputs.parameters.label: 5 is no STRING",
    ),
    "truth is no number": (
        {f"{GEN}.inputs.parameters.n": constant(True)},
        f"{GEN}.inputs.parameters.n: True is no NUMBER_INTEGER",
    ),
    "fraction is no whole number": (
        {f"{GEN}.inputs.parameters.n": constant(1.5)},
        f"{GEN}.inputs.parameters.n: 1.5 is no NUMBER_INTEGER",
    ),
    "number too large for a double": (
        {f"{GEN}.inputs.parameters.n": constant(2**53 + 1)},
        f"{GEN}.inputs.parameters.n: 9007199254740993 is too large",
    ),
    "output of the wrong type": (
        {f"{REPORT}.inputs.parameters.joined": output_of("for-loop-3", "texts")},
        f"{REPORT}.inputs.parameters.joined: is given a LIST, and a STRING is wanted",
    ),
    "input of the wrong type": (
        {f"{GEN}.inputs.parameters.label": {"componentInputParameter": "pipelinechannel--n"}},
        f"{GEN}.inputs.parameters.label: is given a NUMBER_INTEGER, and a STRING is wanted",
    ),
    "artifact of the wrong type": (
        {"components.comp-use.inputDefinitions.artifacts.data": artifact("system.Model")},
        "components.comp-condition-4.dag.tasks.use.inputs.artifacts.data: "
        "is given a system.Dataset, and a system.Model is wanted",
    ),
    "any artifact where a model is wanted": (
        {"components.comp-gen.outputDefinitions.artifacts.data": artifact("system.Artifact")},
        f"{HANDLER}.condition-branches-2.inputs.artifacts.pipelinechannel--gen-data: "
        "is given a system.Artifact, and a system.Dataset is wanted",
    ),
    "fact of the run as a number": (
        {f"{GEN}.inputs.parameters.n": constant("{{$.pipeline_job_uuid}}")},
        f"{GEN}.inputs.parameters.n: {{{{$.pipeline_job_uuid}}}} is text, and a NUMBER_INTEGER is wanted",
    ),
    "placeholder inside a constant": (
        {f"{GEN}.inputs.parameters.label": constant("run {{$.pipeline_job_uuid}}")},
        f"{GEN}.inputs.parameters.label: {{{{$ opens a placeholder",
    ),
    "selector that is no CEL": (
        {f"{WORK_TASK}.inputs.parameters.name.parameterExpressionSelector": "parseJson("},
        f"{WORK_TASK}.inputs.parameters.name.parameterExpressionSelector: 'parseJson('",
    ),
    "default of the wrong type": (
        {"root.inputDefinitions.parameters.n.defaultValue": "x"},
        "root.inputDefinitions.parameters.n.defaultValue: 'x' is no NUMBER_INTEGER",
    ),
    "default of what is not optional": (
        {
            "components.comp-work.inputDefinitions.parameters.loud.isOptional": False,
            f"{WORK_TASK}.inputs.parameters.loud": constant(True),
        },
        "components.comp-work.inputDefinitions.parameters.loud: has a default, which the backend uses only with",
    ),
    "placeholder in a default": (
        {"root.inputDefinitions.parameters.s": parameter("LIST", defaultValue=["{{$}}"], isOptional=True)},
        "root.inputDefinitions.parameters.s.defaultValue: {{$ opens a placeholder",
    ),
}

OUTPUTS: Table = {
    "output that nothing selects": (
        {"components.comp-condition-4.dag.outputs": {}},
        'components.comp-condition-4.dag.outputs.parameters: nothing says where the declared output "text" comes from',
    ),
    "selected output that is not declared": (
        {f"{BRANCHES}.outputs.parameters.more": {"valueFromParameter": selected("alternative", "text")}},
        f'{BRANCHES}.outputs.parameters.more: no such output is declared; there are "joined"',
    ),
    "output of an unknown task": (
        {f"{BRANCHES}.outputs.parameters.joined.valueFromOneof.parameterSelectors.0": selected("nope", "text")},
        f'{BRANCHES}.outputs.parameters.joined: there is no task "nope" in this dag',
    ),
    "output that the task has not": (
        {f"{BRANCHES}.outputs.parameters.joined.valueFromOneof.parameterSelectors.1": selected("alternative", "nope")},
        f'{BRANCHES}.outputs.parameters.joined: "alternative" has no output "nope"; there are "text"',
    ),
    "choice among none": (
        {f"{BRANCHES}.outputs.parameters.joined": {"valueFromOneof": {}}},
        f"{BRANCHES}.outputs.parameters.joined: nothing says which task it comes from",
    ),
    "output of another type": (
        {"components.comp-alternative.outputDefinitions.parameters.text": parameter("BOOLEAN")},
        f'{BRANCHES}.outputs.parameters.joined: "alternative" gives a BOOLEAN, and it is declared as STRING',
    ),
    "artifact that the task has not": (
        {
            "components.comp-condition-4.outputDefinitions.artifacts": {"a": artifact("system.Model")},
            "components.comp-condition-4.dag.outputs.artifacts": {
                "a": {"artifactSelectors": [{"producerSubtask": "use", "outputArtifactKey": "a"}]}
            },
        },
        'components.comp-condition-4.dag.outputs.artifacts.a: "use" has no output "a"; there is none',
    ),
    "one of several in a loop": (
        {
            "components.comp-for-loop-3.dag.outputs.parameters.texts": {
                "valueFromOneof": {"parameterSelectors": [selected("work", "text")]}
            }
        },
        "components.comp-for-loop-3.dag.outputs.parameters.texts: the backend finds none of several in a loop",
    ),
    "output of a loop that is no list": (
        {
            "components.comp-for-loop-3.outputDefinitions.parameters.text": parameter("STRING"),
            "components.comp-for-loop-3.dag.outputs.parameters.text": {"valueFromParameter": selected("work", "text")},
        },
        "components.comp-for-loop-3.dag.outputs.parameters.text: of a loop all values are collected",
    ),
}

LOOPS: Table = {
    "item that is no input": (
        {f"{COUNT_LOOP}.parameterIterator.itemInput": "nope"},
        f'{COUNT_LOOP}.parameterIterator.itemInput: its component has no input "nope"; there are "item"',
    ),
    "item that is given": (
        {f"{COUNT_LOOP}.inputs.parameters": {"item": constant(1)}},
        f'{COUNT_LOOP}.parameterIterator.itemInput: "item" is also given in inputs',
    ),
    "no items": (
        {f"{COUNT_LOOP}.parameterIterator.items": {}},
        f"{COUNT_LOOP}.parameterIterator.items: has to be either",
    ),
    "items of both kinds": (
        {f"{LOOP}.parameterIterator.items.raw": "[]"},
        f"{LOOP}.parameterIterator.items: has to be either raw or an inputParameter",
    ),
    "items that are not given": (
        {f"{COUNT_LOOP}.parameterIterator.items": {"inputParameter": "nope"}},
        f'{COUNT_LOOP}.parameterIterator.items.inputParameter: the task is not given "nope"',
    ),
    "items that are no list": (
        {
            "components.comp-split.outputDefinitions.parameters.names": parameter("STRUCT"),
            "components.comp-for-loop-3.inputDefinitions.parameters.pipelinechannel--split-names": parameter("STRUCT"),
        },
        f'{LOOP}.parameterIterator.items.inputParameter: "pipelinechannel--split-names" is no LIST',
    ),
    "raw items that are no JSON": (
        {f"{COUNT_LOOP}.parameterIterator.items.raw": "[1,"},
        f"{COUNT_LOOP}.parameterIterator.items.raw: is no list in JSON",
    ),
    "raw items that are no list": (
        {f"{COUNT_LOOP}.parameterIterator.items.raw": "{}"},
        f"{COUNT_LOOP}.parameterIterator.items.raw: is no list in JSON",
    ),
    "raw item of the wrong type": (
        {f"{COUNT_LOOP}.parameterIterator.items.raw": '[1, "a"]'},
        f"{COUNT_LOOP}.parameterIterator.items.raw[1]: 'a' is no NUMBER_INTEGER",
    ),
    "artifact iterator": (
        {f"{HANDLER}.split.artifactIterator": {"itemInput": "x", "items": {"inputArtifact": "y"}}},
        f"{HANDLER}.split.artifactIterator: the backend cannot run over artifacts",
    ),
    "limit of what is no loop": (
        {f"{GEN}.iteratorPolicy": {"parallelismLimit": 2}},
        f"{GEN}.iteratorPolicy: the task is no loop",
    ),
    "limit below none": (
        {f"{LOOP}.iteratorPolicy.parallelismLimit": -1},
        f"{LOOP}.iteratorPolicy.parallelismLimit: -1 is no count of runs",
    ),
}

TRIGGERS: Table = {
    "unknown strategy": (
        {f"{GEN}.triggerPolicy": {"strategy": "ALL_DONE"}},
        f'{GEN}.triggerPolicy.strategy: the backend knows no "ALL_DONE"',
    ),
    "exit task after two tasks": (
        {f"{HANDLER}.last": task("comp-split", dependentTasks=["gen", "split"], triggerPolicy=EXIT)},
        f"{HANDLER}.last.dependentTasks: an exit task has to name one task, after which it runs, not 2",
    ),
    "exit task after none": (
        {f"{HANDLER}.last": task("comp-split", triggerPolicy=EXIT)},
        f"{HANDLER}.last.dependentTasks: an exit task has to name one task, after which it runs, not 0",
    ),
    "exit task after a loop": (
        {f"{HANDLER}.last": task("comp-split", dependentTasks=["for-loop-3"], triggerPolicy=EXIT)},
        f'{HANDLER}.last.dependentTasks: an exit task does not run after "for-loop-3", which is a loop',
    ),
    "exit task after an importer": (
        {
            f"{HANDLER}.last": task("comp-report", dependentTasks=["split"], triggerPolicy=EXIT)
            | {"inputs": {"parameters": {"joined": constant(""), "texts": constant([])}}},
            f"{EXECUTORS}.exec-split": {"importer": {"artifactUri": {"constant": "s3://b/d"}}},
        },
        f'{HANDLER}.last.dependentTasks: an exit task does not run after "split", which is an importer',
    ),
    "exit task after a condition": (
        {f"{BRANCHES}.tasks.last": task("comp-split", dependentTasks=["condition-4"], triggerPolicy=EXIT)},
        f'{BRANCHES}.tasks.last.dependentTasks: an exit task does not run after "condition-4", which may be skipped',
    ),
    "two exit tasks on one": (
        {"root.dag.tasks.also": task("comp-split", dependentTasks=["exit-handler-1"], triggerPolicy=EXIT)},
        f'{BYE}.dependentTasks: "also" is an exit task of "exit-handler-1" too, and the backend runs one of them',
    ),
    "a task that waits for an exit task": (
        {"root.dag.tasks.after": task("comp-split", dependentTasks=["bye"])},
        f'{BYE}: is an exit task, and nothing can wait for one: "after"',
    ),
    "an output of an exit task": (
        {
            f"{HANDLER}.last": task("comp-split", dependentTasks=["gen"], triggerPolicy=EXIT),
            "components.comp-exit-handler-1.outputDefinitions": {"parameters": {"o": parameter("LIST")}},
            "components.comp-exit-handler-1.dag.outputs.parameters.o": {
                "valueFromParameter": selected("last", "names")
            },
        },
        f'{HANDLER}.last: is an exit task, and nothing can wait for one: the output "o"',
    ),
    "a loop as exit task": (
        {
            "root.dag.tasks.bye": task(
                "comp-for-loop-5",
                dependentTasks=["exit-handler-1"],
                triggerPolicy=EXIT,
                parameterIterator={"itemInput": "item", "items": {"raw": "[1]"}},
            ),
            "components.comp-bye": ABSENT,
            f"{EXECUTORS}.exec-bye": ABSENT,
        },
        f"{BYE}: an exit task cannot be a loop",
    ),
    "status for what is no exit task": (
        {f"{BYE}.triggerPolicy": ABSENT},
        f"{BYE}.inputs.parameters.status: only an exit task is given the status of a task",
    ),
    "status of a task that is not waited for": (
        {f"{BYE}.inputs.parameters.status": {"taskFinalStatus": {"producerTask": "nope"}}},
        f'{BYE}.inputs.parameters.status: the exit task does not wait for "nope"',
    ),
    "status as text": (
        {f"{BYE}.inputs.parameters.run": {"taskFinalStatus": {"producerTask": "exit-handler-1"}}},
        f"{BYE}.inputs.parameters.run: the status of a task is no STRING",
    ),
}

CONDITION = f"{BRANCHES}.tasks.alternative.triggerPolicy.condition"
CONDITIONS: Table = {
    "no CEL": ({CONDITION: "((("}, f"{CONDITION}: '(((' is no expression of CEL"),
    "quote in text": (
        {CONDITION: "inputs.parameter_values['k'] == 'it's'"},
        f"{CONDITION}: \"inputs.parameter_values['k'] == 'it's'\" is no expression of CEL",
    ),
    "input that is not declared": (
        {CONDITION: "inputs.parameter_values['nope'] == 1.0 || inputs.parameter_values['nope'] == 2.0"},
        f'{CONDITION}: the task is given no input "nope"; there are "k"',
    ),
    "input with an escaped name": (
        {CONDITION: r"inputs.parameter_values['it\'s'] == 1.0"},
        f'{CONDITION}: the task is given no input "it\'s"; there are "k"',
    ),
    "a name of nothing": ({CONDITION: "k > 1.0"}, f'{CONDITION}: "k" is nothing that a condition can read'),
    "computed name": (
        {CONDITION: "inputs.parameter_values['k' + 'k'] == 1.0"},
        f"{CONDITION}: reads inputs.parameter_values other than by a name",
    ),
    "kind of inputs that there is not": (
        {CONDITION: "inputs.parameters['k'] == 1.0"},
        f"{CONDITION}: reads inputs.parameters other than by a name",
    ),
    "default of a container in a condition": (
        {
            f"{WORK_TASK}.triggerPolicy": {
                "condition": "inputs.parameter_values['loud']",
            }
        },
        f'{WORK_TASK}.triggerPolicy.condition: the task is given no input "loud"; there are "name"',
    ),
    "item of the loop": (
        {f"{COUNT_LOOP}.triggerPolicy": {"condition": "inputs.parameter_values['item'] > 1.0"}},
        f'{COUNT_LOOP}.triggerPolicy.condition: the task is given no input "item"; there is none',
    ),
    "condition on an importer": (
        {
            f"{HANDLER}.split.triggerPolicy": {"condition": "true"},
            f"{EXECUTORS}.exec-split": {"importer": {"artifactUri": {"constant": "s3://b/d"}}},
        },
        f"{HANDLER}.split.triggerPolicy.condition: the backend takes no condition on an importer",
    ),
}

POLICIES: Table = {
    "retry without unit": (
        {f"{GEN}.retryPolicy.backoffDuration": "30"},
        f"{GEN}.retryPolicy.backoffDuration: '30' is no duration",
    ),
    "retry in minutes": (
        {f"{GEN}.retryPolicy.backoffMaxDuration": "1m"},
        f"{GEN}.retryPolicy.backoffMaxDuration: '1m' is no duration",
    ),
    "retries below none": (
        {f"{GEN}.retryPolicy.maxRetryCount": -1},
        f"{GEN}.retryPolicy.maxRetryCount: -1 is no count of retries",
    ),
    "factor zero": ({f"{GEN}.retryPolicy.backoffFactor": 0}, f"{GEN}.retryPolicy.backoffFactor: 0 is no factor"),
    "unknown of retry": ({f"{GEN}.retryPolicy.max": 1}, f"{GEN}.retryPolicy.max: 1 is unknown"),
    "caching by text": ({f"{GEN}.cachingOptions": {"enableCache": "yes"}}, f"{GEN}.cachingOptions.enableCache: 'yes'"),
    "unknown of caching": ({f"{GEN}.cachingOptions": {"ttl": 1}}, f"{GEN}.cachingOptions.ttl: is unknown"),
    "key without cache": (
        {f"{GEN}.cachingOptions": {"cacheKey": "k"}},
        f"{GEN}.cachingOptions.cacheKey: has no effect without enableCache",
    ),
}

SPLIT = f"{EXECUTORS}.exec-split.container"
WORK = f"{EXECUTORS}.exec-work.container"
PLACEHOLDERS: Table = {
    "unknown placeholder": (
        {f"{SPLIT}.args.0": "{{$.nope}}"},
        f"{SPLIT}.args[0]: a cluster knows no placeholder that begins with '{{{{$.nope}}}}'",
    ),
    "half a placeholder": ({f"{SPLIT}.args.0": "a {{$"}, f"{SPLIT}.args[0]: a cluster knows no placeholder"),
    "fact of the run in a command": (
        {f"{SPLIT}.command.2": "echo {{$.pipeline_job_uuid}}"},
        f"{SPLIT}.command[2]: facts of the run are filled in as constants of inputs, not in commands: 'echo {{{{$.pipe",
    ),
    "input parameter that there is not": (
        {f"{WORK}.args.0": "{{$.inputs.parameters['nope']}}"},
        f'{WORK}.args[0]: the component has no input parameter "nope"; there are "loud", "name"',
    ),
    "input artifact that there is not": (
        {f"{WORK}.args.0": "{{$.inputs.artifacts['nope'].path}}"},
        f'{WORK}.args[0]: the component has no input artifact "nope"; there is none',
    ),
    "output parameter that there is not": (
        {f"{WORK}.args.0": "{{$.outputs.parameters['nope'].output_file}}"},
        f'{WORK}.args[0]: the component has no output parameter "nope"; there are "text"',
    ),
    "output artifact that there is not": (
        {f"{WORK}.args.0": "{{$.outputs.artifacts['nope'].uri}}"},
        f'{WORK}.args[0]: the component has no output artifact "nope"; there is none',
    ),
    "output in the first word": (
        {f"{WORK}.command.0": "{{$.outputs.parameters['text'].output_file}}"},
        f"{WORK}.command[0]: only input parameters are filled in",
    ),
    "default of a container": (
        {f"{WORK}.args.0": "{{$.inputs.parameters['loud']}}"},
        f'{WORK}.args[0]: {WORK_TASK} does not give "loud", and a default comes too late',
    ),
    "environment": (
        {f"{EXECUTORS}.exec-gen.container.env.0.value": "{{$.inputs.parameters['n']}}"},
        f"{EXECUTORS}.exec-gen.container.env.A: nothing fills in placeholders in environment variables",
    ),
    "part of an image": (
        {f"{WORK}.image": "alpine:{{$.inputs.parameters['name']}}"},
        f"{WORK}.image: can be an input parameter as a whole, and nothing more",
    ),
    "image from nothing": (
        {f"{WORK}.image": "{{$.inputs.parameters['nope']}}"},
        f'{WORK}.image: the component has no input parameter "nope"',
    ),
    "memory from a part": (
        {f"{WORK}.resources": {"resourceMemoryLimit": "{{$.inputs.parameters['name']}}Mi"}},
        f"{WORK}.resources.resourceMemoryLimit: can be an input parameter as a whole",
    ),
}

TABLES = (STRUCTURE, NAMES, ORDER, INPUTS, OUTPUTS, LOOPS, TRIGGERS, CONDITIONS, POLICIES, PLACEHOLDERS)
MUTATIONS: Table = {name: mutation for table in TABLES for name, mutation in table.items()}


def test_no_two_mutations_have_one_name() -> None:
    assert len(MUTATIONS) == sum(map(len, TABLES))


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_mutation_is_one_fault(mutation: str) -> None:
    changes, expected = MUTATIONS[mutation]
    faults = lint(changed(good(), changes), good_platform())
    assert len(faults) == 1, faults
    assert faults[0].startswith(expected), faults


PLATFORMS: Table = {
    "unknown platform": ({"platforms.swarm": {}}, "platforms.swarm: the backend knows kubernetes alone"),
    "executor that there is not": (
        {f"{PLATFORM}.exec-none": {}},
        f'{PLATFORM}.exec-none: there is no executor "exec-none"',
    ),
    "input that there is not": (
        {f"{PLATFORM}.exec-gen.pvcMount.0.pvcNameParameter": {"componentInputParameter": "nope"}},
        f"{PLATFORM}.exec-gen.pvcMount[0].pvcNameParameter: "
        'there is no input "nope" of components.comp-exit-handler-1; there are "pipelinechannel--n"',
    ),
    "task that there is not": (
        {f"{PLATFORM}.exec-gen.pvcMount.0.pvcNameParameter": output_of("nope", "name")},
        f'{PLATFORM}.exec-gen.pvcMount[0].pvcNameParameter: there is no task "nope" in the dag of {GEN}',
    ),
    "output of a task that is not waited for": (
        {f"{PLATFORM}.exec-gen.pvcMount.0.pvcNameParameter": output_of("split", "names")},
        f'{PLATFORM}.exec-gen.pvcMount[0].pvcNameParameter: takes an output of "split", which dependentTasks of {GEN}',
    ),
}


@pytest.mark.parametrize("mutation", PLATFORMS)
def test_a_mutation_of_the_platform_is_one_fault(mutation: str) -> None:
    changes, expected = PLATFORMS[mutation]
    faults = lint(good(), changed(good_platform(), changes))
    assert len(faults) == 1, faults
    assert faults[0].startswith(expected)


ALLOWED: dict[str, dict[str, Any]] = {
    "an input for memory, as the SDK gives it": {
        f"{GEN}.inputs.parameters.pipelinechannel--memory": constant("1Gi"),
        f"{EXECUTORS}.exec-gen.container.resources": {
            "resourceMemoryLimit": "{{$.inputs.parameters['pipelinechannel--memory']}}"
        },
    },
    "a default of the root without isOptional": {"root.inputDefinitions.parameters.n.isOptional": False},
    "a loop over JSON in a text": {
        "components.comp-split.outputDefinitions.parameters.names": parameter("STRING"),
        "components.comp-for-loop-3.inputDefinitions.parameters.pipelinechannel--split-names": parameter("STRING"),
    },
    "a list declared inside of a loop for what is collected around it": {
        "components.comp-for-loop-3.dag.tasks.inner": task("comp-inner"),
        "components.comp-inner": {
            "outputDefinitions": {"parameters": {"text": parameter("LIST")}},
            "dag": {
                "outputs": {"parameters": {"text": {"valueFromParameter": selected("work", "text")}}},
                "tasks": {"work": task("comp-work", inputs={"parameters": {"name": constant("x")}})},
            },
        },
    },
    "an artifact of any kind": {"components.comp-use.inputDefinitions.artifacts.data": artifact("system.Artifact")},
    "the workspace in a text": {f"{GEN}.inputs.parameters.label": constant("{{$.workspace_path}}/a")},
    "equal containers of components that are alike": {
        "components.comp-new": {
            "executorLabel": "exec-new",
            "outputDefinitions": good()["components"]["comp-split"]["outputDefinitions"],
        },
        f"{EXECUTORS}.exec-new": container("{{$}}"),
        f"{HANDLER}.new": task("comp-new"),
    },
    "containers of unlike components that differ in a variable": {
        "components.comp-new": {"executorLabel": "exec-new"},
        f"{EXECUTORS}.exec-new": container("{{$}}", env=[{"name": "PIPEC_TASK", "value": "new"}]),
        f"{HANDLER}.new": task("comp-new"),
    },
    "an image from an input": {f"{WORK}.image": "{{$.inputs.parameters['name']}}"},
    "an input in the first word": {f"{WORK}.command.0": "{{$.inputs.parameters['name']}}"},
}


@pytest.mark.parametrize("change", ALLOWED)
def test_what_a_cluster_takes_is_no_fault(change: str) -> None:
    assert lint(changed(good(), ALLOWED[change])) == ()


def paths(inside: Any, path: str = "") -> Iterator[str]:
    """Every path of a document that leads to an entry of a mapping."""
    if isinstance(inside, dict):
        for name, value in inside.items():
            yield f"{path}{name}"
            yield from paths(value, f"{path}{name}.")


@pytest.mark.parametrize("part", ["root", "components", "deploymentSpec"])
def test_whatever_is_left_out_the_linter_ends(part: str) -> None:
    shortened = [path for path in paths(good()) if path.startswith(part) and "['" not in path]
    assert len(shortened) > 10
    for path in shortened:
        for fault in lint(changed(good(), {path: ABSENT}), good_platform()):
            assert ": " in fault


def test_of_an_empty_document_everything_is_missing() -> None:
    assert lint({}) == (
        'schemaVersion: is None, the server takes "2.1.0" alone',
        'sdkVersion: is missing, as "kfp-2.17.0"',
        'pipelineInfo.name: "" is no name of a pipeline: 1 to 128 small letters, digits and "-"',
        "root: is missing",
    )
