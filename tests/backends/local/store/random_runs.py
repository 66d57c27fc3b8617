"""Random entries of runs."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from pipec.backends.local.store.records import Entry

_TEXTS = st.text(max_size=8)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=5,
)
_FACTS = st.dictionaries(_TEXTS, _VALUES, max_size=3)
_TASKS = st.sampled_from(["a", "b", "a[0]", "a[1]", 'train["a/b \N{SNOWMAN}"]', "call/inner", "call@2/inner[3]"])
_STATES = st.sampled_from(["pending", "running", "up_for_retry", "success", "failed", "skipped", "upstream_failed"])
_FAILURES = st.none() | st.builds(lambda text: {"kind": "error", "message": text}, _TEXTS)


def _entry(kind: Any, data: st.SearchStrategy[dict[str, Any]], tasks: Any = _TASKS) -> st.SearchStrategy[Entry]:
    return st.builds(Entry, st.just(kind), st.floats(0, 2e9), tasks, st.integers(0, 4), data)


ENTRIES = st.lists(
    st.one_of(
        _entry(
            "state",
            st.fixed_dictionaries(
                {"state": _STATES}, optional={"failure": _FAILURES, "outputs": _FACTS, "restored": st.booleans()}
            ),
        ),
        _entry(
            "attempt_started",
            st.fixed_dictionaries(
                {"inputs": _FACTS}, optional={"log": _TEXTS, "arguments": st.lists(_TEXTS, max_size=2)}
            ),
        ),
        _entry(
            "attempt_ended",
            st.fixed_dictionaries(
                {"state": st.sampled_from(["success", "failed"])},
                optional={"failure": _FAILURES, "cached_from": _TEXTS},
            ),
        ),
        _entry("mapped", st.fixed_dictionaries({"count": st.integers(1, 5)})),
        _entry("approval_asked", st.fixed_dictionaries({"message": _TEXTS, "approvers": st.lists(_TEXTS, max_size=2)})),
        _entry("asset", st.fixed_dictionaries({"uri": _TEXTS})),
        _entry("alert", st.fixed_dictionaries({"event": _TEXTS, "error": st.none() | _TEXTS})),
        _entry("resumed", st.fixed_dictionaries({"changes": st.lists(_TEXTS, max_size=2)}), st.just("")),
        _entry(
            "ended",
            st.fixed_dictionaries({"state": st.sampled_from(["success", "failed"])}, optional={"returns": _VALUES}),
            st.just(""),
        ),
    ),
    max_size=30,
)
