"""What a stage says about a file: diagnostics are values, collected and never raised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pipec.frozen import Frozen
from pipec.syntax.source import Span

Severity = Literal["error", "warning"]


class Label(Frozen):
    """Another place that has a part in the fault, with what it has to do with it."""

    span: Span
    message: str


class Edit(Frozen):
    """Replace the text of a span."""

    span: Span
    replacement: str


def removal(span: Span) -> Edit:
    """The edit that removes what stands at a place, with its lines where nothing else is in them."""
    text = span.source.text
    start, end = span.start, span.end
    line_start = text.rfind("\n", 0, start) + 1
    newline = text.find("\n", end)
    line_end = len(text) if newline < 0 else newline + 1
    if not text[line_start:start].strip() and not text[end:line_end].strip():
        start, end = line_start, line_end
    return Edit(Span(span.source, start, end), "")


class Fix(Frozen):
    """A mend that a machine can apply: all edits or none."""

    title: str
    edits: tuple[Edit, ...]


class Diagnostic(Frozen):
    """One fault or lint.

    `message` stands alone in one line and names what is wrong; `span` is the place of it; `label` is the short text
    under the carets; `notes` are facts; `help` says how to mend it.
    """

    code: str
    severity: Severity
    message: str
    span: Span
    label: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    fix: Fix | None = None


ERROR_LIMIT = 1000
LONGEST_MESSAGE = 1000


@dataclass
class Diagnostics:
    """Collects what the stages of one command find, up to ERROR_LIMIT errors; `errors` counts those reported."""

    found: list[Diagnostic] = field(default_factory=list)
    errors: int = 0

    def error(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        label: str = "",
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        help: str | None = None,
        fix: Fix | None = None,
    ) -> None:
        self.errors += 1
        if self.errors > ERROR_LIMIT:
            if self.errors == ERROR_LIMIT + 1:
                self.found.append(Diagnostic("P0020", "error", "too many errors: further ones are not told", span))
            return
        self.found.append(Diagnostic(code, "error", _one_line(message), span, label, labels, notes, help, fix))

    def warning(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        label: str = "",
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        help: str | None = None,
        fix: Fix | None = None,
    ) -> None:
        self.found.append(Diagnostic(code, "warning", _one_line(message), span, label, labels, notes, help, fix))

    @property
    def is_full(self) -> bool:
        """Whether no further error is told, so that none need be worded well."""
        return self.errors > ERROR_LIMIT

    @property
    def has_errors(self) -> bool:
        return any(diagnostic.severity == "error" for diagnostic in self.found)

    def sorted(self) -> list[Diagnostic]:
        """By file, place and code, each once."""
        unique = dict.fromkeys(self.found)
        return sorted(unique, key=lambda d: (d.span.source.path, d.span.start, d.span.end, d.code, d.message))


def _one_line(message: str) -> str:
    """A message that shows a text with line breaks, with spaces for them, and cut short where the text is long."""
    line = " ".join(message[:LONGEST_MESSAGE].splitlines())
    return line if len(message) <= LONGEST_MESSAGE else f"{line}…"
