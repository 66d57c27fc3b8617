"""The codes of the syntax stage, each with its one-line summary."""

from __future__ import annotations

SYNTAX: dict[str, str] = {
    "P0001": "a character that has no meaning here",
    "P0002": "a string that is never closed",
    "P0003": "something is missing",
    "P0004": "something is superfluous or in the wrong place",
    "P0005": "a misspelt keyword",
    "P0006": "an unknown escape in a string",
    "P0007": "nested too deep",
    "P0008": "a malformed number, duration, size or date",
    "P0009": "a `${…}` in a string that is empty or never closed",
    "P0010": "a bracket that is never closed",
    "P0011": "the wrong closing bracket",
    "P0012": "an unknown version of the language",
    "P0013": "comparisons in a chain",
    "P0014": "a reserved word as a name",
    "P0015": "`not` after an operator needs parentheses",
    "P0016": "a string that must not interpolate",
    "P0017": "`language` after the first declaration",
    "P0018": "too many syntax faults",
}
