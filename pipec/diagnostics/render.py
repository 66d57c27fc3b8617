"""A diagnostic as a person reads it: the message, the place, the source with carets under it, and the way out."""

from __future__ import annotations

from collections.abc import Sequence

from pipec.diagnostics.model import Diagnostic
from pipec.diagnostics.snippet import Annotation, snippet
from pipec.diagnostics.style import Painter
from pipec.syntax.source import Source

_MOST_EXPLAINED = 5
"""A hint names no more codes than fit on a line that a person types."""

_SEVERITY_STYLE = {"error": "error", "warning": "warning"}


def render(diagnostic: Diagnostic, *, color: bool) -> str:
    """The full form of a diagnostic: several lines without a newline at the end. Colour is ANSI escapes.

    What has no code, as it is not about the language, shows none.
    """
    paint = Painter(color)
    severity_style = _SEVERITY_STYLE[diagnostic.severity]
    groups = _by_source(diagnostic)
    gutter = max(len(str(_last_line(annotation))) for _, group in groups for annotation in group)

    code = f"[{diagnostic.code}]" if diagnostic.code else ""
    head = paint(f"{diagnostic.severity}{code}", severity_style)
    lines = [f"{head}{paint(': ' + _indented(diagnostic.message, 2), 'strong')}"]
    for index, (source, places) in enumerate(groups):
        line, column = source.position(places[0].span.start)
        arrow = "-->" if index == 0 else ":::"
        lines.append(f"{' ' * gutter}{paint(arrow, 'gutter')} {source.path}:{line}:{column}")
        lines.extend(snippet(source, places, gutter, severity_style, paint))
    lines.extend(_closing(diagnostic, gutter, paint))
    return "\n".join(line.rstrip() for line in lines)


def hint_to_explain(diagnostics: Sequence[Diagnostic], *, color: bool) -> str:
    """One line with the command that explains what was found, its first codes where there are many."""
    codes = list(dict.fromkeys(diagnostic.code for diagnostic in diagnostics))[:_MOST_EXPLAINED]
    return Painter(color)(f"for more: pipec explain {' '.join(codes)}", "faint")


def _by_source(diagnostic: Diagnostic) -> list[tuple[Source, list[Annotation]]]:
    """The places of a diagnostic by file, the file of the fault first."""
    annotations = [Annotation(diagnostic.span, diagnostic.label, is_primary=True)]
    annotations.extend(Annotation(label.span, label.message) for label in diagnostic.labels)
    groups: dict[str, tuple[Source, list[Annotation]]] = {}
    for annotation in annotations:
        source = annotation.span.source
        groups.setdefault(source.path, (source, []))[1].append(annotation)
    return list(groups.values())


def _last_line(annotation: Annotation) -> int:
    return annotation.span.source.position(max(annotation.span.start, annotation.span.end))[0]


def _closing(diagnostic: Diagnostic, gutter: int, paint: Painter) -> list[str]:
    """The help, the fix and the notes under the snippet."""
    lines: list[str] = []
    if diagnostic.help is not None:
        lines.append(f" {paint('help', 'help')}: {_indented(diagnostic.help, 7)}")
    if diagnostic.fix is not None:
        lines.append(f" {paint('fix available', 'help')}: {_indented(diagnostic.fix.title, 16)}")
    lines.extend(f" {paint('note', 'strong')}: {_indented(note, 7)}" for note in diagnostic.notes)
    return [" " * gutter + " " + paint("|", "gutter"), *lines] if lines else []


def _indented(text: str, width: int) -> str:
    """A text whose further lines stand under its first one."""
    return text.replace("\n", "\n" + " " * width)
