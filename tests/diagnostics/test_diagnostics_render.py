"""Diagnostics as people read them, as golden text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipec.diagnostics.model import Diagnostic, Edit, Fix, Label
from pipec.diagnostics.render import render
from pipec.diagnostics.snippet import display_text, display_width
from pipec.syntax.source import Source, Span


def at(source: Source, text: str, occurrence: int = 0) -> Span:
    """The span of a text in a source."""
    start = -1
    for _ in range(occurrence + 1):
        start = source.text.index(text, start + 1)
    return source.span(start, start + len(text))


def shown(text: str, *spans: tuple[str, str], message: str = "wrong", **fields: str) -> str:
    """The rendering of a fault at the first of `spans`, labels at the others; each is a text and its label."""
    source = Source("p.pipe", text)
    (place, label), *others = spans
    labels = tuple(Label(at(source, other), note) for other, note in others)
    diagnostic = Diagnostic("P0301", "error", message, at(source, place), label, labels, **fields)  # type: ignore[arg-type]
    return render(diagnostic, color=False)


CHURN = Source(
    "churn.pipe",
    'pipeline churn {\n  task extract = sql(file("q.sql")) {\n    retires = 5\n  }\n}\n',
)
LIBRARY = Source("lib/train.pipe", "\n\ncomponent train\n")


def test_everything_at_once() -> None:
    place = at(CHURN, "retires")
    diagnostic = Diagnostic(
        "P0301",
        "error",
        "unknown option `retires` on task `extract`",
        place,
        "not an option of `sql` tasks",
        (Label(at(CHURN, "extract"), "this task"), Label(at(LIBRARY, "train"), "placed from here")),
        ("options of `sql` tasks: conn, retries\nand those of all tasks",),
        "there is `retries`",
        Fix("replace `retires` by `retries`", (Edit(place, "retries"),)),
    )
    assert render(diagnostic, color=False) == (
        "error[P0301]: unknown option `retires` on task `extract`\n"
        " --> churn.pipe:3:5\n"
        "  |\n"
        '2 |   task extract = sql(file("q.sql")) {\n'
        "  |        ------- this task\n"
        "3 |     retires = 5\n"
        "  |     ^^^^^^^ not an option of `sql` tasks\n"
        " ::: lib/train.pipe:3:11\n"
        "  |\n"
        "3 | component train\n"
        "  |           ----- placed from here\n"
        "  |\n"
        " help: there is `retries`\n"
        " fix available: replace `retires` by `retries`\n"
        " note: options of `sql` tasks: conn, retries\n"
        "       and those of all tasks"
    )


def test_a_warning_in_a_long_file() -> None:
    source = Source("p.pipe", "\n" * 99 + 'import "x.pipe" as x\n')
    diagnostic = Diagnostic("L001", "warning", "unused import", at(source, "x", 1))
    assert render(diagnostic, color=False) == (
        "warning[L001]: unused import\n"
        "   --> p.pipe:100:20\n"
        "    |\n"
        '100 | import "x.pipe" as x\n'
        "    |                    ^"
    )


PLACES = {
    "tabs": (
        "\ttask\ta = x\n",
        [("x", "here")],
        "1 |     task    a = x\n  |                 ^ here",
    ),
    "wide characters": (
        "task t = shell('日本語') x\n",
        [("日本語", "wide"), ("x", "far")],
        "1 | task t = shell('日本語') x\n  |                 ^^^^^^   - far\n"
        "  |                 |\n  |                 wide",
    ),
    "combining characters": (
        "a = 'e\u0301' + b\n",
        [("b", "")],
        "1 | a = 'e\u0301' + b\n  |           ^",
    ),
    "windows line ends": (
        "a = 1\r\nb = 2\r\n",
        [("2", "two")],
        "2 | b = 2\n  |     ^ two",
    ),
    "a span over a windows line end": (
        "a = 1\r\nb\r\n",
        [("1\r\n", "one")],
        "1 | a = 1\n  |     ^ one",
    ),
    "control characters": (
        "a = '\x1b[31m' x\n",
        [("x", "")],
        "1 | a = '␛[31m' x\n  |             ^",
    ),
    "text that would run backwards": (
        "a = '\u202e' x\n",
        [("x", "")],
        "1 | a = '\ufffd' x\n  |         ^",
    ),
    "three on a line": (
        "aa bb cc\n",
        [("bb", "two"), ("aa", "one"), ("cc", "three")],
        "1 | aa bb cc\n  | -- ^^ -- three\n  | |  |\n  | |  two\n  | one",
    ),
    "one inside another": (
        "f(x, y)\n",
        [("x", "int"), ("f(x, y)", "call")],
        "1 | f(x, y)\n  | --^----\n  | | |\n  | | int\n  | call",
    ),
    "lines in between": (
        "a\nb\nc\nd\ne\n",
        [("e", "5"), ("a", "1"), ("c", "3")],
        "1 | a\n  | - 1\n2 | b\n3 | c\n  | - 3\n4 | d\n5 | e\n  | ^ 5",
    ),
    "many lines in between": (
        "a\nb\nc\nd\n",
        [("d", "4"), ("a", "1")],
        "1 | a\n  | - 1\n...\n4 | d\n  | ^ 4",
    ),
    "several lines": (
        "x\ntask a {\n  y\n}\nz\n",
        [("task a {\n  y\n}", "all of it")],
        "2 | / task a {\n3 | |   y\n4 | | }\n  | |_^ all of it",
    ),
    "several lines from the middle of one, with another place inside": (
        "x = task {\n  y\n}\n",
        [("task {\n  y\n}", "all"), ("y", "this")],
        "1 |   x = task {\n  |  _____^\n2 | |   y\n  | |   - this\n3 | | }\n  | |_^ all",
    ),
    "many lines": (
        "{\n" + "x\n" * 8 + "}\n",
        [("{\n" + "x\n" * 8 + "}", "long")],
        " 1 | / {\n 2 | | x\n...  |\n 9 | | x\n10 | | }\n   | |_^ long",
    ),
    "several lines of a place that is not the fault": (
        "a\nb {\n}\n",
        [("a", "fault"), ("b {\n}", "cause")],
        "1 |   a\n  |   ^ fault\n2 | / b {\n3 | | }\n  | |_- cause",
    ),
}


@pytest.mark.parametrize("case", PLACES)
def test_places(case: str) -> None:
    text, spans, expected = PLACES[case]
    head, place, bar, *rest = shown(text, *spans).split("\n")
    assert head == "error[P0301]: wrong"
    assert place.strip().startswith("--> p.pipe:")
    assert bar.strip() == "|"
    assert "\n".join(rest) == expected


ENDS = {
    "an empty file": ("", 0, 0, "1 |\n  | ^"),
    "the end after a last newline": ("a\n", 2, 2, "2 |\n  | ^"),
    "the end without a newline": ("a {", 3, 3, "1 | a {\n  |    ^"),
    "the newline itself": ("a\nb\n", 1, 2, "1 | a\n  |  ^"),
    "an empty span": ("ab\n", 1, 1, "1 | ab\n  |  ^"),
    "the whole file": ("a\nb\n", 0, 4, "1 | / a\n2 | | b\n  | |_^"),
}


@pytest.mark.parametrize("case", ENDS)
def test_ends_of_files_and_lines(case: str) -> None:
    text, start, end, expected = ENDS[case]
    diagnostic = Diagnostic("P0001", "error", "wrong", Source("p.pipe", text).span(start, end))
    assert render(diagnostic, color=False).split("\n", 3)[3] == expected


def test_colour_adds_only_escapes() -> None:
    import re

    diagnostic = Diagnostic("P0301", "error", "wrong", at(CHURN, "retires"), "here", help="mend it")
    colored = render(diagnostic, color=True)
    assert colored.startswith("\x1b[1;31merror[P0301]\x1b[0m")
    assert "\x1b[1;31m^^^^^^^\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render(diagnostic, color=False)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab {}\t\r\n日é\u0301", max_size=40), st.data())
def test_any_places_can_be_shown(text: str, data: st.DataObject) -> None:
    source = Source("p.pipe", text)

    def span() -> Span:
        start = data.draw(st.integers(0, len(text)))
        return source.span(start, data.draw(st.integers(start, len(text))))

    diagnostic = Diagnostic("P0001", "error", "wrong", span(), "fault", (Label(span(), "one"), Label(span(), "two")))
    lines = render(diagnostic, color=False).split("\n")
    assert all(line == line.rstrip() for line in lines)
    assert any("^" in line for line in lines)
    for label in ("fault", "one", "two"):
        assert sum(label in line for line in lines) == 1


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("\t", 4), ("日本", 4), ("e\u0301", 1), ("\u202e", 1), ("\x1b", 1), ("", 0)]
)
def test_width_is_that_of_what_is_shown(text: str, width: int) -> None:
    assert display_width(text) == width
    assert display_width(display_text(text)) == width
