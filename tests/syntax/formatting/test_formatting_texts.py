"""Texts at the edges: nothing at all, other line ends, faults, great depth, great length."""

from __future__ import annotations

import pytest

from pipec.syntax.formatting import Formatted, format_text
from pipec.syntax.formatting.nodes import LINE_WIDTH


def laid_out(text: str) -> str:
    formatted = format_text(text)
    assert formatted.text is not None, formatted.diagnostics
    return formatted.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \t\r\n\n", ""),
        ("# only a comment", "# only a comment\n"),
        ("\n\n#a\n\n\n#b  \n\n", "#a\n\n#b\n"),
        ("const a=1", "const a = 1\n"),
        ("\ufeffconst a = 1\n", "const a = 1\n"),
        ("\ufeff# first\nconst a = 1\n", "# first\nconst a = 1\n"),
        ("const a = 1 # b\r\n\r\n\r\nconst c = 2\r\n", "const a = 1  # b\n\nconst c = 2\n"),
        ("const a = '''\r\n  x\r\n'''\r\n", "const a = '''\n  x\n'''\n"),
        ("const a = '''x \t\n\n\n y'''", "const a = '''x \t\n\n\n y'''\n"),
        ("pipeline p {\n\ttask a\n\t\t# dangling\n}", "pipeline p {\n  task a\n  # dangling\n}\n"),
    ],
)
def test_edges(text: str, expected: str) -> None:
    assert laid_out(text) == expected
    assert laid_out(expected) == expected


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("pipeline p {", ["P0010"]),
        ("const a = 'x", ["P0002"]),
        ("const a = 1\x00", ["P0001"]),
        ("const a = " + "(" * 101 + "1" + ")" * 101, ["P0007"]),
    ],
)
def test_a_text_with_a_syntax_fault_is_left_alone_with_the_reason(text: str, codes: list[str]) -> None:
    formatted = format_text(text, "broken.pipe")
    assert formatted.text is None
    assert not formatted.is_changed
    assert [one.code for one in formatted.diagnostics] == codes
    assert {one.span.source.path for one in formatted.diagnostics} == {"broken.pipe"}


def test_faults_that_hide_nothing_are_for_the_check() -> None:
    assert laid_out('const a="\\q"') == 'const a = "\\q"\n'
    assert laid_out("pipeline p{task a(x=nothing)=nothing{nothing=1}}") != ""


def test_what_is_laid_out_is_not_changed() -> None:
    assert format_text("const a = 1\n") == Formatted("const a = 1\n", "const a = 1\n", ())
    assert not format_text("const a = 1\n").is_changed
    assert format_text("const a=1\n").is_changed


@pytest.mark.parametrize(
    "text",
    [
        "const a = " + "[" * 95 + "1" + "]" * 95,
        "const a = " + "{ a: b and " * 95 + "1" + " }" * 95,
        "const a = " + f"[a ? {'b' * 60} : " * 95 + "1" + "]" * 95,
        "pipeline p {" + "if x {" * 95 + "}" * 96,
        "pipeline p { if x {}" + " else if x {}" * 3_000 + "}",
        "const a = x" + ".y" * 3_000,
        "const a = " + "not " * 3_000 + "x",
        "const a = " + "x ? y : " * 3_000 + "x",
        "const a = x" + " + y" * 3_000,
        "pipeline p { order " + " -> ".join(f"t{number}" for number in range(3_000)) + "}",
    ],
    ids=["lists", "maps", "conditionals", "blocks", "else", "members", "not", "else values", "sums", "order"],
)
def test_deep_and_long_texts(text: str) -> None:
    formatted = laid_out(text)
    assert laid_out(formatted) == formatted


def test_what_nests_deeper_than_lines_can_be_broken_is_left_alone() -> None:
    nested = "const a = " + f"f(x = {'b' * 60} or a + - " * 99 + "1" + ")" * 99
    formatted = format_text(nested)
    assert formatted.text is None
    assert [one.code for one in formatted.diagnostics] == ["P0007"]


def test_lines_are_full_but_no_wider() -> None:
    start = 'const text = join(["'
    full = f'{start}{"x" * (LINE_WIDTH - len(start) - len(chr(34) + "], 1)"))}"], 1)\n'
    assert len(full) == LINE_WIDTH + 1
    assert laid_out(full) == full
    assert max(len(line) for line in laid_out(full.replace("x", "xx", 1)).splitlines()) < LINE_WIDTH


def test_a_comment_that_is_about_its_line_keeps_it() -> None:
    value = f"python('steps:{'x' * 82}')"
    noted = f"pipeline p {{\n  task a = {value} {{ retries = 1 }}  # pipec: ignore[L101]\n}}\n"
    assert laid_out(noted) == noted
    assert laid_out(noted.replace("pipec: ignore", "never")).splitlines()[1] == f"  task a = {value} {{"


def test_what_fits_on_no_line_opens_on_the_one_before() -> None:
    long_map = f"{{ first: [{'x' * 70}, 1], second: {'y' * 40} }}[*]"
    formatted = laid_out(f'test "t" for p {{ expect a, {long_map} is success }}')
    assert formatted.splitlines()[1] == "  expect a, {"
    assert laid_out(formatted) == formatted
