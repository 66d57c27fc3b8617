"""Makes traces in WfFormat: random workflows as they are common in genomics, executed by a small model of a cluster.

The model is none of pipec's: tasks queue first come, first served; a scheduler that wakes once a second puts the first
one on the machine with the most cores left, where it fits whole; the first that fits nowhere holds up all others; and a
task starts some moments after it was placed. Its recorded runtime is that of its program alone.

Usage: python -m tests.benchmarks.recording --samples 9 --seed 5 > trace.json
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

_TICK = 1.0
"""Seconds between two rounds of the scheduler."""
_LATENCY = (0.2, 1.6)
"""Seconds from placing a task to its start."""


@dataclass
class _Job:
    id: str
    program: str
    seconds: float
    cores: int
    parents: list[str] = field(default_factory=list)
    machine: str = ""


def _workflow(samples: int, generator: random.Random) -> list[_Job]:
    """Per sample some chunks are split, filtered and mapped, then merged, sorted and called; all are joined at last."""
    jobs = [_Job("fetch_reference", "fetch", generator.uniform(40, 60), 1)]
    called = []
    for sample in range(1, samples + 1):
        name = f"S{sample:03d}"
        jobs.append(_Job(f"split.{name}", "fastqSplit", generator.uniform(20, 50), 1))
        mapped = []
        for chunk in range(1, generator.randint(2, 4) + 1):
            filtered = _Job(f"filter.{name}-{chunk}", "filterContams", generator.lognormvariate(3.2, 0.4), 1)
            filtered.parents = [f"split.{name}"]
            mapping = _Job(f"map.{name}-{chunk}", "maq", generator.lognormvariate(4.8, 0.5), 2)
            mapping.parents = [filtered.id, "fetch_reference"]
            jobs += [filtered, mapping]
            mapped.append(mapping.id)
        merge = _Job(f"merge.{name}", "mapMerge", generator.uniform(15, 40), 1, mapped)
        call = _Job(f"call.{name}", "pileup", generator.lognormvariate(4.5, 0.3), 1, [merge.id])
        jobs += [merge, call]
        called.append(call.id)
    return [*jobs, _Job("join", "bcftools", generator.uniform(60, 90), 4, called)]


def _execute(jobs: Sequence[_Job], machines: dict[str, int], generator: random.Random) -> float:
    """Place every job on a machine; the makespan."""
    left = dict(machines)
    waiting = {job.id: set(job.parents) for job in jobs}
    queue = [job for job in jobs if not job.parents]
    running: list[tuple[float, str, _Job]] = []
    now = end = 0.0
    while queue or running:
        while queue:
            job = queue[0]
            machine = max(left, key=lambda name: left[name])
            if left[machine] < job.cores:
                break
            queue.pop(0)
            left[machine] -= job.cores
            job.machine = machine
            heappush(running, (now + generator.uniform(*_LATENCY) + job.seconds, job.id, job))
        now += _TICK
        while running and running[0][0] <= now:
            end, id, job = heappop(running)
            left[job.machine] += job.cores
            for other in jobs:
                if id in waiting[other.id]:
                    waiting[other.id].remove(id)
                    if not waiting[other.id]:
                        queue.append(other)
    return end


def recorded(samples: int, seed: int, machines: int = 2, cores: int = 4) -> dict[str, Any]:
    """A WfFormat document of a workflow of so many samples on so many machines."""
    generator = random.Random(seed)
    jobs = _workflow(samples, generator)
    names = {f"node{number}": cores for number in range(1, machines + 1)}
    makespan = _execute(jobs, names, generator)
    children: dict[str, list[str]] = {job.id: [] for job in jobs}
    for job in jobs:
        for parent in job.parents:
            children[parent].append(job.id)
    return {
        "name": f"variant-calling-{samples}",
        "description": "A model of variant calling, executed by a model of a cluster",
        "schemaVersion": "1.5",
        "workflow": {
            "specification": {
                "tasks": [
                    {"name": job.program, "id": job.id, "parents": job.parents, "children": children[job.id]}
                    for job in jobs
                ]
            },
            "execution": {
                "makespanInSeconds": round(makespan, 3),
                "executedAt": "2026-01-31T02:00:00+00:00",
                "tasks": [
                    {
                        "id": job.id,
                        "runtimeInSeconds": round(job.seconds, 3),
                        "command": {"program": job.program},
                        "coreCount": job.cores,
                        "machines": [job.machine],
                    }
                    for job in jobs
                ],
                "machines": [{"nodeName": name, "cpu": {"coreCount": count}} for name, count in names.items()],
            },
        },
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--machines", type=int, default=2)
    parser.add_argument("--cores", type=int, default=4)
    arguments = parser.parse_args()
    document = recorded(arguments.samples, arguments.seed, arguments.machines, arguments.cores)
    print(json.dumps(document, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
