"""L114: a password, token or key that everybody who reads the file can read.

A value counts as one by what its name says, or by its form, which some makers of keys chose so that it can be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from pipec.analysis.lints.subject import Subject
from pipec.analysis.lints.texts import value_texts
from pipec.ir.base import Location
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Alert
from pipec.ir.traverse import location_of

_LAST_WORDS = frozenset({"apikey", "authorization", "passphrase", "passwd", "password", "pwd", "secret", "token"})
_LAST_TWO_WORDS = frozenset(
    {("access", "key"), ("api", "key"), ("auth", "key"), ("encryption", "key"), ("private", "key"), ("secret", "key")}
)
_TOKENS_OF_TEXT = frozenset(
    {"bos", "cls", "end", "eos", "mask", "pad", "sep", "special", "start", "stop", "unk", "unknown"}
)
"""First words of the tokens that a language model is built of."""
_SIGNS = (
    "AKIA", "ASIA", "PRIVATE KEY", "ghp_", "github_pat_", "glpat-", "hooks.slack.com", "sk_live_", "xox", "AIza", "://",
    "--",
)  # fmt: skip
"""Each form below holds one of these: most texts hold none, and are not looked at more closely."""
_SHORTEST = 10
"""No form below has fewer characters."""


def plain_secret(subject: Subject) -> None:
    """L114: in environments, inputs, implementations, parameters and alerts."""
    _check_pipeline(subject)
    named: set[tuple[str, int]] = set()
    for task in subject.tasks:
        for given in task.inputs:
            if isinstance(given.value, LiteralValue) and _is_secret(given.name, given.value.value):
                place = location_of(task, f"inputs.{given.name}")
                named.add((place.file, place.start))
                _report(subject, f"input `{given.name}` of `{task.name}` is a secret in plain text", place)
        for name, value in task.options.env.items():
            if isinstance(value, str) and (fault := _fault(name, value)) is not None:
                _report(subject, f"`{name}` in the env of `{task.name}` {fault}", location_of(task, "env"))
        _check_alerts(subject, task.alerts)
    for task, place, text in subject.texts:
        if (form := _form_of(text)) is not None and (place.file, place.start) not in named:
            _report(subject, f"task `{task.name}` holds {form} in plain text", place)


def _check_pipeline(subject: Subject) -> None:
    for parameter in subject.pipeline.parameters:
        if isinstance(parameter.default, LiteralValue):
            fault = _fault(parameter.name, parameter.default.value)
            if fault is not None:
                _report(subject, f"parameter `{parameter.name}` {fault}", parameter.location)
    _check_alerts(subject, subject.pipeline.alerts)


def _check_alerts(subject: Subject, alerts: Iterable[Alert]) -> None:
    for alert in alerts:
        for name, value in _named_values(alert.arguments):
            if (fault := _fault(name, value)) is not None:
                _report(subject, f"the alert to {alert.channel} {fault}", alert.location)


def _fault(name: str, value: Any) -> str | None:
    """What is wrong with a value by its name or its form, as the end of a sentence; None where it is no secret."""
    if _is_secret(name, value):
        return "is a secret in plain text"
    texts = (value,) if isinstance(value, str) else value_texts(value)
    form = next((form for text in texts if (form := _form_of(text)) is not None), None)
    return None if form is None else f"holds {form} in plain text"


def _report(subject: Subject, message: str, place: Location) -> None:
    """Adds a lint whose message never holds the secret."""
    subject.report(
        "L114",
        message,
        place,
        notes=("whoever reads the file, its history or what is compiled of it can use it",),
        help='take it from the target, `secrets = { NAME: secret("name") }`, and make this one invalid',
    )


@lru_cache(maxsize=4096)
def _names_secret(name: str) -> bool:
    words = re.split(r"[_\-.]", name.lower())
    if words[0] in _TOKENS_OF_TEXT:
        return False
    return words[-1] in _LAST_WORDS or tuple(words[-2:]) in _LAST_TWO_WORDS


def _is_secret(name: str, value: Any) -> bool:
    return isinstance(value, str) and _names_secret(name) and _may_be_secret(value)


@lru_cache(maxsize=1024)
def _form_of(text: str) -> str | None:
    """What a text holds by its form, in words; None where it holds no secret, or none that has a form."""
    if len(text) < _SHORTEST or _signs().search(text) is None:
        return None
    found = _forms().search(text)
    return None if found is None else str(found.lastgroup).replace("_", " ")


def _may_be_secret(value: str) -> bool:
    """Not what is empty, a name in a store of secrets, a path, a variable, or an example to be filled in."""
    if not value.strip() or value.startswith(("$", "/", "<", "[", "{", "arn:", "vault:", "projects/")):
        return False
    return "://" not in value


def _named_values(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a channel is given, the entries of its maps by their own names."""
    for name, value in arguments.items():
        if isinstance(value, dict):
            yield from value.items()
        else:
            yield name, value


@cache
def _signs() -> re.Pattern[str]:
    return re.compile("|".join(_SIGNS))


@cache
def _forms() -> re.Pattern[str]:
    """The forms, each a group with the name that a person is told; keys that end in EXAMPLE are those of manuals."""
    forms = {
        "an_AWS_key": r"\b(?:AKIA|ASIA)(?![0-9A-Z]{9}EXAMPLE\b)[0-9A-Z]{16}\b",
        "a_private_key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
        "a_token_of_GitHub": r"\bghp_[0-9A-Za-z]{36}\b|\bgithub_pat_\w{22,}",
        "a_token_of_GitLab": r"\bglpat-[\w-]{20}",
        "a_token_of_Slack": r"\bxox[abprs]-[\w-]{10,}|\bhooks\.slack\.com/services/T\w+/B\w+/\w+",
        "a_key_of_Stripe": r"\bsk_live_\w{16,}",
        "a_key_of_Google": r"\bAIza[\w-]{35}",
        "a_password": r"\w+://[^\s/:@$\0\"']+:[^\s/:@${\0\"']+@\w"
        r"|--(?:password|token|api-key)[= ][\"']?[^\s\"'$\0<{(-]",
    }
    return re.compile("|".join(f"(?P<{name}>{form})" for name, form in forms.items()))
