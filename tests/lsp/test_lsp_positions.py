"""Positions of the protocol and offsets of the text, in every unit that clients count in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp
from pygls.workspace import PositionCodec

from pipec.lsp.documents import Documents
from pipec.lsp.positions import Positions
from tests.lsp.texts import opened

TEXT = "a\U0001f40dé b\r\n# \U0001d4b3\rx\n"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    {
        "utf-16": [(0, 0), (0, 1), (0, 3), (0, 4), (0, 5), (0, 6), (0, 6), (1, 0), (1, 1), (1, 2), (1, 4), (2, 0)],
        "utf-8": [(0, 0), (0, 1), (0, 5), (0, 7), (0, 8), (0, 9), (0, 9), (1, 0), (1, 1), (1, 2), (1, 6), (2, 0)],
        "utf-32": [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 5), (1, 0), (1, 1), (1, 2), (1, 3), (2, 0)],
    }.items(),
)
def test_positions_of_offsets(encoding: str, expected: list[tuple[int, int]]) -> None:
    positions = Positions(TEXT, PositionCodec(encoding))
    found = [positions.position(offset) for offset in range(len(expected))]
    assert [(one.line, one.character) for one in found] == expected


@given(st.text(alphabet="ab\r\n\f\u2028é\U0001f40d", max_size=30), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_offsets_and_positions_agree(text: str, encoding: str) -> None:
    positions = Positions(text, PositionCodec(encoding))
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] != "\r\n":  # between the two there is no position
            assert positions.offset(positions.position(offset)) == offset


@given(st.text(alphabet="ab\r\n\U0001f40d", max_size=20), st.integers(0, 9), st.integers(0, 9))
def test_positions_beyond_the_text_are_its_ends(text: str, line: int, character: int) -> None:
    offset = Positions(text, PositionCodec()).offset(lsp.Position(line, character))
    assert 0 <= offset <= len(text)
    if "\r" not in text:
        lines = text.split("\n")
        start = sum(len(one) + 1 for one in lines[:line])
        expected = len(text) if line >= len(lines) else start + len(lines[line])
        assert offset <= expected


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_fault_behind_wide_characters(tmp_path: Path, line_end: str) -> None:
    """Two units a snake: in a comment, and in a string on the line of the fault."""
    lines = ["# \U0001f40d\U0001f40d", "pipeline p {", "  task a(x = '\U0001f40d', y = nothing) = python('s:a')", "}"]
    document, _ = opened(tmp_path, line_end.join(lines))
    (fault,) = [one for one in document.found if one.severity == "error"]
    assert document.positions.range_of(fault.span) == lsp.Range(lsp.Position(2, 23), lsp.Position(2, 30))


def test_the_edit_between_two_texts_is_of_the_lines_that_change(tmp_path: Path) -> None:
    document, _ = opened(tmp_path, "a\nb\nc\n")
    edit = document.replacement("a\nd\nc\n")
    assert edit == lsp.TextEdit(lsp.Range(lsp.Position(1, 0), lsp.Position(1, 1)), "d")
    assert document.replacement("a\nb\nc\n") is None


@given(st.text(alphabet="ab\n", max_size=12), st.text(alphabet="ab\n", max_size=12))
def test_the_edit_between_two_texts_makes_the_other(before: str, after: str) -> None:
    document = Documents().put("untitled:one", 1, before)
    edit = document.replacement(after)
    if edit is None:
        assert before == after
        return
    start, end = (document.positions.offset(place) for place in (edit.range.start, edit.range.end))
    assert before[:start] + edit.new_text + before[end:] == after
