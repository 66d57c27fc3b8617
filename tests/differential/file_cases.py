"""Programs for runs of generated files, each with the code of its tasks: the same seed, the same case."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pipec
from pipec.api import Loaded
from pipec.compilation import check_target
from tests.differential.file_generator import MAIN, random_program

_STEPS = '''\
"""What the tasks of a random program do: each attempt ends as the seed says for the task that is named."""

import sys
from random import Random

SEED = {seed!r}
CALM = {calm!r}
"""Tasks that succeed at once."""


def act(me, attempt, values):
    """A number that depends on the task and on what it was given; raises what the attempt fails with."""
    random = Random(f"{{SEED}}/{{me}}")
    failing = Random(SEED).choice((0.1, 0.2, 0.35))
    endings = []
    while random.random() < failing and len(endings) < 3:
        endings.append(random.choice(("error", "busy", "exit")))
    if not endings or random.random() < 0.4:
        endings.append("success")
    ending = "success" if me in CALM else endings[min(attempt, len(endings)) - 1]
    if ending == "error":
        raise RuntimeError("meant to fail")
    if ending == "busy":
        raise ConnectionRefusedError("meant to be busy")
    if ending == "exit":
        sys.exit(3)
    return Random(f"{{SEED}}/{{seen(me, values)}}").randrange(6)


def seen(me, values):
    return " ".join([me, *(f"{{name}}={{value!r}}" for name, value in sorted(values.items()))])


def number(me, attempt, **values):
    return act(me, attempt, values)


def maybe(me, attempt, **values):
    given = act(me, attempt, values)
    return None if given < 2 else given


def text(me, attempt, **values):
    act(me, attempt, values)
    return seen(me, values)


def named(me, attempt, **values):
    return {{"n": act(me, attempt, values), "seen": seen(me, values)}}


def is_there(me, given):
    """What a wait looks for is there, unless the look fails."""
    if me not in CALM and Random(f"{{SEED}}/{{me}}").random() < 0.2:
        raise RuntimeError("meant to fail")
    return True


def is_never(me, given):
    return False


def items(me, attempt, **values):
    first = act(me, attempt, values)
    return [(first + number) % 6 for number in range(first % 4)]
'''


@dataclass(frozen=True, slots=True)
class FileCase:
    """A program as text, the seed of what its tasks do, and those that succeed at once all the same."""

    text: str
    seed: str
    parameters: Mapping[str, Any]
    calm: Collection[str] = ()

    @property
    def steps(self) -> str:
        """The module `steps` of its tasks."""
        return _STEPS.format(seed=self.seed, calm=sorted(self.calm))


def random_file_case(seed: int, accepts: Callable[[Loaded], bool] = lambda loaded: True) -> FileCase:
    """The first of the random cases of a seed that has no faults and is accepted."""
    number = 0
    while True:
        random = Random(f"files/{seed}/{number}")
        text = random_program(random)
        loaded = load_program(text)
        if loaded is not None and accepts(loaded):
            items = [random.randint(0, 5) for _ in range(random.randint(0, 3))]
            return FileCase(text, f"{seed}/{number}", {"level": random.randint(0, 5), "list": items})
        number += 1


def load_program(text: str, folder: Path = Path()) -> Loaded | None:
    """The program of a text; None where it has faults, or reads what timing decides (lint L003)."""
    loaded = pipec.load(folder / "random.pipe", text=text)
    if loaded.program is None or any(one.severity == "error" or one.code == "L003" for one in loaded.diagnostics.found):
        return None
    return loaded


@contextmanager
def in_folder(case: FileCase) -> Iterator[tuple[Loaded, Path]]:
    """The program of a case, and a folder with the code of its tasks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loaded = load_program(case.text, folder)
        assert loaded is not None, case.text
        (folder / "steps.py").write_text(case.steps, "utf-8")
        yield loaded, folder


def run_here(case: FileCase, loaded: Loaded, folder: Path) -> Any:
    """What `pipec run` makes of the main pipeline of a case."""
    return pipec.run(loaded, pipeline=MAIN, parameters=case.parameters, store_folder=folder / "store")


def refusals(loaded: Loaded) -> list[str]:
    """Why Airflow cannot run a program: the messages of what is refused."""
    return [one.message for one in check_target(loaded, MAIN, "airflow").found if one.severity == "error"]


def is_for_airflow(loaded: Loaded) -> bool:
    """Whether the main pipeline of a program is compiled for Airflow."""
    return not check_target(loaded, MAIN, "airflow").has_errors
