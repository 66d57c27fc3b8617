"""What is offered where: tables of texts with the cursor in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types as lsp

from pipec.lsp.completion import complete
from pipec.semantics.settings import settings_of
from tests.lsp.texts import GRAPH, marked, put_mark

START = """\
import "lib.pipe" as lib
const share = 0.5
pipeline p(day: date, least: int = 3) {
  task load(day) -> { path: dataset, rows: int } = python("s:load")
  for depth in [4, 8] {
    task fit(data = load.path, depth) -> { score: float } = python("s:fit")
  }
"""

FIRST = {
    "an empty file": ("▮", ["component", "const", "import", "language", "pipeline", "test", "type"]),
    "outputs of a task": (START + "  task a(x = load.▮", ["path", "rows"]),
    "outputs of a task, begun": (START + "  task a(x = load.ro▮ws) = python('s:a')\n}", ["path", "rows"]),
    "outputs of an instance": (START + "  task a(x = fit[4].▮", ["score"]),
    "outputs of all instances": (START + "  task a(x = fit[*].▮", ["score"]),
    "in a string": (START + '  task a(x = "s3://${load.▮}") = python("s:a")\n}', ["path", "rows"]),
    "in a string that is not closed": (START + '  task a(x = "s3://${load.▮', ["path", "rows"]),
    "in a string in a string": (START + '  task a(x = "a ${day ?? "b ${load.▮', ["path", "rows"]),
    "the run": (START + "  task a(x = run.▮", ["date", "timestamp", "interval_start", "interval_end", "id"]),
    "what an import defines": (START + "  task a = lib.▮", ["publish"]),
    "values in a scope": (START + "  task a(x = ▮", ["day", "least", "load", "fit", "a", "lib", "share", "run", "len"]),
    "a variable of a loop": (START[:-4] + "    task a(x = ▮\n  }\n}", ["depth", "fit", "a", "day", "least", "load"]),
    "tasks after `after`": (START + "  task a after ▮", ["load", "fit", "a"]),
    "tasks after a comma": (START + "  task a after load, ▮", ["load", "fit", "a"]),
    "tasks of an order": (START + "  order load -> [fit, ▮", ["load", "fit"]),
    "implementations": (
        START + "  task a = ▮",
        ["python", "shell", "command", "image", "notebook", "sql", "lib", "p"],
    ),
    "conditions of a wait": (
        START + "  wait a = ▮",
        ["file", "object", "task", "asset", "message", "until", "python"],
    ),
    "values of trigger_rule": (
        START + "  task a { trigger_rule = ▮",
        ["all_success", "none_failed", "none_failed_min_one_success", "none_skipped", "all_done"],
    ),
    "values of trigger_rule in defaults": (START + "  defaults = { trigger_rule: ▮", ["all_success", "none_failed"]),
    "values of on_timeout of a wait": (START + '  wait a = file("x") { on_timeout = ▮', ["fail", "skip"]),
    "keys of retry": (START + "  defaults = { retry: { max: 1, ▮", ["delay", "backoff", "max_delay", "on"]),
    "keys of limits": (START + "  task a { resources = { limits: { ▮", ["cpu", "memory", "gpu"]),
    "channels": (START + "  on failure = ▮", ["slack", "email", "pagerduty", "webhook", "python"]),
    "a second channel": (START + '  on failure = [slack("#a"), ▮', ["slack", "email"]),
    "events": (START + "  on ▮", ["failure", "success", "retry", "skipped", "deadline"]),
    "schedules": (START + "  schedule = ▮", ["cron", "every", "asset"]),
    "schedules after or": (START + "  schedule = every(1h) or ▮", ["cron", "every", "asset"]),
    "targets": (START + "  target ▮", ["airflow", "ir", "kubeflow", "local"]),
    "types": (START + "  const x: ▮", ["lib", "bool", "int", "float", "str", "date"]),
    "inputs of a component": (
        START + "  task a(▮) = lib.publish\n}",
        ["best", "day", "least", "load", "fit", "a", "lib", "share", "run"],
    ),
    "own outputs in a requirement": (START + '  task a -> { n: int } = python("s:a") { require ▮', ["n", "day"]),
    "pipelines of a test": (START + '}\ntest "t" for ▮', ["p"]),
    "tasks of a test": (START + '}\ntest "t" for p {\n  given ▮', ["day", "least", "load", "fit", "lib"]),
    "outcomes": (START + '}\ntest "t" for p {\n  given load is ▮', ["success", "failed", "skipped", "approved"]),
    "states": (START + '}\ntest "t" for p {\n  expect load is ▮', ["success", "failed", "skipped", "upstream_failed"]),
    "what is given of a task": (
        START + '}\ntest "t" for p {\n  given load.▮',
        ["path", "rows", "attempts", "estimate"],
    ),
    "what is expected of a task": (START + '}\ntest "t" for p {\n  expect load.▮', ["path", "rows", "attempts"]),
    "the path of an import": ('import "▮"', ["lib.pipe"]),
    "secrets": (START + "  task a { env = { TOKEN: ▮", ["secret"]),
}

NOTHING = {
    "a new name": START + "  task ▮",
    "a comment": START + "  # ta▮",
    "a doc comment": START + "  ## ta▮",
    "plain text": START + "  task a = shell('ec▮ho')",
    "text without code": START + '  task a(x = "s3://▮") = python("s:a")',
    "a number": START + "  task a { timeout = 5▮",
}

KEYWORDS = {
    "in a pipeline": (START + "  ▮", {"task", "if", "for", "map", "group", "finally", "return", "target"}),
    "in a task": (START + "  task a { ▮", {"require", "on", "target"}),
    "after the name of a task": (START + "  task a ▮", {"after", "task"}),
    "after a condition": (START + "  if load.rows > 1 ▮", {"as", "and", "or"}),
    "after a branch": (START + "  if load.rows > 1 { task b } ▮", {"else", "task"}),
    "in a test": (START + '}\ntest "t" for p {\n  ▮', {"given", "expect"}),
}


def labels(folder: Path, text: str) -> list[str]:
    return [item.label for item in complete(*marked(folder, text))]


@pytest.mark.parametrize("case", FIRST)
def test_what_comes_first(tmp_path: Path, case: str) -> None:
    text, expected = FIRST[case]
    assert labels(tmp_path, text)[: len(expected)] == expected


@pytest.mark.parametrize("case", NOTHING)
def test_where_nothing_is_offered(tmp_path: Path, case: str) -> None:
    assert labels(tmp_path, NOTHING[case]) == []


@pytest.mark.parametrize("case", KEYWORDS)
def test_keywords_that_the_parser_accepts(tmp_path: Path, case: str) -> None:
    text, expected = KEYWORDS[case]
    found = {item.label for item in complete(*marked(tmp_path, text)) if item.kind == lsp.CompletionItemKind.Keyword}
    assert expected <= found
    assert not found & {"file", "expression"}


@pytest.mark.parametrize(
    ("place", "text"),
    {
        "pipeline": START + "  ▮",
        "task": START + "  task a { ▮",
        "gate": START + "  gate a { ▮",
        "approval": START + "  approval a { ▮",
        "wait": START + '  wait a = file("x") { ▮',
        "map": START + "  map x in [1] { ▮",
        "group": START + "  group g { ▮",
    }.items(),
)
def test_every_option_of_a_place(tmp_path: Path, place: str, text: str) -> None:
    items = complete(*marked(tmp_path, text))
    options = {item.label: item for item in items if item.kind == lsp.CompletionItemKind.Property}
    assert set(options) == set(settings_of(place))
    for name, setting in settings_of(place).items():
        edit = options[name].text_edit
        assert edit is not None
        assert edit.new_text == f"{name} = "
        doc = options[name].documentation
        assert isinstance(doc, lsp.MarkupContent)
        assert doc.value == setting.doc


def test_an_option_that_is_set_is_not_offered_again(tmp_path: Path) -> None:
    found = labels(tmp_path, START + "  task a { timeout = 5m\n re▮")
    assert "timeout" not in found
    assert "retry" in found


def test_options_of_a_target_block(tmp_path: Path) -> None:
    text = START + "  task a = shell('true') { target airflow { ▮"
    items = {item.label: item for item in complete(*marked(tmp_path, text))}
    assert "pool_slots" in items
    assert "dag_display_name" not in items
    assert labels(tmp_path, text.replace("▮", "weight_rule = ▮"))[0] == '"absolute"'


def test_the_word_that_is_written_is_replaced(tmp_path: Path) -> None:
    document, offset = marked(tmp_path, "# \U0001f40d\npipeline p { owner = '\U0001f40d' ta▮")
    (item,) = [one for one in complete(document, offset) if one.label == "task"]
    assert item.text_edit == lsp.TextEdit(lsp.Range(lsp.Position(1, 26), lsp.Position(1, 28)), "task")


def test_calls_are_snippets_where_the_client_takes_them(tmp_path: Path) -> None:
    document, offset = marked(tmp_path, START + "  task a = ▮")
    texts = [
        item.text_edit.new_text
        for snippets in (True, False)
        for item in complete(document, offset, snippets=snippets)
        if item.label == "shell" and item.text_edit is not None
    ]
    assert texts == ["shell('$0')", "shell"]


def test_nothing_is_lost_in_a_file_that_is_whole(tmp_path: Path) -> None:
    found = labels(tmp_path, put_mark(GRAPH, "after fit[4], ▮load"))
    assert found[:6] == ["fits", "load", "fit", "choose", "ship", "tell"]
