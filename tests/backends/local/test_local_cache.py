"""Tasks with `cache`: not run again while nothing they declare has changed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.backends.local.commands import Finished, pipec, write
from tests.backends.local.test_local_resume import ran

pytestmark = pytest.mark.engine

PIPELINE = """\
pipeline p(size: int = 1) {
  task fit(size) -> model = python("steps:fit") { cache = true  env = { MODE: "fast" } }
  task count(size) -> int = shell('echo count >> ran; echo $((size + 1)) > $PIPEC_OUTPUTS/output') { cache = 1h }
  task report(model = fit, count) = shell('echo report >> ran')
}
"""

STEPS = """\
def fit(size):
    with open("ran", "a") as file:
        file.write("fit\\n")
    with open("model.bin", "w") as file:
        file.write(str(size))
    return "model.bin"
"""


def run(folder: Path, *words: str) -> Finished:
    return pipec(folder, "run", "p.pipe", "--json", *words)


@pytest.fixture
def ran_once(tmp_path: Path) -> tuple[Path, str]:
    """The folder and the id of a run that left its outcomes in the cache."""
    write(tmp_path, PIPELINE, STEPS)
    first = run(tmp_path)
    assert (first.exit_code, ran(tmp_path)) == (0, ["count", "fit", "report"])
    assert all(task["cached_from"] is None for task in first.result["tasks"].values())
    return tmp_path, first.result["run_id"]


def test_a_hit_says_so(ran_once: tuple[Path, str]) -> None:
    folder, earlier = ran_once
    over = run(folder)
    assert (over.exit_code, ran(folder)) == (0, ["report"])
    assert f"fit success cached from {earlier}" in over.said
    assert f"count success cached from {earlier}" in over.said
    tasks = over.result["tasks"]
    assert [(name, task["cached_from"], task["outputs"]) for name, task in tasks.items()] == [
        ("fit", earlier, {"output": "model.bin"}),
        ("count", earlier, {"output": 2}),
        ("report", None, {}),
    ]
    shown = pipec(folder, "run", "p.pipe").out
    assert [line.split() for line in shown.splitlines()[3:5]] == [
        ["fit", "success", "1", "cached"],
        ["count", "success", "1", "cached"],
    ]
    third = run(folder)
    assert third.result["tasks"]["fit"]["cached_from"] == earlier


def change(file: str, old: str, new: str) -> tuple[str, str, str]:
    return file, old, new


MISSES = [
    ("source", change("steps.py", "str(size)", "repr(size)"), ["fit"], "the source of steps.py has changed"),
    ("env", change("p.pipe", '"fast"', '"slow"'), ["fit"], "env MODE was fast and is slow"),
    ("text", change("p.pipe", "size + 1", "1 + size"), ["count"], "shell text was echo count"),
    ("input", change("p.pipe", "size: int = 1", "size: int = 2"), ["count", "fit"], "input size was 1 and is 2"),
    ("outputs", change("p.pipe", "-> int", "-> float"), ["count"], 'outputs was {"output": "int"}'),
]


@pytest.mark.parametrize(("edit", "again", "reason"), [miss[1:] for miss in MISSES], ids=[miss[0] for miss in MISSES])
def test_what_has_changed_runs_again(
    ran_once: tuple[Path, str], edit: tuple[str, str, str], again: list[str], reason: str
) -> None:
    folder, earlier = ran_once
    file, old, new = edit
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    over = run(folder, f"--explain-cache={again[0]}")
    assert (over.exit_code, ran(folder)) == (0, [*again, "report"])
    explained = [line for line in over.said if line.startswith("cache: ")]
    assert len(explained) == 1
    assert explained[0].startswith(f"cache: {again[0]} runs: {reason}")
    (folder / file).write_text(text)
    back = run(folder)
    assert ran(folder) == ["report"]
    assert {back.result["tasks"][name]["cached_from"] for name in ("fit", "count")} == {earlier}


def test_a_file_that_is_gone_is_made_again(ran_once: tuple[Path, str]) -> None:
    folder, _ = ran_once
    (folder / "model.bin").unlink()
    over = run(folder, "--explain-cache", "fit")
    assert ran(folder) == ["fit", "report"]
    assert "cache: fit runs: outputs no longer there: model.bin" in over.said


def test_an_outcome_grows_too_old(tmp_path: Path) -> None:
    write(tmp_path, PIPELINE.replace("cache = 1h", "cache = 2s"), STEPS)
    began = time.time()
    run(tmp_path)
    ran(tmp_path)
    time.sleep(max(0.0, began + 4 - time.time()))
    over = run(tmp_path, "--explain-cache=count")
    assert ran(tmp_path) == ["count", "report"]
    assert "cache: count runs: older than 2s" in over.said


def test_no_cache_computes_anew_and_keeps_that(ran_once: tuple[Path, str]) -> None:
    folder, _ = ran_once
    over = run(folder, "--no-cache", "--explain-cache=fit")
    assert ran(folder) == ["count", "fit", "report"]
    assert "cache: fit runs: not looked at: --no-cache" in over.said
    later = run(folder)
    assert later.result["tasks"]["fit"]["cached_from"] == over.result["run_id"]


@pytest.mark.parametrize(
    ("task", "lines"),
    [
        ("fit", ["cache: fit taken from the cache: nothing has changed since run {earlier}"]),
        ("report", ["cache: report runs: the task has no option cache"]),
    ],
)
def test_explain_cache(ran_once: tuple[Path, str], task: str, lines: list[str]) -> None:
    folder, earlier = ran_once
    over = run(folder, "--explain-cache", task)
    assert [line for line in over.said if "cache: " in line] == [line.format(earlier=earlier) for line in lines]


def test_explain_cache_needs_a_task_that_is_there(ran_once: tuple[Path, str]) -> None:
    folder, _ = ran_once
    over = run(folder, "--explain-cache", "fitt")
    assert over.exit_code == 2
    assert over.err == "error: --explain-cache: p has no task `fitt`: there is `fit`\n"


def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    write(tmp_path, "pipeline p { task x = shell('echo x >> ran; exit 3') { cache = true } }\n")
    for _ in range(2):
        assert run(tmp_path).exit_code == 1
        assert ran(tmp_path) == ["x"]


def test_a_requirement_that_fails_keeps_nothing(tmp_path: Path) -> None:
    text = """\
pipeline p(least: int = 5) {
  task x -> int = shell('echo x >> ran; echo 3 > $PIPEC_OUTPUTS/output') {
    cache = true
    require output >= 5
  }
}
"""
    write(tmp_path, text)
    for _ in range(2):
        assert run(tmp_path).exit_code == 1
        assert ran(tmp_path) == ["x"]
    write(tmp_path, text.replace("output >= 5", "output >= 2"))
    assert run(tmp_path).exit_code == 0
    ran(tmp_path)
    write(tmp_path, text)
    assert run(tmp_path).states == {"x": "failed"}


MAPPED = """\
pipeline p(items: list[int] = [1, 2, 3]) {
  map item in items {
    task square(item) -> int = shell('echo square$item >> ran; echo $((item * item)) > $PIPEC_OUTPUTS/output') {
      cache = true
    }
  }
  task gather(squares = square[*]) -> int = python("steps:gather")
  return { sum: gather }
}
"""

GATHER = "def gather(squares):\n    return sum(squares)\n"


def test_items_of_a_map_are_kept_one_by_one(tmp_path: Path) -> None:
    write(tmp_path, MAPPED, GATHER)
    assert run(tmp_path).result["returns"] == {"sum": 14}
    assert ran(tmp_path) == ["square1", "square2", "square3"]
    over = run(tmp_path, "--param", "items=[3, 4, 1]")
    assert ran(tmp_path) == ["square4"]
    assert over.result["returns"] == {"sum": 26}
    instances = over.result["tasks"]["square"]["instances"]
    assert [one["cached_from"] is not None for one in instances] == [True, False, True]


def test_a_resumed_run_takes_from_the_cache_too(tmp_path: Path) -> None:
    text = """\
pipeline p {
  task a -> int = shell('echo a >> ran; echo 1 > $PIPEC_OUTPUTS/output') { cache = true }
  task b(a) -> int = shell('echo b >> ran; echo $a > $PIPEC_OUTPUTS/output') { cache = true }
  task c(b) = shell('echo c >> ran; test -e mended')
}
"""
    write(tmp_path, text)
    first = run(tmp_path)
    assert (first.exit_code, ran(tmp_path)) == (1, ["a", "b", "c"])
    second = run(tmp_path)
    assert (second.exit_code, ran(tmp_path)) == (1, ["c"])
    write(tmp_path, text.replace("echo $a >", "echo $((a + 1)) >"))
    (tmp_path / "mended").touch()
    third = run(tmp_path, "--resume")
    assert (third.exit_code, ran(tmp_path)) == (0, ["b", "c"])
    tasks = third.result["tasks"]
    assert tasks["a"]["restored"]
    assert tasks["b"]["cached_from"] is None
    fourth = run(tmp_path)
    assert ran(tmp_path) == ["c"]
    assert fourth.result["tasks"]["a"]["cached_from"] == first.result["run_id"]
    assert fourth.result["tasks"]["b"]["cached_from"] == third.result["run_id"]
