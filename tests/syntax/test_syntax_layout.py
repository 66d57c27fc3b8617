"""Braces, quotes and keywords that are missing or too many: told by the layout, once each, where they belong."""

from __future__ import annotations

import pytest

from pipec.diagnostics.model import Diagnostics
from pipec.syntax import tree
from pipec.syntax.parser import parse
from pipec.syntax.source import Source
from tests.syntax.dump import walk

GOOD = """\
component fit(data: dataset) -> { model: model } = python("steps:fit") {
  timeout = 1h
}

pipeline p(
  day: date = run.date,
) -> { model: model? } {
  defaults = { timeout: 1h, retry: { max: 2, delay: 30s } }

  task load(day) -> { data: dataset, rows: int }
    = python("steps:load") {
    retries = 2
    require rows > 0 else "no rows"
  }

  for kind in ["rf", "gbm"] {
    task train(data = load.data, kind = "a${kind}") = fit { timeout = 2h }
  }

  if load.rows > 10 as enough {
    task deploy(model = train["rf"].model) = shell('''
      deploy "$model"
    ''')
  } else {
    task tell after load = shell('true')
  }

  order load -> [tell, deploy]
  return { model: train["rf"].model }
}

test "it works" for p {
  given load.rows = 5
  expect tell is success
}
"""

# What is replaced by what, and the one diagnostic that comes of it: code, line, words of its message.
FAULTS = [
    # braces
    ('fit") {', 'fit")', "P0003", 1, "expected `{` before `timeout`"),
    ("1h\n}\n", "1h\n\n", "P0010", 2, "`{` is never closed: `}` is due before `pipeline`"),
    ("? } {", "? }", "P0003", 7, "expected `{` before `defaults`"),
    ('load") {', 'load")', "P0003", 11, "expected `{` before `retries`"),
    ('rows"\n  }', 'rows"', "P0010", 13, "`{` is never closed: `}` is due before `for`"),
    ('rows"\n  }', 'rows"\n  }}', "P0004", 14, "unexpected `}`"),
    ("30s } }", "30s }", "P0010", 8, "`{` is never closed: `}` is due before `task`"),
    ("retry: { max", "retry:  max", "P0003", 8, "expected `{` before `max`"),
    ("2h }", "2h", "P0010", 17, "`{` is never closed"),
    ("= fit {", "= fit", "P0003", 17, "expected `{` before `timeout`"),
    ('"gbm"] {', '"gbm"]', "P0003", 16, "expected `{` before `task`"),
    ('"gbm"] {', '"gbm"] {{', "P0004", 16, "unexpected `{`"),
    ("2h }\n  }", "2h }", "P0010", 17, "`{` is never closed: `}` is due before `if`"),
    ("else {", "else", "P0003", 24, "expected `{` before `task`"),
    ('["rf"].model }\n}', '["rf"].model }', "P0010", 29, "`{` is never closed: `}` is due before `test`"),
    ('["rf"].model }\n}', '["rf"].model \n}', "P0010", 29, "`{` is never closed"),
    ("return {", "return", "P0003", 29, "expected `{` before `model`"),
    ("} else {", ") else {", "P0011", 24, "`)` closes nothing: `}` is due here"),
    ("\n) -> {", "\n} -> {", "P0011", 7, "`}` closes nothing: `)` is due here"),
    ("rows: int }", "rows: int )", "P0011", 10, "`)` closes nothing: `}` is due here"),
    # quotes
    ('"no rows"', 'no rows"', "P0002", 13, 'the string closed by this `"` is never opened'),
    ('"no rows"', '"no rows', "P0002", 13, 'the string opened by `"` is never closed'),
    ('["rf", "gbm"]', '[rf", "gbm"]', "P0002", 16, 'the string closed by this `"` is never opened'),
    ('["rf", "gbm"]', '["rf, "gbm"]', "P0002", 16, 'the string opened by `"` is never closed'),
    ('"a${kind}"', 'a${kind}"', "P0002", 17, 'the string closed by this `"` is never opened'),
    ("'true'", "'it's true'", "P0002", 25, "the string ends at this `'`, and what follows is none"),
    # keywords
    ("task load", "load", "P0003", 10, "expected `task` before `load`"),
    ("task load", "tsk load", "P0005", 10, "unknown keyword `tsk`"),
    ("pipeline p(", "p(", "P0003", 5, "expected `pipeline` before `p`"),
    ("for kind", "kind", "P0003", 16, "expected a keyword such as `for`, `if` or `map` before `kind`"),
    ("if load", "load", "P0003", 20, "expected `if` before `load`"),
    ("return {", "{", "P0003", 29, "expected"),
    ("order load", "load", "P0003", 28, "an order of tasks begins with `order`"),
    ("kind in [", "kind [", "P0003", 16, "expected `in` before `[`"),
    ("tell after load", "tell depends_on load", "P0005", 25, "unknown keyword `depends_on`"),
    ('return { model: train["rf"].model }\n}', "return\n}", "P0003", 29, "expected an expression before `}`"),
    ("  defaults = { timeout: 1h, retry: { max: 2, delay: 30s } }", "  defaults =", "P0003", 8, "before `task`"),
    # other languages
    ("task load", "task load-all", "P0107", 10, "`load-all` cannot be a name"),
    ("retries = 2", "retries = 2 // note", "P0004", 12, "unexpected `//`"),
    ("defaults = {", "/* note */\n  defaults = {", "P0004", 8, "unexpected `/*`"),
    ("= shell('true')", "= shell('true') after load", "P0004", 25, "`after` stands before the implementation"),
    # other things
    ("retries = 2", "retries =", "P0003", 12, "expected an expression before `require`"),
    ("timeout = 1h", "= 1h", "P0003", 2, "expected"),
    ("day: date", ": date", "P0003", 6, "expected a name or `)` before `:`"),
    ("rows > 0", "rows >", "P0003", 13, "expected an expression before `else`"),
    ("rows > 0", "rows 0", "P0004", 13, "unexpected `0`"),
    ("-> { data", "{ data", "P0003", 10, "expected"),
    ("load -> [tell", "load [tell", "P0003", 28, "expected `->` before `return`"),
]


@pytest.mark.parametrize(("old", "new", "code", "line", "words"), FAULTS, ids=[f"{o} to {n}" for o, n, *_ in FAULTS])
def test_one_fault_is_reported_once(old: str, new: str, code: str, line: int, words: str) -> None:
    assert GOOD.count(old) == 1
    diagnostics = Diagnostics()
    file = parse(Source("broken", GOOD.replace(old, new)), diagnostics)
    found = [(one.code, one.span.source.position(one.span.start)[0]) for one in diagnostics.sorted()]
    assert found == [(code, line)]
    assert words in diagnostics.found[0].message
    assert file is not None
    assert isinstance(file.items[-1], tree.Test)


def test_the_file_itself_has_no_fault() -> None:
    diagnostics = Diagnostics()
    file = parse(Source("good", GOOD), diagnostics)
    assert diagnostics.found == []
    assert file is not None
    assert (file.damaged, file.nameless) == ((), ())


def test_what_stands_in_a_mended_block_is_understood() -> None:
    file = parse(Source("broken", GOOD.replace('load") {', 'load")')), Diagnostics())
    assert file is not None
    (load,) = (node for node in walk(file) if isinstance(node, tree.Task) and node.name.text == "load")
    assert [type(part) for part in load.body] == [tree.Option, tree.Require]


@pytest.mark.parametrize(
    ("old", "new", "mended"),
    [
        ("'true'", "'it's true'", "'''it's true'''"),
        ('"no rows"', 'no rows"', '"no rows"'),
        ('"rf", "gbm"', '"rf, "gbm"', '"rf", "gbm"'),
        ('load") {', 'load")', 'load") {'),
    ],
)
def test_the_fix_writes_what_was_meant(old: str, new: str, mended: str) -> None:
    text = GOOD.replace(old, new)
    diagnostics = Diagnostics()
    parse(Source("broken", text), diagnostics)
    (found,) = diagnostics.found
    assert found.fix is not None
    for edit in sorted(found.fix.edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert text == GOOD.replace(old, mended)
