"""The manual's tests pass, and what it shows of one that does not is what is printed."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

import pipec
from pipec.testing import run_tests
from tests.grammar.manual import Block, blocks, manual_text
from tests.testing.support import shown

BLOCKS = blocks(manual_text())
WITH_TESTS = [block for block in BLOCKS if block.error is None and '\ntest "' in block.text]


@pytest.mark.parametrize("block", WITH_TESTS, ids=lambda block: f"line {block.line}")
def test_a_test_of_the_manual_passes(block: Block, tmp_path: Path) -> None:
    for other in BLOCKS:
        if other.file is not None:
            (tmp_path / other.file).parent.mkdir(exist_ok=True)
            (tmp_path / other.file).write_text(other.program, "utf-8")
    program = pipec.load(tmp_path / "manual.pipe", text=block.program).program
    assert program is not None
    for result in run_tests(program):
        assert [one.message for one in (*result.failures, *result.warnings)] == []


def test_the_message_is_the_one_that_is_printed() -> None:
    (block,) = [block for block in WITH_TESTS if "shipping" in block.text]
    wrong = block.program.replace("expect deploy is skipped", "expect deploy is success")
    printed = shown(wrong).replace("test.pipe", "shipping.pipe")
    expected = indent(printed, "    ", lambda line: True)
    assert "\n".join(line.rstrip() for line in expected.splitlines()) in manual_text()
