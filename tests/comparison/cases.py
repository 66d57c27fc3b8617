"""Files to compare, and what a comparison of two of them tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from pipec.api import load
from pipec.comparison.comparing import compare
from pipec.comparison.model import Comparison
from pipec.ir.model import Program
from pipec.lsp.renaming import CannotRenameError, rename
from tests.conformance.random_pipelines import random_pipeline
from tests.lsp.test_lsp_navigation import applied
from tests.lsp.texts import opened

NOW = datetime(2026, 5, 1, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLE_FILES = sorted(EXAMPLES.rglob("*.pipe"))

_TASK = re.compile(r"^ *(?:task|gate|wait|approval) (\w+)", re.MULTILINE)


def program_of(text: str, path: Path = Path("p.pipe")) -> Program:
    """The program of a text that has no errors."""
    loaded = load(path, text=text)
    assert loaded.program is not None, [one.message for one in loaded.diagnostics.found]
    return loaded.program


def compared(old: str, new: str, path: Path = Path("p.pipe")) -> Comparison:
    """What became of one text when it was made another; both import what lies beside `path`."""
    return compare(program_of(old, path), program_of(new, path), NOW)


@cache
def random_text(seed: int) -> str:
    """A random pipeline without errors: some hold tasks that can never run."""
    texts = (random_pipeline(other, "chance") for other in count(seed, 1000))
    return next(text for text in texts if load("p.pipe", text=text).program is not None)


def task_renames(text: str, folder: Path, name: str) -> Iterator[tuple[str, str]]:
    """Each task of a text that can get this name, with the text in which it has it everywhere."""
    document, documents = opened(folder, text)
    for found in _TASK.finditer(text):
        try:
            yield found[1], applied(document, rename(document, found.start(1), name, documents, [folder]))
        except CannotRenameError:
            continue


def mirrored(document: Any) -> Any:
    """What a comparison would tell if old and new had changed places: for its JSON form."""
    match document:
        case dict():
            turned = {"old": "new", "new": "old", "old_slack_s": "new_slack_s", "new_slack_s": "old_slack_s"}
            return {turned.get(key, key): mirrored(value) for key, value in document.items()}
        case list():
            return [mirrored(item) for item in document]
        case "added":
            return "removed"
        case "removed":
            return "added"
        case _:
            return document


def without_order(document: Any) -> Any:
    """The JSON form with nothing left of the order in which things are told, nor of names that only one side has."""
    match document:
        case dict():
            return {key: without_order(value) for key, value in document.items() if key not in ("labels", "summary")}
        case list():
            return sorted(map(without_order, document), key=lambda item: json.dumps(item, sort_keys=True))
        case _:
            return document
