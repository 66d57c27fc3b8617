"""Names of tasks in Kubeflow, and what carries values of each type."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

import pipec

names: Any = importlib.import_module("pipec.backends.kubeflow.names")
channels: Any = importlib.import_module("pipec.backends.kubeflow.channels")


@pytest.mark.parametrize(
    ("id", "name"),
    [
        ("train", "train"),
        ("train_model", "train-model"),
        ('train["rf"]', "train--rf"),
        ('train["rf", 2]', "train--rf--2"),
        ("train[0.3, 4]", "train--0-3--4-HASH"),
    ],
)
def test_names(id: str, name: str) -> None:
    """`HASH` stands for six digits of a hash."""
    assert re.fullmatch(name.replace("HASH", "[0-9a-f]{6}"), names.plain_name(id))


def test_different_tasks_have_different_names() -> None:
    ids = ["a_b", "a__b", 'a["b"]', 'a["b", "c"]', 'a["b--c"]', 'a["B"]', 'a["b "]', 'a["b/"]', 'a_b["c"]', 'a["b_c"]']
    assert len({names.plain_name(id) for id in ids}) == len(ids)
    found = names.Names()
    assert [found.free("a-items"), found.free("a-items"), found.of("a_items")] == ["a-items", "a-items-2", "a-items-3"]


@pytest.mark.parametrize(
    ("type", "channel"),
    [
        ("int", ("parameter", "NUMBER_INTEGER", False)),
        ("float", ("parameter", "NUMBER_DOUBLE", False)),
        ("bool", ("parameter", "BOOLEAN", False)),
        ("date", ("parameter", "STRING", False)),
        ('"a" | "b"', ("parameter", "STRING", False)),
        ("dataset", ("artifact", "system.Dataset", False)),
        ("file", ("artifact", "system.Artifact", False)),
        ("list[int]", ("parameter", "LIST", False)),
        ("dict[str, float]", ("parameter", "STRUCT", False)),
        ("list[int?]", ("parameter", "STRING", True)),
        ("int?", ("parameter", "STRING", True)),
        ("json", ("parameter", "STRING", True)),
        ("dict[str, json]", ("parameter", "STRING", True)),
    ],
)
def test_channels(type: str, channel: tuple[str, str, bool]) -> None:
    loaded = pipec.load(Path("p.pipe"), text=f'pipeline p {{ task a -> {type} = python("m:a") }}\n')
    found = channels.channel_of(loaded.pipeline("p").task("a").outputs[0].type)
    assert (found.kind, found.type, found.is_json) == channel


def test_outputs_may_be_called_as_those_of_decisions() -> None:
    text = """\
pipeline p {
  image = "registry.example.com/steps:1"
  task a -> { taken: bool, arrived: bool, has_items: int } = python("m:a")
  if a.taken != (a.has_items > 1) { task b(x = a.arrived, y = a.has_items) = python("m:b") }
}
"""
    (file,) = pipec.compile(pipec.load(Path("p.pipe"), text=text), "kubeflow")
    assert '"pipelinechannel--decide-b-taken"' in file.text
    assert '"outputParameterKey": "arrived"' in file.text
