"""JSON that arrives as it is. On its way from a specification into a command it passes three that look into texts.

Kubeflow fills in `{{$…}}`, Argo Workflows `{{…}}`, and Kubernetes `$(…)`; of `$$` Kubernetes leaves one.
"""

from __future__ import annotations

import json
import re
from typing import Any

FILLED_IN = re.compile(r"\{(?=\{)|\$(?=[$(])")
"""The first character of what one of them would look at."""


def shielded(value: Any) -> str:
    """The value as JSON in one line, without anything that is filled in on the way."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return FILLED_IN.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
