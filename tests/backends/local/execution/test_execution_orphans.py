"""What an attempt left is found among the children of this process, whenever it became one."""

from __future__ import annotations

import os
import subprocess
from importlib import import_module
from typing import Any

import pytest

orphans: Any = import_module("pipec.backends.local.execution.orphans")
processes: Any = import_module("pipec.backends.local.execution.processes")

MARK = processes.Mark("a-run", "task", "1")


def gone() -> int:
    """The id of a process that is no more."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_what_an_orphan_started_is_found_when_that_dies_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    found = orphans.Orphans()
    with subprocess.Popen(["sleep", "30"], env={**os.environ, **MARK.variables()}, start_new_session=True) as left:
        looks = iter([[gone()], [left.pid]])
        with monkeypatch.context() as patch:
            patch.setattr(orphans, "_children", lambda process: next(looks))
            assert found.left_by(gone(), MARK)
        left.kill()
    found.close()


def test_nothing_is_left_when_no_more_die(monkeypatch: pytest.MonkeyPatch) -> None:
    found = orphans.Orphans()
    dead = gone()
    with monkeypatch.context() as patch:
        patch.setattr(orphans, "_children", lambda process: [dead])
        assert not found.left_by(gone(), MARK)
    found.close()
