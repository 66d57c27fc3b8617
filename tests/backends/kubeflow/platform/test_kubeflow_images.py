"""Image tasks run, with values in and out: their programs run on this machine, images mean nothing here."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pipec.backends.kubeflow.linting import lint

from tests.backends.kubeflow.platform.written import HAS_IMAGE, compiled, documents
from tests.support.kubeflow import Kubeflow, KubeflowRun

pytestmark = pytest.mark.engine


def run(kubeflow: Kubeflow, program: str, folder: Path | None = None, pipeline: str | None = None) -> KubeflowRun:
    """Run the pipeline of a program, whose file has no faults."""
    text = compiled(program, pipeline)
    assert kubeflow.validate(text) == []
    found = list(yaml.safe_load_all(text))
    assert lint(found[0], found[1] if len(found) > 1 else {}) == ()
    return kubeflow.run(text, folder=folder)


def image(command: str, args: str = "", image: str = '"tool:1"') -> str:
    """An image task that runs a shell text, whose `$1`, `$2`, … are the arguments."""
    return f'image({image}, command = ["sh", "-c", \'{command}\', "it"], args = [{args}])'


VALUES = {
    '"a b"': "<a b>",
    '"it\'s \\"so\\""': '<it\'s "so">',
    '"$HOME $(id) `id` ; *"': "<$HOME $(id) `id` ; *>",
    '"${t}!"': "<x  y!>",
    "t": "<x  y>",
    "i": "<7>",
    "b": "<true>",
    '"${b}${i}-${t}"': "<true7-x  y>",
    "run.pipeline": "<p>",
    "run.id": "<5f2a1c3e-0000-4000-8000-000000000001>",
    '"n=${1 + 1}"': "<n=2>",
    # by a helper
    "f": "<1.0>",
    '"f=${f}"': "<f=1.0>",
    '"${l}"': '<["a", "b"]>',
    "i + 1": "<8>",
    "upper(t)": "<X  Y>",
    "run.date": "<2026-01-02>",
}
PARAMETERS = 't: str = "x  y", i: int = 7, b: bool = true, f: float = 1.0, l: list[str] = ["a", "b"], o: str? = null'


@pytest.mark.parametrize("value", VALUES)
def test_arguments_and_variables(value: str, kubeflow: Kubeflow) -> None:
    show = image('printf "<%s>" "$1"; printf "<%s>" "$V"', value)
    found = run(kubeflow, f"pipeline p({PARAMETERS}) {{ task work(V = {value}) = {show} }}")
    assert found.state == "SUCCESS", found.tasks
    (work,) = [task for path, task in found.tasks.items() if path.split("/")[-1] in ("work", "work-run")]
    assert work.log == VALUES[value] * 2


def test_null_as_a_variable(kubeflow: Kubeflow) -> None:
    show = image('printf "<$V>"')
    found = run(kubeflow, f"pipeline p(o: str? = null) {{ task work(V = o) = {show} }}")
    assert found.tasks["work/work-run"].log == "<>"


def test_a_container_that_needs_nothing_stays_plain() -> None:
    pipeline, _ = documents(
        compiled('pipeline p(n: int = 1) { task work = image("tool:1", command = ["tool"], args = ["-n", "${n}"]) }')
    )
    name = "pipelinechannel--n"
    assert pipeline["deploymentSpec"]["executors"]["exec-work"]["container"] == {
        "image": "tool:1",
        "command": ["tool"],
        "args": ["-n", f"{{{{$.inputs.parameters['{name}']}}}}"],
    }


def test_outputs_of_other_tasks(kubeflow: Kubeflow) -> None:
    show = image('printf "$1 $2 $3 $N $D"', '"${make.text}", "${make.numbers}", make.data')
    found = run(
        kubeflow,
        f"""
        pipeline p {{
          {HAS_IMAGE}
          task make -> {{ text: str, numbers: list[float], data: dataset }} =
            shell('cd $PIPEC_OUTPUTS; echo a > text; echo "[1.0, 2.5]" > numbers; echo s3://b/c > data')
          task show(N = make.numbers, D = make.data) = {show}
        }}
        """,
    )
    assert found.tasks["show/show-run"].log == "a [1.0, 2.5] s3://b/c [1.0, 2.5] s3://b/c", found.tasks


def test_artifacts_of_other_tasks(kubeflow: Kubeflow) -> None:
    """Their URIs come as texts that the tasks give beside them, and by a helper where a parameter is the artifact."""
    show = image('printf "<%s>" "$1"', "data")
    found = run(
        kubeflow,
        f"""
        pipeline part(data: dataset) {{
          {HAS_IMAGE}
          task inside = {show}
        }}
        pipeline p {{
          {HAS_IMAGE}
          task make(place = "s3://b/c") -> dataset = shell('echo "$place" > "$PIPEC_OUTPUTS/output"')
          task direct = {show.replace("[data]", "[make]")}
          task called(data = make) = part
          map number in [1, 2] {{
            task again(number) -> dataset = shell('echo "s3://b/$number" > "$PIPEC_OUTPUTS/output"')
            task mapped = {show.replace("[data]", "[again]")}
          }}
          task list = {show.replace("[data]", '["${again[*]}"]')}
        }}
        """,
        pipeline="p",
    )
    logs = {(path.rpartition("/")[2], task.log) for path, task in found.tasks.items() if task.log.startswith("<")}
    assert logs == {
        ("direct", "<s3://b/c>"),
        ("called--inside-run", "<s3://b/c>"),
        ("mapped", "<s3://b/1>"),
        ("mapped", "<s3://b/2>"),
        ("list-run", '<["s3://b/1", "s3://b/2"]>'),
    }, found.tasks


OUTPUTS = {
    ("str", "one"): "one",
    ("str", "one\\n"): "one",
    ("str", "one\\n\\n"): "one\n",
    ("str", ""): "",
    ("str", " \\ttwo \\n"): " \ttwo ",
    ("dataset", "s3://a/b\\n"): "s3://a/b",
    ("int", "7\\n"): 7,
    ("float", "7"): 7.0,
    ("bool", "true"): True,
    ("list[int]", "[1, 2]"): [1, 2],
    ("json", "null"): "null",
    ("str?", ""): "null",
    ('"a" | "b"', "b"): "b",
    ("date", "2026-01-02"): "2026-01-02",
}


@pytest.mark.parametrize(("type", "text"), OUTPUTS)
def test_outputs(type: str, text: str, kubeflow: Kubeflow) -> None:
    write = image('printf "$1" > "$PIPEC_OUTPUTS/result"', f'"{text}"')
    found = run(kubeflow, f"pipeline p {{ task work -> {{ result: {type} }} = {write} }}")
    assert found.state == "SUCCESS", found.tasks
    outputs = dict(list(found.tasks.values())[-1].outputs)
    artifact = outputs.pop("result-artifact", None)
    assert outputs == {"result": OUTPUTS[type, text]}
    assert (artifact is not None) == (type == "dataset")


def test_artifacts_are_told_of(kubeflow: Kubeflow) -> None:
    """Their content says where the data is; with a helper behind the program too, and where the task may be skipped."""
    write = image('cd "$PIPEC_OUTPUTS"; echo "$1" > weights; echo 7 > count', '"s3://a  b"')
    found = run(
        kubeflow,
        f"""
        pipeline p(level: int = 3) {{
          {HAS_IMAGE}
          task plain -> {{ weights: model }} = {image('echo s3://x > "$PIPEC_OUTPUTS/weights"')}
          if level > 2 {{
            task read -> {{ weights: model, count: int }} = {write}
          }}
          task after(weights = read.weights ?? plain.weights) = {image('printf "<%s>" "$weights"')}
        }}
        """,
    )
    told = {
        path.rpartition("/")[2]: (one["type"], one["text"])
        for path, task in found.tasks.items()
        for name, one in task.outputs.items()
        if name == "weights-artifact"
    }
    assert told == {"plain": ("system.Model", "s3://x"), "read-run-run": ("system.Model", "s3://a  b")}, found.log
    (after,) = [task for path, task in found.tasks.items() if path.endswith("after-run")]
    assert after.log == "<s3://a  b>"


BAD_OUTPUTS = {
    ("str", "true"): "missing outputs: $PIPEC_OUTPUTS/result not written",
    ("int", "true"): "missing outputs: $PIPEC_OUTPUTS/result not written",
    ("int", "echo 7.5 > $PIPEC_OUTPUTS/result"): "output result: expected int, got float 7.5",
    ("bool", "echo True > $PIPEC_OUTPUTS/result"): "output result: expected bool as JSON",
    ("date", "echo today > $PIPEC_OUTPUTS/result"): "output result: expected date",
}


@pytest.mark.parametrize(("type", "command"), BAD_OUTPUTS)
def test_bad_outputs(type: str, command: str, kubeflow: Kubeflow) -> None:
    found = run(kubeflow, f"pipeline p {{ task work -> {{ result: {type} }} = {image(command)} }}")
    last = list(found.tasks.values())[-1]
    assert (found.state, last.state) == ("FAILURE", "FAILURE")
    assert BAD_OUTPUTS[type, command] in last.log


def test_a_program_that_fails(kubeflow: Kubeflow) -> None:
    write = image("echo a > $PIPEC_OUTPUTS/result; exit 3")
    found = run(kubeflow, f"pipeline p {{ task work -> {{ result: str }} = {write} }}")
    assert found.tasks["work"].error == "exit code 3"


@pytest.mark.parametrize(("count", "state"), [(5, "SUCCESS"), (1, "FAILURE")])
def test_requirements(count: int, state: str, kubeflow: Kubeflow) -> None:
    write = image('printf "$1" > $PIPEC_OUTPUTS/rows', "n")
    found = run(
        kubeflow,
        f"""
        pipeline p(n: int = {count}, least: int = 3) {{
          task work -> {{ rows: int }} = {write} {{ require rows > least else "only ${{rows}} rows" }}
          task after after work = {image("true")}
        }}
        """,
    )
    assert found.state == state
    assert ("after" in found.tasks) == (state == "SUCCESS")
    assert ("only 1 rows" in found.tasks["work/work-outputs"].log) == (state == "FAILURE")


IMAGES = {
    '"tool:1"': "tool:1",
    "name": "{{$.inputs.parameters['pipelinechannel--name']}}",
    '"tool:${name}"': "{{$.inputs.parameters['text-1']}}",
}


@pytest.mark.parametrize("name", IMAGES)
def test_the_name_of_the_image(name: str, kubeflow: Kubeflow) -> None:
    program = f'pipeline p(name: str = "1.2") {{ task work = {image("true", image=name)} }}'
    executors = documents(compiled(program))[0]["deploymentSpec"]["executors"]
    executor = executors.get("exec-work") or executors["exec-work-run"]
    assert executor["container"]["image"] == IMAGES[name]
    assert run(kubeflow, program).state == "SUCCESS"


def test_the_working_directory(kubeflow: Kubeflow, tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir()
    found = run(kubeflow, f'pipeline p {{ task work = {image("pwd")} {{ working_dir = "{folder}" }} }}')
    assert found.tasks["work"].log == f"{folder}\n"


def test_in_branches_and_maps(kubeflow: Kubeflow) -> None:
    """Outputs of an image task that was skipped are null, and those of instances a list."""
    write = image('printf "$1" > $PIPEC_OUTPUTS/result', '"${item}"')
    one = image("echo 1 > $PIPEC_OUTPUTS/result")
    found = run(
        kubeflow,
        f"""
        pipeline p(wanted: bool = false, items: list[int] = [3, 4]) {{
          {HAS_IMAGE}
          if wanted {{ task maybe -> {{ result: int }} = {one} }}
          map item in items {{ task each -> {{ result: int }} = {write} }}
          task show(A = maybe.result ?? 0, B = each[*].result) = shell('echo "<$A> $B"') {{
            trigger_rule = none_failed
          }}
        }}
        """,
    )
    assert found.state == "SUCCESS", found.tasks
    assert found.tasks["show"].log == "<0> [3, 4]\n"
