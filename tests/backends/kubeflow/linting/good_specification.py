"""A PipelineSpec written by hand in which every check of the linter finds something to check, and no fault.

root:         exit-handler-1, then the exit task `bye`
exit-handler: gen -> condition-branches-2 (branches if/else, joined) ; split -> for-loop-3 -> report
for-loop-3:   one `work` for each name, its texts collected
"""

from __future__ import annotations

import json
from typing import Any

CHANNEL = "pipelinechannel--"


def parameter(type_: str, **more: Any) -> dict[str, Any]:
    return {"parameterType": type_, **more}


def artifact(title: str) -> dict[str, Any]:
    return {"artifactType": {"schemaTitle": title, "schemaVersion": "0.0.1"}}


def task(component: str, **more: Any) -> dict[str, Any]:
    return {"taskInfo": {"name": component.removeprefix("comp-")}, "componentRef": {"name": component}, **more}


def output_of(producer: str, key: str) -> dict[str, Any]:
    return {"taskOutputParameter": {"producerTask": producer, "outputParameterKey": key}}


def artifact_of(producer: str, key: str) -> dict[str, Any]:
    return {"taskOutputArtifact": {"producerTask": producer, "outputArtifactKey": key}}


def selected(producer: str, key: str) -> dict[str, Any]:
    return {"producerSubtask": producer, "outputParameterKey": key}


def constant(value: Any) -> dict[str, Any]:
    return {"runtimeValue": {"constant": value}}


def container(*args: str, **more: Any) -> dict[str, Any]:
    return {"container": {"image": "alpine:3.20", "command": ["sh", "-c", "run"], "args": list(args), **more}}


_TEXT = parameter("STRING")
_TEXT_OUTPUT = {"parameters": {"text": _TEXT}}
_TO_TEXT = "{{$.outputs.parameters['text'].output_file}}"

_ROOT = {
    "inputDefinitions": {"parameters": {"n": parameter("NUMBER_INTEGER", defaultValue=3.0, isOptional=True)}},
    "dag": {
        "tasks": {
            "exit-handler-1": task(
                "comp-exit-handler-1", inputs={"parameters": {f"{CHANNEL}n": {"componentInputParameter": "n"}}}
            ),
            "bye": task(
                "comp-bye",
                dependentTasks=["exit-handler-1"],
                inputs={
                    "parameters": {
                        "status": {"taskFinalStatus": {"producerTask": "exit-handler-1"}},
                        "run": constant("{{$.pipeline_job_uuid}}"),
                    }
                },
                triggerPolicy={"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"},
            ),
        }
    },
}

_EXIT_HANDLER = {
    "inputDefinitions": {"parameters": {f"{CHANNEL}n": parameter("NUMBER_INTEGER")}},
    "dag": {
        "tasks": {
            "gen": task(
                "comp-gen",
                inputs={
                    "parameters": {
                        "n": {"componentInputParameter": f"{CHANNEL}n"},
                        "label": constant("a 'quoted' text"),
                    }
                },
                cachingOptions={},
                retryPolicy={
                    "maxRetryCount": 2,
                    "backoffDuration": "30s",
                    "backoffFactor": 2.0,
                    "backoffMaxDuration": "3600s",
                },
            ),
            "condition-branches-2": task(
                "comp-condition-branches-2",
                dependentTasks=["gen"],
                inputs={
                    "parameters": {f"{CHANNEL}gen-k": output_of("gen", "k")},
                    "artifacts": {f"{CHANNEL}gen-data": artifact_of("gen", "data")},
                },
            ),
            "split": task("comp-split", cachingOptions={"enableCache": True, "cacheKey": "s"}),
            "for-loop-3": task(
                "comp-for-loop-3",
                dependentTasks=["split"],
                inputs={"parameters": {f"{CHANNEL}split-names": output_of("split", "names")}},
                parameterIterator={
                    "itemInput": f"{CHANNEL}split-names-loop-item",
                    "items": {"inputParameter": f"{CHANNEL}split-names"},
                },
                iteratorPolicy={"parallelismLimit": 2},
            ),
            "report": task(
                "comp-report",
                dependentTasks=["condition-branches-2", "for-loop-3"],
                inputs={
                    "parameters": {
                        "joined": output_of("condition-branches-2", "joined"),
                        "texts": output_of("for-loop-3", "texts"),
                    }
                },
            ),
        }
    },
}

_BRANCHES = {
    "inputDefinitions": {
        "parameters": {f"{CHANNEL}gen-k": parameter("NUMBER_INTEGER")},
        "artifacts": {f"{CHANNEL}gen-data": artifact("system.Dataset")},
    },
    "outputDefinitions": {"parameters": {"joined": _TEXT}},
    "dag": {
        "outputs": {
            "parameters": {
                "joined": {
                    "valueFromOneof": {
                        "parameterSelectors": [selected("condition-4", "text"), selected("alternative", "text")]
                    }
                }
            }
        },
        "tasks": {
            "condition-4": task(
                "comp-condition-4",
                inputs={
                    "parameters": {f"{CHANNEL}gen-k": {"componentInputParameter": f"{CHANNEL}gen-k"}},
                    "artifacts": {f"{CHANNEL}gen-data": {"componentInputArtifact": f"{CHANNEL}gen-data"}},
                },
                triggerPolicy={"condition": f"int(inputs.parameter_values['{CHANNEL}gen-k']) > 1"},
            ),
            "alternative": task(
                "comp-alternative",
                inputs={"parameters": {"k": {"componentInputParameter": f"{CHANNEL}gen-k"}}},
                triggerPolicy={"condition": "!(int(inputs.parameter_values.k) > 1)"},
            ),
        },
    },
}

_CONDITION = {
    "inputDefinitions": {
        "parameters": {f"{CHANNEL}gen-k": parameter("NUMBER_INTEGER")},
        "artifacts": {f"{CHANNEL}gen-data": artifact("system.Dataset")},
    },
    "outputDefinitions": _TEXT_OUTPUT,
    "dag": {
        "outputs": {"parameters": {"text": {"valueFromParameter": selected("use", "text")}}},
        "tasks": {
            "use": task("comp-use", inputs={"artifacts": {"data": {"componentInputArtifact": f"{CHANNEL}gen-data"}}})
        },
    },
}

_LOOP = {
    "inputDefinitions": {
        "parameters": {
            f"{CHANNEL}split-names": parameter("LIST"),
            f"{CHANNEL}split-names-loop-item": parameter("STRUCT"),
        }
    },
    "outputDefinitions": {"parameters": {"texts": parameter("LIST")}},
    "dag": {
        "outputs": {"parameters": {"texts": {"valueFromParameter": selected("work", "text")}}},
        "tasks": {
            "work": task(
                "comp-work",
                inputs={
                    "parameters": {
                        "name": {
                            "componentInputParameter": f"{CHANNEL}split-names-loop-item",
                            "parameterExpressionSelector": 'parseJson(string_value)["name"]',
                        }
                    }
                },
            ),
            "for-loop-5": task(
                "comp-for-loop-5",
                parameterIterator={"itemInput": "item", "items": {"raw": "[1, 2]"}},
            ),
        },
    },
}

_INNER_LOOP = {
    "inputDefinitions": {"parameters": {"item": parameter("NUMBER_INTEGER")}},
    "dag": {"tasks": {"count": task("comp-count", inputs={"parameters": {"n": {"componentInputParameter": "item"}}})}},
}


def good() -> dict[str, Any]:
    """The PipelineSpec, made anew so that a test may change it."""
    made: dict[str, Any] = json.loads(  # no part is one with another, as a copy would have it
        json.dumps(
            {
                "pipelineInfo": {"name": "good", "description": "has it all"},
                "schemaVersion": "2.1.0",
                "sdkVersion": "kfp-2.17.0",
                "root": _ROOT,
                "components": {
                    "comp-exit-handler-1": _EXIT_HANDLER,
                    "comp-condition-branches-2": _BRANCHES,
                    "comp-condition-4": _CONDITION,
                    "comp-for-loop-3": _LOOP,
                    "comp-for-loop-5": _INNER_LOOP,
                    "comp-gen": {
                        "executorLabel": "exec-gen",
                        "inputDefinitions": {"parameters": {"n": parameter("NUMBER_INTEGER"), "label": _TEXT}},
                        "outputDefinitions": {
                            "parameters": {"k": parameter("NUMBER_INTEGER")},
                            "artifacts": {"data": artifact("system.Dataset")},
                        },
                    },
                    "comp-split": {
                        "executorLabel": "exec-split",
                        "outputDefinitions": {"parameters": {"names": parameter("LIST")}},
                    },
                    "comp-use": {
                        "executorLabel": "exec-use",
                        "inputDefinitions": {"artifacts": {"data": artifact("system.Artifact")}},
                        "outputDefinitions": _TEXT_OUTPUT,
                    },
                    "comp-alternative": {
                        "executorLabel": "exec-alternative",
                        "inputDefinitions": {"parameters": {"k": parameter("NUMBER_INTEGER")}},
                        "outputDefinitions": _TEXT_OUTPUT,
                    },
                    "comp-work": {
                        "executorLabel": "exec-work",
                        "inputDefinitions": {
                            "parameters": {
                                "name": _TEXT,
                                "loud": parameter("BOOLEAN", defaultValue=True, isOptional=True),
                            }
                        },
                        "outputDefinitions": _TEXT_OUTPUT,
                    },
                    "comp-count": {
                        "executorLabel": "exec-count",
                        "inputDefinitions": {"parameters": {"n": parameter("NUMBER_INTEGER")}},
                    },
                    "comp-report": {
                        "executorLabel": "exec-report",
                        "inputDefinitions": {"parameters": {"joined": _TEXT, "texts": parameter("LIST")}},
                    },
                    "comp-bye": {
                        "executorLabel": "exec-bye",
                        "inputDefinitions": {
                            "parameters": {"status": parameter("TASK_FINAL_STATUS", isOptional=True), "run": _TEXT}
                        },
                    },
                },
                "deploymentSpec": {
                    "executors": {
                        "exec-gen": container(
                            "{{$.inputs.parameters['n']}}",
                            "--label={{$.inputs.parameters['label']}}",
                            "{{$.outputs.artifacts['data'].path}}",
                            "{{$.outputs.parameters['k'].output_file}}",
                            env=[{"name": "A", "value": "{b}"}],
                            resources={"cpuLimit": 1.0, "resourceCpuLimit": "1"},
                        ),
                        "exec-split": container("{{$}}"),
                        "exec-use": container("{{$.inputs.artifacts['data'].uri}}", _TO_TEXT),
                        "exec-alternative": container("{{$.inputs.parameters['k']}}", _TO_TEXT),
                        "exec-work": container("{{$.inputs.parameters['name']}}", _TO_TEXT),
                        "exec-count": container("{{$.inputs.parameters['n']}}"),
                        "exec-report": container("{{$.inputs.parameters['texts']}}"),
                        "exec-bye": container("{{$.inputs.parameters['status']}} {{$.inputs.parameters['run']}}"),
                    }
                },
            }
        )
    )
    return made


def good_platform() -> dict[str, Any]:
    """Its PlatformSpec."""
    secret = {
        "secretName": "s3",
        "keyToEnv": [{"secretKey": "pw", "envVar": "PW"}],
        "secretNameParameter": {"runtimeValue": {"constant": "s3"}},
    }
    claim = {"pvcNameParameter": {"componentInputParameter": f"{CHANNEL}n"}, "mountPath": "/data"}
    return {
        "platforms": {
            "kubernetes": {
                "deploymentSpec": {
                    "executors": {
                        "exec-use": {"activeDeadlineSeconds": "60", "secretAsEnv": [secret]},
                        "exec-gen": {"pvcMount": [claim]},
                    }
                },
                "pipelineConfig": {"activeDeadlineSeconds": 3600},
            }
        }
    }
