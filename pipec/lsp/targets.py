"""What each target makes of a construct or an option, in the words of its table of capabilities."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pipec.analysis.feature_names import FEATURES
from pipec.backend import Backend, TargetOption, load_backend, target_names

_SUPPORT = {"native": "yes", "emulated": "by other means", "no": "no"}
_MEANT = {"retries": "retry", "if": "decision", "else": "decision", "on": "alert", "require": "require"}
"""Words of the language whose feature has another name."""


@cache
def known_targets() -> tuple[str, ...]:
    """The names of all targets, looked for once: that takes a while."""
    return tuple(target_names())


@cache
def backends() -> tuple[Backend, ...]:
    """Every target there is, loaded once."""
    return tuple(load_backend(name) for name in known_targets())


def features_of(word: str) -> list[str]:
    """The features that a keyword, option or constructor is about: its own first, then what is special in it."""
    meant = _MEANT.get(word, word)
    own = [name for name in (meant, f"option.{meant}") if name in FEATURES]
    return own + [name for name in FEATURES if name.startswith(f"{meant}.") and name not in own]


def target_notes(features: list[str]) -> list[str]:
    """A line for each target about the first feature, and for each other feature that some target lacks."""
    if not features:
        return []
    lines = []
    first, *others = features
    for backend in backends():
        capability = backend.capabilities[first]
        reason = f": {capability.reason}" if capability.reason else ""
        way_out = f"; {capability.way_out}" if capability.way_out else ""
        lines.append(f"- `{backend.name}`: {_SUPPORT[capability.support]}{reason}{way_out}")
    for feature in others:
        lacking = [backend.name for backend in backends() if backend.capabilities[feature].support == "no"]
        if lacking:
            lines.append(f"- {FEATURES[feature]}: not on {', '.join(f'`{name}`' for name in lacking)}")
    return lines


def target_options(target: str, *, in_task: bool) -> dict[str, TargetOption]:
    """The options that a target block may set, by name; none for an unknown target."""
    options = next((backend.options for backend in backends() if backend.name == target), None)
    if options is None:
        return {}
    return {**options.task, **options.container} if in_task else dict(options.pipeline)


def option_kind(option: TargetOption) -> Iterator[str]:
    """What a target's option may be: its choices, or its types."""
    if option.choices:
        yield from (f'"{choice}"' for choice in option.choices)
    else:
        yield from (type.__name__ for type in option.types)
