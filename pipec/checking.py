"""What `pipec check` finds: in a file and what it names, for targets, and between the files of a project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipec.api import Loaded
from pipec.backend import Advising, load_backend
from pipec.collection import without_garbage_collection
from pipec.compilation import check_target, check_target_names
from pipec.diagnostics.model import Diagnostic, Diagnostics
from pipec.settings import Settings, settings_for
from pipec.syntax.source import Source

BETWEEN_FILES = frozenset({"L206", "L207", "L208", "L209"})
"""Codes of what is found only when all files of a project are looked at."""


def check_file(loaded: Loaded, targets: Iterable[str], settings: Settings | None) -> list[Diagnostic]:
    """See `pipec.api.check`."""
    targets = tuple(targets)
    settings = settings or settings_for(loaded.path)
    found = Diagnostics([*settings.diagnostics, *loaded.diagnostics.found, *check_target_names(loaded).found])
    with without_garbage_collection():
        program = loaded.program or loaded.remains
        for target in targets:
            for key in program.own if program is not None else ():
                found.found.extend(check_target(loaded, key, target).found)
        _advise(loaded, settings, found)
    looked_at = any(isinstance(load_backend(target), Advising) for target in targets)
    return settings.chosen(_suppressed(found, loaded, settings, looked_at))


def check_together(files: Sequence[tuple[Loaded, Settings]]) -> list[Diagnostic]:
    """What the files of a project say of each other that does not fit, without what comments and settings leave out.

    Files are of one project when their settings come from the same place.
    """
    from pipec.diagnostics.suppressions import suppress
    from pipec.references import check_project

    found = Diagnostics()
    projects: dict[Path | None, list[Loaded]] = {}
    for loaded, chosen in files:
        projects.setdefault(chosen.file, []).append(loaded)
    for project in projects.values():
        check_project(project, found)
    if not found.found:
        return []
    sources = {source.path: source for loaded, _ in files for source in loaded.sources.values()}
    settings = {source.path: chosen for loaded, chosen in files for source in loaded.sources.values()}
    left = suppress(found.sorted(), sources.values(), judged=())
    asked = [one for one in left if settings[one.span.source.path].chosen([one])]
    return [one for one in asked if one.code in BETWEEN_FILES]


def _advise(loaded: Loaded, settings: Settings, found: Diagnostics) -> None:
    """Adds lints, and what the file names outside of itself that is not there: where the file itself has no errors."""
    if loaded.program is None or loaded.main is None:
        return
    from pipec.analysis.lints import lint, with_selected
    from pipec.references import check_references
    from pipec.semantics.written_lints import lint_written

    lint(loaded.program, loaded.span_of, found, with_selected(settings.select))
    lint_written(loaded.main.file, found)
    check_references(loaded, settings.python_path, found)


def _suppressed(found: Diagnostics, loaded: Loaded, settings: Settings, looked_at: bool) -> list[Diagnostic]:
    """What is found, without what comments in the files switch off, sorted by place.

    `looked_at` says that targets were asked for their warnings.
    """
    if not any("pipec:" in source.text for source in loaded.sources.values()):
        return found.sorted()
    from pipec.analysis.lints import OPTIONAL, with_selected
    from pipec.diagnostics.suppressions import OF_TARGETS, suppress

    not_looked_for = (OPTIONAL - with_selected(settings.select)) | BETWEEN_FILES
    if not looked_at:
        not_looked_for |= OF_TARGETS
    return suppress(found.sorted(), loaded.sources.values(), _fully_checked(loaded, found), not_looked_for)


def _fully_checked(loaded: Loaded, found: Diagnostics) -> list[Source]:
    """The files in which no more can be found: none with errors, and none that serves pipelines of other files."""
    if found.has_errors or loaded.main is None or loaded.program is None or not loaded.program.own:
        return []
    return [loaded.main.source]
