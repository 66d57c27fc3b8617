"""Where names are declared and used, and what becomes of them when they are renamed."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types as lsp

from pipec.lsp.documents import Document, Documents, uri_of
from pipec.lsp.navigation import definition, highlights, references
from pipec.lsp.renaming import CannotRenameError, rename
from tests.lsp.texts import GRAPH, MARK, marked, opened, put_mark

DEFINITIONS = {
    "a task": ("data = lo▮ad.path", "load(day) ->"),
    "an output": ("data = load.pa▮th", "path: dataset"),
    "an output of all instances": ("fit[*].sc▮ore", "score: float"),
    "a task in after": ("after fit[4], lo▮ad", "load(day) ->"),
    "an instance in after": ("after fi▮t[4]", "fit(data"),
    "a task of an order": ("order load -> [cho▮ose", "choose(scores"),
    "a group": ("after fi▮ts =", "fits {"),
    "a task in a string": ("${cho▮ose}", "choose(scores"),
    "a parameter": ("rows > le▮ast", "least: int"),
    "a parameter in a string": ("${le▮ast}", "least: int"),
    "an own output": ("require ro▮ws", "rows: int"),
    "an input that is its value": ("load(da▮y)", "day: date"),
    "a variable of a loop": ("data = load.path, dep▮th)", "depth in depths"),
    "a const": ("depth in dep▮ths", "depths = [4"),
    "a pipeline of a test": ("for nigh▮tly {", "nightly(day"),
    "a task of a test": ("expect sh▮ip", "ship(best"),
    "a task that is waited for": ("nightly.lo▮ad", "load(day) ->"),
    "a pipeline that is waited for": ("night▮ly.load", "nightly(day"),
    "an import": ("= li▮b.publish", "lib\n"),
    "a decision itself": ("as eno▮ugh", "enough {"),
}


def start_of(text: str, around: str) -> int:
    assert text.count(around) == 1, around
    return text.index(around)


@pytest.mark.parametrize("case", DEFINITIONS)
def test_definitions(tmp_path: Path, case: str) -> None:
    around, declared = DEFINITIONS[case]
    document, offset = marked(tmp_path, put_mark(GRAPH, around))
    found = definition(document, offset)
    assert found is not None
    assert found.uri == document.uri
    assert document.positions.offset(found.range.start) == start_of(GRAPH, declared)


@pytest.mark.parametrize(("around", "line"), [("lib.pub▮lish", 1), ('"lib▮.pipe"', 0)])
def test_definitions_in_another_file(tmp_path: Path, around: str, line: int) -> None:
    found = definition(*marked(tmp_path, put_mark(GRAPH, around)))
    assert found is not None
    assert (found.uri, found.range.start.line) == (uri_of(tmp_path / "lib.pipe"), line)


USES = {
    "a task": ("task lo▮ad(day)", 8),
    "a parameter": ("least▮: int", 3),
    "a pipeline": ("pipeline ni▮ghtly", 3),
    "a type that nobody uses": ("type Algo▮rithm", 1),
    "a const of the file": ("const sha▮re", 1),
    "a group": ("group fi▮ts", 2),
    "an output": ("-> { path: dataset, ro▮ws", 6),
}


@pytest.mark.parametrize("case", USES)
def test_how_often_a_name_stands_there(tmp_path: Path, case: str) -> None:
    around, expected = USES[case]
    document, offset = marked(tmp_path, put_mark(GRAPH, around))
    found = highlights(document, offset)
    assert len(found) == expected
    assert [one.kind for one in found].count(lsp.DocumentHighlightKind.Write) == 1


def test_references_in_other_files(tmp_path: Path) -> None:
    _, documents = opened(tmp_path, GRAPH)
    library = documents.get(uri_of(tmp_path / "lib.pipe"))
    assert library is not None
    offset = library.text.index("publish")
    found = references(library, offset, documents, [tmp_path], with_declaration=True)
    assert [Path(one.uri).name for one in found] == ["lib.pipe", "main.pipe"]
    assert len(references(library, offset, documents, [tmp_path], with_declaration=False)) == 1


# --- renaming ------------------------------------------------------------------------------------


def applied(document: Document, edit: lsp.WorkspaceEdit) -> str:
    text = document.text
    edits = edit.changes[document.uri] if edit.changes else []
    for one in sorted(edits, key=lambda one: document.positions.offset(one.range.start), reverse=True):
        start, end = (document.positions.offset(place) for place in (one.range.start, one.range.end))
        text = text[:start] + one.new_text + text[end:]
    return text


def renamed(folder: Path, text: str, new_name: str) -> str:
    document, documents = opened(folder, text.replace(MARK, ""))
    return applied(document, rename(document, text.index(MARK), new_name, documents, [folder]))


RENAMES = {
    "a task": ("task lo▮ad(day)", "load_it", [("load.", "load_it."), ("task load(", "task load_it("),
               ("fit[4], load =", "fit[4], load_it ="), ("order load", "order load_it"),
               ("nightly.load", "nightly.load_it")]),
    "an instance of a loop": ("task fi▮t(", "train", [("fit(", "train("), ("fit[", "train[")]),
    "a variable of a loop": ("for dep▮th in", "level", [("for depth in", "for level in"),
                             ("load.path, depth)", "load.path, depth = level)")]),
    "a parameter": ("least▮: int", "fewest", [("least: int", "fewest: int"), ("> least", "> fewest"),
                    ("${least}", "${fewest}")]),
    "a parameter that is an input": ("(day▮: date", "date_of", [("(day: date", "(date_of: date"),
                                     ("load(day)", "load(day = date_of)")]),
    "a pipeline": ("pipeline ni▮ghtly", "weekly", [("nightly", "weekly")]),
    "a group": ("group fi▮ts", "models", [("fits", "models")]),
    "an import": ("as li▮b", "library", [("as lib", "as library"), ("= lib.", "= library.")]),
    "a type": ("type Algo▮rithm", "Kind", [("Algorithm", "Kind")]),
    "a const": ("const dep▮ths", "levels", [("depths", "levels")]),
}  # fmt: skip


@pytest.mark.parametrize("case", RENAMES)
def test_renames(tmp_path: Path, case: str) -> None:
    around, new_name, changes = RENAMES[case]
    expected = GRAPH
    for old, new in changes:
        expected = expected.replace(old, new)
    assert renamed(tmp_path, put_mark(GRAPH, around), new_name) == expected


def test_a_renamed_file_means_the_same(tmp_path: Path) -> None:
    before, _ = opened(tmp_path, GRAPH)
    after, _ = opened(tmp_path, renamed(tmp_path, put_mark(GRAPH, "task lo▮ad(day)"), "read"))
    assert [one.code for one in after.found] == [one.code for one in before.found]
    assert len(after.index.occurrences) == len(before.index.occurrences)


def test_a_rename_in_all_files(tmp_path: Path) -> None:
    document, documents = opened(tmp_path, GRAPH)
    edit = rename(document, GRAPH.index("publish"), "release", documents, [tmp_path])
    assert edit.changes is not None
    assert {Path(uri).name: [one.new_text for one in edits] for uri, edits in edit.changes.items()} == {
        "lib.pipe": ["release"],
        "main.pipe": ["release"],
    }


REFUSALS = {
    "capitals": ("task lo▮ad(day)", "Load", "`Load` cannot be a name: names are small letters"),
    "a reserved word": ("task lo▮ad(day)", "in", "`in` is a reserved word"),
    "a sign": ("task lo▮ad(day)", "load-it", "`load-it` cannot be a name"),
    "nothing": ("task lo▮ad(day)", "", "`` cannot be a name"),
    "another task": ("task lo▮ad(day)", "tell", "`load` cannot be called `tell`: `tell` is defined twice"),
    "a parameter": ("task lo▮ad(day)", "day", "`load` cannot be called `day`: `day` is defined twice"),
    "a name inside a loop": ("least▮: int", "depths", "`least` cannot be called `depths`"),
    "an output": ("load.pa▮th", "file", "an output is known to the code of its task by this name"),
    "an input": ("task fit(da▮ta", "x", "an input is known to the code of its task by this name"),
    "a word of the language": ("pipeline nightly(day: da▮te", "x", "there is no name of this file here"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refused_renames(tmp_path: Path, case: str) -> None:
    around, new_name, reason = REFUSALS[case]
    with pytest.raises(CannotRenameError) as refusal:
        renamed(tmp_path, put_mark(GRAPH, around), new_name)
    assert reason in str(refusal.value)


def test_a_name_that_would_be_hidden(tmp_path: Path) -> None:
    """Nothing is wrong with the renamed file by itself, but the const would no longer be read."""
    text = """\
const a = [1]
pipeline p {
  for b in [2] { task t(x = a, y = b) = python("s:t") }
}
"""
    document, documents = opened(tmp_path, text)
    with pytest.raises(CannotRenameError, match="`b` already stands for something else where `a` is used"):
        rename(document, text.index("a ="), "b", documents, [tmp_path])


def test_names_of_a_broken_file(tmp_path: Path) -> None:
    document, documents = opened(tmp_path, GRAPH.replace("order load ->", "order load -> -> ("))
    assert isinstance(documents, Documents)
    edit = rename(document, document.text.index("load(day)"), "read", documents, [])
    assert applied(document, edit).count("read") >= 7
