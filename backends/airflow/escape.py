"""Texts that Airflow renders with Jinja, so that it gives them back unchanged."""

from __future__ import annotations

import re
from typing import Any

TEMPLATE_FILES = (".sh", ".bash")
"""A field of `BashOperator` that ends like this is the name of a template file to Airflow."""


def jinja_escape(text: str) -> str:
    """What Jinja renders to `text`, and what Airflow does not take for a file name."""
    escaped = re.sub(r"\{(?=[{%#\r])", "{{ '{' }}", text).replace("\r", "{{ '\\r' }}")
    if escaped.endswith("\n"):
        escaped += "\n"  # Jinja drops one newline at the end
    return escaped + "{{ '' }}" if escaped.endswith(TEMPLATE_FILES) else escaped


def escaped(value: Any) -> Any:
    """A value in JSON form that Airflow renders, with every text in it escaped."""
    match value:
        case str():
            return jinja_escape(value)
        case list():
            return [escaped(item) for item in value]
        case dict():
            return {jinja_escape(key): escaped(item) for key, item in value.items()}
        case _:
            return value


def bash_escape(text: str) -> str:
    """`jinja_escape` for a script.

    One that ends like a file name gets a blank at its end, which bash does not see: `BashOperator` would write the
    rendered script into a file in the working directory, which may be read-only.
    """
    if text.endswith(TEMPLATE_FILES):
        text += "\n" if "\n" in text else " "
    return jinja_escape(text)
