"""The tree-sitter grammar sees in a text what pipec's own parser sees."""

from __future__ import annotations

import hashlib
import json
import re
from random import Random

import pytest
from tree_sitter import Language, Node, Query, QueryCursor

from pipec import __version__
from pipec.semantics.types import WRITABLE_SCALARS
from pipec.syntax import tree
from pipec.syntax.tables import tables
from tests.differential.file_generator import random_program
from tests.grammar.editors.pieces import SAMPLES, pieces
from tests.grammar.editors.tree_sitter_parser import FOLDER, faults, nodes, parse
from tests.syntax.dump import parsed, walk

pytestmark = pytest.mark.engine

COLOURS = {
    "keyword": {"keyword", "keyword.operator", "boolean", "constant.builtin"},
    "name": {
        "variable",
        "variable.parameter",
        "property",
        "function",
        "module",
        "constant",
        "type",
        "type.builtin",
    },
    "sign": {"operator", "punctuation.bracket", "punctuation.delimiter"},
    "string": {"string", "string.escape"},
    "interpolation": {"punctuation.special"},
    "comment": {"comment"},
    "doc": {"comment.documentation"},
    **{kind: {"number"} for kind in ("int", "float", "duration", "size", "date")},
}
"""The captures that fit the kind of a piece."""

SHAPES = {
    tree.Binary: "binary",
    tree.Unary: "unary",
    tree.Conditional: "conditional",
    tree.Attribute: "attribute",
    tree.Index: "index",
    tree.Splat: "splat",
    tree.Call: "call",
    tree.ListDisplay: "list",
    tree.MapDisplay: "map_value",
    tree.Task: "task",
    tree.Wait: "wait",
    tree.Gate: "gate",
    tree.Approval: "approval",
    tree.If: "if",
    tree.For: "for",
    tree.Map: "map",
    tree.Group: "group",
    tree.Order: "order",
    tree.Option: "option",
    tree.Component: "component",
    tree.Pipeline: "pipeline",
    tree.Test: "test",
    tree.UnionType: "union_type",
    tree.OptionalType: "optional_type",
}
"""Nodes of pipec's tree and those of tree-sitter that hold the same text."""


def spans(text: str, root: Node) -> set[tuple[str, int, int]]:
    """The kind and the place, in characters, of the nodes that have a counterpart."""
    offsets = character_offsets(text)
    return {
        (node.type, offsets[node.start_byte], offsets[node.end_byte])
        for node in nodes(root)
        if node.is_named and node.type in SHAPES.values()
    }


def is_several_keys(text: str, node: tree.Node) -> bool:
    """Whether a list stands for the keys of `grid[0.1, 4]`, which is no list where it is written."""
    return isinstance(node, tree.ListDisplay) and not text.startswith("[", node.span.start)


def character_offsets(text: str) -> dict[int, int]:
    """The offset of each character, and of the end, by its offset in UTF-8."""
    offsets = {0: 0}
    position = 0
    for index, character in enumerate(text):
        position += len(character.encode())
        offsets[position] = index + 1
    return offsets


def colours(language: Language, text: str) -> list[str]:
    """The capture that colours each character: the last pattern of those that fit its innermost node."""
    query = Query(language, (FOLDER / "queries" / "highlights.scm").read_text("utf-8"))
    offsets = character_offsets(text)
    found: list[tuple[int, int, int, str]] = []
    for pattern, captures in QueryCursor(query).matches(parse(language, text)):
        for name, captured in captures.items():
            found += [(offsets[node.start_byte], -offsets[node.end_byte], pattern, name) for node in captured]
    painted = [""] * len(text)
    for start, end, _, name in sorted(found):
        painted[start:-end] = [name] * (-end - start)
    return painted


@pytest.mark.parametrize("place", SAMPLES)
def test_a_sample_has_the_nodes_of_our_own_tree(place: str, language: Language) -> None:
    text = SAMPLES[place]
    root = parse(language, text)
    assert faults(root) == []
    ours = {
        (SHAPES[type(node)], node.span.start, node.span.end)
        for node in walk(parsed(text))
        if type(node) in SHAPES and not is_several_keys(text, node)
    }
    assert spans(text, root) == ours


@pytest.mark.parametrize("seed", range(40))
def test_a_random_program_is_understood(seed: int, language: Language) -> None:
    text = random_program(Random(seed))
    assert faults(parse(language, text)) == []


@pytest.mark.parametrize("place", SAMPLES)
def test_every_piece_is_coloured_as_what_it_is(place: str, language: Language) -> None:
    text = SAMPLES[place]
    painted = colours(language, text)
    wrong = [
        (text[piece.start : piece.end], piece.kind, sorted(found))
        for piece in pieces(text)
        if not (found := set(painted[piece.start : piece.end])) <= COLOURS[piece.kind]
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        'const text = "never closed\n',
        "pipeline p { task = shell('true') }",
        "pipeline p { task a(b c) }",
        "task outside",
        "const a = 1 +",
    ],
)
def test_what_is_wrong_is_seen(text: str, language: Language) -> None:
    assert faults(parse(language, text)) != []


def test_the_corpus(language: Language) -> None:
    """What `tree-sitter test` does, with trees that leave out the names of fields."""
    found = {}
    wanted = {}
    for file in sorted((FOLDER / "test" / "corpus").glob("*.txt")):
        parts = re.split(r"^=+\n(.+)\n=+\n", file.read_text("utf-8"), flags=re.MULTILINE)
        for title, case in zip(parts[1::2], parts[2::2], strict=True):
            text, _, expected = case.partition("\n---\n")
            found[title] = re.sub(r"\w+: ", "", str(parse(language, text)))
            wanted[title] = " ".join(expected.split())
    assert len(found) >= 10
    assert found == wanted


def test_its_keywords_are_those_of_the_language() -> None:
    grammar = (FOLDER / "src" / "grammar.json").read_text("utf-8")
    assert set(re.findall(r'"type": "STRING",\s+"value": "([a-z]+)"', grammar)) == set(tables().keywords)
    query = (FOLDER / "queries" / "highlights.scm").read_text("utf-8").partition("; --- keywords ---")[2]
    assert set(re.findall(r'"([a-z]+)"', query)) == set(tables().keywords) - {"true", "false", "null"}


def test_its_types_are_those_of_the_language() -> None:
    query = (FOLDER / "queries" / "highlights.scm").read_text("utf-8")
    (names,) = re.findall(r"\(#any-of\? @type.builtin([^)]*)\)", query)
    assert json.loads(f"[{', '.join(names.split())}]") == [*WRITABLE_SCALARS, "list", "dict"]


@pytest.mark.parametrize(
    ("text", "language_name"), [("shell('echo \"$day\"')", "bash"), ("sql('select 1', conn = 'db')", "sql")]
)
def test_texts_of_other_languages_are_known(text: str, language_name: str, language: Language) -> None:
    query = Query(language, (FOLDER / "queries" / "injections.scm").read_text("utf-8"))
    found = QueryCursor(query).matches(parse(language, f"const a = {text}"))
    ((pattern, captures),) = found
    assert query.pattern_settings(pattern) == {"injection.language": language_name}
    assert [node.text for node in captures["injection.content"]] == [text.split("'")[1].encode()]


def test_its_version_is_that_of_pipec() -> None:
    for folder in (FOLDER, FOLDER.with_name("vscode")):
        assert json.loads((folder / "package.json").read_text("utf-8"))["version"] == __version__


def test_the_parser_was_generated_from_the_grammar() -> None:
    digest = hashlib.sha256((FOLDER / "grammar.js").read_bytes()).hexdigest()
    assert (FOLDER / "src" / "grammar.js.sha256").read_text("utf-8") == f"{digest}  grammar.js\n", (
        "run `npm run generate` in grammar/editors/tree-sitter-pipe"
    )
