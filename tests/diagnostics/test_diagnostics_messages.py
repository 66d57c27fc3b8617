"""What is said of mistakes that people make when they come from Python, YAML or another orchestrator.

`messages/` holds those whose answer is good. `known_bad_messages/` holds those whose answer is not good yet, each with
a sentence of what would be: when the answer is mended, the file moves. Both are rewritten with --update-golden; a file
there is made by hand, up to the block of what was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pipec.api import check, load
from pipec.diagnostics.render import render

HERE = Path(__file__).parent
GOOD = sorted((HERE / "messages").glob("*.md"))
BAD = sorted((HERE / "known_bad_messages").glob("*.md"))

_MISTAKE = re.compile(r"# [^\n]+\n\n(?P<remark>Good would be: [^\n]+\n\n)?```pipe\n(?P<text>.*?)^```\n", re.M | re.S)


def mistake(path: Path) -> re.Match[str]:
    found = _MISTAKE.match(path.read_text("utf-8"))
    assert found is not None, f"{path.name} is not of the form of the others"
    return found


def said(text: str) -> list[str]:
    """What `pipec check` shows of a text."""
    return [render(one, color=False) for one in check(load("etl.pipe", text=text))]


@pytest.mark.parametrize("path", [*GOOD, *BAD], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_said_of_a_mistake(path: Path, golden: Callable[[Path, str], None]) -> None:
    written = mistake(path)
    answer = "\n\n".join(said(written["text"])) or "(nothing)"
    golden(path, f"{written.group()}\n```text\n{answer}\n```\n")


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_answer_is_one(path: Path) -> None:
    """Few findings for one mistake, and at least one that says more than what is wrong."""
    found = check(load("etl.pipe", text=mistake(path)["text"]))
    assert 1 <= len(found) <= 3
    assert any(one.help or one.fix or one.notes or one.label for one in found)


def test_what_would_be_good_is_said_where_it_is_not() -> None:
    assert [path.name for path in GOOD if mistake(path)["remark"]] == []
    assert [path.name for path in BAD if not mistake(path)["remark"]] == []


def test_each_mistake_is_judged_once() -> None:
    texts = [mistake(path)["text"] for path in [*GOOD, *BAD]]
    assert len(texts) == len(set(texts))
    assert len(texts) >= 70
