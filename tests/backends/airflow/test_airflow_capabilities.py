from __future__ import annotations

from pipec.analysis.feature_names import FEATURES
from pipec.backend import load_backend


def test_every_feature_has_an_answer() -> None:
    assert sorted(load_backend("airflow").capabilities) == sorted(FEATURES)


def test_what_is_not_native_says_how_or_why_and_the_way_out() -> None:
    for feature, capability in load_backend("airflow").capabilities.items():
        assert bool(capability.reason) == (capability.support != "native"), feature
        assert bool(capability.way_out) == (capability.support == "no"), feature
