"""Every code is explained, and its examples are what they say."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pipec.cli.explain_findings import findings
from pipec.diagnostics.catalogue import RETIRED, catalogue, codes, explained, summary
from pipec.diagnostics.explanations import AREAS

ROOT = Path(__file__).parents[2]
GIVEN = Path(__file__).parent / "given_codes.txt"

_CODE = re.compile(r"P\d{4}|L\d{3}")


def reported() -> dict[str, set[str]]:
    """The codes that stand as whole strings in the code of pipec, with the files they stand in."""
    places: dict[str, set[str]] = {}
    for path in [*ROOT.glob("pipec/**/*.py"), *ROOT.glob("backends/**/*.py")]:
        text = path.read_text("utf-8")
        for node in ast.walk(ast.parse(text)) if _CODE.search(text) else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
                places.setdefault(node.value, set()).add(str(path.relative_to(ROOT)))
    return places


@pytest.mark.parametrize("code", codes())
def test_the_bad_example_gives_the_code_and_no_other(code: str) -> None:
    bad = explained(code).bad
    assert {one.code for one in findings(bad)} == {code} | bad.also


@pytest.mark.parametrize("code", codes())
def test_nothing_is_said_of_the_mended_example(code: str) -> None:
    assert [f"{one.code}: {one.message}" for one in findings(explained(code).mended)] == []


@pytest.mark.parametrize("code", codes())
def test_a_code_is_explained(code: str) -> None:
    explanation = explained(code)
    assert re.fullmatch(r"[^A-Z].{8,75}[^.]", explanation.summary)
    assert code not in explanation.summary
    assert explanation.text
    assert "```" not in explanation.text
    assert explanation.bad != explanation.mended
    assert any(code.startswith(start) for start in AREAS)


def test_what_is_reported_is_explained_and_the_other_way_round() -> None:
    places = reported()
    assert {code: where for code, where in places.items() if code not in codes()} == {}
    assert [code for code in codes() if code not in places] == []


def test_no_summary_is_given_twice() -> None:
    assert len(set(catalogue().values())) == len(codes())


def test_a_code_that_was_given_is_never_given_away(golden: Callable[[Path, str], None]) -> None:
    """A code may be retired, and is then listed as such: whoever wrote it down finds out what became of it."""
    given = set(GIVEN.read_text("utf-8").split())
    assert given - set(codes()) == RETIRED
    assert RETIRED & set(codes()) == set()
    golden(GIVEN, "".join(f"{code}\n" for code in sorted(given | set(codes()))))


def test_the_catalogue_is_sorted_and_says_what_the_files_say() -> None:
    summaries = catalogue()
    assert list(summaries) == codes() == sorted(codes())
    assert all(known == summary(code) == explained(code).summary for code, known in summaries.items())


@pytest.mark.parametrize("code", ["P9999", "p0301", "../codes/P0301", "P0301.md", "", "X"])
def test_there_is_no_explanation_of_what_is_no_code(code: str) -> None:
    with pytest.raises(KeyError):
        explained(code)


def test_files_stand_beside_the_example_they_are_for() -> None:
    circle = explained("P0104")
    assert set(circle.bad.files) == {"training.pipe"}
    assert set(circle.mended.files) == {"training.pipe", "places.pipe"}
    assert circle.bad.files["training.pipe"] != circle.mended.files["training.pipe"]
    missing = explained("P0103")
    assert missing.bad.files == missing.mended.files


@pytest.mark.parametrize(
    ("code", "bad", "mended"),
    [
        ("P0301", "pipec check example.pipe", "pipec check example.pipe"),
        ("P0501", "pipec check example.pipe --target airflow", "pipec check example.pipe --target airflow"),
        ("P0505", "pipec run example.pipe --capacity gpu=1", "pipec run example.pipe --capacity gpu=1"),
        ("P0602", "pipec run example.pipe", "pipec run example.pipe --param source=lots.csv"),
        ("P0604", "pipec run example.pipe --params daily.yaml", "pipec run example.pipe --params daily.toml"),
    ],
)
def test_the_command_of_an_example(code: str, bad: str, mended: str) -> None:
    assert (explained(code).bad.command, explained(code).mended.command) == (bad, mended)
