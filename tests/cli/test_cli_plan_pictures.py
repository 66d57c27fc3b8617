"""`pipec plan` and `pipec simulate` draw."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Call, Called


def test_plan_draws_the_graph_as_svg(call: Call, folder: Path) -> None:
    root = ElementTree.fromstring(call("plan", "etl.pipe", "--format", "svg").out)
    shown = {element.get("data-task") for element in root.iter()} - {None}
    assert shown == {"extract", "clean", "check", "load"}


def test_plan_draws_a_page(call: Call, folder: Path) -> None:
    assert call("plan", "etl.pipe", "--format", "html").out.startswith("<!doctype html>\n")


def test_plan_draws_the_graph_in_characters(call: Call, folder: Path) -> None:
    called = call("plan", "etl.pipe", "--graph")
    assert "\ngraph, ● and ◆ are critical:\n●    extract" in called.out
    assert call("plan", "etl.pipe", "--graph", "--format", "json") == Called(
        2, "", "error: --graph is for --format text\n"
    )


def test_simulate_draws_a_run(call: Call, folder: Path) -> None:
    assert call("simulate", "etl.pipe", "--format", "svg").out.startswith("<svg ")
    assert call("simulate", "etl.pipe", "--format", "html").out.startswith("<!doctype html>\n")
    assert call("simulate", "etl.pipe", "--format", "json").out == call("simulate", "etl.pipe", "--json").out
    told = "error: --json and --format svg ask for different things: use one\n"
    assert call("simulate", "etl.pipe", "--format", "svg", "--json") == Called(2, "", told)


def test_a_missing_extra_is_said_in_a_line(call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py_mini_racer", None)
    told = "error: pictures need an extra: pip install 'pipec[pictures]'\n"
    assert call("plan", "etl.pipe", "--format", "svg") == Called(2, "", told)
