"""Show what each target can express: yes, in another way (emulated), or no.

pipec targets
pipec targets --format markdown
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipec.backend import Backend

_WORDS = {"native": "yes", "emulated": "emulated", "no": "no"}


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")


def execute(arguments: Namespace) -> int:
    from pipec.backend import load_backend, target_names

    backends = [load_backend(name) for name in target_names()]
    match arguments.format:
        case "json":
            text = _json(backends)
        case "markdown":
            text = _markdown(backends)
        case _:
            text = _text(backends)
    sys.stdout.write(text)
    return 0


def _json(backends: list[Backend]) -> str:
    import json

    targets = {
        backend.name: {
            "title": backend.title,
            "versions": list(backend.versions),
            "capabilities": {
                feature: {"support": capability.support, "reason": capability.reason, "way_out": capability.way_out}
                for feature, capability in backend.capabilities.items()
            },
        }
        for backend in backends
    }
    return json.dumps({"format_version": 1, "targets": targets}, indent=2, ensure_ascii=False) + "\n"


def _rows(backends: list[Backend]) -> list[list[str]]:
    """One row a feature: its words, then the support of every target."""
    from pipec.analysis.features import FEATURES

    return [
        [words, *(_WORDS[backend.capabilities[feature].support] for backend in backends)]
        for feature, words in FEATURES.items()
    ]


def _title(backend: Backend) -> str:
    """The engine, with the versions besides the default that `--target-version` may name."""
    others = backend.versions[1:]
    return f"{backend.title}, or {' or '.join(others)} by --target-version" if others else backend.title


def _remarks(backend: Backend) -> list[str]:
    """What there is to say of a target's features: how they are emulated, why not and what instead."""
    from pipec.analysis.features import FEATURES

    remarks = []
    for feature, words in FEATURES.items():
        capability = backend.capabilities[feature]
        if capability.reason:
            way_out = f"; {capability.way_out}" if capability.way_out else ""
            remarks.append(f"{words} ({_WORDS[capability.support]}): {capability.reason}{way_out}")
    return remarks


def _text(backends: list[Backend]) -> str:
    rows = [["feature", *(backend.name for backend in backends)], *_rows(backends)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for backend in backends:
        lines.extend(["", f"{backend.name}: {_title(backend)}", *(f"  {remark}" for remark in _remarks(backend))])
    return "\n".join(lines) + "\n"


def _markdown(backends: list[Backend]) -> str:
    lines = [
        "| feature | " + " | ".join(backend.name for backend in backends) + " |",
        "|---" * (len(backends) + 1) + "|",
        *("| " + " | ".join(row) + " |" for row in _rows(backends)),
    ]
    for backend in backends:
        lines.extend(["", f"**{backend.name}**: {_title(backend)}", ""])
        lines.extend(f"- {remark}" for remark in _remarks(backend))
    return "\n".join(lines).rstrip() + "\n"
