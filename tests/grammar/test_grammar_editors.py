"""The grammar for editors knows the words and literals of the language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipec.semantics.types import WRITABLE_SCALARS
from pipec.syntax.tables import grammar_text, tables

GRAMMAR: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "grammar" / "editors" / "pipe.tmLanguage.json").read_text("utf-8")
)
RULES: dict[str, Any] = GRAMMAR["repository"]


def nested(rule: Any) -> Iterator[dict[str, Any]]:
    """A rule of the grammar and all rules inside it."""
    if isinstance(rule, dict):
        yield rule
    for inner in rule.values() if isinstance(rule, dict) else rule if isinstance(rule, list) else ():
        yield from nested(inner)


def keyword_scope(line: str, word: str) -> str | None:
    """The scope that the keyword rules give to the first `word` of a line."""
    start = re.search(rf"\b{word}\b", line)
    assert start is not None
    for rule in RULES["keywords"]["patterns"]:
        if any(found.start() == start.start() for found in re.finditer(rule["match"], line)):
            return str(rule["name"])
    return None


def test_keywords_are_those_of_the_grammar() -> None:
    alternatives = (re.findall(r"\(\?:([a-z|]+)\)", rule["match"]) for rule in RULES["keywords"]["patterns"])
    words = [word for groups in alternatives for group in groups for word in group.split("|")]
    assert sorted(words) == sorted(tables().keywords)


def test_types_are_those_of_the_language() -> None:
    container, annotated = RULES["types"]["patterns"]
    for pattern in (annotated["match"], RULES["type_names"]["match"]):
        assert re.search(r"\((?:\?:)?(bool[a-z|]*)\)", pattern)[1].split("|") == list(WRITABLE_SCALARS)  # type: ignore[index]
    assert re.match(container["begin"], "dict[str, int]")


@pytest.mark.parametrize(
    ("scope", "terminal"),
    [
        ("constant.other.date.pipe", "DATE"),
        ("constant.numeric.size.pipe", "SIZE"),
        ("constant.numeric.duration.pipe", "DURATION"),
        ("constant.numeric.float.pipe", "FLOAT"),
        ("constant.numeric.integer.pipe", "INT"),
    ],
)
def test_literals_are_those_of_the_grammar(scope: str, terminal: str) -> None:
    pattern = re.search(rf"^{terminal}\.\d: /(.+)/$", grammar_text(), re.MULTILINE)
    assert pattern is not None
    rule = next(rule for rule in RULES["literals"]["patterns"] if rule["name"] == scope)
    assert rule["match"] == rf"\b{pattern[1]}\b"


@pytest.mark.parametrize(
    ("line", "word", "scope"),
    [
        ("task train = python(", "task", "keyword.declaration.pipe"),
        ('wait done = task("other.train")', "task", None),
        ("finally {", "finally", "keyword.declaration.pipe"),
        ("task load(order, type = 3)", "order", None),
        ("task load(order, type = 3)", "type", None),
        ("order a -> b", "order", "keyword.other.pipe"),
        ("require (a or b)", "require", "keyword.other.pipe"),
        ("require (a or b)", "or", "keyword.operator.word.pipe"),
        ("v = extract.test", "test", None),
        ("flag ? true : false", "true", "constant.language.pipe"),
        ("for x in [1]", "in", "keyword.control.pipe"),
        ("task training_task", "training_task", None),
    ],
)
def test_keywords_are_names_where_only_names_stand(line: str, word: str, scope: str | None) -> None:
    assert keyword_scope(line, word) == scope


@pytest.mark.parametrize("text", [r"\n", r"\"", r"\u00e9", "$${", r"\$"])
def test_escapes(text: str) -> None:
    assert re.fullmatch(RULES["escapes"]["match"], text)


def test_patterns_and_includes_are_sound() -> None:
    rules = list(nested(GRAMMAR))
    for rule in rules:
        for key in ("match", "begin", "end"):
            if key in rule:
                re.compile(rule[key])
    included = {rule["include"] for rule in rules if "include" in rule}
    assert included == {f"#{name}" for name in RULES}
