"""Measure what Airflow takes to load generated DAG files, beside files written by hand for the same tasks.

Usage: python -m tests.benchmarks.parse_airflow [--kinds K …] [--tasks N …] [--repeat R] [--no-processes]. Needs Airflow
in the same environment. Prints tables in markdown; see README.md beside this file.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.benchmarks.parse_cases import CASES, texts
from tests.benchmarks.processes import medians, run

LIMIT = 1.1
"""How much longer a generated file may take than one written by hand."""

_ENVIRONMENT = {
    "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "600",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two files with the same tasks."""

    generated: Path
    by_hand: Path


@dataclass(frozen=True, slots=True)
class Seconds:
    """Medians of the CPU seconds that the two files take, and how many times those of the one are those of the other.

    `least` is that ratio of the quickest loads, which other work on the machine disturbs less.
    """

    generated: float
    by_hand: float
    least: float

    @property
    def ratio(self) -> float:
        return self.generated / self.by_hand


def write_pair(folder: Path, kind: str, tasks: int, seed: int) -> Pair:
    """Compile one of the two, write the other. Raises AssertionError where there are errors in the source."""
    from pipec.api import load
    from pipec.compilation import compile_to

    pipe, by_hand = texts(kind, tasks, seed)
    loaded = load("benchmark.pipe", text=pipe)
    (key,) = loaded.program.pipelines if loaded.program is not None else ("",)
    dag_file, *_ = compile_to(loaded, key, "airflow")
    assert not loaded.diagnostics.has_errors, loaded.diagnostics.sorted()
    pair = Pair(folder / f"generated_{kind}_{tasks}.py", folder / f"by_hand_{kind}_{tasks}.py")
    pair.generated.write_text(dag_file.text, "utf-8")
    pair.by_hand.write_text(by_hand, "utf-8")
    return pair


def forget_bytecode(file: Path) -> None:
    """Remove what Python kept of a module when it last compiled it."""
    Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)


def compare(pair: Pair, load: Callable[[Path], None], repeat: int, *, is_changed: bool) -> Seconds:
    """Load both in turns, each first as often as the other; what is left of the load before is cleared away.

    `is_changed` lets every load be the first after a change of the file, when Python has to compile it.
    """

    def seconds(file: Path) -> float:
        if is_changed:
            forget_bytecode(file)
        gc.collect()
        began = time.process_time()
        load(file)
        return time.process_time() - began

    took: dict[Path, list[float]] = {pair.generated: [], pair.by_hand: []}
    for file in took:
        load(file)
    gc.freeze()  # Airflow itself: it would be looked at again and again, at times that have nothing to do with a file
    for number in range(repeat):
        for file in sorted(took, reverse=bool(number % 2)):
            took[file].append(seconds(file))
    generated, by_hand = took.values()
    return Seconds(statistics.median(generated), statistics.median(by_hand), min(generated) / min(by_hand))


def airflow_loader() -> Callable[[Path], None]:
    """Loads a file as the dag-processor does, in a module of its own each time, with Airflow imported already."""
    collection: Any = import_module("airflow.dag_processing.dagbag")

    def load(file: Path) -> None:
        bag = collection.DagBag(dag_folder=os.devnull, collect_dags=False)
        bag.process_file(str(file), only_if_updated=False, safe_mode=False)
        assert not bag.import_errors, bag.import_errors
        assert len(bag.dags) == 1

    return load


def repetitions(tasks: int, wanted: int | None) -> int:
    """How often to load: small files often, since their figures swing more."""
    return wanted or max(5, min(60, 9_000 // tasks))


def loading_table(pairs: dict[tuple[str, int], Pair], repeat: int | None) -> None:
    """Loads of files that Python has compiled before, and in the last columns of files that were changed."""
    load = airflow_loader()
    print(
        "| tasks | how many | generated ms | by hand ms | ratio | of least | at most 1.1 | changed: ratio | more ms |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for (kind, tasks), pair in pairs.items():
        known, changed = (
            compare(pair, load, repetitions(tasks, repeat), is_changed=is_changed) for is_changed in (False, True)
        )
        print(
            f"| {CASES[kind].title} | {tasks:,} | {known.generated * 1000:.1f} | {known.by_hand * 1000:.1f} | "
            f"{known.ratio:.2f} | {known.least:.2f} | {'yes' if known.ratio <= LIMIT else 'no'} | "
            f"{changed.ratio:.2f} | {(changed.generated - changed.by_hand) * 1000:.1f} |",
            flush=True,
        )


def process_table(pairs: dict[tuple[str, int], Pair], repeat: int, home: Path) -> None:
    print("\n| tasks | how many | generated CPU s | by hand CPU s |")
    print("| --- | --- | --- | --- |")
    environment = {**_ENVIRONMENT, "AIRFLOW_HOME": str(home)}
    for (kind, tasks), pair in pairs.items():
        cpu = []
        for file in (pair.generated, pair.by_hand):
            costs = [run([sys.executable, str(file)], environment=environment).cost for _ in range(repeat)]
            cpu.append(medians(costs)[0])
        print(f"| {CASES[kind].title} | {tasks:,} | {cpu[0]:.2f} | {cpu[1]:.2f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--tasks", type=int, nargs="+", default=[30, 300, 3_000])
    parser.add_argument("--repeat", type=int, help="loads of each file; default: more of small files than of large")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-processes", action="store_true", help="leave out `python FILE`, Airflow's start included")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ.update({**_ENVIRONMENT, "AIRFLOW_HOME": name})  # before Airflow is imported
        sys.dont_write_bytecode = False  # as where the dag-processor runs
        pairs = {
            (kind, tasks): write_pair(folder, kind, tasks, options.seed)
            for kind in options.kinds
            for tasks in options.tasks
        }
        loading_table(pairs, options.repeat)
        if not options.no_processes:
            process_table(pairs, min(3, options.repeat or 3), folder)


if __name__ == "__main__":
    main()
