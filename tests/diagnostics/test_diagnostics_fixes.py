"""Fixes: each that pipec can offer leaves a file that checks, and no fix does harm."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipec.api import check, load
from pipec.diagnostics.catalogue import EXAMPLE_FILE, Example, codes, explained
from pipec.diagnostics.fixes import Mended, apply_fixes, count_mendable, mend
from pipec.diagnostics.model import Diagnostic, Diagnostics, Edit, Fix, removal
from pipec.semantics.written_lints import lint_written
from pipec.settings import Settings
from pipec.syntax.source import Source

ROOT = Path(__file__).parents[2]

MENDED_EXAMPLES = {
    "a misspelt output that a test gives": (
        'pipeline p { task a -> { version: str } = shell(\'x\') }\n\ntest "t" for p { given a.versoin = "1" }\n',
        'pipeline p { task a -> { version: str } = shell(\'x\') }\n\ntest "t" for p { given a.version = "1" }\n',
    ),
    "a name for the one output that has none": (
        "pipeline p {\n  task a -> dataset = shell('x')\n  task b(d = a.data) = shell('x')\n}\n",
        "pipeline p {\n  task a -> dataset = shell('x')\n  task b(d = a) = shell('x')\n}\n",
    ),
    "a name with a hyphen": (
        "pipeline my-data { task a = shell('x') }\n",
        "pipeline my_data { task a = shell('x') }\n",
    ),
    "a comment of another language": (
        "pipeline p {\n  // first\n  task a = shell('x')\n}\n",
        "pipeline p {\n  # first\n  task a = shell('x')\n}\n",
    ),
    "an idiom that is replaced": (
        "pipeline p {\n  task a = shell('x')\n  task b = shell('x')\n  a >> b\n}\n",
        "pipeline p {\n  task a = shell('x')\n  task b = shell('x')\n  order a -> b\n}\n",
    ),
    "an idiom that is moved": (
        "pipeline p {\n  task a = shell('x')\n  task b = shell('x') after a\n}\n",
        "pipeline p {\n  task a = shell('x')\n  task b after a = shell('x')\n}\n",
    ),
    "a unit apart from its number": (
        "pipeline p { task a = shell('x') { timeout = 5 min, retries = 2 } }\n",
        "pipeline p { task a = shell('x') { timeout = 5m retries = 2 } }\n",
    ),
    "backticks": ("pipeline p { task a = shell(`x`) }\n", "pipeline p { task a = shell('x') }\n"),
    "a schedule without quotes": (
        "pipeline p { owner = 'x' schedule = @daily\n task a = shell('x') }\n",
        "pipeline p { owner = 'x' schedule = cron(\"@daily\")\n task a = shell('x') }\n",
    ),
    "a schedule that is a text": (
        "pipeline p { owner = 'x' schedule = '@daily' task a = shell('x') }\n",
        "pipeline p { owner = 'x' schedule = cron('@daily') task a = shell('x') }\n",
    ),
    "quotes of one line around several": (
        "pipeline p { task a = shell('\n  x\n') }\n",
        "pipeline p { task a = shell('''\n  x\n''') }\n",
    ),
    "an option with another name here": (
        "pipeline p { task a = shell('x') { max_retries = 3 } }\n",
        "pipeline p { task a = shell('x') { retries = 3 } }\n",
    ),
    "retries in the words of another engine": (
        "pipeline p { task a = shell('x') { retries = 3 retry_delay = 5m retry_exponential_backoff = true } }\n",
        "pipeline p { task a = shell('x') { retry = { max: 3, delay: 5m, backoff: 2 } } }\n",
    ),
    "retries under both names": (
        "pipeline p { defaults = { retries: 3, retry: { delay: 5m } } task a = shell('x') }\n",
        "pipeline p { defaults = { retry: { max: 3, delay: 5m } } task a = shell('x') }\n",
    ),
    "a container by another name": (
        "pipeline p { task a = container('r:1', args = ['x']) }\n",
        "pipeline p { task a = image('r:1', args = ['x']) }\n",
    ),
    "an input as a name in a command": (
        "pipeline p { task a -> dataset = shell('x')\n task b(data = a) = command(['x', \"--data=${data}\"]) }\n",
        "pipeline p { task a -> dataset = shell('x')\n task b(data = a) = command(['x', \"--data=${a}\"]) }\n",
    ),
    "an input in the text of a shell": (
        "pipeline p(id: str = '') { task a(id) = shell(\"echo ${id}\") }\n",
        "pipeline p(id: str = '') { task a(id) = shell('echo \"$id\"') }\n",
    ),
    "a volume as a secret": (
        "pipeline p { task a = shell('x') { volumes = [secret('s', mount_path = '/x')] } }\n",
        "pipeline p { task a = shell('x') { volumes = [{ secret: 's', mount_path: '/x' }] } }\n",
    ),
    "requests of resources": (
        "pipeline p { task a = shell('x') { resources = { requests: { cpu: 2, memory: 4Gi, } } } }\n",
        "pipeline p { task a = shell('x') { resources = { cpu: 2, memory: 4Gi } } }\n",
    ),
    "an alert written as an option": (
        "pipeline p { on_failure = slack('#a') task a = shell('x') }\n",
        "pipeline p { on failure = slack('#a') task a = shell('x') }\n",
    ),
    "an order written as an option": (
        "pipeline p {\n  task a = shell('x')\n  task b = shell('x')\n  order = [a, b]\n}\n",
        "pipeline p {\n  task a = shell('x')\n  task b = shell('x')\n  order a -> b\n}\n",
    ),
    "a schedule with another name here": (
        "pipeline p { owner = 'x' schedule_interval = '@daily' task a = shell('x') }\n",
        "pipeline p { owner = 'x' schedule = cron('@daily') task a = shell('x') }\n",
    ),
    "a task without its keyword": (
        "pipeline p { a = shell('x') }\n",
        "pipeline p { task a = shell('x') }\n",
    ),
    "misspelt keyword": ("pipelin p { task a = shell('x') }\n", "pipeline p { task a = shell('x') }\n"),
    "a word of Python": (
        "pipeline p { task a(x = True) = shell('x') }\n",
        "pipeline p { task a(x = true) = shell('x') }\n",
    ),
    "a size as text": (
        "pipeline p { task a = shell('x') { resources = { memory: \"4Gi\" } } }\n",
        "pipeline p { task a = shell('x') { resources = { memory: 4Gi } } }\n",
    ),
    "wrong closer": ("pipeline p { task a = shell('x'] }\n", "pipeline p { task a = shell('x') }\n"),
    "confused sign": ("pipeline p { task a == shell('x') }\n", "pipeline p { task a = shell('x') }\n"),
    "something missing": ("pipeline p { task a shell('x') }\n", "pipeline p { task a = shell('x') }\n"),
    "something superfluous": ("pipeline p { task a = = shell('x') }\n", "pipeline p { task a =  shell('x') }\n"),
    "missing `{`, by the layout": (
        "pipeline p {\n  task a = shell('x')\n    retries = 1\n  }\n}\n",
        "pipeline p {\n  task a = shell('x') {\n    retries = 1\n  }\n}\n",
    ),
    "missing `}`, by the layout": (
        "pipeline p {\n  task a = shell('x') { retries = 1\n}\n",
        "pipeline p {\n  task a = shell('x') { retries = 1\n}\n}\n",
    ),
    "superfluous `}`, by the layout": (
        "pipeline p {\n  task a = shell('x')\n  }\n}\n",
        "pipeline p {\n  task a = shell('x')\n  \n}\n",
    ),
    "missing keyword": ("p {\n  task a = shell('x')\n}\n", "pipeline p {\n  task a = shell('x')\n}\n"),
    "value in quotes": (
        "pipeline p { task a = shell('x') { timeout = \"5m\" } }\n",
        "pipeline p { task a = shell('x') { timeout = 5m } }\n",
    ),
    "look-alike character": ("pipeline p { task a = shell(\u2018x\u2019) }\n", "pipeline p { task a = shell('x') }\n"),
    "string without an end": ("pipeline p { task a = shell('x) }\n", "pipeline p { task a = shell('x') }\n"),
    "string without an end before another": (
        "pipeline p {\n  task a(x = 'b) = shell('x')\n}\n",
        "pipeline p {\n  task a(x = 'b') = shell('x')\n}\n",
    ),
    "apostrophe": (
        "const said = 'it's done'\n",
        "const said = '''it's done'''\n",
    ),
    "string without a beginning": ("pipeline p { task a = shell(x') }\n", "pipeline p { task a = shell('x') }\n"),
    "wrong unit": (
        "pipeline p { task a = shell('x') { timeout = 5min } }\n",
        "pipeline p { task a = shell('x') { timeout = 5m } }\n",
    ),
    "unknown escape": (
        'pipeline p { task a = shell("\\d") }\n',
        'pipeline p { task a = shell("\\\\d") }\n',
    ),
    "chain of comparisons": (
        "pipeline p(n: int = 1) { require 0 < n < 3\n task a = shell('x') }\n",
        "pipeline p(n: int = 1) { require 0 < n and n < 3\n task a = shell('x') }\n",
    ),
    "bare not": (
        "pipeline p(b: bool = true) { require b == not b\n task a = shell('x') }\n",
        "pipeline p(b: bool = true) { require b == (not b)\n task a = shell('x') }\n",
    ),
    "constructor of a component": (
        "component c = shel('x')\npipeline p { task a = c }\n",
        "component c = shell('x')\npipeline p { task a = c }\n",
    ),
    "use of a component": (
        "component clean = shell('x')\npipeline p { task a = claen }\n",
        "component clean = shell('x')\npipeline p { task a = clean }\n",
    ),
    "type": (
        "type Table = str\npipeline p(a: Tabel = 'x') { task b(a) = shell('x') }\n",
        "type Table = str\npipeline p(a: Table = 'x') { task b(a) = shell('x') }\n",
    ),
    "option": (
        "pipeline p { task a = shell('x') { retires = 2 } }\n",
        "pipeline p { task a = shell('x') { retries = 2 } }\n",
    ),
    "key of an option": (
        "pipeline p { task a = shell('x') { resources = { memroy: 1Gi } } }\n",
        "pipeline p { task a = shell('x') { resources = { memory: 1Gi } } }\n",
    ),
    "value of an option": (
        "pipeline p { task a = shell('x')\n task b after a = shell('x') { trigger_rule = all_doen } }\n",
        "pipeline p { task a = shell('x')\n task b after a = shell('x') { trigger_rule = all_done } }\n",
    ),
    "value of an option in quotes": (
        "pipeline p { task a = shell('x')\n task b after a = shell('x') { trigger_rule = \"all_done\" } }\n",
        "pipeline p { task a = shell('x')\n task b after a = shell('x') { trigger_rule = all_done } }\n",
    ),
    "milli-cores": (
        "pipeline p { task a = shell('x') { resources = { cpu: 500m } } }\n",
        "pipeline p { task a = shell('x') { resources = { cpu: 0.5 } } }\n",
    ),
    "event": (
        "pipeline p { on faliure = slack('#a')\n task a = shell('x') }\n",
        "pipeline p { on failure = slack('#a')\n task a = shell('x') }\n",
    ),
    "channel": (
        "pipeline p { on failure = slakc('#a')\n task a = shell('x') }\n",
        "pipeline p { on failure = slack('#a')\n task a = shell('x') }\n",
    ),
    "severity": (
        "pipeline p { on failure = pagerduty('s', severity = 'critcal')\n task a = shell('x') }\n",
        "pipeline p { on failure = pagerduty('s', severity = 'critical')\n task a = shell('x') }\n",
    ),
    "argument": (
        "pipeline p { on failure = pagerduty('s', severty = 'critical')\n task a = shell('x') }\n",
        "pipeline p { on failure = pagerduty('s', severity = 'critical')\n task a = shell('x') }\n",
    ),
    "condition of a wait": (
        "pipeline p { wait w = fiel('x')\n task a after w = shell('x') }\n",
        "pipeline p { wait w = file('x')\n task a after w = shell('x') }\n",
    ),
    "name": (
        "pipeline p(count: int = 1) { task a(n = cuont) = shell('x') }\n",
        "pipeline p(count: int = 1) { task a(n = count) = shell('x') }\n",
    ),
    "input": (
        "component c(count: int = 1) = shell('x')\npipeline p { task a(cuont = 1) = c }\n",
        "component c(count: int = 1) = shell('x')\npipeline p { task a(count = 1) = c }\n",
    ),
    "task in an order": (
        "pipeline p { task extract = shell('x')\n task load = shell('x')\n order extrat -> load }\n",
        "pipeline p { task extract = shell('x')\n task load = shell('x')\n order extract -> load }\n",
    ),
    "star on a single task": (
        "pipeline p { task a -> { n: int } = shell('x')\n task b(n = a[*].n) = shell('x') }\n",
        "pipeline p { task a -> { n: int } = shell('x')\n task b(n = a.n) = shell('x') }\n",
    ),
    "default that is never needed": (
        "pipeline p(n: int = 1) { task a(n = n ?? 2) = shell('x') }\n",
        "pipeline p(n: int = 1) { task a(n = n) = shell('x') }\n",
    ),
    "pipeline of a test": (
        "pipeline nightly { task a = shell('x') }\ntest \"t\" for nihgtly { expect a is success }\n",
        "pipeline nightly { task a = shell('x') }\ntest \"t\" for nightly { expect a is success }\n",
    ),
    "state in a test": (
        "pipeline nightly { task a = shell('x') }\ntest \"t\" for nightly { expect a is sucess }\n",
        "pipeline nightly { task a = shell('x') }\ntest \"t\" for nightly { expect a is success }\n",
    ),
    "task in a test": (
        "pipeline nightly { task load = shell('x') }\ntest \"t\" for nightly { expect laod is success }\n",
        "pipeline nightly { task load = shell('x') }\ntest \"t\" for nightly { expect load is success }\n",
    ),
    "target": (
        "pipeline p { target airflwo { pool = 'x' }\n task a = shell('x') }\n",
        "pipeline p { target airflow { pool = 'x' }\n task a = shell('x') }\n",
    ),
    "option of a target": (
        "pipeline p { task a = shell('x') { target airflow { prority_weight = 1 } } }\n",
        "pipeline p { task a = shell('x') { target airflow { priority_weight = 1 } } }\n",
    ),
    "comment that ignores nothing": (
        "pipeline p { task a = shell('x') }  # pipec: ignore[L002]\n",
        "pipeline p { task a = shell('x') }\n",
    ),
    "comment that ignores nothing on its line": (
        "# pipec: ignore-file[L002]\npipeline p { task a = shell('x') }\n",
        "pipeline p { task a = shell('x') }\n",
    ),
    "comment one code of which ignores nothing": (
        "pipeline p(n: int = 1) { task a(n = n ?? 2) = shell('x') }  # pipec: ignore[L001, L002]\n",
        "pipeline p(n: int = 1) { task a(n = n ?? 2) = shell('x') }  # pipec: ignore[L002]\n",
    ),
    "misspelt comment": (
        "pipeline p(n: int = 1) { task a(n = n ?? 2) = shell('x') }  # pipec: ingore[L002]\n",
        "pipeline p(n: int = 1) { task a(n = n) = shell('x') }\n",
    ),
}
"""What is wrong, and the file before and after `--fix`."""

LINTED_EXAMPLES = {
    "unused const": (
        "const n = 1\npipeline p { task a = shell('x') }\n",
        "pipeline p { task a = shell('x') }\n",
    ),
    "needless after": (
        "pipeline p {\n task a -> { n: int } = shell('x')\n task b(n = a.n) after a = shell('x')\n}\n",
        "pipeline p {\n task a -> { n: int } = shell('x')\n task b(n = a.n) = shell('x')\n}\n",
    ),
    "needless part of after": (
        "pipeline p {\n task a -> { n: int } = shell('x')\n task c = shell('x')\n"
        " task b(n = a.n) after a, c = shell('x')\n}\n",
        "pipeline p {\n task a -> { n: int } = shell('x')\n task c = shell('x')\n"
        " task b(n = a.n) after c = shell('x')\n}\n",
    ),
}
"""What is written without need, and the file before and after."""

SETTINGS = Settings(select=("L00",))
"""The other warnings are about what the tasks of a small example do not need."""


def found_in(text: str, settings: Settings = SETTINGS) -> list[Diagnostic]:
    target = ["airflow"] if "target airflow" in text else []
    return check(load(EXAMPLE_FILE, text=text), target, settings=settings)


@pytest.mark.parametrize(("before", "after"), MENDED_EXAMPLES.values(), ids=MENDED_EXAMPLES)
def test_a_fix_leaves_a_file_that_checks(before: str, after: str) -> None:
    mended = mend(before, found_in)
    assert mended.text == after
    assert [one.message for one in mended.diagnostics] == []


@pytest.mark.parametrize(("before", "after"), LINTED_EXAMPLES.values(), ids=LINTED_EXAMPLES)
def test_a_fix_removes_what_is_not_needed(before: str, after: str) -> None:
    assert mend(before, linted) == Mended(after, 1, ())


def linted(text: str) -> list[Diagnostic]:
    main = load(EXAMPLE_FILE, text=text).main
    assert main is not None
    diagnostics = Diagnostics()
    lint_written(main.file, diagnostics)
    return diagnostics.sorted()


@pytest.mark.parametrize("code", codes())
def test_a_fix_of_the_bad_example_of_a_code_mends_it(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bad = explained(code).bad
    write_example(bad)
    settings = Settings()
    for one in found_in(bad.text, settings):
        if one.code == code and one.fix is not None:
            after = apply_fixes(bad.text, [one])
            assert after != bad.text
            assert code not in [left.code for left in found_in(after, settings)]


def write_example(example: Example) -> None:
    for name, text in {**example.files, EXAMPLE_FILE: example.text}.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("before", [before for before, _ in MENDED_EXAMPLES.values()], ids=list(MENDED_EXAMPLES))
def test_no_more_fixes_are_counted_than_are_applied(before: str) -> None:
    assert 1 <= count_mendable(before, found_in(before), found_in) <= mend(before, found_in).fixed


def test_a_fix_that_does_harm_is_not_counted() -> None:
    text = "pipeline p {\n  data = python('s:f')\n  task load(data) = python('s:g')\n}\n"
    (found,) = found_in(text)
    assert found.fix is not None  # it is offered to the person, who sees what is missing then: outputs of `data`
    assert count_mendable(text, [found], found_in) == 0
    assert mend(text, found_in).fixed == 0


# --- every place in the code that makes a fix ----------------------------------------------------


def test_every_fix_has_an_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reached: set[tuple[str, int]] = set()
    original = Fix.__init__

    def noting(fix: Fix, *values: object, **named: object) -> None:
        frame = sys._getframe(1)
        while frame.f_back is not None:
            reached.add((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back
        original(fix, *values, **named)  # type: ignore[arg-type]

    Fix("the first one compiles the real constructor", ())
    original = Fix.__init__
    monkeypatch.setattr(Fix, "__init__", noting)
    for before, _ in MENDED_EXAMPLES.values():
        found_in(before)
    for before, _ in LINTED_EXAMPLES.values():
        linted(before)
    for code in codes():
        example = explained(code).bad
        write_example(example)
        found_in(example.text, Settings())
    missing = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for file, call in calls_that_make_fixes()
        if not any((str(file), line) in reached for line in range(call.lineno, (call.end_lineno or 0) + 1))
    ]
    assert missing == []


def calls_that_make_fixes() -> Iterator[tuple[Path, ast.Call]]:
    for file in sorted((ROOT / "pipec").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                yield file, node


MAKERS = ("Fix", "correction")


# --- applying them -------------------------------------------------------------------------------


def at(source: Source, text: str, replacement: str, *others: tuple[str, str]) -> Diagnostic:
    """A diagnostic at a text, with a fix that replaces it and others."""
    edits = []
    for old, new in ((text, replacement), *others):
        start = source.text.index(old)
        edits.append(Edit(source.span(start, start + len(old)), new))
    return Diagnostic("P0301", "error", f"wrong {text}", edits[0].span, fix=Fix("mend", tuple(edits)))


def test_all_edits_of_a_fix_or_none() -> None:
    source = Source("p.pipe", "one two three four")
    first, second, third = (
        at(source, "two", "2"),
        at(source, "one", "1", ("two", "zwei")),
        at(source, "four", "4", ("three", "3")),
    )
    assert apply_fixes(source.text, [first, third]) == "one 2 3 4"
    assert apply_fixes(source.text, [first, second, third]) == "1 zwei 3 4"


def test_edits_that_touch_each_other_are_not_made_at_once() -> None:
    source = Source("p.pipe", "ab")
    insertion = Diagnostic("P1", "error", "", source.span(1, 1), fix=Fix("", (Edit(source.span(1, 1), "-"),)))
    assert apply_fixes("ab", [at(source, "a", "A"), insertion]) == "Ab"
    assert apply_fixes("ab", [insertion, insertion]) == "a-b"


def test_edits_of_other_files_are_left_out() -> None:
    mine, other = Source("p.pipe", "a"), Source("q.pipe", "a b")
    both = Diagnostic(
        "P0301",
        "error",
        "",
        mine.span(0, 1),
        fix=Fix("", (Edit(mine.span(0, 1), "A"), Edit(other.span(0, 1), "A"))),
    )
    assert apply_fixes("a", [both, at(other, "a", "A")]) == "a"


def test_new_lines_are_written_as_the_file_has_them() -> None:
    source = Source("p.pipe", "a\r\nb\r\n")
    assert apply_fixes(source.text, [at(source, "a", "1\n2\r\n3")]) == "1\r\n2\r\n3\r\nb\r\n"


def checker(*wrong: tuple[str, str]) -> Callable[[str], Sequence[Diagnostic]]:
    """Finds each of some texts, with a fix that replaces it."""

    def check_text(text: str) -> Sequence[Diagnostic]:
        source = Source("p.pipe", text)
        return [at(source, old, new) for old, new in wrong if old in text]

    return check_text


def test_fixes_are_applied_until_nothing_is_left() -> None:
    check_text = checker(("ab", "x"), ("bc", "y"), ("xc", "z"))
    assert mend("abc", check_text) == Mended("z", 2, ())


def test_a_fix_that_mends_nothing_is_not_kept() -> None:
    mended = mend("ab\ncd", checker(("a", "aa"), ("c", "C")))
    assert (mended.text, mended.fixed) == ("ab\nCd", 1)
    assert [one.message for one in mended.diagnostics] == ["wrong a"]


def test_a_fix_that_makes_an_error_elsewhere_is_not_kept() -> None:
    def check_text(text: str) -> Sequence[Diagnostic]:
        source = Source("p.pipe", text)
        found = [at(source, word, word.upper()) for word in ("one", "two", "three") if word in text]
        if "TWO" in text:
            found.append(Diagnostic("P0101", "error", "not defined", source.span(0, 1)))
        return found

    mended = mend("zero\none\ntwo\nthree", check_text)
    assert mended.text == "zero\nONE\ntwo\nTHREE"
    assert (mended.fixed, len(mended.diagnostics)) == (2, 1)


def test_errors_of_later_stages_are_no_reason_against_a_fix() -> None:
    text = (
        "pipeline p {\n  task a -> { n: int } = shell('x') { retires = 1 }\n  task b = shell('x') { cache = true }\n}\n"
    )
    mended = mend(text, lambda text: check(load("p.pipe", text=text), ["airflow"], settings=SETTINGS))
    assert "retries = 1" in mended.text
    assert [one.code for one in mended.diagnostics] == ["P0501"]


def test_removal_takes_the_lines_with_it_where_nothing_else_is_in_them() -> None:
    source = Source("p.pipe", "a\n  b\nc d\n")

    def without(text: str) -> str:
        start = source.text.index(text)
        edit = removal(source.span(start, start + len(text)))
        return source.text[: edit.span.start] + source.text[edit.span.end :]

    assert without("b") == "a\nc d\n"
    assert without("c") == "a\n  b\n d\n"
    assert without("c d") == "a\n  b\n"


# --- on real files -------------------------------------------------------------------------------

EXAMPLES = sorted((ROOT / "examples").glob("*/pipeline.pipe"))


@hypothesis.settings(max_examples=20)
@given(st.data())
def test_what_is_mended_needs_no_second_time(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(EXAMPLES)).read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text) - 1))
    length = data.draw(st.integers(0, 2))
    broken = text[:start] + data.draw(st.sampled_from(("", "}", "(", '"', "x", " = "))) + text[start + length :]
    mended = mend(broken, diagnosed)
    assert (mended.fixed == 0) == (mended.text == broken)
    assert mend(mended.text, diagnosed).fixed == 0


def diagnosed(text: str) -> list[Diagnostic]:
    return load(EXAMPLE_FILE, text=text).diagnostics.sorted()
