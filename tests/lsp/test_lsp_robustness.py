"""On any text, at any position, every request has an answer: no exception, and nothing that cannot be sent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol.converters import get_converter

from pipec.lsp.code_actions import code_actions
from pipec.lsp.completion import complete
from pipec.lsp.diagnostics import published
from pipec.lsp.documents import Document, Documents, uri_of
from pipec.lsp.formatting import formatting
from pipec.lsp.hover import hover
from pipec.lsp.lenses import code_lenses, inlay_hints
from pipec.lsp.navigation import definition, highlights, references
from pipec.lsp.outline import document_symbols, folding_ranges
from pipec.lsp.renaming import CannotRenameError, rename
from pipec.lsp.semantic_tokens import semantic_tokens
from tests.lsp.texts import GRAPH, opened

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(ROOT.glob("examples/*/pipeline.pipe"))
CONVERTER = get_converter()


def answers(document: Document, documents: Documents, offset: int) -> dict[str, Callable[[], Any]]:
    """Every request about a document and an offset in it."""
    return {
        "diagnostics": lambda: published(document, document.found),
        "completion": lambda: complete(document, offset, snippets=True),
        "hover": lambda: hover(document, offset),
        "definition": lambda: definition(document, offset),
        "highlights": lambda: highlights(document, offset),
        "references": lambda: references(document, offset, documents, [], with_declaration=True),
        "rename": lambda: rename(document, offset, "another_name", documents, []),
        "symbols": lambda: document_symbols(document),
        "folding": lambda: folding_ranges(document),
        "tokens": lambda: semantic_tokens(document),
        "tokens of a part": lambda: semantic_tokens(document, offset, offset + 100),
        "formatting": lambda: formatting(document),
        "code actions": lambda: code_actions(document, offset, offset),
        "lenses": lambda: code_lenses(document),
        "hints": lambda: inlay_hints(document, 0, offset),
    }


def ask_everything(document: Document, documents: Documents, offset: int) -> None:
    position = document.positions.position(offset)
    assert document.positions.offset(position) in (offset, offset - 1)  # between `\r` and `\n` there is no position
    for answer in answers(document, documents, offset).values():
        with suppress(CannotRenameError):
            CONVERTER.unstructure(answer())


@st.composite
def broken_examples(draw: st.DrawFn) -> tuple[Path, str]:
    """An example with pieces cut out, perhaps with other line ends, and with a wide character put in."""
    path = draw(st.sampled_from(EXAMPLES))
    text = path.read_text(encoding="utf-8")
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + text[start + draw(st.sampled_from([1, 2, 7, 40, 400])) :]
    if draw(st.booleans()):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(["\U0001f40d", "${", '"', "\x00", "\u2028"])) + text[place:]
    return path, text.replace("\n", "\r\n") if draw(st.booleans()) else text


@pytest.mark.engine
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(broken_examples(), st.data())
def test_broken_examples(example: tuple[Path, str], data: st.DataObject) -> None:
    path, text = example
    documents = Documents()
    document = documents.put(uri_of(path), 1, text)
    for _ in range(3):
        ask_everything(document, documents, data.draw(st.integers(0, len(text))))


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n", "\r", "\ufeff", "\x00", "}", '"', "'''", '"${', "pipeline", "pipeline p {", "task.", "a.b.", "((((",
     "pipeline p { task a(x = ", "import \"", "# only a comment", "é\U0001f40d", "[" * 200, "language 99",
     "const a = x\"", "pipeline p { task a = python(s:a\") }"],
)  # fmt: skip
def test_texts_that_are_hardly_anything(text: str) -> None:
    documents = Documents()
    document = documents.put("untitled:one", 1, text)
    for offset in range(len(text) + 1) if len(text) < 50 else (0, 100, len(text)):
        ask_everything(document, documents, offset)


@pytest.mark.engine
def test_every_place_of_a_sound_file(tmp_path: Path) -> None:
    document, documents = opened(tmp_path, GRAPH)
    for offset in range(0, len(GRAPH), 29):
        ask_everything(document, documents, offset)
