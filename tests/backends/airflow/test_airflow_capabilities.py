from __future__ import annotations

from importlib.resources import files

from pipec.analysis.features import FEATURES
from pipec.backend import load_backend


def test_every_feature_has_an_answer() -> None:
    assert sorted(load_backend("airflow").capabilities) == sorted(FEATURES)


def test_what_is_not_native_says_how_or_why_and_the_way_out() -> None:
    for feature, capability in load_backend("airflow").capabilities.items():
        assert bool(capability.reason) == (capability.support != "native"), feature
        assert bool(capability.way_out) == (capability.support == "no"), feature


def test_target_options_have_one_meaning() -> None:
    options = load_backend("airflow").options
    manual = (files("pipec.backends.airflow") / "README.md").read_text("utf-8")
    assert all(f"`{name}`" in manual for name in (*options.pipeline, *options.task))
    assert all(option.doc and option.types for option in (*options.pipeline.values(), *options.task.values()))
    assert all(options.pipeline[name] == options.task[name] for name in set(options.pipeline) & set(options.task))
