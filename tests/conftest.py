"""What all tests share: golden files and a real Airflow."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.airflow import airflow
from tests.support.airflow2 import airflow2
from tests.support.kubeflow import kubeflow

__all__ = ["airflow", "airflow2", "golden", "kubeflow", "plain_imports", "pytest_addoption"]

# The tests are run after every change, and fail only for what was changed: always on the same examples. To search for
# others, and longer: `pytest --hypothesis-profile=default`.
settings.register_profile("fast", max_examples=50, deadline=None, derandomize=True)
settings.load_profile("fast")
gc.set_threshold(50_000)

_PLACES = tuple(sys.path)

# A shell ignores Ctrl-C for what it starts in the background, nohup a hangup, and every program started from there does
# too: tests that stop programs by these signals need them to work wherever they are run.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what is now to the golden files")


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a file stay in one process where there are several; so do those that share a costly engine."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_together(item)))


def _together(item: pytest.Item) -> str:
    for engine in ("production", "airflow2", "kubeflow"):
        if engine in getattr(item, "fixturenames", ()):
            return engine
    return str(item.path)


@pytest.fixture(autouse=True)
def plain_imports(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules are found where Python and this project have them, whatever engines that ran before have added.

    What `check` says of the code that a file names would depend on the order of the tests else.
    """
    if "airflow" in request.fixturenames:
        return
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one in _PLACES])


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """`golden(path, text)` holds that the file at `path` has this text; with --update-golden it is written."""
    update = bool(request.config.getoption("--update-golden"))

    def check(path: Path, text: str) -> None:
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        assert path.exists(), f"{path} is missing: run pytest with --update-golden"
        assert text == path.read_text("utf-8")

    return check
