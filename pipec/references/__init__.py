"""Checks that look further than the file: at Python code, shell texts, files beside it, and other files of a project.

Nothing of what they look at is run or imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipec.api import Loaded
    from pipec.diagnostics.model import Diagnostics


def check_references(loaded: Loaded, python_path: Sequence[Path], diagnostics: Diagnostics) -> None:
    """Reports what a file names and what is not there, or is there in another form.

    Modules are looked for in the folder of the file, then in the folders of `python_path`, then where Python looks.
    A file with errors has no program, and nothing is reported of it.
    """
    if loaded.program is None:
        return
    from pipec.collection import without_garbage_collection
    from pipec.references.files import check_files
    from pipec.references.functions import check_functions
    from pipec.references.images import check_images
    from pipec.references.schedules import check_schedules
    from pipec.references.scripts import check_scripts
    from pipec.references.writing import Writing

    with without_garbage_collection():
        writing = Writing(loaded)
        check_functions(loaded, writing, python_path, diagnostics)
        check_scripts(loaded, writing, diagnostics)
        check_schedules(loaded, writing, diagnostics)
        check_images(loaded, writing, diagnostics)
        check_files(loaded, writing, diagnostics)


def check_project(loaded: Sequence[Loaded], diagnostics: Diagnostics) -> None:
    """Reports what the files of one project say of each other's pipelines, tasks and assets that does not fit."""
    from pipec.references.project import check_project

    check_project(loaded, diagnostics)
