"""The real Kubeflow Pipelines of the tests: it reads files strictly and runs them by the rules of a cluster."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.backends.kubeflow.by_hand import Document, File, artifact, constant, gives, output, own, task
from tests.support.kubeflow import Kubeflow

pytestmark = pytest.mark.engine

COPY_ALL = """
python3 -c 'import pathlib, steps, sys; pathlib.Path(sys.argv[2]).write_text(steps.shout(sys.argv[1]))' "$0" "$6"
printf %s "$1" > "$7"; printf %s "$2" > "$8"; printf %s "$3" > "$9"; printf %s "$4" > "${10}"; printf %s "$5" > "${11}"
"""
ALL_KINDS = {"t": "text", "i": "integer", "n": "number", "b": "boolean", "l": "list", "m": "map"}
DEFAULTS: Document = {
    "t": {"parameterType": "STRING", "defaultValue": "it's $(id) `x`", "isOptional": True},
    "i": {"parameterType": "NUMBER_INTEGER", "defaultValue": 7, "isOptional": True},
    "n": {"parameterType": "NUMBER_DOUBLE", "defaultValue": 0.25, "isOptional": True},
    "b": {"parameterType": "BOOLEAN", "defaultValue": True, "isOptional": True},
    "l": {"parameterType": "LIST", "defaultValue": [1, "a", None], "isOptional": True},
    "m": {"parameterType": "STRUCT", "defaultValue": {"a": {"b": 2.5}}, "isOptional": True},
}


def test_parameters(kubeflow: Kubeflow, tmp_path: Path) -> None:
    (tmp_path / "steps.py").write_text("def shout(text):\n    return text.upper() + '!'\n", "utf-8")
    file = File()
    file.shell("copy", COPY_ALL, ALL_KINDS, ALL_KINDS)
    text = file.text(task("copy", parameters={name: own(name) for name in ALL_KINDS}), DEFAULTS)
    assert kubeflow.validate(text) == []
    run = kubeflow.run(text, folder=tmp_path)
    assert run.states == {"copy": "SUCCESS"}, run.tasks
    as_default = {"t": "IT'S $(ID) `X`!", "i": 7, "n": 0.25, "b": True, "l": [1, "a", None], "m": {"a": {"b": 2.5}}}
    assert run.tasks["copy"].outputs == as_default
    run = kubeflow.run(text, {"i": 12, "b": False, "n": 3.0}, tmp_path)
    assert repr(run.tasks["copy"].outputs) == repr(dict(sorted({**as_default, "i": 12, "n": 3.0, "b": False}.items())))


def test_artifacts(kubeflow: Kubeflow) -> None:
    file = File()
    file.shell("make", 'printf %s "$0" > "$1"', {"word": "text"}, {"made": "artifact"})
    file.shell("read", 'cat "$0"; printf +; cat "$1"; cat "$0" "$1" > "$2"', _two("artifact"), {"both": "artifact"})
    run = kubeflow.run(
        file.text(
            task("make", parameters={"word": constant("one")})
            | task("again", component="make", parameters={"word": constant("two")})
            | task("read", ["make", "again"], artifacts={"a": artifact("make", "made"), "b": artifact("again", "made")})
        )
    )
    assert run.tasks["read"].log == "one+two"
    both = run.tasks["read"].outputs["both"]
    assert (both["type"], both["text"]) == ("system.Dataset", "onetwo")


CONDITIONS = {
    "int(inputs.parameter_values['number']) > 1": True,
    "int(inputs.parameter_values['number']) > 2": False,
    "inputs.parameter_values['number'] >= 2.0 && inputs.parameter_values['truth'] == true": True,
    "inputs.parameter_values['text'] == 'it\\'s' || inputs.parameter_values['truth'] == false": True,
    "inputs.parameter_values['text'] != \"it's\"": False,
    "!(inputs.parameter_values['text'] == \"' || true || '\")": True,
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions(condition: str, kubeflow: Kubeflow) -> None:
    file = File()
    kinds = {"number": "integer", "text": "text", "truth": "boolean"}
    file.shell("find", 'printf 2 > "$0"; printf "it\'s" > "$1"; printf True > "$2"', outputs=kinds)
    file.shell("work", "true")
    found = {name: output("find", name) for name in kinds}
    file.part("branch", task("work"), kinds)
    text = file.text(
        task("find") | task("branch", ["find"], found, triggerPolicy={"condition": condition}) | task("work", ["find"])
    )
    paths = kubeflow.run(text).states
    assert paths == {"find": "SUCCESS", "work": "SUCCESS"} | (
        {"branch/work": "SUCCESS"} if CONDITIONS[condition] else {}
    )


def test_a_condition_that_cannot_be_read_is_an_error(kubeflow: Kubeflow) -> None:
    file = File()
    file.shell("work", "true")
    work = {condition: file.text(task("work", triggerPolicy={"condition": condition})) for condition in ("1 +", "true")}
    with pytest.raises(RuntimeError, match=r"1 \+"):
        kubeflow.run(work["1 +"])
    assert kubeflow.run(work["true"]).states == {"work": "SUCCESS"}


@pytest.mark.parametrize(("number", "branch"), [(1, "one"), (2, "other")])
def test_one_of_two_branches(number: int, branch: str, kubeflow: Kubeflow) -> None:
    file = File()
    for name in ("one", "other"):
        file.shell(name, f'printf {name} > "$0"', outputs={"name": "text"})
        file.part(f"{name}-branch", task(name), {"n": "integer"}, {"out": gives(name, "name")}, {"out": "text"})
    branches = {
        "one-branch": "int(inputs.parameter_values['n']) == 1",
        "other-branch": "!(int(inputs.parameter_values['n']) == 1)",
    }
    tasks: Document = {}
    for name, condition in branches.items():
        tasks |= task(name, parameters={"n": own("n")}, triggerPolicy={"condition": condition})
    selectors = [{"producerSubtask": name, "outputParameterKey": "out"} for name in branches]
    joined = {"out": {"valueFromOneof": {"parameterSelectors": selectors}}}
    file.part("branches", tasks, {"n": "integer"}, joined, {"out": "text"})
    file.shell("show", 'printf %s "$0"', {"word": "text"})
    text = file.text(
        task("branches", parameters={"n": constant(number)})
        | task("show", ["branches"], {"word": output("branches", "out")})
    )
    assert kubeflow.validate(text) == []
    run = kubeflow.run(text)
    assert run.states == {f"branches/{branch}-branch/{branch}": "SUCCESS", "show": "SUCCESS"}
    assert run.tasks["show"].log == branch


def test_loops(kubeflow: Kubeflow) -> None:
    """Over an output by any name, with what is besides the items, and with fields of the items; collected."""
    file = File()
    items: list[Document] = [{"word": "a", "times": 1}, {"word": "b'c", "times": 2}]
    file.shell("list", f'printf %s {shlex.quote(json.dumps(items))} > "$0"', outputs={"items": "list"})
    file.shell("end", 'printf ! > "$0"', outputs={"mark": "text"})
    kinds = {"word": "text", "times": "integer", "mark": "text"}
    file.shell("repeat", 'for _ in $(seq "$1"); do printf %s "$0"; done > "$3"; printf %s "$2" >> "$3"', kinds, _text())
    fields = {field: own("item", f'parseJson(string_value)["{field}"]') for field in ("word", "times")}
    file.part(
        "each",
        task("repeat", parameters={**fields, "mark": own("mark")}),
        {"items": "list", "item": "map", "mark": "text"},
        {"said": gives("repeat", "text")},
        {"said": "list"},
    )
    file.shell("show", 'printf %s "$0"', {"all": "list"})
    loop: Document = {"parameterIterator": {"items": {"inputParameter": "items"}, "itemInput": "item"}}
    text = file.text(
        task("list")
        | task("end")
        | task("each", ["list", "end"], {"items": output("list", "items"), "mark": output("end", "mark")}, **loop)
        | task("show", ["each"], {"all": output("each", "said")})
    )
    assert kubeflow.validate(text) == []
    run = kubeflow.run(text)
    assert sorted(run.tasks) == ["each[0]/repeat", "each[1]/repeat", "end", "list", "show"]
    assert run.tasks["show"].log == """["a!","b'cb'c!"]"""


def test_a_loop_over_what_is_written_in_it(kubeflow: Kubeflow) -> None:
    file = File()
    file.shell("say", 'printf %s "$0"', {"word": "text"})
    loop: Document = {"parameterIterator": {"items": {"raw": '["x", 1, true]'}, "itemInput": "word"}}
    run = kubeflow.run(file.text(task("say", **loop)))
    assert {path: task.log for path, task in run.tasks.items()} == {"say[0]": "x", "say[1]": "1", "say[2]": "true"}


def test_loops_in_loops_and_a_part_that_is_there_twice(kubeflow: Kubeflow) -> None:
    """Each has its own files, and what fails in one keeps neither the others nor what is beside it from running."""
    file = File()
    file.shell("write", 'printf "$0$1" > "$2"', {"x": "text", "y": "text"}, {"made": "artifact"})
    file.shell("read", 'test "$(cat "$0")" != "2b"; cat "$0"', {"made": "artifact"})
    file.part(
        "inner",
        task("write", parameters={"x": own("x"), "y": own("y")})
        | task("read", ["write"], artifacts={"made": artifact("write", "made")}),
        {"x": "text", "y": "text"},
    )
    inner: Document = {"parameterIterator": {"items": {"raw": '["a", "b"]'}, "itemInput": "y"}}
    outer: Document = {"parameterIterator": {"items": {"raw": "[1, 2]"}, "itemInput": "x"}}
    file.part("outer", task("inner", parameters={"x": own("x")}, **inner), {"x": "text"})
    once: Document = {"x": constant("z"), "y": constant("z")}
    text = file.text(task("outer", **outer) | task("once", component="inner", parameters=once))
    assert kubeflow.validate(text) == []
    run = kubeflow.run(text)
    logs = {path.removesuffix("/read"): read.log for path, read in run.tasks.items() if path.endswith("/read")}
    assert logs == {
        "outer[0]/inner[0]": "1a",
        "outer[0]/inner[1]": "1b",
        "outer[1]/inner[0]": "2a",
        "outer[1]/inner[1]": "",
        "once": "zz",
    }
    assert [path for path, state in run.states.items() if state == "FAILURE"] == ["outer[1]/inner[1]/read"]
    assert run.state == "FAILURE"


def test_exit_handlers(kubeflow: Kubeflow) -> None:
    file = File()
    file.shell("fail", "exit 3")
    file.shell("close", 'printf %s "$0"', {"status": "map"})
    file.part("body", task("fail"))
    policy = {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}
    status = {"status": {"taskFinalStatus": {"producerTask": "body"}}}
    text = file.text(task("body") | task("close", ["body"], status, triggerPolicy=policy))
    assert kubeflow.validate(text) == []
    run = kubeflow.run(text)
    assert (run.state, run.states) == ("FAILURE", {"body/fail": "FAILURE", "close": "SUCCESS"})
    assert json.loads(run.tasks["close"].log)["state"] == "FAILED"


def test_retries(kubeflow: Kubeflow, tmp_path: Path) -> None:
    file = File()
    file.shell("try", 'echo x >> tries; test $(grep -c x tries) -ge "$0"', {"needed": "integer"})
    policy = {"maxRetryCount": 3, "backoffDuration": "20s", "backoffFactor": 3.0, "backoffMaxDuration": "100s"}
    text = file.text(task("try", parameters={"needed": constant(3)}, retryPolicy=policy))
    run = kubeflow.run(text, folder=tmp_path)
    tried = run.tasks["try"]
    assert (run.state, tried.attempts, tried.waits) == ("SUCCESS", 3, [20.0, 60.0])
    run = kubeflow.run(text.replace('"constant": 3', '"constant": 99'), folder=tmp_path)
    tried = run.tasks["try"]
    assert (run.state, tried.attempts, tried.waits) == ("FAILURE", 4, [20.0, 60.0, 100.0])


def test_what_does_not_wait_for_a_failed_task_runs(kubeflow: Kubeflow) -> None:
    file = File()
    file.shell("fail", "echo why >&2; exit 7")
    file.shell("work", "true")
    waiting = task("after", ["fail"], component="work") | task("later", ["after"], component="work")
    run = kubeflow.run(file.text(task("fail") | task("work") | waiting))
    assert (run.state, run.states) == ("FAILURE", {"fail": "FAILURE", "work": "SUCCESS"})
    assert (run.tasks["fail"].error, run.tasks["fail"].log) == ("exit code 7", "why\n")


FAILURES: dict[str, tuple[str, Document, str]] = {
    "an output that is not written": ("true", {"integer": "integer"}, "No such file"),
    "an output of another type": (
        'printf 1.5 > "$0"',
        {"integer": "integer"},
        "output integer: no whole number: '1.5'",
    ),
    "a list that is none": ('printf {} > "$0"', {"list": "list"}, "output list: no LIST: '{}'"),
    "a list that is no JSON": ('printf "[NaN]" > "$0"', {"list": "list"}, "output list: no JSON: NaN"),
    "a truth that is none": ('printf yes > "$0"', {"truth": "boolean"}, "output truth: neither true nor false: 'yes'"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_outputs_that_a_cluster_does_not_take(case: str, kubeflow: Kubeflow) -> None:
    script, outputs, error = FAILURES[case]
    file = File()
    file.shell("work", script, outputs=outputs)
    run = kubeflow.run(file.text(task("work")))
    assert run.state == "FAILURE"
    assert error in (run.tasks["work"].error or "")


INPUTS: dict[str, tuple[str, Document, str]] = {
    "of another type": ("integer", constant("7"), "x: '7' is no NUMBER_INTEGER"),
    "a truth for a number": ("integer", constant(True), "x: True is no NUMBER_INTEGER"),
    "null": ("text", own("nothing"), "x: null"),
    "that the part is not given": ("text", own("word"), "x: Parent pipeline input argument 'word' not found."),
}


@pytest.mark.parametrize("case", INPUTS)
def test_inputs_that_a_cluster_does_not_have(case: str, kubeflow: Kubeflow) -> None:
    kind, source, error = INPUTS[case]
    file = File()
    file.shell("work", "true", {"x": kind})
    file.part("part", task("work", parameters={"x": source}), {"nothing": "text"})
    file.components["comp-part"]["inputDefinitions"]["parameters"]["nothing"]["isOptional"] = True
    word = {"word": {"parameterType": "STRING", "defaultValue": "it is there", "isOptional": True}}
    run = kubeflow.run(file.text(task("part"), word))
    assert (run.states, run.tasks["part/work"].error) == ({"part/work": "FAILURE"}, error)


def test_placeholders_in_values_are_those_of_the_run_when_they_are_all_of_it(kubeflow: Kubeflow) -> None:
    file = File()
    file.shell("work", 'printf %s "$0"', {"x": "text"})
    values = ["{{$.pipeline_job_name}}", "is {{$.pipeline_job_name}}", "{{$.unknown}}", "{{workflow.name}}"]
    tasks: Document = {}
    for index, value in enumerate(values):
        tasks |= task(f"work-{index}", component="work", parameters={"x": constant(value)})
    run = kubeflow.run(file.text(tasks))
    assert [run.tasks[name].log for name in tasks] == ["test-run", *values[1:]]


def test_what_tasks_write_and_read_is_theirs(kubeflow: Kubeflow) -> None:
    file = File()
    file.shell("work", """printf '{"error": "no"}\\n'; cat; printf end; printf %s "$WORD" """)
    run = kubeflow.run(file.text(task("work")), variables={"WORD": "!"})
    assert run.tasks["work"].log == '{"error": "no"}\nend!'


FAULTS: dict[str, tuple[Document, Document, str]] = {
    "a field of another name": ({"rot": {}}, {}, "pipeline: "),
    "a value of another type": ({"pipelineInfo": {"name": 3}}, {}, "pipeline: "),
    "a list for a map": ({"components": []}, {}, "pipeline: "),
    "no container": (
        {"deploymentSpec": {"executors": {"exec-a": {"container": {"imag": "a"}}}}},
        {},
        "pipeline.deploymentSpec: ",
    ),
    "variables as a map": (
        {"deploymentSpec": {"executors": {"exec-a": {"container": {"env": {"A": "b"}}}}}},
        {},
        "pipeline.deploymentSpec: ",
    ),
    "a platform of another name": ({}, {"platform": {}}, "platform: "),
    "a setting of the platform": (
        {},
        {"platforms": {"kubernetes": {"deploymentSpec": {"executors": {"exec-a": {"timeout": 3}}}}}},
        "platform.platforms.kubernetes.deploymentSpec.executors.exec-a: ",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_faults(case: str, kubeflow: Kubeflow) -> None:
    pipeline, platform, place = FAULTS[case]
    file = File()
    file.shell("work", "true")
    document = json.loads(file.text(task("work")))
    found = kubeflow.validate("\n---\n".join(json.dumps(one) for one in ({**document, **pipeline}, platform) if one))
    assert [fault[: len(place)] for fault in found] == [place], found


def test_files_that_a_cluster_does_not_read(kubeflow: Kubeflow) -> None:
    assert kubeflow.validate("root:\n  dag: {}\nroot: {}\n") == ["line 1: root: there twice"]
    assert kubeflow.validate("{}\n---\n{}\n---\n{}\n") == [
        "a file has one or two documents, each a mapping: there are 3"
    ]


def test_equal_files(kubeflow: Kubeflow) -> None:
    file = File()
    file.shell("work", "true", {"n": "number"})
    text = file.text(task("work", parameters={"n": own("n")}), {"n": {"parameterType": "NUMBER_DOUBLE"}})
    document = json.loads(text)
    same = json.dumps({name: document[name] for name in sorted(document)}).replace("dependentTasks", "dependent_tasks")
    assert same != text
    assert kubeflow.canonical(same) == kubeflow.canonical(text)
    assert kubeflow.canonical(text.replace("true", "false")) != kubeflow.canonical(text)


SOURCE = """
from kfp import dsl

@dsl.container_component
def work(word: str, made: dsl.OutputPath(str)):
    return dsl.ContainerSpec(image="python:3.11", command=["sh", "-euc", 'echo "$0" > "$1"'], args=[word, made])

@dsl.component(install_kfp_package=False)
def twice(word: str, out: dsl.Output[dsl.Dataset]) -> list:
    open(out.path, "w").write(word)
    out.metadata["length"] = len(word)
    return [word, word]

@dsl.pipeline(name="by-hand")
def pipeline(word: str = "a"):
    twice(word=work(word=word).outputs["made"])
"""


def test_what_is_written_with_the_sdk(kubeflow: Kubeflow) -> None:
    text = kubeflow.compile_sdk(SOURCE)
    assert kubeflow.validate(text) == []
    run = kubeflow.run(text, {"word": "it's"})
    assert run.states == {"work": "SUCCESS", "twice": "SUCCESS"}, run
    outputs = run.tasks["twice"].outputs
    assert outputs["Output"] == ["it's\n", "it's\n"]
    assert (outputs["out"]["text"], outputs["out"]["metadata"]) == ("it's\n", {"length": 5})


def _two(kind: str) -> dict[str, str]:
    return {"a": kind, "b": kind}


def _text() -> dict[str, str]:
    return {"text": "text"}
