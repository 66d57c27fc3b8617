"""What other languages write in place of something: said once, and mended to what was meant."""

from __future__ import annotations

import pytest

from pipec.api import check, load
from pipec.diagnostics.fixes import mend
from pipec.diagnostics.model import Diagnostic

# A statement, and what it is mended to. It stands in a pipeline with the tasks a, b, c and d, of which a has the one
# unnamed output and d a bool called `ok`.
MENDED = [
    # headers
    ("task t(x: int = a) = shell('x')", "task t(x = a) = shell('x')"),
    ("task t(x: list[int]? = [1], y: {a: int} = 2) = shell('x')", "task t(x = [1], y = 2) = shell('x')"),
    ("task t(x: 3) = shell('x')", "task t(x = 3) = shell('x')"),
    ("task t(x: a, y: d.ok) = shell('x')", "task t(x = a, y = d.ok) = shell('x')"),
    ("task t = shell('x')(x = a)", "task t(x = a) = shell('x')"),
    ("task t after b (x = a) = shell('x')", "task t(x = a) after b = shell('x')"),
    ("task t -> int (x = a) = shell('x')", "task t(x = a) -> int = shell('x')"),
    ("task t after b -> int = shell('x')", "task t -> int after b = shell('x')"),
    ("task t = shell('x') -> { n: int }", "task t -> { n: int } = shell('x')"),
    ("task t after b = shell('x') -> int", "task t -> int after b = shell('x')"),
    ("task t = shell('x') after b", "task t after b = shell('x')"),
    ("task t = shell('x') after b, c { retries = 1 }", "task t after b, c = shell('x') { retries = 1 }"),
    ("task t = shell('x') { retries = 1 } after b", "task t after b = shell('x') { retries = 1 }"),
    ("task t after b = shell('x') after c", "task t after b, c = shell('x')"),
    ("task t(x = a) = shell('x') depends_on [b, c]", "task t(x = a) after b, c = shell('x')"),
    ("task t(x = a) depends_on b = shell('x')", "task t(x = a) after b = shell('x')"),
    ("task t depends_on [b, c] = shell('x')", "task t after b, c = shell('x')"),
    ("task t after [b, c] = shell('x')", "task t after b, c = shell('x')"),
    ("task t after: [b] = shell('x')", "task t after b = shell('x')"),
    ('task t after "b", "c" = shell(\'x\')', "task t after b, c = shell('x')"),
    ("task t after b and c = shell('x')", "task t after b, c = shell('x')"),
    ("gate t after [d] { require d.ok }", "gate t after d { require d.ok }"),
    ("task t if d.ok = shell('x')", "if d.ok { task t = shell('x') }"),
    ("task t when d.ok = shell('x')", "if d.ok { task t = shell('x') }"),
    ("task t => int = shell('x')", "task t -> int = shell('x')"),
    ("task \"t\" = shell('x')", "task t = shell('x')"),
    ("task 'my-task' = shell('x')", "task my_task = shell('x')"),
    ("task t -> (n: int, m: str) = shell('x')", "task t -> { n: int, m: str } = shell('x')"),
    ("task t -> n: int = shell('x')", "task t -> { n: int } = shell('x')"),
    ("task t { n: int } = shell('x')", "task t -> { n: int } = shell('x')"),
    ("task t = 'python load.py'", "task t = shell('python load.py')"),
    ("task t depends_on b -> int = shell('x')", "task t -> int after b = shell('x')"),
    # order
    ("a >> b", "order a -> b"),
    ("a >> [b, c] >> d", "order a -> [b, c] -> d"),
    ("[a, b] >> c", "order [a, b] -> c"),
    ("b << a", "order a -> b"),
    ("a -> b -> c", "order a -> b -> c"),
    ("order a >> b >> c", "order a -> b -> c"),
    ("b.set_upstream(a)", "order a -> b"),
    ("a.set_downstream([b, c])", "order a -> [b, c]"),
    ("chain(a, [b, c], d)", "order a -> [b, c] -> d"),
    ("order = [a, b]", "order a -> b"),
    # blocks
    ("task t = shell('x') { retries: 3 }", "task t = shell('x') { retries = 3 }"),
    ("task t = shell('x') { retries: 3, timeout: 1h }", "task t = shell('x') { retries = 3 timeout = 1h }"),
    ("task t = shell('x') { retries = 3, timeout = 1h, }", "task t = shell('x') { retries = 3 timeout = 1h }"),
    ('task t = shell(\'x\') { "retries": 3 }', "task t = shell('x') { retries = 3 }"),
    ("task t = shell('x') { retry { max = 2 delay = 30s } }", "task t = shell('x') { retry = { max: 2, delay: 30s } }"),
    ("defaults {\n  retries = 3  # x\n  timeout = 1h\n}", "defaults = {\n  retries: 3,  # x\n  timeout: 1h\n}"),
    ("defaults {\n  retry {\n    max = 3\n  }\n}", "defaults = {\n  retry: {\n    max: 3\n  }\n}"),
    ("defaults = { retries = 3, timeout = 1h }", "defaults = { retries: 3, timeout: 1h }"),
    ("defaults = {\n  retries = 3\n  timeout = 1h\n}", "defaults = {\n  retries: 3,\n  timeout: 1h\n}"),
    ('on failure = slack("#a"), email("b@x.io")', 'on failure = [slack("#a"), email("b@x.io")]'),
    ('on_failure = slack("#a")', 'on failure = slack("#a")'),
    ("when d.ok { task t = shell('x') }", "if d.ok { task t = shell('x') }"),
    ("if d.ok then { task t = shell('x') }", "if d.ok { task t = shell('x') }"),
    ("if d.ok:\n  task t = shell('x')\nelse:\n  task u = shell('x')",
     "if d.ok {\n  task t = shell('x')\n}\nelse {\n  task u = shell('x')\n}"),
    ("group g:\n  if d.ok:\n    task t = shell('x')", "group g {\n  if d.ok {\n    task t = shell('x')\n  }\n}"),
    ("default_args {\n  retries: 3\n  timeout: 90 min\n}", "defaults = {\n  retries: 3,\n  timeout: 90m\n}"),
    ("default_args = { retries: 3 }", "defaults = { retries: 3 }"),
    ('tags = "ml", "x"', 'tags = ["ml", "x"]'),
    ("task t = shell('x'),\ntask u = shell('x')", "task t = shell('x')\ntask u = shell('x')"),
    ("if d.ok then\n  task t = shell('x')\nend", "if d.ok {\n  task t = shell('x')\n}"),
    ('on failure: [slack("#ml")]', 'on failure = [slack("#ml")]'),
    ("on failure = slack(#ml)", 'on failure = slack("#ml")'),
    ('on sla_miss = slack("#ml")', 'on deadline = slack("#ml")'),
    ('sensor w = message("x") { timeout: 24 hours, poll: 60s }', 'wait w = message("x") { timeout = 24h poll = 60s }'),
    # values
    ("task t = shell('x') { timeout = 240 min }", "task t = shell('x') { timeout = 240m }"),
    ("task t = shell('x') { timeout = 2 hours\n  retries = 1 }", "task t = shell('x') { timeout = 2h\n  retries = 1 }"),
    ("defaults = { timeout: 90 seconds, retries: 1 }", "defaults = { timeout: 90s, retries: 1 }"),
    ("task t = shell('x') { resources = { memory: 4 GiB } }", "task t = shell('x') { resources = { memory: 4Gi } }"),
    ("task t(x = f\"a/{run.date}.csv\") = shell('x')", "task t(x = \"a/${run.date}.csv\") = shell('x')"),
    ("task t(x = 1 if d.ok else 2) = shell('x')", "task t(x = d.ok ? 1 : 2) = shell('x')"),
    ("task t = shell(python load.py)", "task t = shell('python load.py')"),
    ("task t = shell(`python load.py`)", "task t = shell('python load.py')"),
    ("task t = shell('\n  python load.py\n')", "task t = shell('''\n  python load.py\n''')"),
    ("schedule = @daily owner = \"me\"", "schedule = cron(\"@daily\") owner = \"me\""),
    ('schedule = "0 2 * * *" owner = "me"', 'schedule = cron("0 2 * * *") owner = "me"'),
    ('schedule_interval = "@daily" owner = "me"', 'schedule = cron("@daily") owner = "me"'),
    ("task t = shell('x') { max_retries = 3 }", "task t = shell('x') { retries = 3 }"),
    ("t = shell('x')", "task t = shell('x')"),
]  # fmt: skip

# What has no fix, and words of the one thing that is said of it.
SAID = [
    ("task t(x: dataset) = shell('x')", "P0004", "`x = VALUE`"),
    ("task t -> model, n: int = shell('x')", "P0003", "-> { model: model, auc: float }"),
    ('wait for message("x")', "P0003", "`wait NAME = message(…)"),
    ('wait w = message("x", timeout = 1h)', "P0308", "`{ timeout = … }`"),
    ("schedule = None", "P0303", "leave the option out"),
    ("task t, u", "P0004", "`task NAME = …`"),
    ("parallel {\n  task t = shell('x')\n}", "P0003", "`group NAME { … }`"),
    ("unless d.ok { task t = shell('x') }", "P0005", "`if not CONDITION { … }`"),
    ("task t -> int = shell('x') {\n  return 3\n}", "P0003", "`task t -> int = …`"),
    ("task t = shell('x') { timeout = 1.5 h }", "P0008", "`1h30m`"),
    ("task t = python(lambda: 3)", "P0003", 'python("module:function")'),
    ("def load(day):\n  return 3", "P0003", '`task load(day) = python("module:load")`'),
    ("@task(retries=3)\ndef load():\n  pass", "P0001", "without decorators"),
    ("tasks:\n  - name: extract\n    run: x", "P0003", "`task NAME = …`"),
    ('email_on_failure = true', "P0301", "`on failure = "),
    ('alerts = { slack: "#ml" }', "P0301", "`on failure = "),
    ("if a { task t = shell('x') }", "P0201", "`a > 0`"),
    ("if d { task t = shell('x') }", "P0404", "`d.ok`"),
]  # fmt: skip

# What is right, or wrong in another way: no idiom is seen in it.
NONE = [
    "order\n  a -> b",
    "task after after b = shell('x')",
    "task t(when = 1, order = 2) = shell('x')",
    "const defaults = { a: 1 }\n  task t(x = defaults.a) = shell('x')",
    "task t(x = d.ok ? 1 : 2) = shell('x')",
    "if d.ok { task t = shell('x') }",
]


def around(statement: str) -> str:
    return f"""pipeline p {{
  task a -> int = shell('x')
  task b = shell('x')
  task c = shell('x')
  task d -> {{ ok: bool }} = shell('x')
{statement}
}}
"""


def found(text: str) -> list[Diagnostic]:
    return [one for one in check(load("p.pipe", text=text)) if one.severity == "error"]


@pytest.mark.parametrize(("written", "meant"), MENDED, ids=[written[:60] for written, _ in MENDED])
def test_a_fix_makes_what_was_meant(written: str, meant: str) -> None:
    assert found(around(meant)) == []
    assert found(around(written)) != []
    mended = mend(around(written), found)
    assert normal(mended.text) == normal(around(meant))


def normal(text: str) -> str:
    """A text without the blanks in front of line ends and doubled ones."""
    return "\n".join(line[: len(line) - len(line.lstrip())] + " ".join(line.split()) for line in text.splitlines())


@pytest.mark.parametrize(("written", "code", "words"), SAID, ids=[written[:60] for written, *_ in SAID])
def test_what_has_no_fix_is_said_once(written: str, code: str, words: str) -> None:
    (one,) = found(around(written))
    assert (one.code, one.fix) == (code, None)
    assert words in (one.help or "")
    assert mend(around(written), found).text == around(written)


@pytest.mark.parametrize("statement", NONE)
def test_what_is_right_is_left_alone(statement: str) -> None:
    assert found(around(statement)) == []


FILES = [
    ("pipeline p(n = 3) { task a(n) = shell('x') }", "pipeline p(n: int = 3) { task a(n) = shell('x') }"),
    (
        "pipeline p(day = run.date, s = 'x') { task a(day, s) = shell('x') }",
        "pipeline p(day: date = run.date, s: str = 'x') { task a(day, s) = shell('x') }",
    ),
    ("pipeline \"my etl\" { task a = shell('x') }", "pipeline my_etl { task a = shell('x') }"),
    ("pipeline p:\n  task a = shell('x')\n", "pipeline p {\n  task a = shell('x')\n}\n"),
]


@pytest.mark.parametrize(("written", "meant"), FILES, ids=[written[:30] for written, _ in FILES])
def test_whole_files(written: str, meant: str) -> None:
    assert found(meant) == []
    assert mend(written, found).text == meant


@pytest.mark.parametrize("text", ["from steps import extract\n", "import steps\n", "import pandas as pd\n"])
def test_an_import_of_python_is_said_once(text: str) -> None:
    (one,) = found(f"{text}pipeline p {{ task a = shell('x') }}\n")
    assert (one.code, one.fix) == ("P0003", None)
    assert "python(" in (one.help or "")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("task t = shell('x') -> { n: int }", "`task t -> { n: int } = …`"),
        ("task t(a = 1) after s -> { n: int } = shell('x')", "`task t(…) -> { n: int } after … = …`"),
        ("task t = shell('x') -> {\n  n: int,\n  m: model\n}", "`task t -> { n: int, m: model } = …`"),
        ("task t { n: int } = shell('x')", "`task t -> { n: int } = …`"),
    ],
)
def test_outputs_are_shown_in_their_place_as_they_are_written(written: str, shown: str) -> None:
    (one,) = found(around(f"task s = shell('x')\n{written}"))
    assert one.help == f"outputs stand before `after` and `=`: {shown}"
