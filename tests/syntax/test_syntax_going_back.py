"""A parse that goes back to where braces were mended ends as one that begins anew does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipec.diagnostics.model import Diagnostics
from pipec.syntax.going_back import go_back
from pipec.syntax.machine import Machine
from pipec.syntax.parser import read
from pipec.syntax.source import Source
from pipec.syntax.tokens import Token

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("examples/*/pipeline.pipe"))]
PIECES = ("{", "}", "{", "}", "retry = {", "task t = ", "if ", "for ", "\n", "(", ")", "[", '"', " = ", "x", ",")

HEAD = "pipeline p {\n  task a = shell('a')\n  task b = shell('b') {\n"
TAIL = "\n    timeout = 5m\n  }\n  task c = shell('c')\n}\n"


def understood(source: Source) -> tuple[Any, ...]:
    """All that a parse finds."""
    diagnostics = Diagnostics()
    reading = read(source, diagnostics)
    file = reading.file
    found = [repr(one) for one in diagnostics.found]
    return (found, reading.doubtful, *((file.items, set(file.damaged), set(file.nameless)) if file is not None else ()))


def begin_anew(machine: Machine, read: list[Token]) -> None:
    machine.restart()


@pytest.mark.parametrize(
    ("typed", "index"),
    [
        ("    retry = {", "retry"),
        ("    retry = { max: 3", "max"),
        ("    env = {\n      A: 'x'\n      B: [1]", "A"),
        ("    }", "{"),
    ],
)
def test_no_more_is_read_again_than_must_be(typed: str, index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[str] = []

    def noted(machine: Machine, read: list[Token]) -> None:
        go_back(machine, read)
        places.append(machine.tokens[machine.index].text)

    source = Source("typed", HEAD + typed + TAIL)
    monkeypatch.setattr("pipec.syntax.recovery.go_back", noted)
    found = understood(source)
    monkeypatch.setattr("pipec.syntax.recovery.go_back", begin_anew)
    assert found == understood(source)
    assert places == [index]


@st.composite
def broken(draw: st.DrawFn) -> str:
    """An example with a few brackets taken out, and pieces put in."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text)))
        bracket = text.find(draw(st.sampled_from("{}()")), place)
        if bracket >= 0 and draw(st.booleans()):
            text = text[:bracket] + text[bracket + 1 :]
        else:
            text = text[:place] + draw(st.sampled_from(PIECES)) + text[place:]
    return text


@settings(max_examples=60, deadline=None)
@given(broken())
def test_going_back_is_beginning_anew(text: str) -> None:
    source = Source("broken", text)
    found = understood(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipec.syntax.recovery.go_back", begin_anew)
        assert found == understood(source)
