"""Comments that switch warnings off, and comments that switch nothing off."""

from __future__ import annotations

import pytest

from pipec.diagnostics.fixes import apply_fixes
from pipec.diagnostics.model import Diagnostic
from pipec.diagnostics.suppressions import suppress
from pipec.syntax.source import Source

WARNINGS = {"one": "L001", "two": "L002", "four": "P0301"}
"""A warning is found at each of these words, but an error at `four`."""


def found_in(text: str) -> tuple[Source, list[Diagnostic]]:
    source = Source("p.pipe", text)
    found = []
    for word, code in WARNINGS.items():
        start = text.find(word)
        if start >= 0:
            severity = "error" if code.startswith("P") else "warning"
            found.append(Diagnostic(code, severity, word, source.span(start, start + 3)))  # type: ignore[arg-type]
    return source, found


LEFT = {
    "none": ("one two", ["one", "two"]),
    "at the end of the line": ("one  # pipec: ignore[L001]\ntwo", ["two"]),
    "several codes": ("one two # pipec: ignore[L001, L002]", []),
    "with a reason": ("one # pipec: ignore[L001]: until the summer\ntwo", ["two"]),
    "after another comment": ("one # see above # pipec: ignore[L001]", []),
    "written without blanks": ("one #pipec:ignore[L001]", []),
    "on a line of its own": ("  # pipec: ignore[L001]\none\ntwo", ["two"]),
    "above further comments": ("# pipec: ignore[L001]\n# it is\n\n  one\ntwo", ["two"]),
    "two above one line": ("# pipec: ignore[L001]\n# pipec: ignore[L002]\none two", []),
    "for the whole file": ("# the file\n# pipec: ignore-file[L001]\n\n\nx\none\ntwo", ["two"]),
    "an error": ("four # pipec: ignore[P0301]", ["`P0301` is an error and cannot be ignored", "four"]),
    "on another line": ("one\n\ntwo # pipec: ignore[L001]", ["`L001` is not found here", "one", "two"]),
    "nothing in the file": ("# pipec: ignore-file[L003]\nx", ["`L003` is not found in this file"]),
    "one of several": ("one # pipec: ignore[L001, L003]", ["`L003` is not found here"]),
    "no code": ("one # pipec: ignore", ["`# pipec: ignore` names no code", "one"]),
    "an empty list": ("one # pipec: ignore[ ]", ["`# pipec: ignore` names no code", "one"]),
    "an unknown code": ("x # pipec: ignore[L999]", ["there is no code `L999`"]),
    "misspelt": ("one # pipec: ingore[L001]", ["`# pipec: ingore` means nothing", "one"]),
    "prose": ("one # pipec: compiled by hand", ["one"]),
    "the file, too late": (
        "x\n# pipec: ignore-file[L001]\none",
        ["`ignore-file` stands after the first declaration", "one"],
    ),
    "in a string": ("'# pipec: ignore[L001]' one", ["one"]),
    "in a string that interpolates": ('"${"# pipec: ignore[L001]"}" one', ["one"]),
    "in a string of several lines": ("'''\n# pipec: ignore-file[L001]\n''' one", ["one"]),
    "windows line ends": ("one # pipec: ignore[L001]\r\ntwo\r\n", ["two"]),
    "a comment without effect that is wanted": ("x # pipec: ignore[L003, L004]", []),
}


@pytest.mark.parametrize(("text", "messages"), LEFT.values(), ids=LEFT)
def test_what_is_left(text: str, messages: list[str]) -> None:
    source, found = found_in(text)
    assert sorted(one.message for one in suppress(found, [source])) == sorted(messages)


MENDED = {
    "at the end of the line": ("x  # pipec: ignore[L001] why\ny\n", "x\ny\n"),
    "on a line of its own": ("x\n  # pipec: ignore[L001]\ny\n", "x\ny\n"),
    "one of several": ("one # pipec: ignore[L003, L001]\n", "one # pipec: ignore[L001]\n"),
    "several of several": ("one # pipec: ignore[L003,L001,L999] why\n", "one # pipec: ignore[L001] why\n"),
    "after another comment": ("x # see above # pipec: ignore[L001]\n", "x # see above\n"),
    "windows line ends": ("x # pipec: ignore[L001]\r\ny", "x\r\ny"),
    "misspelt": ("one # pipec: ingore[L001]\n", "one # pipec: ignore[L001]\n"),
}


@pytest.mark.parametrize(("before", "after"), MENDED.values(), ids=MENDED)
def test_comments_without_effect_are_removed(before: str, after: str) -> None:
    source, found = found_in(before)
    left = suppress(found, [source])
    assert [one.code for one in left if one.fix] == ["L004"]
    assert apply_fixes(before, left) == after
    assert "L004" not in [one.code for one in suppress(found_in(after)[1], [found_in(after)[0]])]


def test_a_comment_is_about_its_own_file() -> None:
    source, found = found_in("one")
    other = Source("q.pipe", "x # pipec: ignore[L001]")
    assert [one.message for one in suppress(found, [source, other])] == ["one", "`L001` is not found here"]


def test_only_files_that_are_judged_have_comments_without_effect() -> None:
    source, _ = found_in("x # pipec: ignore[L001]")
    assert suppress([], [source], judged=[]) == []
    assert [one.code for one in suppress([], [source], judged=[source])] == ["L004"]
    wrong = Source("p.pipe", "x # pipec: ignore")
    assert [one.code for one in suppress([], [wrong], judged=[])] == ["L004"]


def test_codes_that_are_off_are_not_missed() -> None:
    source = Source("p.pipe", "x # pipec: ignore[L001, L002]")
    [left] = suppress([], [source], off=["L001"])
    assert left.message == "`L002` is not found here"
