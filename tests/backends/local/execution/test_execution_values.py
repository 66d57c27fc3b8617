"""Values reach tasks and come back as the language says, whatever they hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backends.local.execution.harness import Bench, bench, command, python, shell, with_inputs, with_outputs
from tests.backends.local.test_local_values import BAD_OUTPUTS, CASES, HOSTILE

CODE = """
def same(value):
    print(repr(value), end="")
    return value

def length(value):
    return len(value)
"""
COPY = 'printf %s "$value" | tee "$PIPEC_OUTPUTS/output"'


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("values"), code=CODE) as made:
        for number, (type_, value, _, _) in enumerate(CASES):
            for task in (
                python(f"python_{number}", "same"),
                shell(f"shell_{number}", COPY),
                command(f"command_{number}"),
            ):
                typed = with_outputs(with_inputs(task, value=(type_, value)), type_)
                made.start(typed, arguments=("bash", "-c", COPY))
        made.wait()
        yield made


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: f"{CASES[number][0]}-{number}")
def test_values_go_in_and_come_out_unchanged(ran: Bench, number: int) -> None:
    _, value, seen_by_python, seen_by_shell = CASES[number]
    for kind in ("python", "shell", "command"):
        assert ran.outputs(f"{kind}_{number}") == {"output": value}
    assert ran.log(f"python_{number}").rstrip("\n") == seen_by_python.rstrip("\n")
    if seen_by_shell:
        assert ran.log(f"shell_{number}") == seen_by_shell
        assert ran.log(f"command_{number}") == seen_by_shell


def test_no_value_ran_as_a_command(ran: Bench) -> None:
    assert not (ran.folder / "pwned").exists()
    assert (ran.folder / "steps.py").exists()


def test_arguments_of_a_command_stay_one_each(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        made.start(command("c"), arguments=("printf", "<%s>", *HOSTILE))
        made.wait()
        assert made.log("c") == "".join(f"<{text}>" for text in HOSTILE)


def test_an_input_larger_than_any_pipe_reaches_python(tmp_path: Path) -> None:
    items = [f"item {number}" for number in range(30_000)]
    with bench(tmp_path, code=CODE, workers=1) as made:
        for name in "ab":
            made.start(with_outputs(with_inputs(python(name, "length"), value=("list[str]", items)), "int"))
        made.wait()
        assert made.outputs("a") == made.outputs("b") == {"output": len(items)}


def test_named_outputs(tmp_path: Path) -> None:
    code = """
from dataclasses import dataclass
@dataclass
class Both:
    path: str
    rows: int
def as_dataclass(): return Both("/a", 2)
def as_dict(): return {"rows": 3, "path": "/b"}
"""
    both = {"path": "dataset", "rows": "int"}
    files = 'echo /c > "$PIPEC_OUTPUTS/path"; echo 4 > "$PIPEC_OUTPUTS/rows"'
    with bench(tmp_path, code=code) as made:
        made.run(
            python("a", "as_dataclass", outputs=both),
            python("b", "as_dict", outputs=both),
            shell("c", files, outputs=both),
        )
        assert made.outputs("a") == {"path": "/a", "rows": 2}
        assert made.outputs("b") == {"path": "/b", "rows": 3}
        assert made.outputs("c") == {"path": "/c", "rows": 4}


def test_what_an_attempt_that_was_killed_left_is_no_output(tmp_path: Path) -> None:
    left = tmp_path / "run" / "t" / "1" / "outputs"
    left.mkdir(parents=True)
    (left / "output").write_text("old")
    with bench(tmp_path) as made:
        made.run(shell("t", 'ls -A "$PIPEC_OUTPUTS"', outputs="str"))
        assert made.failure("t").message == "missing outputs: $PIPEC_OUTPUTS/output not written"


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    code, tasks = "", []
    for number, (kind, text, outputs, _) in enumerate(BAD_OUTPUTS):
        name = f"t{number}"
        if kind == "shell":
            tasks.append(shell(name, text, outputs=outputs))
        else:
            code += f"{'async ' if kind == 'async' else ''}def {name}(): return {text}\n"
            tasks.append(python(name, name, outputs=outputs))
    with bench(tmp_path_factory.mktemp("bad"), code=code) as made:
        made.run(*tasks)
        yield made


@pytest.mark.parametrize("number", range(len(BAD_OUTPUTS)), ids=lambda number: BAD_OUTPUTS[number][1][:30])
def test_bad_outputs_fail_the_task(bad: Bench, number: int) -> None:
    failure = bad.failure(f"t{number}")
    assert failure.kind == "output"
    assert BAD_OUTPUTS[number][3] in failure.message
    assert BAD_OUTPUTS[number][3] in bad.log(f"t{number}")
