"""The settings of channels: environment variables, and what is behind `secret("name")`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pipec.runtime.notices import AlertError


def needed(environment: Mapping[str, str], name: str, what: str) -> str:
    """The value of a variable; `what` says what it is. Raises AlertError naming it where it is not set."""
    value = environment.get(name, "").strip()
    if not value:
        raise AlertError(f"set {name} to {what}")
    return value


def revealed(value: Any, environment: Mapping[str, str]) -> str:
    """A text of the pipeline, or the secret it refers to: the variable of that name. Raises AlertError."""
    match value:
        case {"kind": "secret", "name": str(name)}:
            return needed(environment, name, f'the value of secret("{name}")')
        case _:
            return str(value)


def is_this_machine(host: str) -> bool:
    """Whether nobody else can listen to what is sent to a host."""
    return host in ("localhost", "127.0.0.1", "::1")


def refuse_open_line(url: str, name: str) -> None:
    """Raises AlertError where what must stay secret would go over the network for all to read."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_this_machine(parts.hostname or ""):
        raise AlertError(f"{name} must be an https address: what is sent to it is secret")
