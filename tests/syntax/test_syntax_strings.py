"""Strings: escapes, interpolation, and the long forms without their indentation."""

from __future__ import annotations

import pytest

from pipec.syntax import tree
from tests.syntax.dump import dump, faults, parsed


def text(written: str) -> tree.Text:
    const = parsed(f"const x = {written}").items[0]
    assert isinstance(const, tree.Const)
    assert isinstance(const.value, tree.Text)
    assert const.value.span.text == written
    return const.value


PLAIN = [
    ('""', ""),
    ("''", ""),
    ('"a b"', "a b"),
    (r'"a\n\t\r\\\"\'\$b"', "a\n\t\r\\\"'$b"),
    (r'"\u00e9\U0001F600"', "é😀"),
    (r"'a\nb$x${y}'", r"a\nb$x${y}"),
    ('"$x $$ $${y}"', "$x $$ ${y}"),
    (r'"\${y}"', "${y}"),
    ('"{{ ds }} {% x %} # no comment"', "{{ ds }} {% x %} # no comment"),
    ("'''a'''", "a"),
    ("'''\n  a\n    b\n  c'''", "a\n  b\nc"),
    ("'''\n  a\n\n  b\n  '''", "a\n\nb\n"),
    ("'''\n    a\n  '''", "a\n"),
    ("'''first\n    second\n      third'''", "first\nsecond\n  third"),
    ("'''\r\n  a\r\n  b\r\n'''", "a\nb\n"),
    ("'''\n\ta\n\t\tb'''", "a\n\tb"),
    ("'''it's \"fine\" '' here'''", "it's \"fine\" '' here"),
    ('"""\n  say "hi"\n  \\"\\"\\" $${x}\n"""', 'say "hi"\n""" ${x}\n'),
    ('"""\n  a\\n  b\n"""', "a\n  b\n"),
]


@pytest.mark.parametrize(("written", "expected"), PLAIN)
def test_plain_strings(written: str, expected: str) -> None:
    assert text(written).plain == expected
    assert text(written).interpolates == written.startswith('"')


INTERPOLATED = [
    ('"${a}"', ["a"]),
    ('"n ${a.b} m ${c + 1}"', ["n ", "(. a b)", " m ", "(+ c 1:int)"]),
    ('"${train["gbm"].auc}!"', ['(. (index train "gbm") auc)', "!"]),
    ('"${f(\'}\', "}")}"', ["(call f '}' \"}\")"]),
    ('"${{ a: 1 }}"', ["(map a=1:int)"]),
    ('"a ${"b ${c}"}"', ["a ", '"b ${c}"']),
    ('"""\n  a ${b}\n    ${c} d\n  """', ["a ", "b", "\n  ", "c", " d\n"]),
    ('"""\n  ${a}\n  b"""', ["a", "\nb"]),
]


@pytest.mark.parametrize(("written", "expected"), INTERPOLATED)
def test_interpolation(written: str, expected: list[str]) -> None:
    assert [dump(part) for part in text(written).parts] == expected
    assert text(written).plain is None


def test_spans_inside_a_string_are_those_of_the_file() -> None:
    written = '"n ${ab + cd}"'
    part = text(written).parts[1]
    assert isinstance(part, tree.Binary)
    assert (part.left.span.start, part.left.span.text, part.right.span.text) == (len("const x = ") + 5, "ab", "cd")


FAULTS = [
    (r'"\q"', [("P0006", 1, 12)]),
    (r'"\ud83d"', [("P0006", 1, 12)]),
    (r'"\U00110000 \u12"', [("P0006", 1, 12), ("P0006", 1, 23)]),
    ('"a ${b"', [("P0009", 1, 14)]),
    ('"a ${ }"', [("P0009", 1, 14)]),
    ('"a ${b +}"', [("P0003", 1, 19)]),
    ('"a ${b c}"', [("P0004", 1, 18)]),
    ('"a ${b @}"', [("P0001", 1, 18)]),
    ('"a ${"\\q"}"', [("P0006", 1, 17)]),
    ('"abc', [("P0002", 1, 11)]),
    ("'abc", [("P0002", 1, 11)]),
    ('"""abc"', [("P0002", 1, 11)]),
    ("'''abc''", [("P0002", 1, 11)]),
]


@pytest.mark.parametrize(("written", "expected"), FAULTS)
def test_faults_in_strings(written: str, expected: list[tuple[str, int, int]]) -> None:
    assert faults(f"const x = {written}") == expected
