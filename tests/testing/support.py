"""Playing the tests of a text, and what came of them in forms that fit into tables."""

from __future__ import annotations

from functools import cache

import pipec
from pipec.api import Loaded
from pipec.diagnostics.render import render
from pipec.testing import run_tests
from pipec.testing.doubts import Doubts
from pipec.testing.files import FileResult
from pipec.testing.reports import as_diagnostic
from pipec.testing.results import TestResult as Result
from pipec.testing.scene import Scene
from tests.engine.driver import LETTERS


@cache
def loaded(text: str) -> Loaded:
    """A text without errors."""
    found = pipec.load("test.pipe", text=text)
    assert not found.diagnostics.has_errors, [one.message for one in found.diagnostics.sorted()]
    return found


def results(text: str) -> list[Result]:
    """What comes of all tests of a text."""
    program = loaded(text).program
    assert program is not None
    return list(run_tests(program))


def result(pipeline: str, body: str, name: str = "p") -> Result:
    """What comes of one test of a pipeline."""
    (found,) = results(f'{pipeline}\ntest "t" for {name} {{ {body} }}\n')
    return found


def scene(pipeline: str, body: str, name: str = "p") -> Scene:
    """The run of one test."""
    program = loaded(f'{pipeline}\ntest "t" for {name} {{ {body} }}\n').program
    assert program is not None
    scenes: list[Scene] = []

    def keep(scene: Scene, doubts: Doubts) -> None:
        scenes.append(scene)

    list(run_tests(program, watch=keep))
    return scenes[0]


def states(pipeline: str, body: str) -> str:
    """The states of all instances, a letter each: `a:S fit[b]:F`."""
    tasks = scene(pipeline, body).played.run.tasks
    return " ".join(f"{id}:{LETTERS[tasks[id].state]}" for id in sorted(tasks)).replace('"', "")


def said(found: Result) -> list[str]:
    """All that a result says, a line each: messages, labels, reasons, help."""
    lines: list[str] = []
    for finding in (*found.failures, *found.warnings):
        lines += [finding.message, *([finding.label] if finding.label else []), *finding.why]
        lines += [f"help: {finding.help}"] if finding.help else []
    return lines


def shown(text: str) -> str:
    """The failures of all tests of a text as a person sees them."""
    file = FileResult("test.pipe", loaded(text), results(text))
    found = [as_diagnostic(file, one, "error") for result in file.results for one in result.failures]
    found += [as_diagnostic(file, one, "warning") for result in file.results for one in result.warnings]
    return "\n\n".join(render(one, color=False) for one in found) + "\n"
