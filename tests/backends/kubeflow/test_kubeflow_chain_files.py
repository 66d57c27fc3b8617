"""What is written for a chain of tasks in one container, beside what is written for each in one of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

import pipec
from pipec.compilation import compile_to
from pipec.optimisation.optimiser import Optimiser

GOLDEN = Path(__file__).parent / "golden"

TEXT = """
pipeline p(day: str = "mon") {
  image = "python:3.12"
  task fetch(day) -> { path: dataset, rows: int } = shell('./fetch')
  task clean(day = fetch.rows, where = fetch.path) -> { left: int } = python("steps:clean")
  task count(left = clean.left) -> json = command(["./count"])
  task report(count) = shell('./report')
  task mail(count) = shell('./mail')
}
"""


def document(chosen: set[str]) -> Any:
    loaded = pipec.load("test.pipe", text=TEXT)
    [file] = compile_to(loaded, "p", "kubeflow", optimiser=Optimiser(chosen))
    return yaml.safe_load(file.text)


def graph(of: Any) -> str:
    """The file without its containers."""
    return str(yaml.safe_dump({"components": of["components"], "root": of["root"]}))


def test_before_and_after(golden: Callable[[Path, str], None]) -> None:
    before, after = document(set()), document({"fuse"})
    request = json.loads(after["deploymentSpec"]["executors"]["exec-count"]["container"]["args"][0])
    steps = [{**step, "request": json.loads(step["request"])} for step in request["steps"]]
    text = f"--- before\n{graph(before)}\n--- after\n{graph(after)}\n--- steps\n{yaml.safe_dump(steps)}"
    golden(GOLDEN / "chain.yaml.txt", text)
    assert len(request["programs"]) == 2  # of python tasks, and of shell and command tasks


def test_the_same_bytes_again() -> None:
    assert document({"fuse"}) == document({"fuse"})
