"""No text, however broken, ends in an exception or in a parse that does not end."""

from __future__ import annotations

import gc
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipec.diagnostics.model import Diagnostics
from pipec.syntax.parser import parse, parse_expression
from pipec.syntax.source import Source
from pipec.syntax.tables import tables
from tests.syntax.dump import children, walk

SAMPLE = (Path(__file__).parent / "samples" / "wafer_yield.pipe").read_text()
WORDS = sorted(
    {*tables().keywords, *tables().signs}
    | {
        "a",
        "b",
        "x",
        "1",
        "2.5",
        "3h",
        "16Gi",
        "2026-01-01",
        '"t"',
        "'r'",
        '"${a}"',
        '"',
        "'",
        '"""',
        "${",
        "@",
        "\n",
        "##",
        "#",
    }
)


def check(text: str) -> None:
    source = Source("any", text)
    diagnostics = Diagnostics()
    file = parse(source, diagnostics)
    assert file is not None or diagnostics.has_errors
    for diagnostic in diagnostics.sorted():
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
    if file is not None:
        for node in walk(file):
            for child in children(node):
                assert node.span.start <= child.span.start <= child.span.end <= node.span.end
    parse_expression(source, Diagnostics())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
@example("pipeline p (")
@example('const x = "${## a}"')
@example("{ ( [")
@example("} ) ]")
def test_any_tokens(text: str) -> None:
    check(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    check(text)


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """A good file with a few pieces cut out, doubled or replaced."""
    text = SAMPLE
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        middle = draw(st.sampled_from(["", text[start:end] * 2, *WORDS]))
        text = text[:start] + middle + text[end:]
    return text


@settings(max_examples=100, deadline=None)
@given(mutations())
def test_mutations_of_a_good_file(text: str) -> None:
    check(text)


def test_every_beginning_of_a_good_file() -> None:
    for end in range(0, len(SAMPLE), 7):
        check(SAMPLE[:end])


def test_the_garbage_collector_is_left_as_it_was() -> None:
    parse(Source("good", SAMPLE), Diagnostics())
    assert gc.isenabled()
    gc.disable()
    try:
        parse(Source("good", SAMPLE), Diagnostics())
        assert not gc.isenabled()
    finally:
        gc.enable()
