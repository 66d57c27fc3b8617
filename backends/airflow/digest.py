"""A short name for what a DAG file does, so that each change makes a new version of the DAG in Airflow."""

from __future__ import annotations

import hashlib

from .views import DagView


def content_digest(view: DagView) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of a view that does not say yet where it comes from."""
    return hashlib.sha256(repr(view).encode()).hexdigest()[:12]
