"""Each change of what a pipeline says is another digest, and nothing else is."""

from __future__ import annotations

import pytest
from pipec.backends.airflow.digest import content_digest

from pipec.api import load

BASE = """\
pipeline digests(limit: int = 3) {
  task a -> int = python("steps:a") { retry = { max: 2 } }
  task b(left = a) after a = shell("echo $left")
}
"""


def digest(text: str) -> str:
    loaded = load("digests.pipe", text=text)
    assert not loaded.diagnostics.has_errors, loaded.diagnostics.sorted()
    return str(content_digest(loaded.pipeline()))


def test_a_digest_is_short() -> None:
    assert len(digest(BASE)) == 12
    assert digest(BASE) == digest(BASE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("steps:a", "steps:b"),
        ("echo $left", "echo  $left"),
        ("-> int", "-> float"),
        ("max: 2", "max: 3"),
        ("limit: int = 3", "limit: int = 4"),
        ("limit: int = 3", "limit: int"),
        ('shell("echo $left")', 'command(["echo $left"])'),
        (" { retry = { max: 2 } }", ""),
    ],
)
def test_another_meaning_is_another_digest(old: str, new: str) -> None:
    assert old in BASE
    assert digest(BASE.replace(old, new)) != digest(BASE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  task a", "\n\n  # why\n  task   a"),
        ("max: 2", "max: 2, delay: 0s"),
        ('python("steps:a")', "python('steps:a')"),
    ],
)
def test_what_changes_nothing_is_the_same_digest(old: str, new: str) -> None:
    assert old in BASE
    assert digest(BASE.replace(old, new)) == digest(BASE)
