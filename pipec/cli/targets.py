"""Show what each target can express: yes, in another way (emulated), or no.

pipec targets
pipec targets --format markdown
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipec.backend import Backend, Capability

_WORDS = {"native": "yes", "emulated": "emulated", "no": "no"}


@dataclass(frozen=True)
class _Column:
    """A target in a version of its engine; None where there are none, or for the default one."""

    backend: Backend
    version: str | None = None

    @property
    def title(self) -> str:
        return self.backend.name if self.version is None else f"{self.backend.name} {self.version}"

    def capability(self, feature: str) -> Capability:
        return self.backend.capabilities[feature].in_version(self.version)


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")


def execute(arguments: Namespace) -> int:
    from pipec.backend import load_backend, target_names

    backends = [load_backend(name) for name in target_names()]
    match arguments.format:
        case "json":
            text = _json(backends)
        case "markdown":
            text = _markdown(_columns(backends))
        case _:
            text = _text(_columns(backends))
    sys.stdout.write(text)
    return 0


def _json(backends: list[Backend]) -> str:
    import json

    targets = {
        backend.name: {
            "title": backend.title,
            "versions": list(backend.versions),
            "capabilities": {
                feature: _json_of(capability)
                | {"other_versions": {name: _json_of(other) for name, other in capability.other_versions.items()}}
                for feature, capability in backend.capabilities.items()
            },
        }
        for backend in backends
    }
    return json.dumps({"format_version": 1, "targets": targets}, indent=2, ensure_ascii=False) + "\n"


def _json_of(capability: Capability) -> dict[str, Any]:
    return {"support": capability.support, "reason": capability.reason, "way_out": capability.way_out}


def _columns(backends: list[Backend]) -> list[_Column]:
    """Every target, and behind it the versions besides the default one."""
    return [_Column(backend, version) for backend in backends for version in (None, *backend.versions[1:])]


def _rows(columns: list[_Column]) -> list[list[str]]:
    """One row a feature: its words, then the support in every column."""
    from pipec.analysis.feature_names import FEATURES

    return [
        [words, *(_WORDS[column.capability(feature).support] for column in columns)]
        for feature, words in FEATURES.items()
    ]


def _heading(column: _Column) -> str:
    """The engine, with the versions besides the default that `--target-version` may name; what is said of those."""
    if column.version is not None:
        return f"--target-version {column.version}, where it differs"
    title, others = column.backend.title, column.backend.versions[1:]
    return f"{title}, or {' or '.join(others)} by --target-version" if others else title


def _remarks(column: _Column) -> list[str]:
    """What there is to say of a target's features: how they are emulated, why not and what instead."""
    from pipec.analysis.feature_names import FEATURES

    remarks = []
    for feature, words in FEATURES.items():
        capability = column.capability(feature)
        differs = column.version is None or column.version in column.backend.capabilities[feature].other_versions
        if differs and capability.reason:
            way_out = f"; {capability.way_out}" if capability.way_out else ""
            remarks.append(f"{words} ({_WORDS[capability.support]}): {capability.reason}{way_out}")
    return remarks


def _explained(columns: list[_Column]) -> list[_Column]:
    """Those of which something is said: every target, and versions that differ."""
    return [column for column in columns if column.version is None or _remarks(column)]


def _text(columns: list[_Column]) -> str:
    rows = [["feature", *(column.title for column in columns)], *_rows(columns)]
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for column in _explained(columns):
        lines.extend(["", f"{column.title}: {_heading(column)}", *(f"  {remark}" for remark in _remarks(column))])
    return "\n".join(lines) + "\n"


def _markdown(columns: list[_Column]) -> str:
    lines = [
        "| feature | " + " | ".join(column.title for column in columns) + " |",
        "|---" * (len(columns) + 1) + "|",
        *("| " + " | ".join(row) + " |" for row in _rows(columns)),
    ]
    for column in _explained(columns):
        lines.extend(["", f"**{column.title}**: {_heading(column)}", ""])
        lines.extend(f"- {remark}" for remark in _remarks(column))
    return "\n".join(lines).rstrip() + "\n"
