"""Much of it: mapped items at once and in numbers, and outputs as large as they may be."""

from __future__ import annotations

import os
from pathlib import Path
from resource import RLIMIT_NOFILE, setrlimit
from typing import Any

import pytest

from tests.backends.local.commands import finish, peak_memory, start, write
from tests.backends.local.harness import python, run, shell
from tests.support.ir_builder import pipeline

MAPPED = """\
pipeline p(count: int) {
  task make(count) -> list[int] = python("steps:make")
  map item in make {
    task score(item) -> int = python("steps:score")
  }
  task total(scores = score[*]) -> int = python("steps:total")
  return { total: total }
}
"""

STEPS = """\
def make(count):
    return [number % 10 for number in range(count)]

def score(item):
    return item

def total(scores):
    return sum(scores)
"""

MEBIBYTE = 1024 * 1024


def run_mapped(folder: Path, count: int) -> int:
    """Run a map over so many items; bytes of memory that pipec used."""
    process = start(folder, "run", "p.pipe", f"--param=count={count}", "--json", "--max-parallel=4")
    with peak_memory(process) as peak:
        over = finish(process, timeout=300)
    result = over.result
    assert result["state"] == "success", over.err
    assert result["returns"] == {"total": sum(number % 10 for number in range(count))}
    instances = result["tasks"]["score"]["instances"]
    assert [(one["index"], one["state"], one["attempts"]) for one in instances] == [
        ([index], "success", 1) for index in range(count)
    ]
    return peak.bytes


@pytest.mark.engine
def test_ten_thousand_items_run_in_flat_memory(tmp_path: Path) -> None:
    write(tmp_path, MAPPED, STEPS)
    thousand = run_mapped(tmp_path, 1000)
    ten_thousand = run_mapped(tmp_path, 10_000)
    assert ten_thousand - thousand < 9000 * 8 * 1024
    assert ten_thousand < 150 * MEBIBYTE


@pytest.mark.engine
def test_a_thousand_items_at_once(tmp_path: Path) -> None:
    """Each is a process: the first item lets the others go when all have begun. As many files may be open as usual."""
    write(
        tmp_path,
        """\
pipeline p {
  task make -> list[int] = python("steps:make")
  map item in make {
    task meet(item) = shell('''
      echo >> met
      test "$item" -eq 0 || { read _ <> gate; exit; }
      until test $(wc -l < met) -ge 1000; do sleep 0.1; done
      yes "" | head -n 999 > gate
    ''')
  }
}
""",
        "def make():\n    return list(range(1000))\n",
    )
    os.mkfifo(tmp_path / "gate")
    process = start(
        tmp_path,
        "run",
        "p.pipe",
        "--json",
        "--max-parallel=1000",
        preexec_fn=lambda: setrlimit(RLIMIT_NOFILE, (1024, 1024)),
    )
    over = finish(process, timeout=240)
    assert over.exit_code == 0, over.err
    assert [one["attempts"] for one in over.result["tasks"]["meet"]["instances"]] == [1] * 1000


LIMIT = 48 * 1024

SIZES = [(LIMIT, "success"), (LIMIT + 1, "failed")]


@pytest.mark.parametrize(("size", "state"), SIZES)
def test_outputs_up_to_48_kib_from_python(tmp_path: Path, size: int, state: str) -> None:
    give = python("give", "give", outputs="str")
    count = size - len('{"output": ""}')
    result = run(tmp_path, pipeline(give), code=f"def give():\n    return 'x' * {count}\n")
    check(result, size, state)


@pytest.mark.parametrize(("size", "state"), SIZES)
def test_outputs_up_to_48_kib_from_a_shell(tmp_path: Path, size: int, state: str) -> None:
    count = size - len('{"output": ""}')
    result = run(tmp_path, pipeline(shell("give", f"printf '%{count}s' > $PIPEC_OUTPUTS/output", outputs="str")))
    check(result, size, state)


def check(result: Any, size: int, state: str) -> None:
    assert result.tasks["give"].state == state
    error = f"the outputs take {size} bytes, the limit is {LIMIT} in all: write big data to storage and give its URI"
    assert result.tasks["give"].error == (None if state == "success" else f"{error} as the output")
