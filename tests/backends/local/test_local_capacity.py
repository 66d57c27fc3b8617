"""What tasks share: how many run at once, who goes first, and what can never run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backends.local.commands import Finished, pipec, write

pytestmark = pytest.mark.engine

WORK = "echo + $PIPEC_TASK >> log; sleep 0.08; echo - $PIPEC_TASK >> log"


def events(folder: Path) -> list[tuple[str, str]]:
    """Beginnings (+) and ends (-) of tasks in their order."""
    lines = (folder / "log").read_text().splitlines()
    return [(line[0], line[2:]) for line in lines]


def most_at_once(folder: Path, weight: Callable[[str], int] = lambda task: 1) -> int:
    now, most = 0, 0
    for change, task in events(folder):
        now += weight(task) if change == "+" else -weight(task)
        most = max(most, now)
    assert now == 0
    return most


def order(folder: Path) -> list[str]:
    """The tasks in the order in which they began."""
    return [task for change, task in events(folder) if change == "+"]


def play(folder: Path, text: str, *words: str) -> Finished:
    write(folder, text)
    over = pipec(folder, "run", "p.pipe", *words)
    assert over.exit_code == 0, over.out + over.err
    return over


def most_started(over: Finished, weight: Callable[[str], int] = lambda task: 1) -> int:
    """What ran at once as pipec had it, which hangs on no clock."""
    now, most = 0, 0
    for task, state in (line.split()[:2] for line in over.said[1:] if line.split()[1] in ("running", "success")):
        now += weight(task) if state == "running" else -weight(task)
        most = max(most, now)
    assert now == 0
    return most


EIGHT = """\
pipeline p {{
  {limit}
  for n in [1, 2, 3, 4, 5, 6, 7, 8] {{
    task work(n) = shell('{work}') {{ {options} }}
  }}
}}
"""


@pytest.mark.parametrize(
    ("limit", "options", "words", "most"),
    [
        ("", "", ["--max-parallel=1"], 1),
        ("", "", ["--max-parallel=3"], 3),
        ("", "", ["--max-parallel=20"], 8),
        ("concurrency = 2", "", ["--max-parallel=8"], 2),
        ("concurrency = 8", "", ["--max-parallel=3"], 3),
        ("", "resources = { cpu: 2 }", ["--max-parallel=8", "--capacity=cpu=5"], 2),
        ("", "resources = { cpu: 0.5 }", ["--max-parallel=8", "--capacity=cpu=1.5"], 3),
        ("", "resources = { memory: 4Gi }", ["--max-parallel=8", "--capacity=cpu=1,memory=15Gi"], 3),
        ("", "resources = { gpu: 1 }", ["--max-parallel=8", "--capacity=gpu=2"], 2),
        ("", "resources = { gpu: 1 }", ["--max-parallel=8", "--capacity=cpu=1"], 8),
        ("", 'pool = "warehouse"', ["--max-parallel=8", "--pool=warehouse=2"], 2),
        ("", 'pool = "warehouse"', ["--max-parallel=8", "--pool=other=2"], 8),
    ],
)
def test_no_more_run_at_once_than_there_is_room_for(
    tmp_path: Path, limit: str, options: str, words: list[str], most: int
) -> None:
    over = play(tmp_path, EIGHT.format(limit=limit, options=options, work=WORK), *words)
    assert most_at_once(tmp_path) <= most == most_started(over)
    assert len(order(tmp_path)) == 8


def test_what_fits_goes_ahead_of_what_does_not(tmp_path: Path) -> None:
    over = play(
        tmp_path,
        f"""\
pipeline p {{
  defaults = {{ resources: {{ cpu: 1 }} }}
  task first = shell('{WORK}') {{ priority = 9  resources = {{ cpu: 3 }} }}
  task large = shell('{WORK}') {{ priority = 8  resources = {{ cpu: 4 }} }}
  task small = shell('{WORK}') {{ priority = 1 }}
}}
""",
        "--max-parallel=8",
        "--capacity=cpu=4",
    )
    assert order(tmp_path)[-1] == "large"
    cores = {"first": 3, "large": 4, "small": 1}
    assert most_at_once(tmp_path, cores.__getitem__) <= 4
    assert [line.split()[0] for line in over.said if line.endswith("running")] == ["first", "small", "large"]


def test_a_map_keeps_to_its_own_limit(tmp_path: Path) -> None:
    over = play(
        tmp_path,
        f"""\
pipeline p(items: list[int] = [1, 2, 3, 4, 5, 6]) {{
  map item in items {{
    max_parallel = 2
    task work(item) = shell('{WORK}')
  }}
}}
""",
        "--max-parallel=8",
    )
    assert most_at_once(tmp_path) <= 2 == most_started(over)


def test_the_longest_way_to_the_end_goes_first_unless_a_priority_is_given(tmp_path: Path) -> None:
    text = f"""\
pipeline p {{
  task alone = shell('{WORK}') {{ estimate = 5m  OPTIONS }}
  task head = shell('{WORK}') {{ estimate = 1m }}
  task tail after head = shell('{WORK}') {{ estimate = 10m }}
  task short = shell('{WORK}') {{ estimate = 1s }}
}}
"""
    play(tmp_path, text.replace("OPTIONS", ""), "--max-parallel=1")
    assert order(tmp_path) == ["head", "tail", "alone", "short"]
    (tmp_path / "log").unlink()
    play(tmp_path, text.replace("OPTIONS", "priority = 1"), "--max-parallel=1")
    assert order(tmp_path) == ["alone", "head", "tail", "short"]


NEVER = """\
pipeline p {
  task fits = shell('touch began') { resources = { cpu: 1 } }
  task fit_model = shell('touch began') {
    resources = { cpu: 8, memory: 32Gi, gpu: 2 }
    pool = "warehouse"
  }
}
"""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--capacity=cpu=4"], "8"),
        (["--capacity=memory=16Gi"], "32Gi"),
        (["--capacity=gpu=1"], "2"),
        (["--pool=warehouse=0"], "warehouse"),
    ],
)
def test_what_can_never_fit_is_an_error_before_the_start(tmp_path: Path, words: list[str], message: str) -> None:
    write(tmp_path, NEVER)
    over = pipec(tmp_path, "run", "p.pipe", *words)
    assert over.exit_code == 1
    assert "error[P0505]" in over.err
    assert "fit_model" in over.err
    assert message in over.err
    assert "p.pipe:3:" in over.err or "p.pipe:4:" in over.err or "p.pipe:5:" in over.err
    assert over.err.count("error[P0505]") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"p.pipe", "steps.py"}


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("--capacity=4", "`4` is not of the form name=value"),
        ("--capacity=cores=4", "`cores` is no resource: cpu, memory, gpu"),
        ("--capacity=cpu=4,cpu=5", "`cpu` is given twice"),
        ("--capacity=cpu=many", "`cpu=many`: a number such as 2.5 is needed"),
        ("--capacity=cpu=-1", "`cpu=-1`: a number such as 2.5 is needed"),
        ("--capacity=cpu=nan", "`cpu=nan`: a number such as 2.5 is needed"),
        ("--capacity=gpu=0.5", "`gpu=0.5`: a number such as 1 is needed"),
        ("--capacity=memory=16G", "`memory=16G`: a size such as 16Gi is needed"),
        ("--capacity=", "`` is not of the form name=value"),
        ("--pool=warehouse", "`warehouse` is not of the form name=value"),
        ("--pool=warehouse=few", "`few` is no number of slots"),
        ("--max-parallel=none", "`none` is not a number above 0"),
    ],
)
def test_a_capacity_that_makes_no_sense(tmp_path: Path, word: str, message: str) -> None:
    write(tmp_path, NEVER)
    over = pipec(tmp_path, "run", "p.pipe", word)
    assert over.exit_code == 2
    option = word.partition("=")[0]
    assert over.err.startswith(f"error: argument {option}: {message}")
    assert not (tmp_path / ".pipec").exists()
