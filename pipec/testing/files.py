"""The tests of a file: loaded, run and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pipec.api import Loaded
from pipec.diagnostics.model import Diagnostic
from pipec.ir.model import TestCase
from pipec.testing.coverage import Collector, PipelineCoverage
from pipec.testing.results import TestResult
from pipec.testing.running import run_tests


@dataclass(slots=True)
class FileResult:
    """`errors` are those that keep the tests of a file from being run; `name` is the file as a person is shown it."""

    name: str
    loaded: Loaded
    results: list[TestResult] = field(default_factory=list)
    coverage: list[PipelineCoverage] = field(default_factory=list)

    @property
    def errors(self) -> list[Diagnostic]:
        return [one for one in self.loaded.diagnostics.sorted() if one.severity == "error"]

    @property
    def failed(self) -> list[TestResult]:
        return [result for result in self.results if result.failures]


def is_chosen(case: TestCase, words: Iterable[str]) -> bool:
    """Whether the title of a test, or its pipeline, holds one of the words, in whatever case; all are without words."""
    chosen = [word.casefold() for word in words]
    return not chosen or any(word in case.title.casefold() or word in case.pipeline.casefold() for word in chosen)


def run_file(
    name: str,
    loaded: Loaded,
    words: Iterable[str] = (),
    *,
    with_coverage: bool = False,
    progress: Callable[[TestResult], None] | None = None,
) -> FileResult:
    """Runs the tests of a file that `words` choose."""
    file = FileResult(name, loaded)
    program = loaded.program
    if program is None:
        return file
    collector = Collector(program.pipelines[key] for key in program.own) if with_coverage else None
    for result in run_tests(program, [case for case in program.tests if is_chosen(case, words)], collector):
        file.results.append(result)
        if progress is not None:
            progress(result)
    if collector is not None:
        file.coverage = list(collector.found.values())
    return file
