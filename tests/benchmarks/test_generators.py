"""Every generator is told all tasks and edges, and the table says what was measured."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.benchmarks.compile_peers import measure, row, take, verdicts
from tests.benchmarks.compile_scale import random_graph
from tests.benchmarks.generators import ALL, FLOOR, PIPEC, Generator, Graph, Job
from tests.benchmarks.peers import PEERS
from tests.benchmarks.processes import Cost, FailedError

DIAMOND: Graph = {"a1": [], "b1": ["a1"], "c1": ["a1"], "d1": ["b1", "c1"]}
PYTHON = Path(sys.executable)


@pytest.mark.parametrize("generator", ALL, ids=lambda generator: generator.name)
def test_every_generator_is_told_everything(generator: Generator, tmp_path: Path) -> None:
    generator.prepare(tmp_path, DIAMOND, PYTHON)
    text = "".join(file.read_text("utf-8") for file in tmp_path.rglob("*") if file.is_file())
    for task in DIAMOND:
        assert text.count(task) > sum(task in above for above in DIAMOND.values()), task


def test_every_generator_can_be_installed() -> None:
    peers = {generator.peer for generator in ALL if generator.peer is not None}
    assert len(peers) == 5
    assert peers <= PEERS.keys()


def test_what_is_generated_is_looked_at(tmp_path: Path) -> None:
    assert take(FLOOR, DIAMOND, PYTHON, tmp_path).cpu > 0
    silent = Generator("silent", lambda folder, graph, python: Job([str(python), "-c", "print('a1 b1 c1')"], None))
    with pytest.raises(FailedError, match="silent: nothing is said of d1"):
        take(silent, DIAMOND, PYTHON, tmp_path)
    assert measure(silent, {4: DIAMOND}, PYTHON, tmp_path, 1) == {4: None}


@pytest.mark.engine
def test_pipec_is_measured(tmp_path: Path) -> None:
    assert take(PIPEC, random_graph(30, seed=1), PYTHON, tmp_path).peak > 0


def test_more_than_a_generator_can_take_is_left_out(tmp_path: Path) -> None:
    few = Generator("few", FLOOR.prepare, most=3)
    assert measure(few, {4: DIAMOND}, PYTHON, tmp_path, 1) == {4: None}


def test_rows() -> None:
    assert row("hera", {100: Cost(0.93, 1.0, 56.2), 1_000: None}) == "| hera | 0.93 [56] | - |"


def test_verdicts() -> None:
    own: dict[int, Cost | None] = {100: Cost(0.3, 0, 0), 1_000: Cost(1.0, 0, 0), 7: None, 8: Cost(2.0, 0, 0)}
    others: dict[str, dict[int, Cost | None]] = {
        "hera": {100: Cost(0.9, 0, 0)},
        "elyra": {100: Cost(7.5, 0, 0), 1_000: None},
    }
    assert list(verdicts(own, others)) == [
        "- 100 tasks: 0.30 CPU s, aim 0.35: met; 3.0 x of it is the least of the others, hera",
        "- 1,000 tasks: 1.00 CPU s, aim 0.8: missed",
        "- 7 tasks: pipec failed",
        "- 8 tasks: 2.00 CPU s",
    ]
