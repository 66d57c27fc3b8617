"""pipec killed at any moment: nothing that was reported is lost or done again, and nothing is left running."""

from __future__ import annotations

import json
import random
import re
import sqlite3
import subprocess
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from typing import Any

import pytest

from tests.backends.local.commands import check_integrity, nothing_left_of, start, until, write

pytestmark = pytest.mark.engine

KILLS = 50
SEED = 20260131

PIPELINE = """\
pipeline p {
  task items -> list[int] = python("steps:items")
  for n in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] {
    task fetch(n) = shell('echo began >> "done/$PIPEC_TASK $PIPEC_ATTEMPT"; sleep 0.03')
    task clean(n) after fetch = python("steps:clean") { retries = 1 }
    task store(n) -> int after clean = shell('''
      echo began >> "done/$PIPEC_TASK $PIPEC_ATTEMPT"
      sleep 0.02
      test $((n % 3)) -ne 0 -o "$PIPEC_ATTEMPT" -gt 1 || exit 75
      echo $n > "$PIPEC_OUTPUTS/output"
    ''') { retry = { max: 1, delay: 20ms } }
  }
  map item in items {
    task score(item) -> int = python("steps:score") { retries = 1 }
  }
  task total(scores = score[*], stored = store[*]) -> int = python("steps:total")
  finally {
    task sweep = shell('echo began >> "done/$PIPEC_TASK $PIPEC_ATTEMPT"; sleep 0.02')
  }
  return { total: total }
}
"""
"""40 tasks: 30 in chains, 7 items and what makes and gathers them, one at the end. Some fail at first."""

STEPS = """\
import os, time

def begin():
    name = f"done/{os.environ['PIPEC_TASK']} {os.environ['PIPEC_ATTEMPT']}"
    with open(name, "a") as file:
        file.write("began\\n")
    time.sleep(0.02)

def fail_at_first(number):
    if number % 4 == 0 and os.environ["PIPEC_ATTEMPT"] == "1":
        raise ValueError("not yet")

def items():
    begin()
    return [1, 2, 3, 4, 5, 6, 7]

def clean(n):
    begin()
    fail_at_first(n)

def score(item):
    begin()
    fail_at_first(item)
    return item

def total(scores, stored):
    begin()
    return sum(scores) + sum(stored)
"""

SUCCESS = re.compile(r"^\d\d:\d\d:\d\d (\S+) success in \S+?(?:, attempt (\d+))?$")


@dataclass
class Play:
    """A run that is killed and resumed until it is over."""

    folder: Path
    reported: dict[str, int] = field(default_factory=dict)
    """The attempt of each task that was said to have succeeded."""
    times_killed: int = 0

    def go_on(self, kill_after: float | None = None) -> float:
        """Start the run or resume it, and kill it some seconds after it said its first line; how long it went on."""
        mark = uuid.uuid4().hex
        words = ["run", "p.pipe", "--max-parallel=4", *(["--resume"] if self.times_killed else [])]
        err = self.folder / "err"
        with err.open("w") as stream:
            process = start(self.folder, *words, environment={"MARK": mark}, stdout=subprocess.DEVNULL, stderr=stream)
        until(lambda: err.stat().st_size or process.poll() is not None)
        began = time.monotonic()
        try:
            process.wait(kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            self.times_killed += 1
        lasted = time.monotonic() - began
        assert process.returncode in (0, -9), err.read_text()
        nothing_left_of(mark)
        check_integrity(self.folder)
        self.take_in(err.read_text())
        return lasted

    @property
    def is_over(self) -> bool:
        return bool(rows(self.folder, "SELECT seq, at FROM events WHERE kind = 'ended'"))

    def take_in(self, said: str) -> None:
        for line in said.splitlines():
            if shown := SUCCESS.match(line):
                task, attempt = shown[1], int(shown[2] or 1)
                assert task not in self.reported, f"{task} succeeded twice"
                self.reported[task] = attempt
        for task, attempt in self.reported.items():
            assert not (self.folder / "done" / f"{task} {attempt + 1}").exists(), f"{task} ran again"

    def check_end(self) -> None:
        """Every task has succeeded once, as the store and the tasks themselves say."""
        ended = rows(self.folder, "SELECT attempt, data FROM events WHERE kind = 'ended'")
        assert [json.loads(data) for _, data in ended] == [
            {"state": "success", "returns": {"total": 28 + 55}, "error": None, "interrupted": False}
        ]
        kept = rows(
            self.folder,
            "SELECT task, attempt FROM events WHERE kind = 'state' AND json_extract(data, '$.state') = 'success'"
            " AND json_extract(data, '$.restored') IS NULL",
        )
        assert Counter(task for task, _ in kept) == dict.fromkeys(TASKS, 1)
        assert set(self.reported.items()) <= set(kept)
        for task, attempt in kept:
            made = {file.name for file in (self.folder / "done").glob(f"{escape(task)} *")}
            assert f"{task} {attempt}" in made <= {f"{task} {number}" for number in range(1, attempt + 1)}
            assert (self.folder / "done" / f"{task} {attempt}").read_text() == "began\n"
        # an attempt that was killed may have come no further than to open its file
        assert {file.read_text() for file in (self.folder / "done").iterdir()} <= {"", "began\n"}


TASKS = [
    *(f"{task}[{n}]" for task in ("fetch", "clean", "store") for n in range(1, 11)),
    *(f"score[{index}]" for index in range(7)),
    *("items", "total", "sweep"),
]


def rows(folder: Path, query: str) -> list[tuple[Any, Any]]:
    connection = sqlite3.connect(folder / ".pipec" / "runs.db")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def new_play(folder: Path) -> Play:
    (folder / "done").mkdir(parents=True)
    write(folder, PIPELINE, STEPS)
    return Play(folder)


def test_a_run_killed_at_any_moment_goes_on_from_what_it_had_reported(tmp_path: Path) -> None:
    assert len(TASKS) == 40
    undisturbed = new_play(tmp_path / "undisturbed")
    whole = undisturbed.go_on()
    undisturbed.check_end()
    moments = random.Random(SEED)
    kills, number = 0, 0
    while kills < KILLS:
        play = new_play(tmp_path / str(number))
        number += 1
        is_over = False
        while not is_over:
            is_enough = kills + play.times_killed == KILLS or play.times_killed == 3
            play.go_on(None if is_enough else moments.uniform(0, whole))
            is_over = play.is_over
        play.check_end()
        kills += play.times_killed
