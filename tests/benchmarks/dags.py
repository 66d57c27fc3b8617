"""The DAGs of the benchmark: one description each, from which every runner makes its own form."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Action = Literal["python", "shell"]


@dataclass(frozen=True, slots=True)
class Dag:
    """Tasks with what they wait for and how long they sleep.

    A task of `python` calls a function that returns at once or sleeps; one of `shell` runs `true`. `slots` is how many
    may run at once.
    """

    name: str
    action: Action
    slots: int
    upstream: dict[str, list[str]]
    seconds: dict[str, float]

    @property
    def bound(self) -> float:
        """What no schedule can beat, in seconds: the longest path, or all the work shared out among the slots."""
        ends: dict[str, float] = {}
        for task, upstream in self.upstream.items():
            ends[task] = self.seconds.get(task, 0.0) + max((ends[other] for other in upstream), default=0.0)
        return max(max(ends.values()), sum(self.seconds.values()) / self.slots)

    def write(self, file: Path) -> None:
        """Write it as JSON, for `read`."""
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")


def read(file: Path) -> Dag:
    """The DAG that was written to a file."""
    return Dag(**json.loads(file.read_text(encoding="utf-8")))


def independent(name: str, tasks: int, action: Action) -> Dag:
    return Dag(name, action, 2, {f"t{number}": [] for number in range(tasks)}, {})


def chain(name: str, tasks: int) -> Dag:
    return Dag(name, "python", 2, {f"t{n}": [f"t{n - 1}"] if n else [] for n in range(tasks)}, {})


def sleeping(name: str, tasks: int, seed: int) -> Dag:
    """Tasks that sleep 40 to 800 ms, each after up to three of the ten before it, on four slots."""
    generator = random.Random(seed)
    upstream: dict[str, list[str]] = {}
    seconds: dict[str, float] = {}
    for number in range(tasks):
        seconds[f"t{number}"] = generator.randint(10, 200) * 4 / 1000
        wanted = generator.choice([0, 1, 1, 2, 2, 3]) if number >= 4 else 0
        before = range(max(0, number - 10), number)
        upstream[f"t{number}"] = [f"t{other}" for other in sorted(generator.sample(before, min(wanted, number)))]
    return Dag(name, "python", 4, upstream, seconds)


def cases(tasks: int) -> list[Dag]:
    """What is measured. The cases of one task tell the start of a runner from what each further task costs."""
    return [
        independent("one python", 1, "python"),
        independent("one shell", 1, "shell"),
        chain("chain", tasks),
        independent("parallel", tasks, "python"),
        independent("shell", tasks, "shell"),
        sleeping("sleeps", 30, seed=42),
    ]
