"""The channels of alerts: `slack("#ml")` and the others, with what each may be given."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from pipec.diagnostics.model import Diagnostics, Fix
from pipec.diagnostics.suggest import correction, hint
from pipec.frozen import Frozen
from pipec.ir.model import SecretReference
from pipec.ir.types import SECRET, STR, ListType, Type
from pipec.semantics.arguments import called_name, check_names, check_once, report_no_function, split_arguments
from pipec.semantics.excerpts import excerpt
from pipec.semantics.expressions import Checker
from pipec.semantics.references import function_reference
from pipec.semantics.types import is_text
from pipec.syntax import tree
from pipec.syntax.source import Span

SEVERITIES = ("critical", "error", "warning", "info")
"""Those of PagerDuty, worst first."""

_CHANNEL = re.compile(r"[#@]?[^\s#@<>&,]+\Z")
_ADDRESS = re.compile(r'[^\s@<>,;:"()\[\]\\]+@[^\s@<>,;:"()\[\]\\]+\Z')
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")


def read_channel(
    node: tree.Expression, checker: Checker, diagnostics: Diagnostics
) -> tuple[str, dict[str, Any]] | None:
    """A channel's name and its arguments by name; None where it is faulty."""
    name = called_name(node) or ""
    if not isinstance(node, tree.Call) or name not in CHANNELS:
        diagnostics.error(
            "P0307",
            f"`{excerpt(node.span)}` tells nobody",
            node.span,
            help=hint(name, CHANNELS, f"write {', '.join(f'{one}(…)' for one in CHANNELS)}"),
            fix=correction(node.function.span, name, CHANNELS) if isinstance(node, tree.Call) else None,
        )
        return None
    channel = CHANNELS[name]
    positional, named = split_arguments(node)
    if not positional or (len(positional) > 1 and not channel.takes_several):
        diagnostics.error("P0308", f"`{name}` is not called like this", node.span, help=f"write {channel.form}")
        return None
    if not check_names(node, channel.named, diagnostics) or not check_once(node, diagnostics):
        return None
    reader = _Reader(checker, diagnostics)
    first = channel.read(reader, positional)
    others = {key: _NAMED[key](reader, value) for key, value in named.items()}
    if first is None or None in others.values():
        return None
    return name, {channel.first: first, **others}


class _Reader(Frozen):
    """Reads constants; every method is None where it reported a fault."""

    checker: Checker
    diagnostics: Diagnostics

    def text(self, node: tree.Expression, what: str) -> str | None:
        if self.checker.check_as(node, STR, what) is None:
            return None
        literal = self.checker.constant(node, what)
        return str(literal.value) if literal is not None else None

    def channel(self, nodes: Sequence[tree.Expression]) -> str | None:
        text = self.text(nodes[0], "`slack`")
        if text is None or _CHANNEL.match(text):
            return text
        self._wrong(f"`{text}` is no channel", nodes[0].span, 'write slack("#channel")')
        return None

    def service(self, nodes: Sequence[tree.Expression]) -> str | None:
        text = self.text(nodes[0], "`pagerduty`")
        if text is None or text.strip():
            return text
        self._wrong("a service needs a name", nodes[0].span, 'write pagerduty("service")')
        return None

    def function(self, nodes: Sequence[tree.Expression]) -> str | None:
        text = self.text(nodes[0], "`python`")
        if text is None or function_reference(text):
            return text
        report_no_function(text, nodes[0].span, self.diagnostics)
        return None

    def addresses(self, nodes: Sequence[tree.Expression]) -> list[str] | None:
        """One or more addresses, each argument one or a list of them."""
        found: list[str] = []
        for node in nodes:
            literal = self.checker.constant(node, "what `email` is given")
            if literal is None:
                return None
            if not is_text(literal.type.element if isinstance(literal.type, ListType) else literal.type):
                self._wrong(f"an address is text, this is {literal.type}", node.span, CHANNELS["email"].form)
                return None
            for address in literal.value if isinstance(literal.value, list) else [literal.value]:
                if not _ADDRESS.match(address):
                    self._wrong(f"`{address}` is no mail address", node.span, "write one as somebody@example.com")
                    return None
                found.append(address)
        return found

    def url(self, nodes: Sequence[tree.Expression]) -> Any:
        url = self._text_or_secret(nodes[0], "the address of `webhook`")
        if not isinstance(url, str) or _is_web_address(url):
            return url
        self._wrong(
            "`webhook` needs the address of a web service, without user and password",
            nodes[0].span,
            'write webhook("https://example.com/hook"), and a password as a header: '
            'headers = { "Authorization": secret("name") }',
        )
        return None

    def headers(self, node: tree.Expression) -> dict[str, Any] | None:
        """Names and values, written out as a map; a secret is a reference."""
        help = 'write headers = { "X-Team": "ml", "Authorization": secret("name") }'
        if not isinstance(node, tree.MapDisplay):
            self._wrong("`headers` needs a map, written out here", node.span, help)
            return None
        if self.checker.check(node) is None:
            return None
        headers: dict[str, Any] = {}
        for entry in node.entries:  # one by one: a map with a secret in it is no constant
            name = entry.key.text
            literal = self.checker.constant(entry.value, f"`{name}`", may_be_secret=True)
            if literal is None:
                return None
            value = _text_value(literal.type, literal.value)
            if value is None or not _HEADER.match(name) or (isinstance(value, str) and not _is_header_value(value)):
                self._wrong(f"`{name}` cannot be sent as a header", entry.key.span, help)
                return None
            headers[name] = value
        return headers

    def severity(self, node: tree.Expression) -> str | None:
        text = self.text(node, "`severity`")
        if text is None or text in SEVERITIES:
            return text
        otherwise = f"one of {', '.join(SEVERITIES)}"
        fix = correction(node.span, text, SEVERITIES)
        self._wrong(f"`{text}` is no severity", node.span, hint(text, SEVERITIES, otherwise), fix)
        return None

    def subject(self, node: tree.Expression) -> str | None:
        text = self.text(node, "`subject`")
        if text is None or text.isprintable():
            return text
        self._wrong("a subject is one line", node.span, None)
        return None

    def _text_or_secret(self, node: tree.Expression, what: str) -> Any:
        literal = self.checker.constant(node, what, may_be_secret=True)
        if literal is None:
            return None
        value = _text_value(literal.type, literal.value)
        if value is None:
            self._wrong(f"{what} is text, this is {literal.type}", node.span, None)
            return None
        return value

    def _wrong(self, message: str, span: Span, help: str | None, fix: Fix | None = None) -> None:
        self.diagnostics.error("P0308", message, span, help=help, fix=fix)


def _text_value(type: Type, value: Any) -> Any:
    """A text as it is, a secret as a reference to it; None for all else."""
    if type == SECRET:
        return SecretReference(name=value).model_dump()
    return value if is_text(type) else None


def _is_header_value(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _is_web_address(url: str) -> bool:
    from urllib.parse import urlsplit  # here, because few files have webhooks

    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is none
    except ValueError:
        return False
    fits = url.isascii() and url.isprintable() and " " not in url
    return fits and parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


class _Channel(Frozen):
    """`first` is what stands first in its brackets, `form` how it is written, `named` what may follow."""

    first: str
    form: str
    read: Callable[[_Reader, Sequence[tree.Expression]], Any]
    named: tuple[str, ...] = ()
    takes_several: bool = False


CHANNELS: dict[str, _Channel] = {
    "slack": _Channel("channel", 'slack("#channel")', _Reader.channel),
    "email": _Channel("to", 'email("a@example.com", "b@example.com")', _Reader.addresses, ("subject",), True),
    "pagerduty": _Channel("service", 'pagerduty("service")', _Reader.service, ("severity",)),
    "webhook": _Channel("url", 'webhook("https://example.com/hook")', _Reader.url, ("headers",)),
    "python": _Channel("function", 'python("module:function")', _Reader.function),
}

_NAMED: dict[str, Callable[[_Reader, tree.Expression], Any]] = {
    "headers": _Reader.headers,
    "severity": _Reader.severity,
    "subject": _Reader.subject,
}
