"""The public Python API: what `import pipec` offers, and what every command is a thin layer over."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipec.collection import without_garbage_collection
from pipec.diagnostics.model import Diagnostic, Diagnostics
from pipec.frozen import Frozen
from pipec.syntax.reading import NoTextError, read_source
from pipec.syntax.source import Source, Span

if TYPE_CHECKING:
    from datetime import datetime

    from pipec.analysis.plan import Plan
    from pipec.backend import OutputFile
    from pipec.comparison.model import Comparison
    from pipec.engine.capacity import Capacity
    from pipec.ir.base import Location
    from pipec.ir.model import Pipeline, Program
    from pipec.semantics.modules import Loader, Module
    from pipec.settings import Settings
    from pipec.simulation.simulation import Simulation
    from pipec.syntax.resuming import Reading
    from pipec.testing.results import TestResult


class UnreadableError(Exception):
    """A file that cannot be read at all: not there, a folder, not UTF-8. The message says which and why."""


class CompileError(Exception):
    """A program cannot be used as asked; `diagnostics` say why, the message is the first of them."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics[0].message if self.diagnostics else "there is nothing to compile")


class Loaded(Frozen):
    """A file after all stages up to the IR.

    `program` is None where errors make it unusable; `diagnostics` holds what was found either way. `sources` are the
    texts by the file names that locations in the IR use, `folder` is the folder of the main file. `main` is the main
    file as it was parsed, with what it defines: None where nothing of it could be understood. `remains` is what errors
    left of the program, for further checks alone.
    """

    path: Path
    program: Program | None
    diagnostics: Diagnostics
    sources: Mapping[str, Source]
    main: Module | None = None
    remains: Program | None = None

    @property
    def folder(self) -> Path:
        return self.path.parent

    def span_of(self, location: Location) -> Span:
        """The place in the source that a location of the IR names."""
        return Span(self.sources[location.file], location.start, location.end)

    def pipeline(self, name: str | None = None) -> Pipeline:
        """A pipeline of the program by its key; without a name the only one of the file.

        Raises CompileError where there is no program, LookupError where the name fits none or there are several.
        """
        if self.program is None:
            raise CompileError(self.diagnostics.sorted())
        own = self.program.own
        if name is None and len(own) != 1:
            raise LookupError(f"the file holds {len(own)} pipelines, name one of: {', '.join(own)}")
        key = own[0] if name is None else name
        if key not in self.program.pipelines:
            raise LookupError(f"there is no pipeline {key!r}, there are: {', '.join(own)}")
        return self.program.pipelines[key]


def load(
    path: Path | str,
    constants: Mapping[str, str] | None = None,
    *,
    text: str | None = None,
    overlay: Mapping[Path, str] | None = None,
    earlier: Reading | None = None,
    resumable: bool = False,
) -> Loaded:
    """Reads a `.pipe` file and everything it imports, and checks it.

    `constants` replaces values of its consts; `text` stands for the file's content where given (imports are still
    relative to `path`), and `overlay` holds texts that stand for those of imported files, by absolute path: what an
    editor has not saved yet. Raises UnreadableError where there is no text to look at.

    With `resumable` what the file was read as (`Loaded.main.reading`) may be given as `earlier` when the next version
    of its text is loaded. That is quicker, and uses the version up: nothing that was made of it may be used any more.
    """
    path = Path(path)
    if text is None:
        text = read_text(path)
    with without_garbage_collection():
        return _load_text(path, text, constants or {}, overlay or {}, earlier, resumable)


def _load_text(
    path: Path,
    text: str,
    constants: Mapping[str, str],
    overlay: Mapping[Path, str],
    earlier: Reading | None,
    resumable: bool,
) -> Loaded:
    from pipec.analysis.checks import check_graphs
    from pipec.semantics.modules import Loader
    from pipec.semantics.programs import ProgramBuilder

    absolute = Path(os.path.abspath(path))
    for by_lines in (False, True):
        diagnostics = Diagnostics()
        loader = Loader(absolute.parent, diagnostics, constants, overlay, by_lines=by_lines, resumable=resumable)
        main = loader.load_text(absolute, path.as_posix(), text, earlier=None if by_lines else earlier)
        program = ProgramBuilder(loader, main).build() if main is not None else None
        if not loader.is_misread:
            break
    sources = {module.name: module.source for module in loader.modules.values()}
    if program is not None and not diagnostics.has_errors:
        check_graphs(program, lambda place: Span(sources[place.file], place.start, place.end), diagnostics)
    if program is not None and diagnostics.has_errors:
        return Loaded(absolute, None, diagnostics, sources, main, _remains(program, loader))
    return Loaded(absolute, program, diagnostics, sources, main)


def _remains(program: Program, loader: Loader) -> Program:
    from pipec.analysis.remains import remains
    from pipec.semantics.soundness import Soundness

    return remains(program, Soundness(loader.modules.values(), loader.diagnostics.found).is_affected)


def check(loaded: Loaded, targets: Iterable[str] = (), *, settings: Settings | None = None) -> list[Diagnostic]:
    """Everything found in a file, with what each of the targets cannot express of its pipelines, sorted by place.

    Left out are warnings that comments in the files switch off and those that the settings do, by default the nearest
    ones above the file; faults of the settings are among what is found. Raises KeyError for an unknown target.
    """
    from pipec.checking import check_file

    return check_file(loaded, targets, settings)


def compile(
    loaded: Loaded,
    target: str,
    *,
    pipeline: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    target_version: str | None = None,
) -> tuple[OutputFile, ...]:
    """The files of one pipeline for a target; `parameters` are new defaults in JSON form.

    Raises CompileError where the program has errors or the target cannot express it, KeyError for an unknown target,
    LookupError for an unknown pipeline.
    """
    from pipec.compilation import compile_to

    key = pipeline or loaded.pipeline().name
    loaded.pipeline(key)
    files = compile_to(loaded, key, target, target_version=target_version, defaults=parameters)
    if loaded.diagnostics.has_errors:
        raise CompileError(one for one in loaded.diagnostics.sorted() if one.severity == "error")
    return files


def plan(loaded: Loaded, pipeline: str | None = None) -> Plan:
    """Levels, parallel groups, critical path and slack of a pipeline. Raises as `Loaded.pipeline` does."""
    from pipec.analysis.plan import plan as plan_pipeline

    return plan_pipeline(loaded.pipeline(pipeline), program=loaded.program)


def simulate(
    loaded: Loaded,
    *,
    pipeline: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    date: datetime | None = None,
    runs: int | None = None,
    seed: int = 0,
    slots: int | Sequence[int] = (),
    capacity: Capacity | None = None,
    task_overhead: float = 0.0,
    delays: Mapping[str, str] | None = None,
    given: Mapping[str, Any] | None = None,
    items: Mapping[str, int] | None = None,
    what_if: Sequence[str] = (),
) -> Simulation:
    """Plays a pipeline in virtual time, so many times where anything in it is left to chance; no code runs.

    `parameters` are values in JSON form, those that are missing are not known. `slots` is how many tasks run at once:
    several numbers are compared, as are changes of `what_if` (`"train.estimate = 2h"`). `task_overhead` is in seconds.
    `delays` are those of approvals and waits (`"2h"`, `"never"`), `given` values by `task.output`, or true or false for
    a decision or an approval, `items` how many a map has whose list is not known. What else is not known is assumed,
    and the findings say so.
    Raises CompileError where the program has errors or a task can never fit, LookupError for an unknown pipeline,
    ParameterError for parameters without value, and `pipec.simulation.errors.SimulationError` for names and changes
    that mean nothing, and for runs that never end.
    """
    from datetime import UTC, datetime

    from pipec.analysis.fitting import check_fit
    from pipec.engine.capacity import Capacity
    from pipec.simulation.naming import assumptions, checked_given, read_delay
    from pipec.simulation.scenarios import pipelines_of, scenario_of
    from pipec.simulation.simulation import simulation

    chosen = loaded.pipeline(pipeline)
    key = pipeline or chosen.name
    assert loaded.program is not None
    pipelines = pipelines_of(loaded.program, key)
    capacity = capacity or Capacity()
    refusals = Diagnostics()
    check_fit(loaded.program, key, capacity, loaded.span_of, refusals)
    if refusals.has_errors:
        raise CompileError(refusals.sorted())
    assumed = assumptions(
        pipelines,
        task_overhead=task_overhead,
        delays={name: read_delay(name, text) for name, text in (delays or {}).items()},
        given={name: checked_given(name, value, pipelines) for name, value in (given or {}).items()},
        items=items,
    )
    scenario = scenario_of(
        loaded.program,
        key,
        parameters=parameters or {},
        moment=date or datetime.now(UTC),
        capacity=capacity,
        assumptions=assumed,
    )
    counts = (slots,) if isinstance(slots, int) else slots
    return simulation(scenario, runs=runs, seed=seed, slots=counts, what_if=what_if)


def diff(
    old: Loaded,
    new: Loaded,
    *,
    pipeline: str | None = None,
    now: datetime | None = None,
    simulated: bool = False,
    slots: int | None = None,
) -> Comparison:
    """What changed in meaning from one file to the other, of one pipeline and those it calls or of all.

    `now` is the moment after which the next runs are looked for where a schedule changed, by default this one. With
    `simulated` pipelines that changed are played on both sides as `simulate` does, with so many `slots`. Raises
    CompileError where one of them has errors, LookupError where neither has the pipeline.
    """
    from datetime import UTC
    from datetime import datetime as moment

    from pipec.comparison.comparing import compare, restricted
    from pipec.ir.traverse import called_pipelines

    programs: list[Program] = []
    for loaded in (old, new):
        if loaded.program is None:
            raise CompileError(loaded.diagnostics.sorted())
        programs.append(loaded.program)
    now = now or moment.now(UTC)
    comparison = compare(programs[0], programs[1], now)
    if pipeline is not None:
        having = [program for program in programs if pipeline in program.pipelines]
        if not having:
            known = dict.fromkeys(name for program in programs for name in program.own)
            raise LookupError(f"there is no pipeline {pipeline!r}, there are: {', '.join(known)}")
        comparison = restricted(comparison, {key for program in having for key in called_pipelines(program, pipeline)})
    if not simulated:
        return comparison
    from pipec.comparison.playing import with_simulation

    return with_simulation(
        comparison,
        lambda key: simulate(old, pipeline=key, date=now, slots=slots or ()),
        lambda key: simulate(new, pipeline=key, date=now, slots=slots or ()),
    )


def test(loaded: Loaded) -> tuple[TestResult, ...]:
    """Plays the tests of a file and says what came of each. No task code runs.

    Raises CompileError where errors make the file unusable.
    """
    from pipec.testing import run_tests

    if loaded.program is None:
        raise CompileError(loaded.diagnostics.sorted())
    return tuple(run_tests(loaded.program))


def run(
    loaded: Loaded,
    *,
    pipeline: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    date: datetime | None = None,
    max_parallel: int | None = None,
    capacity: Capacity | None = None,
    resume: str | None = None,
    use_cache: bool = True,
    approve: Iterable[str] = (),
    store_folder: Path | str = ".pipec",
) -> Any:
    """Runs a pipeline on this machine and returns its result: `state`, `tasks` by id, `returns`.

    `parameters` are values in JSON form, `date` the moment the run is for (with its time zone). At most `max_parallel`
    tasks run at once, by default one a core; `capacity` says what else they share. `approve` names approvals that are
    given. `resume` goes on with an earlier run: its id, or "last".
    Raises CompileError where this machine cannot run it, LookupError for an unknown pipeline, ParameterError for
    parameters without value, `pipec.backends.local.store.database.StoreError` where runs cannot be kept.
    """
    from dataclasses import replace
    from importlib import import_module

    from pipec.analysis.fitting import check_fit
    from pipec.compilation import check_target
    from pipec.engine.capacity import Capacity

    chosen = loaded.pipeline(pipeline)
    key = pipeline or chosen.name
    refusals = check_target(loaded, key, "local")
    capacity = capacity or Capacity()
    if max_parallel is not None:
        capacity = replace(capacity, slots=max_parallel)
    assert loaded.program is not None
    check_fit(loaded.program, key, capacity, loaded.span_of, refusals)
    if refusals.has_errors:
        raise CompileError(refusals.sorted())
    options = import_module("pipec.backends.local.options").RunOptions(
        capacity=capacity, use_cache=use_cache, approve=frozenset(approve)
    )
    runner = import_module("pipec.backends.local.runner")
    common = {
        "file": loaded.path,
        "parameters": parameters or {},
        "options": options,
        "store_folder": Path(store_folder),
    }
    if resume is not None:
        return runner.resume(loaded.program, key, run_id=resume, **common)
    return runner.run(loaded.program, key, date=date, **common)


def read_text(path: Path | str) -> str:
    """The text of a file, without a byte order mark, its line ends as they are. Raises UnreadableError."""
    path = Path(path)
    try:
        return read_source(path)
    except OSError as error:
        raise UnreadableError(f"cannot read {path}: {error.strerror}") from None
    except (NoTextError, ValueError) as error:
        raise UnreadableError(f"cannot read {str(path)!r}: {error}") from None
