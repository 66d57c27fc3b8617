"""Lints: what a file says correctly and practice advises against.

`lint` reports what it finds in the pipelines of a file. Every rule has a code of its own, and each speaks only where it
is sure, or nearly so: a lint that is wrong costs more than one that is missing. Rules that are a matter of taste or of
the target are off unless they are asked for.
"""

from pipec.analysis.lints.registry import DEFAULT, OPTIONAL, lint, with_selected

__all__ = ["DEFAULT", "OPTIONAL", "lint", "with_selected"]
