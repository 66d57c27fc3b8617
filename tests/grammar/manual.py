"""The manual as the tests read it: its code blocks, its tables, and what stands between the marks in it.

What stands after `<!-- generated: NAME -->`, up to `<!-- end -->`, is made by `pytest --update-golden`; after
`<!-- examples: NAME -->` it is a table written by hand whose every row is checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

MANUAL = Path(__file__).parents[2] / "grammar" / "reference.md"

_BLOCK = re.compile(r"^```pipe(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_MARKED = r"<!-- {kind}: {name} -->\n(?P<inside>.*?)<!-- end -->"

_AROUND_FRAGMENTS = """\
pipeline example(day: date = run.date, min_auc: float = 0.88) {{
  task prepare -> {{ path: dataset, rows: int }} = python("steps:prepare")
{fragment}}}
"""


@dataclass(frozen=True)
class Block:
    """A block marked `pipe`; `line` is that of its first line of code, `info` what stands after the word `pipe`."""

    line: int
    info: tuple[str, ...]
    text: str

    @property
    def program(self) -> str:
        """The text of a whole file: a `fragment` is put into a pipeline with a day, a threshold and a task to read."""
        return _AROUND_FRAGMENTS.format(fragment=self.text) if "fragment" in self.info else self.text

    @property
    def error(self) -> str | None:
        """The one code that the block must give."""
        return self._value("error")

    @property
    def file(self) -> str | None:
        """The name under which other blocks import it."""
        return self._value("file")

    def _value(self, key: str) -> str | None:
        values = (word.partition("=")[2] for word in self.info if word.startswith(f"{key}="))
        return next(values, None)


def manual_text() -> str:
    return MANUAL.read_text("utf-8")


def blocks(text: str) -> list[Block]:
    """All code blocks of the language, in order."""
    return [
        Block(text.count("\n", 0, found.start("text")) + 1, tuple(found["info"].split()), found["text"])
        for found in _BLOCK.finditer(text)
    ]


def examples(text: str, name: str) -> list[dict[str, str]]:
    """The rows of a table of examples: the cells by the heads of their columns, without the marks of code."""
    found = re.search(_MARKED.format(kind="examples", name=name), text, re.DOTALL)
    assert found is not None, f"there are no examples called {name}"
    head, _, *rows = [_cells(line) for line in found["inside"].strip().splitlines()]
    return [dict(zip(head, row, strict=True)) for row in rows]


def _cells(line: str) -> list[str]:
    cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
    return [cell.strip().replace("\\|", "|").strip("`") for cell in cells]


def with_generated(text: str, tables: dict[str, str]) -> str:
    """The text with each generated table, by the name in its mark, as it should be. Every mark has a table."""
    for name, table in tables.items():
        found = re.search(_MARKED.format(kind="generated", name=name), text, re.DOTALL)
        assert found is not None, f"there is no place for the table {name}"
        text = f"{text[: found.start('inside')]}\n{table}\n{text[found.end('inside') :]}"
    assert len(re.findall("<!-- generated: ", text)) == len(tables)
    return text


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table of Markdown; a bar inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
