"""Texts in the commands, arguments and environment of a container.

Kubernetes puts environment variables in place of `$(NAME)` there, and `$` in place of `$$`.
"""

from __future__ import annotations

import re

from ..escape import jinja_escape

AT_RUN_TIME = " | replace('$', '$$')"
"""The filter of a template that computes such a text."""


def kubernetes_escape(text: str) -> str:
    """What Kubernetes makes `text` of. Only `$` before `$` and `(` begins anything there."""
    return re.sub(r"\$(?=[$(])", "$$", text)


def container_escape(text: str) -> str:
    """What Jinja and then Kubernetes make `text` of."""
    return jinja_escape(kubernetes_escape(text))
