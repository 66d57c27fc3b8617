"""What every runner script does: read the DAG named on the command line, run it, print the seconds that took."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.dags import Dag, read


def given() -> Dag:
    """The DAG that this process is to run."""
    return read(Path(sys.argv[1]))


def measured(work: Callable[[], None]) -> None:
    """Do the work and print how long it took: the last line of stdout, as JSON."""
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    print("\n" + json.dumps({"seconds": seconds}), flush=True)


def seconds_of(work: Callable[[], object], repeat: int) -> list[float]:
    """How long the work takes, each time it is done; CPU time, which other processes disturb less."""
    found = []
    for _ in range(repeat):
        gc.collect()
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return found


def call(seconds: float) -> None:
    """What a task of `python` does."""
    if seconds:
        time.sleep(seconds)


def execute() -> None:
    """What a task of `shell` does."""
    subprocess.run(["true"], check=True)
