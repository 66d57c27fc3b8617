"""The format `gitlab`: a Code Quality report, which GitLab shows in merge requests."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipec.diagnostics.formats.json import document
from pipec.diagnostics.formats.places import place_of, repository_path
from pipec.diagnostics.model import Diagnostic

_SEVERITY = {"error": "major", "warning": "minor"}


def report(diagnostics: Sequence[Diagnostic]) -> str:
    """One list with all diagnostics."""
    seen: Counter[str] = Counter()
    issues = []
    for diagnostic in diagnostics:
        path = repository_path(diagnostic.span.source.path)
        fingerprint = _fingerprint(diagnostic, path, seen)
        issues.append(_issue(diagnostic, path, fingerprint))
    return document(issues)


def _issue(diagnostic: Diagnostic, path: str, fingerprint: str) -> dict[str, Any]:
    place = place_of(diagnostic.span)
    return {
        "check_name": diagnostic.code,
        "description": f"{diagnostic.code}: {diagnostic.message}",
        "severity": _SEVERITY[diagnostic.severity],
        "fingerprint": fingerprint,
        "location": {
            "path": path,
            "positions": {
                "begin": {"line": place.line, "column": place.column},
                "end": {"line": place.end_line, "column": place.end_column},
            },
        },
    }


def _fingerprint(diagnostic: Diagnostic, path: str, seen: Counter[str]) -> str:
    """What stays the same when a fault moves in its file: of those that read alike, which one it is counts."""
    name = "\0".join((path, diagnostic.code, diagnostic.message))
    seen[name] += 1
    return hashlib.sha256(f"{name}\0{seen[name]}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
