"""The channel of an alert as the class of a generated file that tells people by it, with its arguments."""

from __future__ import annotations

from typing import Any

from pipec.ir.model import Alert
from pipec.semantics.references import function_reference

from ..layout import DictNode, Node
from ..literals import py

CLASSES = {
    "slack": "SlackAlert",
    "email": "EmailAlert",
    "pagerduty": "PagerdutyAlert",
    "webhook": "WebhookAlert",
    "python": "PythonAlert",
}
"""Those of `embedded_alerts`."""


def channel_arguments(alert: Alert) -> list[tuple[str, Node]]:
    """What the class of the channel is given, in an order that is always the same."""
    given = alert.arguments
    match alert.channel:
        case "slack":
            return [("channel", py(given["channel"]))]
        case "email":
            return [("to", py(given["to"])), *_optional(given, "subject")]
        case "pagerduty":
            return [("service", py(given["service"])), *_optional(given, "severity")]
        case "webhook":
            headers = tuple((py(name), _text_or_variable(value)) for name, value in given.get("headers", {}).items())
            return [
                ("url", _text_or_variable(given["url"])),
                *([("headers", DictNode(headers))] if headers else []),
            ]
        case "python":
            reference = function_reference(given["function"])
            assert reference is not None  # the checker lets nothing else pass
            return [("module", py(reference.module)), ("function", py(reference.function))]


def _optional(given: dict[str, Any], name: str) -> list[tuple[str, Node]]:
    return [(name, py(given[name]))] if given.get(name) is not None else []


def _text_or_variable(value: Any) -> str:
    """A text, or what stands for a secret: the Airflow Variable of its name, which is read when it is needed."""
    match value:
        case {"kind": "secret", "name": str(name)}:
            return py({"variable": name})
        case _:
            return py(str(value))
