"""The JSON schema of the IR, as it is published in the grammar folder."""

from __future__ import annotations

from typing import Any

from pipec.ir.model import Program


def json_schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12) of what `pipec compile --target ir` writes."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Program.model_json_schema(mode="serialization"),
    }
