"""Warnings that comments in the files switch off: `# pipec: ignore[L101, L102] reason`.

At the end of a line such a comment is about what begins in it, on a line of its own about the next line that is more
than a comment. `# pipec: ignore-file[L101]` before the first declaration is about the whole file. Errors cannot be
ignored. A comment without effect is a warning itself, L004, as it would hide a fault that comes later.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from pipec.diagnostics.model import Diagnostic, Diagnostics, Edit, Fix, removal
from pipec.syntax.source import Source, Span

UNUSED = "L004"
"""The code of a comment without effect."""

OF_TARGETS = frozenset({"P0506", "P0507", "P0508"})
"""Warnings of targets, which are found only where a target is looked at; all other codes with P are errors."""

_COMMENT = re.compile(r"#+[ \t]*pipec:[ \t]*(?P<word>[a-z-]+)[ \t]*(?:\[(?P<codes>[^\]\r\n]*)\])?[^\r\n]*")
_WORDS = ("ignore", "ignore-file")
_PLACES = {"ignore": "here", "ignore-file": "in this file"}


@dataclass(eq=False)
class _Suppression:
    """One comment: its codes, the line it is about (None for the whole file), and those codes that were found."""

    span: Span
    word: str
    codes: list[str]
    codes_span: Span
    line: int | None
    used: set[str] = field(default_factory=set)

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether it switches a warning of its file off; notes that it was needed."""
        if diagnostic.code not in self.codes or self.line not in (None, _line(diagnostic.span)):
            return False
        self.used.add(diagnostic.code)
        return True


def suppress(
    diagnostics: Iterable[Diagnostic],
    sources: Iterable[Source],
    judged: Collection[Source] | None = None,
    off: Collection[str] = (),
) -> list[Diagnostic]:
    """The diagnostics without the warnings that comments in the sources switch off, sorted.

    Comments that are wrong are reported as L004; those that switch nothing off only where their source is one of
    `judged` (default: all), and not for the codes that are `off`. Leave a source out where not all that could be found
    in it was looked for.
    """
    found = list(diagnostics)
    commented = [source for source in sources if "pipec:" in source.text]
    if not commented:
        return found
    reports = Diagnostics()
    by_file = {source.path: _suppressions(source, reports) for source in commented}
    left = [one for one in found if not _is_covered(one, by_file)]
    for source in commented:
        if judged is None or source in judged:
            for suppression in by_file[source.path]:
                _report_unused(suppression, off, reports)
    return Diagnostics([*left, *(one for one in reports.found if not _is_covered(one, by_file))]).sorted()


def without_ignored(diagnostics: Iterable[Diagnostic], sources: Iterable[Source]) -> list[Diagnostic]:
    """The diagnostics without the warnings that comments switch off; what is wrong with comments is for `check`."""
    return [one for one in suppress(diagnostics, sources, judged=()) if one.code != UNUSED]


def _is_covered(diagnostic: Diagnostic, by_file: dict[str, list[_Suppression]]) -> bool:
    if diagnostic.severity == "error":
        return False
    suppressions = by_file.get(diagnostic.span.source.path, [])
    covering = [suppression for suppression in suppressions if suppression.covers(diagnostic)]  # each notes its use
    return bool(covering)


# --- reading them --------------------------------------------------------------------------------


def _suppressions(source: Source, reports: Diagnostics) -> list[_Suppression]:
    """The comments of a file that switch something off; those that are wrong are reported."""
    from pipec.syntax.lexer import tokenize

    tokens = tokenize(source, Diagnostics()).items
    starts = [token.start for token in tokens]
    result: list[_Suppression] = []
    for found in _COMMENT.finditer(source.text):
        before = bisect_right(starts, found.start())
        if before and found.start() < tokens[before - 1].end:
            continue  # in a string
        is_first = before == 0
        suppression = _read(source, found, is_first, reports)
        if suppression is not None:
            result.append(suppression)
    return result


def _read(source: Source, found: re.Match[str], is_first: bool, reports: Diagnostics) -> _Suppression | None:
    word, listed = found["word"], found["codes"]
    head = Span(source, found.start(), found.end("codes") + 1 if listed is not None else found.end("word"))
    if word not in _WORDS:
        if listed is not None:  # otherwise it is prose
            _report_unknown(word, Span(source, *found.span("word")), reports)
        return None
    codes = [code for code in re.split(r"[,\s]+", listed or "") if code]
    if not codes:
        message, help = f"`# pipec: {word}` names no code", f"write which ones: `# pipec: {word}[L101]`"
        reports.warning(UNUSED, message, head, help=help)
        return None
    if word == "ignore-file" and not is_first:
        message = "`ignore-file` stands after the first declaration"
        reports.warning(UNUSED, message, head, help="move it to the top of the file")
        return None
    line = None if word == "ignore-file" else _line_meant(source, found.start())
    return _Suppression(Span(source, *found.span()), word, codes, Span(source, *found.span("codes")), line)


def _report_unknown(word: str, span: Span, reports: Diagnostics) -> None:
    from pipec.diagnostics.suggest import correction, hint

    help = hint(word, _WORDS, f"there are {' and '.join(f'`{known}`' for known in _WORDS)}")
    reports.warning(UNUSED, f"`# pipec: {word}` means nothing", span, help=help, fix=correction(span, word, _WORDS))


def _line(span: Span) -> int:
    return span.source.position(span.start)[0]


def _line_meant(source: Source, start: int) -> int:
    """The line of a comment, or the next that holds more than a comment where it stands alone."""
    line, column = source.position(start)
    if source.line_text(line)[: column - 1].strip():
        return line
    for after in range(line + 1, source.line_count + 1):
        text = source.line_text(after).lstrip()
        if text and not text.startswith("#"):
            return after
    return line


# --- those without effect ------------------------------------------------------------------------


def _report_unused(suppression: _Suppression, off: Collection[str], reports: Diagnostics) -> None:
    needed = {UNUSED, *off, *suppression.used}
    unused = [code for code in suppression.codes if code not in needed]
    if not unused:
        return
    kept = [code for code in suppression.codes if code not in unused]
    span = suppression.span
    end = suppression.codes_span.end + 1
    if kept:
        edit = Edit(suppression.codes_span, ", ".join(kept))
        fix = Fix(f"remove {_listed(unused)}", (edit,))
    else:
        fix = Fix("remove the comment", (_without_comment(span),))
    message, help = _what_is_wrong(unused, _PLACES[suppression.word])
    reports.warning(UNUSED, message, Span(span.source, span.start, end), help=help, fix=fix)


def _what_is_wrong(unused: list[str], place: str) -> tuple[str, str]:
    from pipec.diagnostics.catalogue import codes
    from pipec.diagnostics.suggest import hint

    known = codes()
    for code in unused:
        if code not in known:
            return f"there is no code `{code}`", hint(code, known) or "codes are looked up by `pipec explain`"
    for code in unused:
        if code.startswith("P") and code not in OF_TARGETS:
            return f"`{code}` is an error and cannot be ignored", "remove the code and mend the error"
    return f"{_listed(unused)} is not found {place}", "remove what ignores it"


def _listed(codes: list[str]) -> str:
    return " and ".join(f"`{code}`" for code in codes)


def _without_comment(span: Span) -> Edit:
    """The edit that removes a comment: with its line, or with the blanks before it."""
    edit = removal(span)
    if edit.span != span:
        return edit
    text = span.source.text
    start = len(text[: span.start].rstrip(" \t"))
    return Edit(Span(span.source, start, span.end), "")
