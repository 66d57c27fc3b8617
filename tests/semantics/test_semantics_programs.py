"""Components, imports, consts, options, schedules, tests: what stands around the tasks and what it becomes."""

from __future__ import annotations

import pytest

from pipec.ir.model import Options, Pipeline
from pipec.ir.printout import expression_text
from tests.semantics.support import check, found, good, lines, summary


def _options(pipeline: Pipeline, task: str) -> dict[str, object]:
    options: Options = pipeline.task(task).options
    return options.model_dump(exclude_defaults=True)


# --- components ----------------------------------------------------------------------------------


def test_a_component_is_placed_with_its_defaults_and_requirements() -> None:
    pipeline = good("""
    const folds = 5
    ## Fits one model.
    component train(data: dataset, folds: int = folds, day: date = run.date) -> { auc: float } = python("m:f") {
      require auc > 0.5 else "auc ${auc} of ${folds} folds"
      on failure = slack("#models")
      target airflow { pool_slots = 2 }
    }
    pipeline p(path: dataset) {
      task fit(data = path) = train {
        on retry = email("a@b")
        target airflow { weight = 1 }
      }
    }""")
    assert summary(pipeline) == ["fit | data = path, folds = 5, day = run.date"]
    (task,) = pipeline.tasks
    assert task.doc == "Fits one model."
    assert [(output.name, str(output.type)) for output in task.outputs] == [("auc", "float")]
    (requirement,) = task.requirements
    assert (requirement.source, expression_text(requirement.condition)) == ("auc > 0.5", "fit.auc > 0.5")
    assert requirement.message is not None
    assert expression_text(requirement.message) == '"auc ${fit.auc} of ${5} folds"'
    assert [(alert.events, alert.channel) for alert in task.alerts] == [(("failure",), "slack"), (("retry",), "email")]
    assert task.targets == {"airflow": {"pool_slots": 2, "weight": 1}}


def test_options_of_a_component_may_use_what_it_is_given() -> None:
    pipeline = good("""
    component work(cores: int, ram: size) = python("m:f") { resources = { cpu: cores, memory: ram } }
    pipeline p { task a(cores = 4, ram = 2Gi) = work  task b(cores = 2, ram = 1Gi) = work { resources = { gpu: 1 } } }
    """)
    assert _options(pipeline, "a")["resources"] == {"cpu": 4.0, "memory": 2147483648}
    assert _options(pipeline, "b")["resources"] == {"cpu": 2.0, "memory": 1073741824, "gpu": 1}


def test_a_component_is_checked_where_it_is_defined() -> None:
    text = """component c(x: strng, y: int = "a") -> { a: int } = pyton("m:f") {
      timout = 3h
      retries = y
      require a > z
    }"""
    assert found(text) == [
        ("P0208", 1, 16),
        ("P0201", 1, 32),
        ("P0307", 1, 53),
        ("P0301", 2, 7),
        ("P0101", 4, 19),
    ]


# --- defaults ------------------------------------------------------------------------------------

DEFAULTS = """
component work = shell('y') { timeout = 2h  env = { C: "component" }  resources = { cpu: 4 } }
pipeline p {
  image    = "base"
  defaults = {
    timeout: 1h, retry: { max: 2, delay: 30s }, env: { A: "pipeline", B: "pipeline" }, resources: { cpu: 1, gpu: 1 }
  }
  task plain = shell('x')
  group g {
    defaults = { retries: 5, env: { B: "group" } }
    task inner = work { env = { A: "task" }  resources = { memory: 1Gi } }
    task own   = shell('x') { retry = { max: 7, delay: 1s }  image = "other"  tags = ["t"] }
  }
  gate ok { require true }
}
"""


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (
            "plain",
            {
                "timeout": 3600,
                "retry": {"max": 2, "delay": 30},
                "env": {"A": "pipeline", "B": "pipeline"},
                "resources": {"cpu": 1.0, "gpu": 1},
                "image": "base",
            },
        ),
        (
            "inner",
            {
                "timeout": 7200,
                "retry": {"max": 5, "delay": 30},
                "env": {"A": "task", "B": "group", "C": "component"},
                "resources": {"cpu": 4.0, "gpu": 1, "memory": 1073741824},
                "image": "base",
            },
        ),
        (
            "own",
            {
                "timeout": 3600,
                "retry": {"max": 7, "delay": 1},
                "env": {"A": "pipeline", "B": "group"},
                "resources": {"cpu": 1.0, "gpu": 1},
                "image": "other",
                "tags": ("t",),
            },
        ),
        ("ok", {}),
    ],
)
def test_defaults_merge_and_the_inner_wins(task: str, expected: dict[str, object]) -> None:
    assert _options(good(DEFAULTS), task) == expected


@pytest.mark.parametrize(
    ("written", "name", "value"),
    [
        ("retries = 3", "retry", {"max": 3}),
        (
            'retry = { max: 2, delay: 1m, backoff: 2, max_delay: 10m, on: ["ConnectionError", 75, "timeout"] }',
            "retry",
            {"max": 2, "delay": 60, "backoff": 2.0, "max_delay": 600, "on": ("ConnectionError", 75, "timeout")},
        ),
        ("timeout = 90m", "timeout", 5400),
        ("estimate = 5m", "estimate", {"min": 300, "likely": 300, "max": 300}),
        ("estimate = { min: 1m, likely: 2m, max: 4m }", "estimate", {"min": 60, "likely": 120, "max": 240}),
        (
            "resources = { cpu: 0.5, memory: 2Gi, limits: { memory: 4Gi } }",
            "resources",
            {"cpu": 0.5, "memory": 2147483648, "limits": {"memory": 4294967296}},
        ),
        ("cache = 7d", "cache", 604800),
        ("priority = -3", "priority", -3),
        ('produces = ["s3://x"]', "produces", ("s3://x",)),
    ],
)
def test_options_have_the_units_of_the_ir(written: str, name: str, value: object) -> None:
    assert _options(good(f"pipeline p {{ task t = shell('x') {{ {written} }} }}"), "t") == {name: value}


@pytest.mark.parametrize(
    "written",
    [
        "retry = { max: -1 }",
        "retry = { max: 1, backoff: 0.5 }",
        'retry = { max: 1, on: ["not a name"] }',
        "retry = 3",
        "timeout = 0s",
        "failure_rate = 1.5",
        "estimate = { min: 2m, likely: 1m, max: 4m }",
        "estimate = { min: 2m }",
        "cache = 3",
        "resources = { memory: 500m }",
        "resources = { gpu: 0.5 }",
        "env = 3",
        "tags = [1]",
    ],
)
def test_options_with_values_they_cannot_have(written: str) -> None:
    codes = [place[0] for place in found(f"pipeline p {{ task t = shell('x') {{ {written} }} }}")]
    assert codes in (["P0303"], ["P0201"])


# --- consts and imports --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("const", "given", "value"),
    [
        ("limit = 3", "7", "7"),
        ("limit = 3", "2 * 4", "8"),
        ("limit: float = 3", "7", "7"),
        ("limit = true", "false", "false"),
        ('limit = "x"', "two words", '"two words"'),
        ('limit: "a" | "b" = "a"', "b", '"b"'),
        ("limit = 1h", "5m", "300"),
        ("limit = 2026-01-01", "2026-02-01", '"2026-02-01"'),
        ("limit = [1, 2]", "[3]", "[3]"),
        ("limit = [1, 2]", "[]", "[]"),
        ("limit = null", "3", "3"),
    ],
)
def test_a_const_is_replaced_from_outside(const: str, given: str, value: str) -> None:
    pipeline = good(f'const {const}\npipeline p {{ task t(limit) = python("m:f") }}', constants={"limit": given})
    (task,) = pipeline.tasks
    assert expression_text(task.inputs[0].value) == value


@pytest.mark.parametrize("given", ["x", "1.5", '"7"', "[1]", "null", 'env("HOME")', "1 +", ""])
def test_a_const_is_not_replaced_by_what_it_cannot_be(given: str) -> None:
    text = 'const limit = 3\npipeline p { task t(limit) = python("m:f") }'
    assert found(text, constants={"limit": given}) == [("P0201", 1, 1)]


def test_consts_need_no_order_and_follow_what_is_replaced() -> None:
    text = 'const b = a * 2\nconst a = 3\npipeline p { const c = b + 1  task t(c) = python("m:f") }'
    assert summary(good(text)) == ["t | c = 7"]
    assert summary(good(text, constants={"a": "10"})) == ["t | c = 21"]
    assert summary(good(text, constants={"c": "1"})) == ["t | c = 1"]


def test_imports_are_namespaced_and_bring_all_kinds_of_things() -> None:
    loaded = check(
        """import "lib/models.pipe" as models
        pipeline main_pipeline(a: models.Algorithm = models.best) {
          for x in models.all { task fit(a = x) = models.train }
          task sub(n = 2) = models.evaluation
          task show(v = sub.score, a) = python("m:f")
        }""",
        {
            "lib/models.pipe": """import "shared.pipe" as shared
        type Algorithm = "rf" | "gbm"
        const best = "rf"
        const all = ["rf", "gbm"]
        component train(a: Algorithm, folds: int = shared.folds) = python("m:f")
        pipeline evaluation(n: int, m: int = 1) -> { score: float } {
          task judge(n) -> float = python("m:f")
          return { score: judge }
        }
        pipeline not_called { task x }""",
            "lib/shared.pipe": "const folds = 5",
        },
    )
    assert loaded.diagnostics.found == []
    assert loaded.program is not None
    assert loaded.program.own == ("main_pipeline",)
    assert list(loaded.program.pipelines) == ["main_pipeline", "lib/models:evaluation"]
    assert summary(loaded.program.pipelines["main_pipeline"]) == lines("""
        fit["rf"] | a = "rf", folds = 5
        fit["gbm"] | a = "gbm", folds = 5
        sub | n = 2
        show <- sub | v = sub.score, a = a
    """)
    assert loaded.program.pipelines["main_pipeline"].task("sub").implementation.model_dump() == {
        "kind": "pipeline",
        "pipeline": "lib/models:evaluation",
    }
    assert set(loaded.sources) == {"main.pipe", "lib/models.pipe", "lib/shared.pipe"}


def test_a_file_imported_twice_is_read_once_and_its_faults_are_reported_once() -> None:
    files = {
        "a.pipe": 'import "c.pipe" as c\ncomponent x(n: int = c.n) = python("m:f")',
        "b.pipe": 'import "c.pipe" as c\ncomponent x(n: int = c.n) = python("m:f")',
        "c.pipe": "const n = 1 / 0",
    }
    text = 'import "a.pipe" as a\nimport "b.pipe" as b\npipeline p { task s = a.x  task t = b.x }'
    assert found(text, files) == [("P0209", 1, 11)]


def test_an_import_used_in_a_type_or_a_component_alone_is_used() -> None:
    files = {"lib.pipe": 'type A = "x"\nconst n = 1'}
    assert found('import "lib.pipe" as lib\npipeline p(a: lib.A) { task t }', files) == []
    assert found('import "lib.pipe" as lib\ncomponent c(n: int = lib.n) = python("m:f")', files) == []


# --- pipelines -----------------------------------------------------------------------------------


def test_requirements_of_a_pipeline_become_a_gate_and_bounds() -> None:
    pipeline = good("""pipeline p(n: int = 3, f: float, s: str = "x") {
      const top = 10
      require n >= 1 else "n is ${n}"
      require f > 0.5
      require n < top
      require f <= 2 and n > 0
      require top > 1
      task a
      task b after a
      finally { task c }
    }""")
    assert summary(pipeline) == lines("""
        check_parameters
        a <- check_parameters
        b <- a
        c all_done
    """)
    assert [one.source for one in pipeline.tasks[0].requirements] == [
        "n >= 1",
        "f > 0.5",
        "n < top",
        "f <= 2 and n > 0",
    ]
    n, f, s = pipeline.parameters
    assert (n.minimum, n.exclusive_maximum, n.maximum, n.exclusive_minimum) == (1, 10, None, None)
    assert (f.exclusive_minimum, f.maximum) == (0.5, None)
    assert s.minimum is None


def test_defaults_of_parameters_may_read_the_run_and_earlier_parameters() -> None:
    pipeline = good("""pipeline p(a: int, b: int = a + 1, day: date = run.date, tags: list[str] = []) { task t }""")
    assert [one.default and expression_text(one.default) for one in pipeline.parameters] == [
        None,
        "a + 1",
        "run.date",
        "[]",
    ]
    assert found("pipeline p(b: int = a + 1, a: int = 1) { task t }") == [("P0101", 1, 21)]


@pytest.mark.parametrize(
    ("written", "schedule"),
    [
        ('cron("0 2 * * *")', {"kind": "cron", "expression": "0 2 * * *", "timezone": "UTC"}),
        (
            'cron("*/15 8-18 1,15 JAN-jun mon-5", timezone = "Europe/Berlin")',
            {"kind": "cron", "expression": "*/15 8-18 1,15 JAN-jun mon-5", "timezone": "Europe/Berlin"},
        ),
        ('cron("@daily")', {"kind": "cron", "expression": "@daily", "timezone": "UTC"}),
        ('cron("0 0 L * 1#2")', {"kind": "cron", "expression": "0 0 L * 1#2", "timezone": "UTC"}),
        ("every(15m)", {"kind": "every", "interval": 900}),
        ('asset("s3://x")', {"kind": "asset", "uri": "s3://x"}),
        (
            'asset("a") and asset("b") and asset("c")',
            {"kind": "and", "members": tuple({"kind": "asset", "uri": uri} for uri in "abc")},
        ),
        (
            'asset("a") or every(1h)',
            {"kind": "or", "members": ({"kind": "asset", "uri": "a"}, {"kind": "every", "interval": 3600})},
        ),
    ],
)
def test_schedule(written: str, schedule: dict[str, object]) -> None:
    pipeline = good(f"pipeline p {{ schedule = {written}  task t }}")
    assert pipeline.schedule is not None
    assert pipeline.schedule.model_dump() == schedule


@pytest.mark.parametrize(
    "expression",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *"],
)
def test_cron_expressions_out_of_range(expression: str) -> None:
    assert found(f'pipeline p {{ schedule = cron("{expression}")  task t }}') == [("P0303", 1, 30)]


@pytest.mark.parametrize(
    "expression",
    ["*/0 * * * *", "a * * * *", "1,, * * * *", "* * * foo *", "@never", "* * * * mon#6", "-1 * * * *"],
)
def test_cron_expressions_that_make_no_sense(expression: str) -> None:
    assert found(f'pipeline p {{ schedule = cron("{expression}")  task t }}') == [("P0303", 1, 30)]


def test_options_of_a_pipeline() -> None:
    pipeline = good("""pipeline p {
      start = 2026-01-01  end = 2026-12-31  catchup = true  max_active_runs = 2  concurrency = 8
      deadline = 4h  owner = "ml-team"  tags = ["ml"]
      on failure, deadline = [slack("#ml"), email("a@b", subject = "late")]
      on success = webhook("https://x")
      target airflow { pool = "wafer" }
      task t
    }""")
    assert (pipeline.start, pipeline.end, pipeline.catchup) == ("2026-01-01", "2026-12-31", True)
    assert (pipeline.max_active_runs, pipeline.concurrency, pipeline.deadline) == (2, 8, 14400)
    assert (pipeline.owner, pipeline.tags) == ("ml-team", ("ml",))
    assert [(one.events, one.channel, one.arguments) for one in pipeline.alerts] == [
        (("failure", "deadline"), "slack", {"channel": "#ml"}),
        (("failure", "deadline"), "email", {"to": ["a@b"], "subject": "late"}),
        (("success",), "webhook", {"url": "https://x"}),
    ]
    assert pipeline.targets == {"airflow": {"pool": "wafer"}}


def test_what_a_pipeline_returns() -> None:
    pipeline = good("""pipeline p(n: int) -> { version: str?, rows: int } {
      task load -> int = python("m:f")
      if n > 1 { task deploy -> { version: str } = python("m:f") }
      return { version: deploy.version, rows: load }
    }""")
    assert pipeline.returns is not None
    assert expression_text(pipeline.returns) == "{ version: deploy.version, rows: load.output }"
    nullable = """pipeline p(n: int) -> { version: str } {
      if n > 1 { task deploy -> { version: str } = python("m:f") }
      return { version: deploy.version }
    }"""
    assert found(nullable) == [("P0203", 3, 25)]
