"""Simulate traces of scientific workflows and compare the makespan with the one that was recorded.

Usage: python -m tests.benchmarks.wfcommons TRACE.json … [--cores N] [--task-overhead SECONDS] [--write FOLDER]. Traces
are in WfFormat, the JSON format of WfCommons, version 1.4 or 1.5. Prints a row a trace; with --write also its `.pipe`
file. See README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pipec
from pipec.engine.capacity import Capacity
from pipec.ir.types import quote

_PLAIN = re.compile(r"[\w./+-]+")


@dataclass(frozen=True)
class TraceTask:
    """A task of a trace: `name` is an identifier of the language, `seconds` how long it ran."""

    name: str
    program: str
    upstream: tuple[str, ...]
    seconds: float
    cores: int


@dataclass(frozen=True)
class Trace:
    """What a trace says of a workflow and of its execution. `cores` is None where its machines do not say."""

    name: str
    tasks: tuple[TraceTask, ...]
    makespan: float
    cores: int | None

    @property
    def work(self) -> float:
        """The seconds of all tasks, each times its cores."""
        return sum(task.seconds * task.cores for task in self.tasks)


def read_trace(document: Mapping[str, Any]) -> Trace:
    """The trace of a WfFormat document. Raises ValueError where it lacks what a simulation needs."""
    workflow = document["workflow"]
    execution = workflow.get("execution")
    if execution is None:
        raise ValueError("the trace tells of no execution")
    ran = {task["id"]: task for task in execution["tasks"]}
    specified = {task["id"]: task for task in workflow["specification"]["tasks"]}
    names = _names(specified)
    upstream: dict[str, dict[str, None]] = {id: dict.fromkeys(task["parents"]) for id, task in specified.items()}
    for id, task in specified.items():
        for child in task["children"]:
            upstream[child][id] = None
    missing = specified.keys() - ran.keys()
    if missing:
        raise ValueError(f"tasks that were never executed: {', '.join(sorted(missing)[:3])}")
    tasks = [
        TraceTask(
            name=names[id],
            program=ran[id].get("command", {}).get("program", ""),
            upstream=tuple(names[parent] for parent in upstream[id]),
            seconds=max(0.0, float(ran[id]["runtimeInSeconds"])),
            cores=max(1, round(ran[id].get("coreCount", 1))),
        )
        for id in specified
    ]
    return Trace(document["name"], tuple(tasks), float(execution["makespanInSeconds"]), _cores(execution))


def _names(ids: Mapping[str, Any]) -> dict[str, str]:
    """Identifiers of the language for ids, each its own."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for id in ids:
        name = wanted = "task_" + re.sub(r"\W", "_", id, flags=re.ASCII).lower()
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        taken.add(name)
        names[id] = name
    return names


def _cores(execution: Mapping[str, Any]) -> int | None:
    """Those of all machines together."""
    counts = [machine.get("cpu", {}).get("coreCount") for machine in execution.get("machines", [])]
    return sum(counts) if counts and all(counts) else None


def source(trace: Trace) -> str:
    """The `.pipe` file of a trace: its tasks in their order, the recorded runtimes as estimates."""
    cores = "an unknown number of" if trace.cores is None else f"{trace.cores}"
    pipeline = re.sub(r"\W", "_", trace.name, flags=re.ASCII).lower().strip("_") or "trace"
    lines = [
        f"# Recorded by WfCommons: {len(trace.tasks)} tasks in {trace.makespan:g} s on {cores} cores.",
        "",
        f"pipeline workflow_{pipeline} {{",
        *(_task(task) for task in trace.tasks),
        "}",
        "",
    ]
    return "\n".join(lines)


def _task(task: TraceTask) -> str:
    after = f" after {', '.join(task.upstream)}" if task.upstream else ""
    program = task.program if _PLAIN.fullmatch(task.program) else "true"
    options = f"{{ estimate = {round(task.seconds * 1000)}ms  resources = {{ cpu: {task.cores} }} }}"
    return f"  task {task.name}{after} = command([{quote(program)}]) {options}"


@dataclass(frozen=True)
class Compared:
    """A trace beside its simulation; times in seconds, `took` those of loading the file and of simulating it."""

    trace: Trace
    cores: int
    simulated: float
    took: float

    @property
    def deviation(self) -> float:
        """Of the simulated from the recorded makespan, as a part of it."""
        return self.simulated / self.trace.makespan - 1


def compare(trace: Trace, cores: int | None = None, task_overhead: float = 0.0) -> Compared:
    """Simulate a trace on the recorded number of cores, or on so many. Raises ValueError where none is known."""
    count = cores or trace.cores
    if count is None:
        raise ValueError("the trace does not say how many cores there were: give --cores")
    started = time.perf_counter()
    loaded = pipec.load("trace.pipe", text=source(trace))
    found = pipec.simulate(loaded, capacity=Capacity(cpu=float(count)), task_overhead=task_overhead)
    return Compared(trace, count, found.findings[0].makespan.p50, time.perf_counter() - started)


def rows(compared: Iterator[Compared]) -> Iterator[str]:
    """A table in Markdown."""
    yield "| trace | tasks | cores | recorded s | simulated s | deviation | took s |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for one in compared:
        figures = [
            f"{len(one.trace.tasks):,}",
            f"{one.cores}",
            f"{one.trace.makespan:,.0f}",
            f"{one.simulated:,.0f}",
            f"{one.deviation:+.1%}",
            f"{one.took:.2f}",
        ]
        yield f"| {one.trace.name} | {' | '.join(figures)} |"


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("traces", nargs="+", type=Path)
    parser.add_argument("--cores", type=int)
    parser.add_argument("--task-overhead", type=float, default=0.0)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args(words)

    def compared() -> Iterator[Compared]:
        for path in arguments.traces:
            try:
                trace = read_trace(json.loads(path.read_text(encoding="utf-8")))
                if arguments.write is not None:
                    (arguments.write / f"{path.stem}.pipe").write_text(source(trace), encoding="utf-8")
                yield compare(trace, arguments.cores, arguments.task_overhead)
            except (ValueError, KeyError) as error:
                print(f"{path}: {error}", file=sys.stderr)

    for row in rows(compared()):
        print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
