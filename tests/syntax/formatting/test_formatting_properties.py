"""Whatever a file says and however it is spread over lines: its layout says the same, and is laid out itself."""

from __future__ import annotations

import re
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from pipec.diagnostics.model import Diagnostics
from pipec.syntax.formatting import format_text
from pipec.syntax.lexer import tokenize
from pipec.syntax.parser import parse
from pipec.syntax.source import Source
from tests.differential.file_generator import random_program
from tests.syntax.dump import dump
from tests.syntax.formatting.random_files import random_words, spread, words_of
from tests.syntax.formatting.test_formatting_pairs import EXAMPLES

RANDOM = st.integers(min_value=0).map(Random)


def meaning(text: str) -> tuple[str, set[str]]:
    """The tree without its places, and the codes of the faults that do not hide what a text says."""
    diagnostics = Diagnostics()
    return dump(parse(Source("any", text), diagnostics)), {one.code for one in diagnostics.found}


def words_and_comments(text: str) -> list[str | tuple[str, str]]:
    """The tokens but for commas, and each comment between them with whether it has a line of its own."""
    found: list[str | tuple[str, str]] = []
    end = 0
    for token in tokenize(Source("any", text), Diagnostics()).items:
        gap = text[end : token.start]
        for comment in re.finditer("#[^\n]*", gap):
            is_alone = end == 0 or "\n" in gap[: comment.start()]
            found.append(("alone" if is_alone else "behind", comment.group().rstrip()))
        if token.kind != ",":
            found.append(token.text.replace("\r\n", "\n"))
        end = token.end
    return found


def check(text: str) -> None:
    formatted = format_text(text).text
    assert formatted is not None
    assert format_text(formatted).text == formatted
    assert meaning(formatted) == meaning(text)
    assert words_and_comments(formatted) == words_and_comments(text)


@settings(max_examples=30)
@given(RANDOM, st.sampled_from([0.0, 0.01, 0.1]))
def test_examples_with_other_blanks_and_more_comments(random: Random, comments: float) -> None:
    check(spread(words_of(random.choice(EXAMPLES).read_text("utf-8")), random, comments))


@settings(max_examples=60)
@given(RANDOM, st.sampled_from([0.0, 0.02, 0.2]))
def test_random_files_of_the_grammar(random: Random, comments: float) -> None:
    check(spread(random_words(random), random, comments))


@settings(max_examples=20)
@given(RANDOM)
def test_random_programs(random: Random) -> None:
    check(random_program(random))


@given(st.text(alphabet="ab1 \n\r\t{}()[]=,:#\"'$?-.|é\x00", max_size=30))
def test_any_text_is_laid_out_or_left_alone_with_a_reason(text: str) -> None:
    formatted = format_text(text)
    if formatted.text is None:
        assert any(one.severity == "error" for one in formatted.diagnostics)
    else:
        check(text)
