"""Whether bash can read the texts of `shell('…')`, and whether the variables in them are what tasks are given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipec.diagnostics.model import Diagnostics
from pipec.ir.expressions import Expression, LiteralValue
from pipec.ir.model import CommandLine, ContainerImage, ShellScript, Task
from pipec.ir.traverse import location_of
from pipec.references.bash import BashFault, Finding, OpenHereDocument, bash_findings
from pipec.references.text_places import line_span
from pipec.references.variables import misspelt_variables
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.api import Loaded
    from pipec.references.writing import Writing

_CONSTRUCTORS = ("shell", "command", "image")


def check_scripts(loaded: Loaded, writing: Writing, diagnostics: Diagnostics) -> None:
    """Reports shell texts that bash cannot read, and variables in them that are misspelt."""
    scripts: dict[str, Span] = {}
    seen = set[tuple[str, frozenset[str]]]()
    for task in _tasks(loaded):
        for text in _texts(task):
            place = loaded.span_of(location_of(task, "implementation"))
            scripts.setdefault(text, place)
            given = _given(task)
            if "$" in text and (text, given) not in seen:
                seen.add((text, given))
                _check_variables(task, text, given, place, writing, diagnostics)
    for text, finding in bash_findings(list(scripts)).items():
        for place in writing.texts(_CONSTRUCTORS, text) or [scripts[text]]:
            _report(finding, text, place, diagnostics)


def _tasks(loaded: Loaded) -> Iterator[Task]:
    assert loaded.program is not None
    for pipeline in loaded.program.pipelines.values():
        yield from pipeline.tasks


def _texts(task: Task) -> Iterator[str]:
    """The texts that a task gives to bash."""
    match task.implementation:
        case ShellScript(text=text):
            yield text
        case CommandLine(arguments=arguments):
            yield from _after_flag(arguments)
        case ContainerImage(command=command, arguments=arguments):
            yield from _after_flag((*command, *arguments))


def _after_flag(arguments: tuple[Expression, ...]) -> Iterator[str]:
    """The text of `["bash", "-c", text]`."""
    match arguments[:3]:
        case (LiteralValue(value=str(program)), LiteralValue(value=str(flag)), LiteralValue(value=str(text))):
            if program.rpartition("/")[2] == "bash" and re.fullmatch(r"-[eluxv]*c", flag):
                yield text


def _given(task: Task) -> frozenset[str]:
    """The variables that a task is given by name."""
    names = {one.name for one in task.inputs} | task.options.env.keys() | task.options.secrets.keys()
    return frozenset(names)


def _check_variables(
    task: Task, text: str, given: frozenset[str], place: Span, writing: Writing, diagnostics: Diagnostics
) -> None:
    for name, near, offset in misspelt_variables(text, given):
        line = text.count("\n", 0, offset) + 1
        column = offset - (text.rfind("\n", 0, offset) + 1)
        written = writing.texts(_CONSTRUCTORS, text) or [place]
        inside = [one for one in written if one.source is place.source and place.start <= one.start <= place.end]
        for span in inside or written:
            diagnostics.warning(
                "L203",
                f"`${name}` is nothing that task `{task.name}` is given",
                line_span(span, text, line, column, len(name) + 1),
                help=f"there is `${near}`",
            )


def _report(finding: Finding, text: str, place: Span, diagnostics: Diagnostics) -> None:
    match finding:
        case BashFault(line=line, reason=reason):
            said, start, length = _place_in_line(text, line, reason)
            diagnostics.error(
                "P0705",
                f"bash cannot read this text: {said}",
                line_span(place, text, *start, length),
            )
        case OpenHereDocument(line=line, word=word):
            diagnostics.warning(
                "L210",
                f"the here-document is never closed: `{word}` does not stand alone on a line",
                _whole_line(place, text, line),
                help=f"end it by a line of `{word}` alone, without blanks around it",
            )


_UNEXPECTED = re.compile(r"syntax error near unexpected token `(.*)'")
_UNCLOSED = re.compile(r"unexpected EOF while looking for matching `(.)'")


def _place_in_line(text: str, line: int, reason: str) -> tuple[str, tuple[int, int], int]:
    """What bash says in our words; the line (from 1) and column (from 0) it means, and how many characters."""
    lines = text.split("\n")
    if match := _UNEXPECTED.fullmatch(reason):
        token = match[1]
        if token == "newline":
            return "the line ends too early", (line, max(len(_line(lines, line)) - 1, 0)), 1
        return f"`{token}` is not expected here", *_token(lines, line, token)
    if match := _UNCLOSED.fullmatch(reason):
        opening = {")": "(", "}": "{", "]": "["}.get(match[1], match[1])
        return f"`{opening}` is never closed", *_token(lines, line, opening)
    if "unexpected end of file" in reason:
        last = max((number for number, one in enumerate(lines, 1) if one.strip()), default=1)
        return "something that it begins, such as `if`, `for`, `case` or `{`, never ends", *_token(lines, last, "")
    return reason, *_token(lines, line, "")


def _token(lines: list[str], line: int, token: str) -> tuple[tuple[int, int], int]:
    """Where a token stands: alone where it stands once in its line, else the line itself."""
    line = min(line, len(lines))
    while line > 1 and not lines[line - 1].strip():
        line -= 1
    text = lines[line - 1]
    if token and text.count(token) == 1:
        return (line, text.index(token)), len(token)
    stripped = text.strip()
    return (line, len(text) - len(text.lstrip())), max(len(stripped), 1)


def _line(lines: list[str], line: int) -> str:
    return lines[min(line, len(lines)) - 1]


def _whole_line(place: Span, text: str, line: int) -> Span:
    (number, column), length = _token(text.split("\n"), line, "")
    return line_span(place, text, number, column, length)
