"""`pipec compile --optimise`, `--no-optimise` and `--explain`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Call, Called

TEXT = """pipeline etl {
  image = "python:3.12"
  task extract = shell('extract') { estimate = 10m }
  task transform after extract = shell('transform') { estimate = 5m }
  task load after extract, transform = shell('load')
}
"""

EDGE = (
    "etl.pipe:5:8: redundant-edges: `extract -> load` left out: `load` waits for `transform`, which follows `extract`"
)
PRIORITIES = [
    "etl.pipe:3:8: priorities: `extract` has the priority 3: from its start on the longest chain takes 15m",
    "etl.pipe:4:8: priorities: `transform` has the priority 2: from its start on the longest chain takes 5m",
    "etl.pipe:5:8: priorities: `load` has the priority 1: from its start on the longest chain takes 0s",
]

FUSED = (
    "etl.pipe:3:8: fuse: `extract -> transform -> load` run in one container: each waits for the one before it alone"
)
ON_KUBEFLOW = "changes: constant-branches none, redundant-edges 1,{} split none, shared-programs none"
SLOTS = "etl.pipe:1:10: slots: `etl` has a use for 1 slot: the run takes 15m"


@pytest.fixture(autouse=True)
def source(folder: Path) -> None:
    (folder / "etl.pipe").write_text(TEXT, "utf-8")


def explained(called: Called) -> list[str]:
    assert called.exit_code == 0
    return called.err.splitlines()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--target airflow", [EDGE, *PRIORITIES, "changes: constant-branches none, redundant-edges 1, priorities 3"]),
        ("--target airflow --no-optimise priorities", [EDGE, "changes: constant-branches none, redundant-edges 1"]),
        ("--target airflow --no-optimise all", ["no optimisation is on"]),
        ("--target airflow --no-optimise all --optimise redundant-edges", [EDGE, "changes: redundant-edges 1"]),
        ("--target airflow --optimise redundant-edges --no-optimise all", ["no optimisation is on"]),
        ("--target kubeflow", [EDGE, ON_KUBEFLOW.format("")]),
        ("--target kubeflow --fuse", [EDGE, FUSED, ON_KUBEFLOW.format(" fuse 1,")]),
        ("--target kubeflow --fuse --no-optimise all", ["no optimisation is on"]),
        ("--target ir", ["no optimisation is on"]),
        (
            "--target ir --optimise all",
            [EDGE, *PRIORITIES, "changes: constant-branches none, redundant-edges 1, priorities 3"],
        ),
        (
            "--target ir --optimise all --no-optimise redundant-edges",
            [*PRIORITIES, "changes: constant-branches none, priorities 3"],
        ),
    ],
)
def test_what_is_changed_and_why(options: str, expected: list[str], call: Call) -> None:
    assert explained(call("compile", "etl.pipe", *options.split(), "--explain")) == [*expected, SLOTS]


def test_where_nothing_is_to_be_changed(call: Call, folder: Path) -> None:
    (folder / "etl.pipe").write_text("pipeline etl { task a = shell('a') }\n", "utf-8")
    called = call("compile", "etl.pipe", "--target", "airflow", "--explain")
    assert explained(called) == ["changes: constant-branches none, redundant-edges none, priorities none"]


def test_programs_are_written_once_where_the_file_would_be_too_large(call: Call, folder: Path) -> None:
    tasks = "\n".join(f'  task task_{number} = python("steps:step_{number}")' for number in range(100))
    (folder / "etl.pipe").write_text(f'pipeline etl {{\n  image = "steps:1"\n{tasks}\n}}\n', "utf-8")
    said = explained(call("compile", "etl.pipe", "--target", "kubeflow", "--explain"))
    about = re.fullmatch(
        r"etl\.pipe:1:10: shared-programs: 1 program is written once for all tasks that run it: "
        r"about (0\.\d\d) MB instead of (1\.\d\d) MB",
        said[0],
    )
    assert about is not None, said
    assert said[1].endswith(", shared-programs 1")
    apart = call("compile", "etl.pipe", "--target", "kubeflow", "--explain", "--no-optimise", "shared-programs")
    assert f"P0506: pipeline `etl`: the workflow will have about {float(about[2]):.1f} MB" in apart.err.replace("]", "")
    assert "shared-programs:" not in apart.err


@pytest.mark.parametrize("target", ["airflow", "kubeflow", "ir"])
def test_the_files_are_other_ones(target: str, call: Call) -> None:
    plain = call("compile", "etl.pipe", "--target", target, "-o", "-", "--no-optimise", "all")
    optimised = call("compile", "etl.pipe", "--target", target, "-o", "-", "--optimise", "all")
    assert plain.exit_code == optimised.exit_code == 0
    assert plain.out != optimised.out
    assert plain.err == optimised.err == ""


def test_nothing_is_said_unless_it_is_asked_for(call: Call) -> None:
    assert call("compile", "etl.pipe", "--target", "airflow").err == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            "--target kubeflow --optimise priorities",
            "error: the target `kubeflow` has no use for the optimisation `priorities`: "
            "it has constant-branches, redundant-edges, fuse, split, shared-programs\n",
        ),
        (
            "--target airflow --fuse",
            "error: the target `airflow` has no use for the optimisation `fuse`: "
            "it has constant-branches, redundant-edges, priorities\n",
        ),
        (
            "--target airflow --no-optimise priority",
            "error: argument --no-optimise: no optimisation is called `priority`: there is `priorities`\n"
            "  help: see `pipec compile --help`\n",
        ),
    ],
)
def test_what_there_is_not(options: str, message: str, call: Call) -> None:
    assert call("compile", "etl.pipe", *options.split()) == Called(2, "", message)
