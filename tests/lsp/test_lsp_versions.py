"""What is said of a document tells nothing of how it came to its text, and what was known of earlier texts is gone."""

from __future__ import annotations

import asyncio
import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types as lsp

from pipec.api import check, load
from pipec.diagnostics.model import Diagnostic
from pipec.lsp.checking import Checking
from pipec.lsp.completion import complete
from pipec.lsp.diagnostics import published
from pipec.lsp.documents import Document, Documents, uri_of
from pipec.lsp.semantic_tokens import semantic_tokens
from pipec.syntax import tree
from tests.lsp.texts import GRAPH, LIBRARY, opened

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(ROOT.glob("examples/*/pipeline.pipe"))
TYPED = ("retry = {", "retry = { max: 3 }", "timeout = ", "}", "{", '"', "${", "task ", "\n", "after ", "x", "import ")


@st.composite
def edits(draw: st.DrawFn, text: str) -> list[str]:
    """The texts that typing and deleting lead to, one edit after the other."""
    texts = []
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(text)))
        cut = draw(st.sampled_from([0, 0, 1, 8, 60]))
        text = text[:place] + draw(st.sampled_from(["", *TYPED])) + text[place + cut :]
        texts.append(text)
    return texts


def told(one: Diagnostic) -> tuple[object, ...]:
    """All that a person is told, and where."""
    places = [(span.source.path, span.start, span.end) for span in (one.span, *(label.span for label in one.labels))]
    labels = [one.label, *(label.message for label in one.labels)]
    return (one.code, one.severity, one.message, places, labels, one.notes, one.help, one.fix and one.fix.title)


async def _type(path: Path, texts: list[str], asked: list[bool]) -> tuple[Document, list[lsp.Diagnostic]]:
    """The last version and what is published of it; of some versions more is asked for before the next one comes."""
    documents = Documents()
    shown: dict[int | None, list[lsp.Diagnostic]] = {}
    checking = Checking(documents, lambda one: shown.update({one.version: list(one.diagnostics)}))
    for version, (text, is_asked) in enumerate(zip(texts, asked, strict=True), 1):
        document = documents.put(uri_of(path), version, text)
        checking.schedule(document, at_once=True)
        if is_asked:
            await asyncio.gather(*checking._waiting.values())
            semantic_tokens(document)
            complete(document, len(text) // 2)
    await asyncio.gather(*checking._waiting.values())
    return document, shown[len(texts)]


@pytest.mark.engine
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(EXAMPLES))
def test_after_any_edits_a_document_is_told_what_a_check_tells(data: st.DataObject, path: Path) -> None:
    texts = data.draw(edits(path.read_text(encoding="utf-8")))
    asked = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    document, shown = asyncio.run(_type(path, texts, asked))
    assert [told(one) for one in document.found] == [told(one) for one in check(load(path, text=texts[-1]))]
    assert shown == published(document, document.found)


def used(folder: Path) -> tuple[Document, Documents]:
    """A document of which everything was asked for."""
    document, documents = opened(folder, GRAPH)
    published(document, document.found)
    semantic_tokens(document)
    complete(document, GRAPH.index("least else"))
    return document, documents


@pytest.mark.parametrize("is_broken", [False, True])
def test_no_circle_keeps_the_memory_of_an_earlier_version(tmp_path: Path, is_broken: bool) -> None:
    gc.collect()
    gc.disable()
    try:
        document, documents = used(tmp_path)
        if is_broken:
            document = documents.put(document.uri, 2, GRAPH.replace("group fits {", "group fits { x = {"))
            published(document, document.found)
        assert document.module is not None
        trees: list[weakref.ref[Any]] = [weakref.ref(document.module), weakref.ref(document.index)]
        documents.put(document.uri, 3, LIBRARY)
        for one in documents.overtaken:
            one.take_apart()
        assert [tree() for tree in trees] == [None, None]
    finally:
        gc.enable()


def test_what_was_taken_apart_is_worked_out_again_when_asked_for(tmp_path: Path) -> None:
    document, documents = used(tmp_path)
    found = published(document, document.found)
    documents.remove(document.uri)
    assert documents.overtaken == [document]
    document.take_apart()
    assert published(document, document.found) == found


def test_earlier_versions_are_taken_apart_when_a_new_one_comes(tmp_path: Path) -> None:
    document, documents = used(tmp_path)

    async def session() -> None:
        checking = Checking(documents, lambda one: None)
        checking.schedule(documents.put(document.uri, 2, GRAPH), at_once=True)
        await asyncio.gather(*checking._waiting.values())
        checking._worker.submit(int).result()  # it does one thing after the other

    asyncio.run(session())
    assert documents.overtaken == []
    assert "_loaded" not in vars(document)


def _versions(count: int) -> tuple[Documents, list[Document]]:
    """Versions of one text, each with a further statement at its end; none of them was read yet."""
    documents = Documents()
    lines = [f"  task t{number} = shell('x')\n" for number in range(9)]
    texts = ["pipeline p {\n" + "".join(lines) + "  timeout = 1m\n" * number + "}\n" for number in range(count)]
    return documents, [documents.put("file:///many.pipe", number, text) for number, text in enumerate(texts)]


def _first_statement(document: Document) -> object:
    module = document.module
    assert module is not None
    [pipeline] = module.file.items
    assert isinstance(pipeline, tree.Pipeline)
    return pipeline.body[0]


def test_a_version_takes_over_what_the_last_one_that_was_read_was_read_as() -> None:
    _, [first, second, third] = _versions(3)
    statement = _first_statement(first)
    assert _first_statement(third) is statement
    assert third.source.text == third.text
    assert _first_statement(first) is not statement  # it was handed over: who still asks gets it read anew
    assert _first_statement(second) is not statement


def test_a_version_that_somebody_is_at_work_on_is_not_taken_over() -> None:
    _, [first, second] = _versions(2)
    statement = _first_statement(first)
    with first.in_use(), ThreadPoolExecutor() as other:
        assert other.submit(_first_statement, second).result() is not statement
    assert first.source.text == first.text
    assert _first_statement(first) is statement
