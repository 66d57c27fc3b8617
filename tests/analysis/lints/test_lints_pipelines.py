"""The rules about whole pipelines: what they find, and what comes near and is none of their business."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipec.api import load
from tests.analysis.lints.linting import body, found, lints, lints_of, scheduled

_DAILY = 'schedule = cron("@daily")'
_DEPLOY = "task train = shell('x')\nif ok { task deploy = shell('x') }"
_BOTH = "if ok { task left = shell('x') } else { task right = shell('x') }"
_FLAG = "pipeline p(ok: bool = true)"

FOUND: list[tuple[str, str, list[str]]] = [
    # P0451: deadlines that cannot be kept
    ("P0451", body("deadline = 1h\ntask a = shell('x') { estimate = 61m }"), ["2 deadline"]),
    (
        "P0451",
        body("deadline = 1h\ntask a = shell('x') { estimate = 40m }\ntask b after a = shell('x') { estimate = 40m }"),
        ["2 deadline"],
    ),
    (
        "P0451",
        body(
            "deadline = 1h\ntask a = shell('x') { estimate = 40m }\nfinally { task b = shell('x') { estimate = 40m } }"
        ),
        ["2 deadline"],
    ),
    (
        "P0451",
        body("task a = shell('x') { estimate = 1h }\ntask b after a = shell('x') { estimate = 1m  deadline = 1h }"),
        ["3 deadline"],
    ),
    (
        "P0451",
        body("deadline = 1h\ntask a = shell('x') { estimate = { min: 61m, likely: 70m, max: 80m } }"),
        ["2 deadline"],
    ),
    # L108: deadlines that are likely missed
    (
        "L108",
        body("deadline = 1h\ntask a = shell('x') { estimate = { min: 50m, likely: 70m, max: 80m } }"),
        ["2 deadline"],
    ),
    (
        "L108",
        body(
            "task a = shell('x') { estimate = { min: 50m, likely: 70m, max: 80m } }\n"
            "task b after a = shell('x') { estimate = 5m  deadline = 1h }"
        ),
        ["3 deadline"],
    ),
    # L107: retries that come too late
    ("L107", body("deadline = 1h\ntask a = shell('x') { retry = { max: 3, delay: 25m } }"), ["3 retry"]),
    (
        "L107",
        body("deadline = 2h\ndefaults = { retry: { max: 2, delay: 30m } }\ntask a = shell('x') { estimate = 90m }"),
        ["3 retry"],
    ),
    (
        "L107",
        body(
            "task a = shell('x') { estimate = 50m }\ntask b after a = shell('x') {\n"
            "  deadline = 1h  retry = { max: 1, delay: 11m }\n}"
        ),
        ["4 retry"],
    ),
    # L123 to L125: fan-out
    (
        "L123",
        body(
            "concurrency = 4\nmap x in xs {\n  max_parallel = 5\n  task a(x) = shell('x')\n}",
            "pipeline p(xs: list[int])",
        ),
        ["3 x in xs"],
    ),
    ("L124", body("map x in xs {\n  task a(x) = shell('x')\n}", "pipeline p(xs: list[int])"), ["2 x in xs"]),
    ("L125", body("concurrency = 2\nfor x in [1, 2, 3] {\n  task a(x) = shell('x')\n}"), ["4 a"]),
    # L130 to L134: schedules
    ("L130", body(f"{_DAILY}\nstart = 2026-01-01\ncatchup = true\ntask a = shell('x')"), ["4 catchup"]),
    ("L131", body(f"{_DAILY}\ncatchup = true\ntask a = shell('x')"), ["3 catchup"]),
    ("L132", body(f"{_DAILY}\ntask a = shell('x')"), ["1 p"]),
    ("L132", body("schedule = every(15m)\ntask a = shell('x')"), ["1 p"]),
    ("L133", scheduled("task a = shell('x')"), ["1 p"]),
    ("L133", scheduled("task a = shell('x')\non success, deadline = slack(\"#x\")"), ["1 p"]),
    ("L134", body("deadline = 1h\ntask a = shell('x')"), ["2 deadline"]),
    ("L134", body("deadline = 1h\ntask a = shell('x')\non failure = slack(\"#x\")"), ["2 deadline"]),
    ("L134", body("task a = shell('x') { deadline = 1h }"), ["2 deadline"]),
    # L140: joins
    (
        "L140",
        body(f"{_DEPLOY}\ntask report after train, deploy {{ trigger_rule = all_success }}", _FLAG),
        ["4 trigger_rule"],
    ),
    (
        "L140",
        body(
            f"defaults = {{ trigger_rule: all_success }}\n{_DEPLOY}\ntask report after train, deploy = shell('x')",
            _FLAG,
        ),
        ["2 trigger_rule"],
    ),
    ("L140", body(f"{_BOTH}\ntask end after left, right {{ trigger_rule = none_skipped }}", _FLAG), ["3 trigger_rule"]),
    (
        "L140",
        body(f"{_BOTH}\ntask end after left, right {{ trigger_rule = all_done_min_one_success }}", _FLAG),
        ["3 trigger_rule"],
    ),
    (
        "L140",
        body(f"{_DEPLOY}\ntask end after train, deploy {{ trigger_rule = all_done_min_one_success }}", _FLAG),
        ["4 trigger_rule"],
    ),
    # L141: no effect
    ("L141", body("task a\ntask b = shell('x')"), ["2 a"]),
    # L153: unused outputs
    ("L153", body("task a -> { n: int, m: int } = python(\"s:f\")\ntask b(n = a.n) = shell('x')"), ["2 a"]),
    ("L153", body('task a -> int = python("s:f")'), ["2 a"]),
]
"""The code, a file, and what the rule points at."""

QUIET: list[tuple[str, str]] = [
    ("P0451", body("deadline = 1h\ntask a = shell('x') { estimate = 60m }")),
    ("P0451", body("deadline = 1s\ntask a = shell('x')\ntask b after a = shell('x')")),
    ("P0451", body("deadline = 1h\ntask a = shell('x') { estimate = 40m }\ntask b = shell('x') { estimate = 40m }")),
    ("P0451", body("task a = shell('x') { estimate = 2h }")),
    ("P0451", body("deadline = 1h\ntask a = shell('x') { estimate = { min: 50m, likely: 70m, max: 80m } }")),
    ("L108", body("deadline = 1h\ntask a = shell('x') { estimate = { min: 50m, likely: 60m, max: 80m } }")),
    ("L108", body("deadline = 1h\ntask a = shell('x') { estimate = { min: 61m, likely: 70m, max: 80m } }")),
    ("L108", body("deadline = 1h\ntask a = shell('x') { estimate = 70m }")),
    (
        "P0451",
        body(
            "deadline = 1h\nif ok { task a = shell('x') { estimate = 40m } }"
            " else { task b = shell('x') { estimate = 40m } }",
            _FLAG,
        ),
    ),
    ("L107", body("deadline = 1h\ntask a = shell('x') { retry = { max: 3, delay: 20m } }")),
    ("L107", body("deadline = 1h\ntask a = shell('x') { retry = { max: 9, delay: 5m, backoff: 2, max_delay: 6m } }")),
    ("L107", body("task a = shell('x') { retry = { max: 3, delay: 25h } }")),
    ("L107", body("deadline = 1h\ntask a = shell('x') { estimate = 2h  retry = { max: 1, delay: 1m } }")),
    (
        "L123",
        body(
            "concurrency = 4\nmap x in xs {\n  max_parallel = 4\n  task a(x) = shell('x')\n}",
            "pipeline p(xs: list[int])",
        ),
    ),
    ("L123", body("map x in xs {\n  max_parallel = 99\n  task a(x) = shell('x')\n}", "pipeline p(xs: list[int])")),
    ("L124", body("map x in xs {\n  max_parallel = 4\n  task a(x) = shell('x')\n}", "pipeline p(xs: list[int])")),
    ("L124", body("concurrency = 4\nmap x in xs {\n  task a(x) = shell('x')\n}", "pipeline p(xs: list[int])")),
    ("L124", body("map x in xs {\n  task a(x) = shell('x') { pool = \"gpu\" }\n}", "pipeline p(xs: list[int])")),
    ("L125", body("concurrency = 3\nfor x in [1, 2, 3] {\n  task a(x) = shell('x')\n}")),
    ("L125", body("for x in [1, 2, 3] {\n  task a(x) = shell('x')\n}")),
    ("L130", body(f"{_DAILY}\nstart = 2026-01-01\ncatchup = true\nmax_active_runs = 3\ntask a = shell('x')")),
    ("L130", body(f"{_DAILY}\nstart = 2026-01-01\ncatchup = false\ntask a = shell('x')")),
    ("L130", body("catchup = true\ntask a = shell('x')")),
    ("L131", body(f"{_DAILY}\ntask a = shell('x')")),
    ("L131", body(f"{_DAILY}\nstart = 2026-01-01\ncatchup = true\ntask a = shell('x')")),
    ("L132", body("task a = shell('x')")),
    ("L132", body(f"{_DAILY}\nowner = \"x\"\ntask a = shell('x')")),
    ("L133", scheduled("task a = shell('x')\non failure = slack(\"#x\")")),
    ("L133", scheduled("task a = shell('x') { on failure = slack(\"#x\") }")),
    ("L133", body("task a = shell('x')")),
    ("L134", body("deadline = 1h\ntask a = shell('x') { deadline = 30m }\non failure, deadline = slack(\"#x\")")),
    ("L134", body("task a = shell('x') { deadline = 30m  on deadline = slack(\"#x\") }")),
    ("L140", body(f"{_DEPLOY}\ntask report after train, deploy = shell('x')", _FLAG)),
    ("L140", body(f"{_DEPLOY}\ntask after_deploy after deploy = shell('x') {{ trigger_rule = all_success }}", _FLAG)),
    ("L140", body(f"{_DEPLOY}\ntask report after train, deploy {{ trigger_rule = all_done }}", _FLAG)),
    ("L140", body(f"{_BOTH}\ntask end after left, right {{ trigger_rule = one_success }}", _FLAG)),
    ("L140", body(f"{_DEPLOY}\ntask more after train = shell('x') {{ trigger_rule = all_success }}", _FLAG)),
    (
        "L140",
        body(
            "task train = shell('x')\nif ok {\n  task a = shell('x')\n"
            "  task b after a, train = shell('x') { trigger_rule = all_success }\n}",
            _FLAG,
        ),
    ),
    ("L141", body("task a\ntask b after a = shell('x')")),
    ("L141", body("task a = shell('x')\ntask b after a")),
    ("L141", body('gate a { require len(env("X")) > 3 }')),
    ("L141", body('task a { on success = slack("#x") }')),
    ("L153", body('task a -> { n: int } = python("s:f")\nreturn { n: a.n }', "pipeline p -> { n: int }")),
    ("L153", body('task a -> { n: int } = python("s:f") { require n > 0 }')),
    ("L153", body("for x in [1, 2] { task a(x) -> int = python(\"s:f\") }\ntask b(n = a[1]) = shell('x')")),
    ("L153", body("if a.n > 3 { task b = shell('x') }\ntask a -> { n: int } = python(\"s:f\")")),
]


@pytest.mark.parametrize(("code", "text", "places"), FOUND)
def test_what_is_found(code: str, text: str, places: list[str]) -> None:
    assert found(text, code) == places


@pytest.mark.parametrize(("code", "text"), QUIET)
def test_near_misses(code: str, text: str) -> None:
    assert found(text, code) == []


def test_a_deadline_that_cannot_be_kept_is_an_error_that_names_the_path() -> None:
    text = body("""deadline = 1h
task extract = shell('x') { estimate = 20m }
task mark after extract
task train after mark = shell('x') { estimate = 50m }""")
    (one,) = lints(text, {"P0451"})
    assert one.severity == "error"
    assert "1h10m" in one.message
    assert one.notes == ("the critical path: extract (20m) -> train (50m)",)


def test_a_long_path_is_shortened() -> None:
    tasks = "\n".join(f"task t{n}{f' after t{n - 1}' if n else ''} = shell('x') {{ estimate = 1m }}" for n in range(9))
    (one,) = lints(body(f"deadline = 5m\n{tasks}"), {"P0451"})
    assert one.notes == ("the critical path: t0 (1m) -> t1 (1m) -> t2 (1m) -> t3 (1m) -> t4 (1m) -> 3 more -> t8 (1m)",)


def test_only_pipelines_of_the_file_itself_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "lib.pipe").write_text("pipeline part { task a = shell('curl example.com') }", "utf-8")
    loaded = load(tmp_path / "main.pipe", text='import "lib.pipe" as lib\npipeline p { task part = lib.part }')
    assert lints_of(loaded) == []
