"""What the layout looks like: `pairs/x.pipe` becomes `pairs/x.formatted.pipe`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipec.syntax.formatting import format_text

PAIRS = Path(__file__).parent / "pairs"
NAMES = sorted(path.stem for path in PAIRS.glob("*.pipe") if not path.stem.endswith(".formatted"))
EXAMPLES = sorted((Path(__file__).parents[3] / "examples").rglob("*.pipe"))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_laid_out_as_the_golden_file_shows(name: str, golden: Callable[[Path, str], None]) -> None:
    formatted = format_text((PAIRS / f"{name}.pipe").read_text("utf-8"))
    assert formatted.text is not None
    golden(PAIRS / f"{name}.formatted.pipe", formatted.text)
    assert format_text(formatted.text).text == formatted.text


def test_there_are_pairs() -> None:
    assert len(NAMES) >= 7


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_examples_are_laid_out(path: Path) -> None:
    text = path.read_text("utf-8")
    assert format_text(text).text == text
