"""Lints about what is written and says nothing, and their fixes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipec.api import load
from pipec.diagnostics.model import Diagnostic, Diagnostics, Fix
from pipec.ir.model import Program
from pipec.semantics.written_lints import CODES, lint_written

FOUND: list[tuple[str, str, str | None]] = [
    # L150: parameters
    ("L150 n", "pipeline p(n: int = 3) { task a = shell('x') }", None),
    ("L150 n", "pipeline p(n: int = 3) { task n_times = shell('$n') }", None),
    # L151: consts
    ("L151 x", "const x = 1\npipeline p { task a = shell('x') }\n", "pipeline p { task a = shell('x') }\n"),
    (
        "L151 x",
        "pipeline p {\n  const x = 1  # once\n  task a = shell('x')\n}\n",
        "pipeline p {\n    # once\n  task a = shell('x')\n}\n",
    ),
    (
        "L151 x",
        "pipeline p {\n  group g {\n    const x = 1\n    task a = shell('x')\n  }\n}\n",
        "pipeline p {\n  group g {\n    task a = shell('x')\n  }\n}\n",
    ),
    ("L151 x", "## How many.\nconst x = 1\npipeline p { task a = shell('x') }\n", None),
    # L152: components
    (
        "L152 c",
        "component c(n: int) = python(\"s:f\") {\n  retries = 1\n}\npipeline p { task a = shell('c') }\n",
        "pipeline p { task a = shell('c') }\n",
    ),
    # L154: after
    (
        "L154 a",
        "pipeline p {\n  task a -> int = python(\"s:f\")\n  task b(n = a) after a = shell('x')\n}",
        "pipeline p {\n  task a -> int = python(\"s:f\")\n  task b(n = a) = shell('x')\n}",
    ),
    (
        "L154 a",
        "pipeline p {\n  task a -> int = python(\"s:f\")\n  task c\n  task b(n = a) after c, a = shell('x')\n}",
        "pipeline p {\n  task a -> int = python(\"s:f\")\n  task c\n  task b(n = a) after c = shell('x')\n}",
    ),
    (
        "L154 a",
        'pipeline p {\n  task a -> int = python("s:f")\n  task c -> int = python("s:f")\n'
        "  task b(n = a + c) after a, c\n    = shell('x')\n}",
        'pipeline p {\n  task a -> int = python("s:f")\n  task c -> int = python("s:f")\n'
        "  task b(n = a + c)\n    = shell('x')\n}",
    ),
    (
        "L154 a",
        'pipeline p {\n  for x in [1, 2] { task a(x) -> int = python("s:f") }\n'
        "  task b(n = a[*]) after a = shell('x')\n}",
        "pipeline p {\n  for x in [1, 2] { task a(x) -> int = python(\"s:f\") }\n  task b(n = a[*]) = shell('x')\n}",
    ),
    (
        "L154 a",
        'pipeline p {\n  task a -> { n: int } = python("s:f")\n  gate g after a { require a.n > 0 }\n}',
        'pipeline p {\n  task a -> { n: int } = python("s:f")\n  gate g { require a.n > 0 }\n}',
    ),
    (
        "L154 a",
        'pipeline p {\n  task a -> int = python("s:f")\n  approval ok after a { message = "${a}?"  timeout = 1h }\n}',
        'pipeline p {\n  task a -> int = python("s:f")\n  approval ok { message = "${a}?"  timeout = 1h }\n}',
    ),
    (
        "L154 a",
        'pipeline p {\n  task a -> int = python("s:f")\n  task c\n  task b(n = a) after c,  # first\n'
        "    a = shell('x')\n}",
        None,
    ),
]
"""What is found, code and name; a file; what the fix makes of it, None where there is no fix."""

QUIET: list[str] = [
    "pipeline p(n: int = 3) { task a(n) = shell('x') }",
    "pipeline p(n: int = 3, m: int = n) { task a(m) = shell('x') }",
    "pipeline p(n: int = 3) { require n > 2  task a = shell('x') }",
    "pipeline p(n: int = 3) -> { n: int } { task a = shell('x')  return { n: n } }",
    "pipeline p(ok: bool = true) { if ok { task a = shell('x') } }",
    "pipeline p(xs: list[int] = [1]) { map x in xs { max_parallel = 2  task a = shell('x') } }",
    "pipeline p(day: date = run.date) { wait w = file(\"x/${day}\") { timeout = 1h }  task a after w = shell('x') }",
    'pipeline p(day: date = run.date) { task a = command(["x", "${day}"]) }',
    # consts count as read in branches that are left out, in options, in targets and in tests
    "const x = 1\nconst on = false\npipeline p { if on { task a(x) = shell('x') } else { task b = shell('x') } }",
    "const t = 1h\npipeline p { task a = shell('x') { timeout = t } }",
    "const t = 1h\npipeline p { defaults = { timeout: t }  task a = shell('x') }",
    "const pool = \"x\"\npipeline p { target airflow { pool = pool }  task a = shell('x') }",
    "const n = 3\npipeline p(k: int = 1) { task a(k) = shell('x') }\n"
    'test "t" for p { given k = n  expect a is success }',
    "const a = 1\nconst b = a + 1\npipeline p { task t(b) = shell('x') }",
    "const url = \"https://x.io\"\npipeline p { task a = shell('x')  on failure = webhook(url) }",
    # libraries are for others
    "const x = 1\ncomponent c = shell('x')",
    "component c = shell('x')\npipeline p { task a = c }",
    # `after` that says more than the inputs
    "pipeline p { task a -> int = python(\"s:f\")  task b after a = shell('x') }",
    "pipeline p { for x in [1, 2] { task a(x) -> int = python(\"s:f\") }  task b(n = a[1]) after a = shell('x') }",
    "pipeline p { for x in [1, 2] { task a(x) -> int = python(\"s:f\") }  task b(n = a[1]) after a[2] = shell('x') }",
    "pipeline p { task a -> int = python(\"s:f\") { require output > 0 }  task b after a = shell('x') }",
]


def written_lints(text: str) -> tuple[list[Diagnostic], Program]:
    loaded = load(Path("main.pipe"), text=text)
    assert loaded.program is not None, [one.message for one in loaded.diagnostics.found]
    assert loaded.main is not None
    diagnostics = Diagnostics()
    lint_written(loaded.main.file, diagnostics)
    return diagnostics.sorted(), loaded.program


def mended(text: str, fix: Fix) -> str:
    for edit in sorted(fix.edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text


def shape(program: Program) -> list[tuple[str, tuple[str, ...], str]]:
    """What of a program decides which task runs when."""
    return [
        (task.id, task.upstream, task.trigger_rule)
        for pipeline in program.pipelines.values()
        for task in pipeline.tasks
    ]


@pytest.mark.parametrize(("says", "text", "after"), FOUND)
def test_what_is_found_and_how_it_is_mended(says: str, text: str, after: str | None) -> None:
    (one,), program = written_lints(text)
    assert f"{one.code} {one.span.text}" == says
    assert one.code in CODES
    if after is None:
        assert one.fix is None
        return
    assert one.fix is not None
    assert mended(text, one.fix) == after
    left, still = written_lints(after)
    assert left == []
    assert shape(still) == shape(program)


@pytest.mark.parametrize("text", QUIET)
def test_near_misses(text: str) -> None:
    assert [f"{one.code} {one.message}" for one in written_lints(text)[0]] == []


def test_several_faults_are_each_found() -> None:
    definitions = "const x = 1\nconst y = 2\ncomponent c = shell('x')\n"
    text = definitions + "pipeline p(n: int = 1, m: int = 2) { task a(m) = shell('x') }"
    assert [f"{one.code} {one.span.text}" for one in written_lints(text)[0]] == ["L151 x", "L151 y", "L152 c", "L150 n"]
