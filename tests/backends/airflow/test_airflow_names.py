from __future__ import annotations

import keyword
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipec.backends.airflow.embedded_ids import encode
from pipec.backends.airflow.names import Identifiers, airflow_ids

from pipec.ir.model import Task
from tests.support.ir_builder import task


def instance(name: str, *keys: Any) -> Task:
    return task(f"{name}{list(keys)!r}").model_copy(update={"name": name, "keys": keys})


@pytest.mark.parametrize(
    ("made", "id"),
    [
        (task("train"), "train"),
        (instance("train", "rf"), "train.rf"),
        (instance("grid", 0.1, 4), "grid.0-2e1.4"),
        (instance("train", "a b"), "train.a-20b"),
        (instance("train", "a-b"), "train.a-2db"),
        (instance("train", "é"), "train.-c3-a9"),
        (instance("train", -1), "train.-2d1"),
        (instance("train", True), "train.true"),
        (instance("train", {"a": 1}), "train.-7b-22a-22-3a-201-7d"),
        (instance("train", ""), "train."),
    ],
)
def test_ids(made: Task, id: str) -> None:
    assert airflow_ids([made]) == {made.id: id}


def test_keys_that_differ_in_their_type_alone() -> None:
    ids = airflow_ids([instance("train", 4), instance("train", "4")])
    assert list(ids.values()) == ["train.4", "train.-224-22"]
    assert airflow_ids([instance("train", "4"), instance("train", 4)]) == ids


def test_long_ids_are_cut_and_stay_apart() -> None:
    ids = list(airflow_ids([instance("train", "x" * 300 + end) for end in "ab"]).values())
    assert len(set(ids)) == 2
    assert max(map(len, ids)) <= 250


@given(st.lists(st.lists(st.text(min_size=1), min_size=1, max_size=2).map(tuple), unique=True))
def test_instances_have_ids_of_their_own(keys: list[tuple[str, ...]]) -> None:
    ids = airflow_ids([instance("t", *key) for key in keys])
    assert len(set(ids.values())) == len(keys)
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]{1,250}", id) for id in ids.values())


@given(st.text(), st.text())
def test_encoding_keeps_texts_apart(one: str, other: str) -> None:
    assert (encode(one) == encode(other)) == (one == other)


@given(st.lists(st.from_regex(r"[a-z][a-z0-9_]*", fullmatch=True)))
def test_identifiers_are_python_names_and_never_twice_the_same(wanted: list[str]) -> None:
    identifiers = Identifiers()
    taken = [identifiers.take(name) for name in wanted]
    assert len(set(taken)) == len(taken)
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in taken)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("train", "train"),
        ("train.rf", "train_rf"),
        ("lambda", "lambda_"),
        ("print", "print_"),
        ("ds", "ds_"),
        ("params", "params_"),
        ("l", "l_"),
        ("outputs", "outputs_"),
        ("value_2", "value_2_"),
    ],
)
def test_identifiers(wanted: str, name: str) -> None:
    assert Identifiers().take(wanted) == name
