"""Parts of large graphs: nobody else can tell that their tasks stand in a pipeline of their own."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipec.analysis.graph import ancestors, topological_order
from pipec.optimisation.splitting import Part, enough, parts
from tests.engine.driver import ERROR, Outcome
from tests.engine.test_engine_properties import Scenario, limits, seeds
from tests.support.ir_builder import pipeline, task

Graph = dict[str, list[str]]


def graph(text: str) -> Graph:
    """Of `a > b, c > d`: each task waits for all that are named right before it."""
    found: Graph = {}
    for line in text.split(";"):
        rows = [[id.strip() for id in row.split(",")] for row in line.split(">")]
        for id in rows[0]:
            found.setdefault(id, [])
        for before, after in pairwise(rows):
            for id in after:
                found.setdefault(id, []).extend(before)
    return {id: list(dict.fromkeys(upstream)) for id, upstream in found.items()}


def found(upstream: Graph, most: int = 3, held: str = "") -> list[str]:
    return [" ".join(part) for part in parts(upstream, dict.fromkeys(upstream, 1), set(held.split()), most)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a > b > c", []),
        ("a > b > c > d > e > f > g", ["a b c", "d e f"]),
        ("a; b; c; d; e", ["a b c", "d e"]),
        ("a > b > c; d > e > f", ["a b c", "d e f"]),
        ("a > b, c > d > e", ["a b c", "d e"]),
        ("a > b, c, d, e > f", ["b c d"]),
        ("a > b, c, d, e > f > g", ["b c d", "f g"]),
        ("a, b > c, d > e, f", ["a b", "c d", "e f"]),
        ("a, b > c; b > d", []),
        ("a > b > c > x; d > x; d > y", ["a b c"]),
        ("a, b > p, q, r; b, c > s; a > s", ["a b", "p q r"]),
    ],
)
def test_parts(text: str, expected: list[str]) -> None:
    assert found(graph(text)) == expected


def test_what_is_held_stays() -> None:
    assert found(graph("a > b > c > d > e"), held="b") == ["c d e"]
    assert found(graph("a > b > c"), held="a") == ["b c"]
    assert found(graph("a; b; c > d"), held="c") == ["a b"]


def test_the_heaviest_are_enough() -> None:
    weights = {"a": 5, "b": 5, "c": 1, "d": 1, "e": 20, "f": 20}
    pairs = [("a", "b"), ("c", "d"), ("e", "f")]
    assert enough(pairs, weights, 0, 3) == []
    assert enough(pairs, weights, 37, 3) == [("e", "f")]
    assert enough(pairs, weights, 38, 3) == [("a", "b"), ("e", "f")]
    assert enough(pairs, weights, 1_000, 3) == [("a", "b"), ("e", "f")]


# --- proof ---------------------------------------------------------------------------------------


@st.composite
def graphs(draw: st.DrawFn, size: int = 12) -> Graph:
    """Graphs of which about every second can be taken apart: some put together, some of any edges."""
    kind = draw(st.sampled_from(["any", "row", "beside"])) if size > 2 else "any"
    if kind == "any":
        count = draw(st.integers(1, min(size, 7)))
        return {str(n): [str(other) for other in range(n) if draw(st.booleans())] for n in range(count)}
    halves = [draw(graphs(size // 2)), draw(graphs(size - size // 2))]
    one, other = (
        {f"{name}{id}": [name + up for up in ups] for id, ups in half.items()}
        for name, half in zip("lr", halves, strict=True)
    )
    if kind == "row":
        last = sorted(set(one) - {up for ups in one.values() for up in ups})
        other = {id: [*ups, *(() if ups else last)] for id, ups in other.items()}
    return {**one, **other}


def reach(upstream: Graph) -> dict[str, set[str]]:
    order = list(upstream)
    return {id: {one for n, one in enumerate(order) if bitset >> n & 1} for id, bitset in ancestors(upstream).items()}


@given(graphs(), st.data(), st.integers(1, 12))
def test_nobody_can_tell(upstream: Graph, data: st.DataObject, most: int) -> None:
    weights = {id: data.draw(st.integers(1, 3)) for id in upstream}
    held = data.draw(st.sets(st.sampled_from(sorted(upstream)), max_size=2))
    above = reach(upstream)
    seen: set[str] = set()
    for part in parts(upstream, weights, held, most):
        inside = set(part)
        assert 2 <= len(part) < len(upstream)
        assert sum(weights[id] for id in part) <= most
        assert not inside & (seen | held)
        seen |= inside
        awaited = {up for id in part for up in upstream[id]} - inside
        assert all(awaited <= above[id] for id in part)
        following = {id for id, ups in upstream.items() if inside.intersection(ups)} - inside
        assert all(inside <= above[id] for id in following)
        assert not any(above[id] & inside for id in awaited)


def contracted(upstream: Graph, found: Sequence[Part]) -> tuple[Graph, dict[str, str]]:
    """The graph with each part as one task, and what stands for each task in it."""
    name = {id: id for id in upstream} | {id: f"part_{n}" for n, part in enumerate(found) for id in part}
    made: Graph = {}
    for id, ups in upstream.items():
        made.setdefault(name[id], []).extend(name[up] for up in ups if name[up] != name[id])
    return {id: list(dict.fromkeys(ups)) for id, ups in made.items()}, name


def played(upstream: Graph, failing: set[str], seed: int, limit: int | None) -> Mapping[str, str]:
    tasks = [task(id, after=" ".join(upstream[id])) for id in topological_order(upstream)]
    outcomes: dict[str, Sequence[Outcome]] = {id: [ERROR if id in failing else {}] for id in upstream}
    return Scenario(pipeline(*tasks), outcomes).play(seed, limit).engine.states


@given(graphs(), st.data(), st.integers(2, 8), seeds, seeds, limits)
def test_every_task_ends_as_it_did(
    drawn: Graph, data: st.DataObject, most: int, one: int, other: int, limit: int | None
) -> None:
    """A part fails where a task in it does; what is in a part that starts is a run of its own."""
    upstream = {f"t{id}": [f"t{up}" for up in ups] for id, ups in drawn.items()}
    failing = data.draw(st.sets(st.sampled_from(sorted(upstream)), max_size=3))
    before = played(upstream, failing, one, None)
    split, name = contracted(upstream, parts(upstream, dict.fromkeys(upstream, 1), (), most))
    after = played(split, {name[id] for id in failing}, other, limit)
    for id in split:
        if id in upstream:
            assert after[id] == before[id]
            continue
        inside = {one: [up for up in ups if name[up] == id] for one, ups in upstream.items() if name[one] == id}
        if after[id] == "upstream_failed":
            assert {before[one] for one in inside} == {"upstream_failed"}
        else:
            assert played(inside, failing, other, limit) == {one: before[one] for one in inside}
            assert (after[id] == "failed") == bool(failing & inside.keys())


@given(graphs(), st.data(), st.integers(2, 8))
def test_no_task_starts_later(upstream: Graph, data: st.DataObject, most: int) -> None:
    """With a place for all that are ready, whatever each takes."""
    takes = {id: data.draw(st.integers(1, 9)) for id in upstream}
    split, name = contracted(upstream, parts(upstream, dict.fromkeys(upstream, 1), (), most))
    plain: dict[str, int] = {}
    for id in topological_order(upstream):
        plain[id] = takes[id] + max((plain[up] for up in upstream[id]), default=0)
    parted: dict[str, int] = {}
    for id in topological_order(split):
        start = max((parted[up] for up in split[id]), default=0)
        inside = [one for one in topological_order(upstream) if name[one] == id]
        ends: dict[str, int] = {}
        for one in inside:
            ends[one] = takes[one] + max((ends[up] for up in upstream[one] if up in ends), default=start)
        assert ends == {one: plain[one] for one in inside}
        parted[id] = max(ends.values())


def test_thousands_of_tasks() -> None:
    """Rows of tasks between a first and a last one, all of one piece: in about a second."""
    upstream: Graph = {"first": []}
    for row in range(1_000):
        for column in range(10):
            upstream[f"{row}.{column}"] = [f"{row}.{column - 1}" if column else "first"]
    upstream["last"] = [f"{row}.9" for row in range(1_000)]
    start = time.process_time()
    made = parts(upstream, dict.fromkeys(upstream, 1), (), 100)
    assert [len(part) for part in made] == [100] * 100
    assert time.process_time() - start < 2
