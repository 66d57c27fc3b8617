"""Words and spellings from elsewhere are answered with what is written here."""

from __future__ import annotations

import pytest

from pipec.semantics.habits import _MEANINGS, _SAME
from pipec.semantics.operators import FUNCTIONS
from pipec.semantics.run_fields import RUN_FIELDS
from pipec.semantics.settings import settings
from pipec.semantics.types import WRITABLE_SCALARS
from pipec.syntax.idioms_blocks import MAPS
from tests.semantics.support import check

KNOWN: dict[str, set[str]] = {
    "option": {setting.name for setting in settings()},
    "value": {"true", "false", "null", "run"},
    "function": {*FUNCTIONS, "secret"},
    "type": {*WRITABLE_SCALARS, "list", "dict"},
    "run": {*RUN_FIELDS},
}


@pytest.mark.parametrize(
    ("kind", "words"), [(kind, {*words, *_SAME.get(kind, {})}) for kind, words in _MEANINGS.items()]
)
def test_no_word_from_elsewhere_is_one_of_this_language(kind: str, words: set[str]) -> None:
    assert words & KNOWN[kind] == set()


@pytest.mark.parametrize(("kind", "words"), _SAME.items())
def test_a_word_that_says_the_same_is_one_of_this_language(kind: str, words: dict[str, str]) -> None:
    assert set(words.values()) <= KNOWN[kind]
    assert set(words) & set(_MEANINGS[kind]) == set()  # type: ignore[index]


FAULTS = [
    ('pipeline p { task a = BashOperator(bash_command = "x") }', "P0307", "`shell('…')`"),
    ('pipeline p { task a = S3KeySensor("s3://a/b") }', "P0307", "`wait NAME = "),
    ('pipeline p { task a -> json = shell("x") task b(x = a.k) = shell("x") }', "P0206", '`a["k"]`'),
    ('component c = shell("x") pipeline p { task a(timeout = 1h) = c }', "P0205", "`{ timeout = … }`"),
    ('pipeline p { task a -> str = shell("x") if a { task b = shell("x") } }', "P0201", '`a == "…"`'),
    ('pipeline p { alerts = 1 task a = shell("x") }', "P0301", "`on failure = "),
    ('pipeline p { on sla_miss = slack("#a") task a = shell("x") }', "P0303", "`deadline`"),
    ('pipeline p { schedule = null task a = shell("x") }', "P0303", "leave the option out"),
    ('pipeline p { wait a = file("x", timeout = 1h) }', "P0308", "`{ timeout = … }`"),
    ('pipeline p { task a = shell("x") { depends_on = [b] } }', "P0301", "`task NAME after OTHER = …`"),
    ('pipeline p { data = python("m:f") }', "P0301", "`task data = python(…)`"),
    ('pipeline p { catchup = True task a = shell("x") }', "P0101", "`true`"),
    ('pipeline p { for i in range(3) { task a(i) = shell("x") } }', "P0101", "[0, 1, 2]"),
    ('pipeline p { task a(day = run.ds) = shell("x") }', "P0101", "`run.date`"),
    ('pipeline p(x: string = "a") { task a(x) = shell("x") }', "P0208", "`str`"),
    ('pipeline p(x: List[str] = ["a"]) { task a(x) = shell("x") }', "P0208", "`list[T]`"),
    ('pipeline p { task a = shell("x") { timeout = 60 } }', "P0201", "`60s`"),
    ('pipeline p { task a = shell("x") { resources = { memory: 4096 } } }', "P0201", "`512Mi`"),
    ('pipeline p(n: int = 1) { task a(x = "n" + n) = shell("x") }', "P0202", '"n${n}"'),
    ('pipeline p { task a = shell("echo ${HOME}") }', "P0306", "nothing is called `HOME` here"),
    ('pipeline p { task a = python("m:f", x = 1) }', "P0308", "`task NAME(x = …)`"),
    ('pipeline p { task a = shell("x") task b(x = a) = shell("x") }', "P0404", "`task a -> dataset = …`"),
]


RENAMED = [
    ("max_retries = 3", "retries = 3", "task"),
    ("execution_timeout = 1h", "timeout = 1h", "task"),
    ("sla = 4h", "deadline = 4h", "pipeline"),
    ("start_date = 2026-01-01", "start = 2026-01-01", "pipeline"),
    ("default_args = { retries: 2 }", "defaults = { retries: 2 }", "pipeline"),
    ('on_failure = slack("#a")', 'on failure = slack("#a")', "pipeline"),
    ('schedule_interval = "@daily"', 'schedule = cron("@daily")', "pipeline"),
    ("order = [a, b]", "order a -> b", "pipeline"),
    ('c = shell("x")', 'task c = shell("x")', "pipeline"),
]


@pytest.mark.parametrize(("written", "meant", "place"), RENAMED)
def test_an_option_of_another_engine_has_a_fix(written: str, meant: str, place: str) -> None:
    def around(text: str) -> str:
        inside, outside = (text, "") if place == "task" else ("", text)
        return f"pipeline p {{ task a = shell('x') {{ {inside} }} task b = shell('x') {outside} }}"

    (found,) = check(around(written)).diagnostics.sorted()
    assert found.fix is not None
    (edit,) = found.fix.edits
    text = around(written)
    after = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert after == around(meant)
    assert check(after).diagnostics.found == []


def test_a_block_for_a_map_is_of_an_option_that_is_one() -> None:
    known = {setting.name for setting in settings()}
    assert known >= MAPS


@pytest.mark.parametrize(("text", "code", "help"), FAULTS)
def test_the_help_says_what_is_written_here(text: str, code: str, help: str) -> None:
    (found,) = [one for one in check(text).diagnostics.sorted() if one.code == code]
    assert help in (found.help or "")


QUOTED = [
    ("memory", 'resources = { memory: "4Gi" }', "resources = { memory: 4Gi }"),
    ("cpu", 'resources = { cpu: "500m" }', "resources = { cpu: 0.5 }"),
    ("cores", "resources = { cpu: '2' }", "resources = { cpu: 2 }"),
    ("timeout", 'timeout = "1h"', "timeout = 1h"),
    ("retries", 'retries = "3"', "retries = 3"),
    ("queue", "queue = 3", 'queue = "3"'),
]


@pytest.mark.parametrize(("written", "mended"), [pair[1:] for pair in QUOTED], ids=[name for name, *_ in QUOTED])
def test_a_value_with_the_wrong_quotes_has_a_fix(written: str, mended: str) -> None:
    text = f"pipeline p {{ task a = shell('x') {{ {written} }} }}"
    (found,) = check(text).diagnostics.sorted()
    assert found.code == "P0201"
    assert found.fix is not None
    (edit,) = found.fix.edits
    after = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert after == f"pipeline p {{ task a = shell('x') {{ {mended} }} }}"
    assert check(after).diagnostics.found == []


@pytest.mark.parametrize("written", ['timeout = "soon"', "timeout = 1.5", 'retries = "many"', 'timeout = ""'])
def test_what_says_nothing_has_no_fix(written: str) -> None:
    (found,) = check(f"pipeline p {{ task a = shell('x') {{ {written} }} }}").diagnostics.sorted()
    assert (found.code, found.fix) == ("P0201", None)


def test_a_word_that_says_the_same_has_a_fix() -> None:
    text = 'pipeline p(x: string = "a", ok: Bool = True) { task a(x, ok, day = run.ds) = shell("x") }'
    for fix in [one.fix for one in reversed(check(text).diagnostics.sorted())]:
        assert fix is not None
        (edit,) = fix.edits
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert text == 'pipeline p(x: str = "a", ok: bool = true) { task a(x, ok, day = run.date) = shell("x") }'
    assert check(text).diagnostics.found == []
