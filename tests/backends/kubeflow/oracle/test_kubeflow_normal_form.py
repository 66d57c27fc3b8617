"""The normal form knows two files apart when anything but made-up names and code differs, and not else."""

from __future__ import annotations

import json

import pytest

from tests.backends.kubeflow.by_hand import File, constant, gives, output, own, task
from tests.backends.kubeflow.oracle.normal_form import Document, normal_form

CODE = {"container": {"image": "python:3.12", "command": ["python3", "-c", "the program"], "args": ["{{$}}"]}}


def written() -> str:
    """A file of a container, of code in a loop, and of code that gets what the loop collects."""
    file = File()
    file.shell("list", "make a list", {"length": "integer"}, {"items": "list", "scale": "number"})
    file.shell("score", "", {"item": "text", "scale": "number"}, {"points": "number"})
    file.shell("show", "", {"all": "list"})
    file.executors["exec-score"] = file.executors["exec-show"] = CODE
    file.part(
        "each",
        task("score", parameters={"item": own("channel-item"), "scale": own("channel-scale")}, cachingOptions={}),
        {"channel-items": "list", "channel-item": "text", "channel-scale": "number"},
        {"channel-points": gives("score", "points")},
        {"channel-points": "list"},
    )
    loop: Document = {
        "parameterIterator": {"items": {"inputParameter": "channel-items"}, "itemInput": "channel-item"},
        "iteratorPolicy": {"parallelismLimit": 2},
    }
    sources = {"channel-items": output("list", "items"), "channel-scale": output("list", "scale")}
    condition = {"condition": "inputs.parameter_values['channel-scale'] == 1.0"}
    platform = {"platforms": {"kubernetes": {"deploymentSpec": {"executors": {"exec-show": {"timeout": "60"}}}}}}
    return file.text(
        task("list", parameters={"length": own("length")}, retryPolicy={"maxRetryCount": 2})
        | task("each", ["list"], sources, triggerPolicy=condition, **loop)
        | task("show", ["each"], {"all": output("each", "channel-points")})
        | task("short", component="list", parameters={"length": constant(1.0)}),
        {"length": {"parameterType": "NUMBER_INTEGER", "defaultValue": 3.0, "isOptional": True}},
        platform,
    )


def form_of(text: str) -> Document:
    pipeline, platform = map(json.loads, text.split("\n---\n"))
    return normal_form({"pipeline": pipeline, "platform": platform})


NAMES = {
    "a part": ("each", "for-loop-1"),
    "the name on the way": ("channel-", "pipelinechannel--list-"),
    "an input of code": ('"all"', '"everything"'),
    "code": ("the program", "another program"),
}


@pytest.mark.parametrize("case", NAMES)
def test_names_and_code_do_not_count(case: str) -> None:
    one, other = NAMES[case]
    changed = written().replace(one, other)
    assert changed != written()
    assert form_of(changed) == form_of(written())


def test_what_nothing_in_a_part_reads_does_not_count() -> None:
    pipeline, platform = map(json.loads, written().split("\n---\n"))
    pipeline["components"]["comp-each"]["inputDefinitions"]["parameters"]["unread"] = {"parameterType": "BOOLEAN"}
    given = {"unread": {"componentInputParameter": "length"}}
    pipeline["root"]["dag"]["tasks"]["each"]["inputs"]["parameters"].update(given)
    assert normal_form({"pipeline": pipeline, "platform": platform}) == form_of(written())


CHANGES = {
    "a name of the pipeline": ("by-hand", "other"),
    "a command": ("make a list", "make another list"),
    "an argument of a container": ("$.outputs.parameters['scale']", "$.outputs.parameters['items']"),
    "an image": ("python:3.12", "python:3.13"),
    "a default": ('"defaultValue": 3.0', '"defaultValue": 4.0'),
    "a constant": ('"constant": 1.0', '"constant": 2.0'),
    "retries": ('"maxRetryCount": 2', '"maxRetryCount": 3'),
    "caching": ('"cachingOptions": {}', '"cachingOptions": {"enableCache": true}'),
    "how many at once": ('"parallelismLimit": 2', '"parallelismLimit": 3'),
    "a condition": ("== 1.0", "== 2.0"),
    "what a task waits for": ('"dependentTasks": ["list"]', '"dependentTasks": []'),
    "which output is given on": ('"outputParameterKey": "scale"', '"outputParameterKey": "items"'),
    "which task gives it": ('"producerTask": "list"', '"producerTask": "short"'),
    "what is looped over": ('"inputParameter": "channel-items"', '"inputParameter": "channel-scale"'),
    "what an iteration gets": (
        '"componentInputParameter": "channel-item"',
        '"componentInputParameter": "channel-scale"',
    ),
    "a field of an item": (
        '"componentInputParameter": "channel-item"',
        '"componentInputParameter": "channel-item", "parameterExpressionSelector": "parseJson(string_value)"',
    ),
    "the type of an input": ('"item": {"parameterType": "STRING"}', '"item": {"parameterType": "STRUCT"}'),
    "the type of an output": ('"points": {"parameterType": "NUMBER_DOUBLE"}', '"points": {"parameterType": "STRING"}'),
    "a setting of the platform": ('"timeout": "60"', '"timeout": "61"'),
}


@pytest.mark.parametrize("case", CHANGES)
def test_all_else_counts(case: str) -> None:
    one, other = CHANGES[case]
    assert one in written()
    assert form_of(written().replace(one, other)) != form_of(written())
