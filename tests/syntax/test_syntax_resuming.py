"""Reading on from what the version before was read as gives what reading all anew gives."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipec.diagnostics.model import Diagnostics
from pipec.syntax import tree
from pipec.syntax.parser import read
from pipec.syntax.resuming import Reading, take_over
from pipec.syntax.source import Source

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("examples/*/pipeline.pipe"))]
PIECES = (
    "{", "}", "(", ")", "[", "]", '"', "'", '"""', "`", "${", ",", " = ", ": ", "\n", "## doc\n", " # why\n", "x", "é",
    "task", "task t = ", "retry = {", "timeout = 5m\n", "if ", "else ", "for ", "map ", "after ", "pipeline q {", "0x",
)  # fmt: skip


def understood(reading: Reading, diagnostics: Diagnostics) -> tuple[Any, ...]:
    """All that reading found, but for how much of it is sound."""
    file = reading.file
    found = [
        (one.code, one.message, one.span.start, one.span.end, one.help, repr(one.fix)) for one in diagnostics.found
    ]
    parts = (file.items, set(file.damaged), set(file.nameless)) if file is not None else ()
    items = [(token.kind, token.text, token.start, token.end, token.faulty) for token in reading.tokens.items]
    return (found, reading.doubtful, parts, items, reading.tokens.docs, reading.tokens.trailing_docs)


def resumed(earlier: Reading, text: str) -> tuple[Reading, Diagnostics, bool]:
    """The next version of a text, and whether anything of the one before was taken over."""
    diagnostics = Diagnostics()
    prefix = take_over(earlier, text)
    source = earlier.source if prefix is not None else Source("typed", text)
    return read(source, diagnostics, resumable=True, earlier=prefix), diagnostics, prefix is not None


def edited(text: str, generator: random.Random) -> str:
    """A text after one edit: something typed, taken away or replaced."""
    place = generator.randrange(len(text) + 1)
    end = min(len(text), place + generator.choice((0, 0, 1, 2, 8, 60)))
    return text[:place] + generator.choice(("", *PIECES)) + text[end:]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(TEXTS), st.integers(0, 2**32), st.integers(1, 6))
def test_reading_on_is_reading_anew(text: str, seed: int, edits: int) -> None:
    generator = random.Random(seed)
    reading = read(Source("typed", text), Diagnostics(), resumable=True)
    for _ in range(edits):
        undone = generator.random() < 0.3  # what is typed is often taken back
        text = text if undone else edited(text, generator)
        for version in (edited(text, generator), text):
            reading, diagnostics, _ = resumed(reading, version)
            fresh = Diagnostics()
            anew = read(reading.source, fresh, resumable=True)
            assert reading.source.text == version
            same = understood(reading, diagnostics) == understood(anew, fresh)
            assert same, version
            assert reading.sound_until <= anew.sound_until


HEAD = """pipeline p {
  ## First.
  task a = shell('a')
  timeout = 5m
  task b = shell('b')  ## Second.
  task c = shell('c')
  order a -> b -> c
"""


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("  task d = shell('d')\n}\n", id="a statement"),
        pytest.param("  task d = shell(\n}\n", id="a fault"),
    ],
)
def test_what_stands_before_an_edit_is_not_read_again(typed: str) -> None:
    """All but the last statement before it, which what is typed may go on."""
    before = read(Source("typed", HEAD + "}\n"), Diagnostics(), resumable=True)
    assert before.file is not None
    [pipeline] = before.file.items
    assert isinstance(pipeline, tree.Pipeline)
    old = pipeline.body
    after, _, taken = resumed(before, HEAD + typed)
    assert taken
    assert after.file is not None
    [pipeline] = [item for item in after.file.items if isinstance(item, tree.Pipeline)]
    same = [new is kept for new, kept in zip(pipeline.body, old, strict=False)]
    assert same == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param(
            "pipeline p {\n  task a = shell('a')\n}\n", "pipeline p {\n  task a = shell('b')\n}\n", id="short"
        ),
        pytest.param(HEAD.replace("shell('a')", "shell('a'") + "}\n", HEAD + "}\n", id="a fault before"),
        pytest.param("type T = int\n" * 9, "type T = int\n" * 10, id="no pipeline"),
    ],
)
def test_nothing_is_taken_over_that_is_little_or_in_doubt(first: str, then: str) -> None:
    assert not resumed(read(Source("typed", first), Diagnostics(), resumable=True), then)[2]


def test_what_is_not_to_be_resumed_keeps_nothing() -> None:
    reading = read(Source("typed", HEAD + "}\n"), Diagnostics())
    assert reading.tokens.items == []
    assert not resumed(reading, HEAD + "\n}\n")[2]
