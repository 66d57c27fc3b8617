"""Hovers, outlines, colours, lenses and hints of a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types as lsp

from pipec.lsp.formatting import formatting
from pipec.lsp.hover import hover
from pipec.lsp.lenses import code_lenses, inlay_hints
from pipec.lsp.outline import document_symbols, folding_ranges
from pipec.lsp.semantic_tokens import LEGEND, semantic_tokens
from tests.lsp.texts import GRAPH, marked, opened, put_mark

HOVERS = {
    "a task with its doc": ("lo▮ad.path", ["task load(day) -> { path: dataset, rows: int } = python(", "Loads a day."]),
    "an output": ("load.pa▮th", ["path: dataset"]),
    "a parameter": ("> le▮ast", ["least: int = 3"]),
    "a const with its value": ("in dep▮ths", ["const depths: list[int]", "value: `[4, 8]`"]),
    "a const of the file": ("const sha▮re", ["value: `0.25`"]),
    "a variable with its values": ("path, dep▮th", ["for depth in depths", "one of: `4`, `8`"]),
    "a component of another file": ("lib.pub▮lish", ["component publish(best: float)", "Puts a model where"]),
    "a task of a component": ("task sh▮ip(best", ["Puts a model where", "-> { url: str }"]),
    "a pipeline": ("for night▮ly {", ["pipeline nightly(day: date = run.date", "Trains every night."]),
    "a type": ("type Algo▮rithm", ['type Algorithm = "rf" | "gbm"']),
    "a decision": ("as eno▮ugh", ["if load.rows > 100 as enough", "`airflow`: "]),
    "the run": ("run.da▮te", ["run.date: date", "- `local`: yes"]),
    "a constructor": ("sh▮ell('echo", ["shell('text')", "- `airflow`: "]),
    "a keyword": ("gro▮up fits", ["- `airflow`: "]),
    "an implementation": ("= pyt▮hon(\"steps:choose\")", ['python("module:function")']),
}  # fmt: skip


@pytest.mark.parametrize("case", HOVERS)
def test_hovers(tmp_path: Path, case: str) -> None:
    around, expected = HOVERS[case]
    shown = hover(*marked(tmp_path, put_mark(GRAPH, around)))
    assert shown is not None
    assert isinstance(shown.contents, lsp.MarkupContent)
    for piece in expected:
        assert piece in shown.contents.value


WORDS = {
    "an option": (
        "pipeline p {\n  task a { ti▮meout = 5m }\n}",
        ["**timeout** (`duration`; task, gate, approval, wait)"],
    ),
    "what each target does with it": (
        "pipeline p {\n  task a { qu▮eue = 'x' }\n}",
        ["The queue of workers", "- `local`: by other means: there is one queue"],
    ),
    "an option with one name in two places": (
        "pipeline p {\n  wait a = file('x') { on_▮timeout = skip }\n}",
        ["`fail`, `skip`"],
    ),
    "what a target cannot do": (
        "pipeline p {\n  task a { ca▮che = true }\n}",
        ["- `airflow`: no: "],
    ),
    "a trigger rule": (
        "pipeline p {\n  task a { trigger_rule = one_▮failed }\n}",
        ["a value of `trigger_rule`", "| some failed | runs |", "| all succeeded | skipped |", "- `airflow`: "],
    ),
    "a function": ("const a = le▮n([1])", ["len(list, dict or text)"]),
    "a function in a string": ('const a = "${le▮n([1])}"', ["len(list, dict or text)"]),
    "a schedule": ("pipeline p {\n  schedule = cr▮on('0 1 * * *')\n}", ['cron("0 2 * * *", timezone = "UTC")']),
    "the next runs": (
        "pipeline p {\n  schedule = cr▮on('0 1 29 2 *')\n  task a = shell('a')\n}",
        ["next runs:\n  ", "-02-29 01:00+00:00"],
    ),
    "a channel": ("pipeline p {\n  on failure = sla▮ck('#a')\n}", ['slack("#channel")']),
}


@pytest.mark.parametrize("case", WORDS)
def test_hovers_of_words_of_the_language(tmp_path: Path, case: str) -> None:
    text, expected = WORDS[case]
    shown = hover(*marked(tmp_path, text))
    assert shown is not None
    assert isinstance(shown.contents, lsp.MarkupContent)
    for piece in expected:
        assert piece in shown.contents.value


@pytest.mark.parametrize("text", ["▮", "# a▮b\n", "const a = ▮1", "pipeline p { }▮ \n", "const a = 'so▮me text'"])
def test_where_there_is_nothing_to_say(tmp_path: Path, text: str) -> None:
    assert hover(*marked(tmp_path, text)) is None


def test_outline(tmp_path: Path) -> None:
    document, _ = opened(tmp_path, GRAPH)

    def shown(symbols: list[lsp.DocumentSymbol], depth: int = 0) -> list[str]:
        lines = []
        for one in symbols:
            assert one.range.start <= one.selection_range.start
            assert one.selection_range.end <= one.range.end
            lines += [f"{'  ' * depth}{one.name}", *shown(list(one.children or ()), depth + 1)]
        return lines

    assert shown(document_symbols(document)) == [
        "lib",
        "Algorithm",
        "share",
        "nightly",
        "  day",
        "  least",
        "  depths",
        "  load",
        "  fits",
        "    for depth in depths",
        "      fit",
        "  choose",
        "  enough",
        "    ship",
        "  tell",
        "later",
        "  loaded",
        "nothing is shipped",
    ]


def test_folding(tmp_path: Path) -> None:
    text = "# one\n# two\npipeline p {\n  task a = shell('''\n    true\n  ''') {\n    timeout = 5m\n  }\n}\n# three\n"
    document, _ = opened(tmp_path, text)
    found = sorted((one.start_line, one.end_line, one.kind) for one in folding_ranges(document))
    assert found == [(0, 1, "comment"), (2, 7, None), (3, 4, None), (3, 5, None), (5, 6, None)]


COLOURS = '''\
# snake \U0001f40d
type T = "x"
pipeline p(day: date) {
  timeout = 5m
  task a(target = "\U0001f40d ${day} b") = shell("""
    x ${day}
  """)
}
'''


def coloured(folder: Path, text: str) -> list[tuple[str, str]]:
    """The marked words of a text with what they are; `!` behind what declares something."""
    document, _ = opened(folder, text)
    data = semantic_tokens(document).data
    lines = text.split("\n")
    words = []
    line = column = 0
    for place in range(0, len(data), 5):
        down, right, length, kind, modifiers = data[place : place + 5]
        column = right if down else column + right
        line += down
        units = lines[line].encode("utf-16-le")
        word = units[column * 2 : (column + length) * 2].decode("utf-16-le")
        words.append((word, LEGEND.token_types[kind] + ("!" if modifiers & 1 else "")))
    return words


def test_colours(tmp_path: Path) -> None:
    assert coloured(tmp_path, COLOURS) == [
        ("# snake \U0001f40d", "comment"),
        ("type", "keyword"),
        ("T", "type!"),
        ('"x"', "string"),
        ("pipeline", "keyword"),
        ("p", "class!"),
        ("day", "parameter!"),
        ("timeout", "property"),
        ("5m", "number"),
        ("task", "keyword"),
        ("a", "function!"),
        ("target", "parameter!"),
        ('"\U0001f40d ${', "string"),
        ("day", "parameter"),
        ('} b"', "string"),
        ('"""', "string"),
        ("    x ${", "string"),
        ("day", "parameter"),
        ("}", "string"),
        ('  """', "string"),
    ]


def test_colours_of_a_part(tmp_path: Path) -> None:
    document, _ = opened(tmp_path, GRAPH)
    start, end = GRAPH.index("group"), GRAPH.index("order")
    whole, part = semantic_tokens(document).data, semantic_tokens(document, start, end).data
    assert 0 < len(part) < len(whole)
    assert part[0] == document.positions.position(start).line


def test_code_lens(tmp_path: Path) -> None:
    text = """\
pipeline timed {
  deadline = 1h
  task a = shell('a') { estimate = 50m }
  task b after a = shell('b') { estimate = 20m }
  task c = shell('c') { estimate = 5m }
}
pipeline untimed {
  task a = shell('a')
  task b after a = shell('b')
}
"""
    lenses = code_lenses(opened(tmp_path, text)[0])
    assert [(one.range.start.line, one.command.title if one.command else "") for one in lenses] == [
        (0, "critical path 1h10m: a → b (3 tasks, 1h15m of work, 10m beyond the deadline)"),
        (6, "longest chain 2 tasks of 2: a → b"),
    ]
    assert code_lenses(opened(tmp_path, text.replace("after a", "after z"))[0]) == []


def test_inlay_hints(tmp_path: Path) -> None:
    text = """\
const a = [1, 2]
const b: int = 1
pipeline p(flag: bool) {
  if flag { task c = shell('c') } else { task d = shell('d') }
  task e after c, d = shell('e')
}
"""
    document, _ = opened(tmp_path, text)
    found = [(one.position.line, one.label) for one in inlay_hints(document, 0, len(text))]
    assert found == [(0, ": list[int]"), (4, "joins: none_failed_min_one_success")]
    assert inlay_hints(document, 0, 3) == []


def test_formatting(tmp_path: Path) -> None:
    document, _ = opened(tmp_path, "pipeline p {\ntask a = shell('a')\n}\n")
    edits = formatting(document)
    assert edits is not None
    assert [one.new_text for one in edits] == ["  "]
    assert formatting(opened(tmp_path, "pipeline p {")[0]) is None
