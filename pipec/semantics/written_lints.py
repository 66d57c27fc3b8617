"""Lints about what is written in a file and says nothing: the IR does not hold it any more.

`lint_written` is to what is written as `pipec.analysis.lints.lint` is to the program. What a file defines for others to
import is not looked at unless the file holds a pipeline of its own, which would be the first to use it.
"""

from __future__ import annotations

from pipec.collection import without_garbage_collection
from pipec.diagnostics.model import Diagnostics
from pipec.semantics.needless_after import needless_after
from pipec.semantics.unused import unused_definitions, unused_in_pipeline
from pipec.syntax import tree

CODES: frozenset[str] = frozenset({"L150", "L151", "L152", "L154"})
"""The codes of these rules; all are on by default."""


def lint_written(file: tree.File, diagnostics: Diagnostics) -> None:
    """Reports parameters, consts and components that nothing uses, and `after` that says what an input says."""
    pipelines = [item for item in file.items if isinstance(item, tree.Pipeline)]
    if not pipelines:
        return
    with without_garbage_collection():
        unused_definitions(file, diagnostics)
        for pipeline in pipelines:
            unused_in_pipeline(pipeline, diagnostics)
            needless_after(pipeline, diagnostics)
