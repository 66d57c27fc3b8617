"""What waits look at: paths, objects of a store, the content of messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fsspec  # type: ignore[import-untyped]
import pytest

from pipec.runtime.looks import PatternError, message_content, object_matches, path_matches
from pipec.runtime.values import OutputError

PATTERNS = {
    "a/lot.csv": True,
    "a/*.csv": True,
    "**/lot.csv": True,
    "b/**/lot.csv": False,
    "a": True,
    "a/lot.?sv": True,
    "a/[lm]ot.csv": True,
    "a/*.parquet": False,
    "dangling": False,
    "a/lot.csv/x": False,
    "a/.*": True,
    "*/*hidden": False,
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_path_matches(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "lot.csv").write_text("")
    (tmp_path / "a" / ".hidden").write_text("")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert path_matches(pattern, tmp_path) is PATTERNS[pattern]


def test_a_folder_that_cannot_be_read_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="symbolic links"):
        path_matches("loop/*.csv", tmp_path)


@pytest.mark.parametrize(("path", "is_there"), [("/looks/a b.csv", True), ("/looks/*.csv", True), ("/looks/b", False)])
def test_an_object_matches(path: str, is_there: bool) -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/looks/a b.csv", b"")
    assert object_matches(store, path, "memory") is is_there


def test_wildcards_that_mean_nothing() -> None:
    with pytest.raises(PatternError, match="Invalid pattern"):
        object_matches(fsspec.filesystem("memory"), "/looks/**x", "memory")


@pytest.mark.parametrize(
    ("content", "value"), [(b'{"a": [1]}', {"a": [1]}), (b"Infinity", "Infinity"), (b"a b", "a b"), (None, None)]
)
def test_the_content_of_a_message(content: bytes | None, value: Any) -> None:
    assert message_content(content) == value


@pytest.mark.parametrize("content", [b"\xff", b"x" * 50_000])
def test_content_that_is_no_value(content: bytes) -> None:
    with pytest.raises(OutputError):
        message_content(content)
