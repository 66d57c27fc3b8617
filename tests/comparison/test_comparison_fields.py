"""No field of the IR is ignored in silence: a change of each is told, or it is declared why it means nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipec.comparison.comparing import compare
from pipec.comparison.properties import APART, MEANINGLESS
from pipec.ir.base import Location
from pipec.ir.model import Program
from pipec.ir.verify import verify
from tests.comparison.everything import ALL_MODELS, changed_everywhere, changed_once, everything

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FOR_READERS = {"Task.doc", "Parameter.doc", "Group.doc", "Pipeline.doc"}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return everything(tmp_path_factory.mktemp("everything"))


def fields() -> set[str]:
    return {f"{one.__name__}.{name}" for one in ALL_MODELS for name in one.model_fields() if name != "kind"}


def test_the_program_has_a_value_for_every_field(program: Program) -> None:
    assert fields() - {key for key, _ in (*changed_once(program), *changed_everywhere(program))} == set()


def test_what_is_declared_meaningless_is_a_field() -> None:
    assert set(MEANINGLESS) | APART <= fields()
    assert not set(MEANINGLESS) & APART
    assert all(f"{one.__name__}.location" in MEANINGLESS for one in ALL_MODELS if "location" in one.model_fields())
    assert Location not in ALL_MODELS


@pytest.mark.engine
def test_a_change_of_each_field_is_told(program: Program) -> None:
    told, silent, wrong = set[str](), set[str](), set[str]()
    for key, other in (*changed_once(program), *changed_everywhere(program)):
        if key in ("Task.is_finally", "Task.single_output", "Output.name") and verify(other):
            continue  # what others wait for cannot be the end; one unnamed output has a fixed name
        comparison = compare(program, other, NOW)
        (silent if comparison.is_empty else told).add(key)
        if comparison.pipelines and comparison.has_effect == (key in FOR_READERS):
            wrong.add(key)
    assert told & set(MEANINGLESS) == set()
    assert silent - set(MEANINGLESS) == {"LiteralValue.type"}  # where the value does not tell it
    assert "LiteralValue.type" in told
    assert wrong == set()
