"""Every code with its one-line summary, gathered from the tables of the areas."""

from __future__ import annotations

from collections.abc import Mapping


def areas() -> tuple[Mapping[str, str], ...]:
    """The tables of the areas. No code stands in two of them."""
    from pipec.diagnostics.catalogue_parameters import PARAMETERS
    from pipec.diagnostics.catalogue_semantics import SEMANTICS
    from pipec.diagnostics.catalogue_syntax import SYNTAX
    from pipec.diagnostics.catalogue_target import TARGET

    return (SYNTAX, SEMANTICS, TARGET, PARAMETERS)


def catalogue() -> dict[str, str]:
    """Code to summary, sorted by code."""
    return dict(sorted(item for area in areas() for item in area.items()))
