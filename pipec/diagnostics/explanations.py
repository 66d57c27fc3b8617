"""What is said of a code, for a terminal, a page of Markdown or a machine.

`says` is what pipec says of the bad example, as a person sees it; None where it cannot be found on this machine.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from pipec.diagnostics.catalogue import EXAMPLE_FILE, Example, Explanation
from pipec.diagnostics.style import Painter

_WIDEST = 100
"""Columns of running text: longer lines are hard to read however wide the terminal is."""

_GLUE = "\x1f"
"""Stands for the blanks inside code while a text is wrapped; it is no blank for that."""

AREAS: Mapping[str, str] = {
    "P00": "Syntax",
    "P01": "Names and imports",
    "P02": "Types and values",
    "P03": "Options and implementations",
    "P04": "The graph",
    "P05": "Targets and capacity",
    "P06": "Values of a run",
    "P07": "Code and files outside",
    "P08": "Settings",
    "L0": "Lints of the language",
    "L1": "Lints from production",
    "L2": "Lints of code and files outside",
}
"""The headings of the page by how the codes under them begin."""


def for_terminal(explanation: Explanation, says: str | None, *, width: int, color: bool) -> str:
    """Several lines without a newline at the end; text is at most `width` columns wide. Colour is ANSI escapes."""
    paint = Painter(color)
    head = paint(f"{explanation.severity}[{explanation.code}]", explanation.severity)
    parts = [
        f"{head}{paint(f': {explanation.summary}', 'strong')}",
        *_paragraphs(explanation.text, min(width, _WIDEST), paint),
        paint("Wrong:", "strong"),
        *_shown(explanation.bad, paint),
        *([paint(f"What `{explanation.bad.command}` says:", "strong"), textwrap.indent(says, "    ")] if says else []),
        paint(_mended(explanation), "strong"),
        *_shown(explanation.mended, paint),
    ]
    return "\n\n".join(parts)


def for_machine(explanation: Explanation, says: str | None) -> dict[str, Any]:
    """A value of JSON; the files of an example stand by their names."""
    return {
        "code": explanation.code,
        "severity": explanation.severity,
        "summary": explanation.summary,
        "text": explanation.text,
        "bad": {**_written(explanation.bad), "says": says},
        "mended": _written(explanation.mended),
    }


def section(explanation: Explanation, says: str | None) -> str:
    """A section of Markdown, ending in a newline. Its heading is the code alone, so that links to it stay true."""
    parts = [
        f"### {explanation.code}",
        f"**{explanation.summary[:1].upper()}{explanation.summary[1:]}.**",
        explanation.text,
        *_blocks(explanation.bad),
        *([f"`{explanation.bad.command}` says:", f"```text\n{says}\n```"] if says else []),
        _mended(explanation),
        *_blocks(explanation.mended),
    ]
    return "\n\n".join(parts) + "\n"


def page(explanations: Iterable[tuple[Explanation, str | None]]) -> str:
    """The page of the manual: every code with what is said of it, by area."""
    areas: dict[str, list[str]] = {}
    for explanation, says in explanations:
        name = next((name for start, name in AREAS.items() if explanation.code.startswith(start)), "Others")
        areas.setdefault(name, []).append(section(explanation, says))
    contents = "".join(f"- [{name}](#{name.lower().replace(' ', '-')})\n" for name in areas)
    parts = [f"## {name}\n\n" + "\n".join(sections) for name, sections in areas.items()]
    return "\n".join([_INTRODUCTION, contents, *parts])


_INTRODUCTION = """\
# Codes of errors and lints

Every code that pipec reports, with a file that gives it and the same file mended. `pipec explain P0301` shows the same
in a terminal. A code that begins with `P` is an error, one that begins with `L` a lint, which is a warning. Codes never
change their meaning, and none is given twice.
"""


def _mended(explanation: Explanation) -> str:
    command = explanation.mended.command
    return "Mended:" if command == explanation.bad.command else f"Mended, with `{command}`:"


def _paragraphs(text: str, width: int, paint: Painter) -> list[str]:
    """The paragraphs of a text, each wrapped anew, with what is code whole and in colour. Lists keep their lines."""
    paragraphs = []
    for paragraph in text.split("\n\n"):
        if not paragraph.startswith(("- ", "    ", "|")):
            paragraph = re.sub(r"`[^`]+`", lambda code: re.sub(r"\s+", _GLUE, code.group()), paragraph)
            paragraph = textwrap.fill(paragraph, width, break_long_words=False, break_on_hyphens=False)
            paragraph = paragraph.replace(_GLUE, " ")
        paragraphs.append(re.sub(r"`[^`]+`", lambda code: paint(code.group(), "help"), paragraph))
    return paragraphs


def _shown(example: Example, paint: Painter) -> list[str]:
    """The files of an example, indented, under their names where there are several."""
    if _is_plain(example):
        return [textwrap.indent(example.text.rstrip("\n"), "    ")]
    return [
        f"  {paint(f'{name}:', 'faint')}\n{textwrap.indent(text.rstrip(), '    ')}"
        for name, text in _named_files(example)
    ]


def _blocks(example: Example) -> list[str]:
    if _is_plain(example):
        return [f"```pipe\n{example.text}```"]
    return [f"`{name}`:\n\n```{name.rpartition('.')[2]}\n{text}```" for name, text in _named_files(example)]


def _named_files(example: Example) -> list[tuple[str, str]]:
    times = f", {example.times} times this" if example.times > 1 else ""
    encoding = f", saved as {example.encoding}" if example.encoding != "utf-8" else ""
    return [(EXAMPLE_FILE + times + encoding, example.text), *example.files.items()]


def _is_plain(example: Example) -> bool:
    """Whether the example is one file that is what is shown."""
    return not example.files and example.times == 1 and example.encoding == "utf-8"


def _written(example: Example) -> dict[str, Any]:
    return {"command": example.command, "files": {EXAMPLE_FILE: example.text * example.times, **example.files}}
