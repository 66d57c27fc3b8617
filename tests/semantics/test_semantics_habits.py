"""Words and spellings from elsewhere are answered with what is written here."""

from __future__ import annotations

import re

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
    ('pipeline p { task a = bash("x", 1) }', "P0307", "`shell('…')`"),
    ('pipeline p { task a = docker("r:1", volumes = []) }', "P0307", '`image("repo:tag", '),
    (
        'pipeline p { task a = email("a@example.com") }',
        "P0307",
        "`email` is a channel of `on`: `on failure = email(…)`",
    ),
    ('pipeline p { task a = webhook("https://x") }', "P0307", "in a branch send it from a `shell` or `python` task"),
    ('pipeline p { task a = shell("x") { secrets = [secret("s")] } }', "P0303", '`{ NAME: secret("s") }`'),
    (
        'pipeline p { task a = shell("x") { volumes = [secret("s")] } }',
        "P0210",
        '`{ secret: "s", mount_path: "/etc/secrets" }`',
    ),
    (
        'pipeline p { task a = shell("x") { volumes = secret("s", mount_path = "/x") } }',
        "P0210",
        '`{ secret: "s", mount_path: "/x" }`',
    ),
    ('pipeline p { task a = shell("x") { resources = { requests: 2 } } }', "P0301", "stand directly in `resources`"),
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


def mended(text: str) -> str:
    """A text after the fix of the first diagnostic in it that has one."""
    fix = next(one.fix for one in check(text).diagnostics.sorted() if one.fix is not None)
    for edit in sorted(fix.edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text


RETRIES = [
    ("retry_delay = 5m", "retry = { delay: 5m }"),
    ("retry_delay = 300", "retry = { delay: 300s }"),
    ('retry_delay = "5m"', "retry = { delay: 5m }"),
    ("retry_delay = timedelta(minutes = 5)", "retry = { delay: 5m }"),
    ("retries = 3 retry_delay = 5m", "retry = { max: 3, delay: 5m }"),
    ("retry_delay = 5m timeout = 1h retries = 3", "retry = { max: 3, delay: 5m } timeout = 1h"),
    ("retries = 3 retry_backoff = true", "retry = { max: 3, backoff: 2 }"),
    ('retries = 3 retry_backoff = "exponential"', "retry = { max: 3, backoff: 2 }"),
    ("retries = 3 retry_backoff = 1.5", "retry = { max: 3, backoff: 1.5 }"),
    ("retries = 3 retry_exponential_backoff = false", "retry = { max: 3 }"),
    (
        "max_retry_delay = 1h retry_exponential_backoff = True retry_delay = 5m retries = 3",
        "retry = { max: 3, delay: 5m, backoff: 2, max_delay: 1h }",
    ),
    ("retry = { max: 3 } retry_delay = 5m", "retry = { max: 3, delay: 5m }"),
    ('retry = { on: ["timeout"] } retries = 3', 'retry = { max: 3, on: ["timeout"] }'),
    ("retries = 3 # few\n  retry_delay = 5m", "retry = { max: 3, delay: 5m } # few\n"),
    ("retries = 3\n  retry_delay = 5m\n  timeout = 1h", "retry = { max: 3, delay: 5m }\n  timeout = 1h"),
]


@pytest.mark.parametrize(("written", "meant"), RETRIES)
def test_retries_said_in_several_options_become_one(written: str, meant: str) -> None:
    text = f"pipeline p {{ task a = shell('x') {{ {written} }} }}"
    assert mended(text) == f"pipeline p {{ task a = shell('x') {{ {meant} }} }}"
    assert check(mended(text)).diagnostics.found == []
    assert re.split(r" timeout| #|\n", meant)[0] in (check(text).diagnostics.sorted()[0].help or "")


@pytest.mark.parametrize(("written", "meant"), [pair for pair in RETRIES if not {"(", "#"} & {*pair[0]}])
def test_retries_in_defaults_are_entries(written: str, meant: str) -> None:
    def as_entries(options: str) -> str:
        return re.sub(r"(?<=[^{:,]) +(?=\w+ =)|\n *", ", ", options).replace(" = ", ": ")

    text = f"pipeline p {{ defaults = {{ {as_entries(written)} }} task a = shell('x') }}"
    assert mended(text) == f"pipeline p {{ defaults = {{ {as_entries(meant)} }} task a = shell('x') }}"
    assert check(mended(text)).diagnostics.found == []


def test_no_comment_between_entries_is_lost() -> None:
    text = "pipeline p { defaults = { retries: 1, # few\n retry_delay: 5m } task a = shell('x') }"
    (found,) = check(text).diagnostics.sorted()
    assert (found.help, found.fix) == ("write `retry: { max: 1, delay: 5m }`", None)


RETRIES_WITHOUT_FIX = [
    ("retry_delay = run.attempt", "P0301", "write `retry = { delay: 30s }`"),
    ("retry_backoff = false", "P0301", "leave it out: without `backoff` the delay stays the same"),
    ("retry = { delay: 1m } retry_delay = 5m", "P0301", "`delay` of `retry` is set here already: keep one of them"),
    ("retry = { max: 2 } retries = 3", "P0305", "keep one of them"),
    ("retries = 3 retry = { max: 2 }", "P0305", "keep one of them"),
]


@pytest.mark.parametrize(("written", "code", "help"), RETRIES_WITHOUT_FIX)
def test_what_is_not_certain_of_retries_is_left_to_the_person(written: str, code: str, help: str) -> None:
    found = check(f"pipeline p {{ task a = shell('x') {{ {written} }} }}").diagnostics.sorted()[-1]
    assert (found.code, found.help) == (code, help)
    assert found.fix is None


@pytest.mark.parametrize(
    ("written", "help"),
    [
        ("pipeline p { retry_delay = 5m task a = shell('x') }", "`defaults = { retry: { delay: 5m } }`"),
        ("pipeline p { gate g { retry_delay = 5m require true } task a = shell('x') }", "tasks have it: `retry = "),
    ],
)
def test_where_retries_stand_is_said_where_they_cannot(written: str, help: str) -> None:
    found = check(written).diagnostics.sorted()[0]
    assert found.code == "P0301"
    assert help in (found.help or "")
    assert found.fix is None


INPUTS = [
    ('(data = f.path) = image("r:1", args = ["--d=${data}"])', "`${f.path}`", '["--d=${f.path}"]'),
    ('(data = f.path) = image("r:1", command = ["x", data])', "`f.path`", '["x", f.path]'),
    ('(data = f.path) = command(["x", "${data}"])', "`${f.path}`", '"${f.path}"'),
    ('(data = f.path) = command(["x", "${lower(data)}"])', "`f.path`", '"${lower(f.path)}"'),
    ('(data = "${f.path}/x") = command(["x", "${data}"])', 'its value, `"${f.path}/x"`', None),
]


@pytest.mark.parametrize(("task", "help", "mend"), INPUTS)
def test_an_input_is_no_name_in_a_command(task: str, help: str, mend: str | None) -> None:
    text = f"pipeline p(date: str = '') {{ task f -> {{ path: str }} = shell('x') task t{task} }}"
    (found,) = [one for one in check(text).diagnostics.sorted() if one.code == "P0101"]
    assert found.message == "`data` is an input of this task, and no name in its implementation"
    assert found.help == f"the program gets it as the variable `$data`; here write {help}"
    if mend is None:
        assert found.fix is None
    else:
        assert mend in mended(text)


def test_an_input_that_stands_for_nothing_is_told_once() -> None:
    (found,) = check('pipeline p(date: str) { task t(dat) = command(["x", "${dat}"]) }').diagnostics.sorted()
    assert (found.code, found.help) == ("P0101", "there is `date`")


SHELL_TEXTS = [
    ('"echo ${id}"', "'echo \"$id\"'"),
    ('"cp ${id}.csv ${id}.bak"', """'cp "$id".csv "$id".bak'"""),
    ('"""echo "${id}" """', """'''echo "$id" '''"""),
    ('"""\n  echo ${id}\n"""', """'''\n  echo "$id"\n'''"""),
    ('"echo ${id} ${other}"', None),
    ('"echo \\"${id}\\""', None),
    ("\"echo '${id}'\"", None),
    ('"""echo "the ${id}" """', None),
    ('"""cat <<END\n${id}\nEND"""', None),
]


@pytest.mark.parametrize(("written", "meant"), SHELL_TEXTS)
@pytest.mark.parametrize("kind", ["task", "component"])
def test_an_input_is_a_variable_of_the_shell(kind: str, written: str, meant: str | None) -> None:
    text = f"pipeline p(id: str = '', other: str = '') {{ task a(id) = shell({written}) }}"
    if kind == "component":
        text = f"const other = 'x' component c(id: str) = shell({written}) pipeline p {{ task a(id = 'x') = c }}"
    found = next(one for one in check(text).diagnostics.sorted() if one.code == "P0306")
    assert found.help == '`id` is an input of this task: write "$id" in a text of single quotes'
    if meant is None:
        assert found.fix is None
    else:
        assert mended(text) == text.replace(written, meant)
