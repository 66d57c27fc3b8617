"""Hostile strings through everything that text passes on its way through a real Airflow: each arrives unchanged."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from pipec.ir.expressions import Expression, Interpolation, ParameterReference
from pipec.ir.model import CommandLine, Group, Input, PythonFunction, ShellScript
from pipec.ir.types import STR
from tests.backends.airflow.compiling import dag_of
from tests.backends.airflow.hostile import HOSTILE
from tests.support.airflow import AirflowHome
from tests.support.ir_builder import HERE, expression, literal, output, parameter, pipeline, task

STEPS = """
from pathlib import Path
def same(value): return value
"""


@pytest.mark.engine
def test_strings_arrive_unchanged(airflow: AirflowHome, tmp_path: Path) -> None:
    tasks = []
    for number, text in enumerate(HOSTILE):
        inputs = (Input(name="value", type=STR, value=literal(text)),)
        file = tmp_path / f"bash{number}"
        # What follows `exit 0` is never run, but everything in front of bash has to pass it on.
        written = f"printf %s {shlex.quote(text)} > {file}\nexit 0\n{text}"
        tasks += [
            task(f"bash{number}", implementation=ShellScript(text=written)).model_copy(update={"doc": text}),
            task(f"shell{number}", outputs="str", implementation=_echo("printf '%s\\n' \"$value\"")).model_copy(
                update={"inputs": inputs}
            ),
            task(f"quoted{number}", outputs="str", implementation=_echo(f"printf '%s\\n' {shlex.quote(text)}")),
            task(
                f"command{number}",
                outputs="str",
                implementation=CommandLine(
                    arguments=tuple(map(expression, ["sh", "-c", _to_output("printf '%s\\n' \"$1\""), "sh", text]))
                ),
            ),
            task(f"python{number}", outputs="str", implementation=SAME).model_copy(
                update={"inputs": inputs, "doc": text}
            ),
        ]
    everything = ParameterReference(name="everything", type=parameter("x", "list[str]").type)
    tasks += [
        task("given", outputs="list[str]", inputs={"value": everything}, implementation=SAME),
        task("passed_on", outputs="list[str]", inputs={"value": output("given", "list[str]")}, implementation=SAME),
        task(
            "woven",
            outputs="str",
            inputs={"value": Interpolation(parts=tuple(_weave(HOSTILE)))},
            implementation=SAME,
        ).model_copy(update={"upstream": ("python0",)}),
    ]
    text = dag_of(
        pipeline(
            *[one.model_copy(update={"group": "strings"}) for one in tasks],
            doc="\n".join(HOSTILE),
            tags=HOSTILE,
            owner=HOSTILE[1],
            groups=(Group(name="strings", doc="".join(HOSTILE), location=HERE),),
            parameters=(parameter("everything", "list[str]", literal(["replaced"])),),
        ),
        source='od"d\\.pipe',
    )
    came_of = airflow.run(text, {"steps.py": STEPS}, {"everything": list(HOSTILE)})
    assert came_of.state == "success", [name for name, state in came_of.states.items() if state != "success"]
    for number, text in enumerate(HOSTILE):
        for kind in ("shell", "quoted", "command", "python"):
            assert came_of.values[f"{kind}{number}"] == text, (kind, text)
        assert (tmp_path / f"bash{number}").read_bytes().decode() == text
    assert came_of.values["given"] == list(HOSTILE)
    assert came_of.values["passed_on"] == list(HOSTILE)
    assert came_of.values["woven"] == "".join(f"{text}it's" for text in HOSTILE)


SAME = PythonFunction(module="steps", function="same")


def _to_output(program: str) -> str:
    return f'{program} > "$PIPEC_OUTPUTS/output"'


def _echo(program: str) -> ShellScript:
    return ShellScript(text=_to_output(program))


def _weave(texts: tuple[str, ...]) -> list[Expression]:
    return [part for text in texts for part in (literal(text), output("python0", "str"))]
