"""The order of tasks is that of `graphlib`, whose rules for ties are known."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipec.analysis.graph import topological_order


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    """Graphs without cycles, written in any order; an upstream task may be named twice, or stand nowhere itself."""
    names = [f"t{number}" for number in range(draw(st.integers(0, 10)))]
    upstream = {
        name: draw(st.lists(st.sampled_from(names[:number]), max_size=4)) if number else []
        for number, name in enumerate(names)
    }
    written = draw(st.permutations(names))
    unsaid = set(draw(st.lists(st.sampled_from(names), max_size=2)) if names else [])
    return {name: upstream[name] for name in written if upstream[name] or name not in unsaid}


@given(graphs())
def test_the_order_is_that_of_graphlib(upstream: dict[str, list[str]]) -> None:
    assert topological_order(upstream) == list(TopologicalSorter(upstream).static_order())


def test_a_cycle_is_named() -> None:
    with pytest.raises(CycleError) as found:
        topological_order({"a": [], "b": ["a", "c"], "c": ["b"]})
    assert set(found.value.args[1]) == {"b", "c"}
