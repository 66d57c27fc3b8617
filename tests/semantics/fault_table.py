"""Wrong files: each with every diagnostic it gives (code, line, column) and words of what the one in question says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.semantics.support import Place


@dataclass(frozen=True)
class Fault:
    """`text` is wrong in one way: `place` says how and where, and everything in `says` stands in the diagnostic."""

    place: Place
    says: tuple[str, ...]
    text: str
    files: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)


TEN: dict[str, Fault] = {
    "unknown option": Fault(
        ("P0301", 2, 31),
        ("unknown option `timout` on task `load`", "there is `timeout`"),
        """pipeline p {
  task load = shell('load') { timout = 1h }
}""",
    ),
    "unknown task after": Fault(
        ("P0101", 3, 19),
        ("task `extarct` is not defined", "there is a task `extract`"),
        """pipeline p {
  task extract = shell('extract')
  task load after extarct = shell('load')
}""",
    ),
    "unknown task in an expression": Fault(
        ("P0101", 3, 20),
        ("`extarct` is not defined", "there is `extract`"),
        """pipeline p {
  task extract -> { rows: int } = python("steps:extract")
  task load(rows = extarct.rows) = python("steps:load")
}""",
    ),
    "cycle of three": Fault(
        ("P0401", 2, 14),
        (
            "tasks depend on each other in a circle: `a` -> `b` -> `c` -> `a`",
            "`b` depends on `a` here",
            "`c` depends on `b` here",
            "`a` depends on `c` here",
        ),
        """pipeline p {
  task a(n = c) -> int = python("steps:a")
  task b after a
  task c(n = 1) -> int after b = python("steps:c")
}""",
    ),
    "type mismatch": Fault(
        ("P0201", 3, 20),
        ("input `rows` needs int, this is str",),
        """component load(rows: int) = python("steps:load")
pipeline p(name: str) {
  task load(rows = name) = load
}""",
    ),
    "missing required input": Fault(
        ("P0204", 3, 8),
        ("task `load` does not give the input `rows` that `load` needs", "add `rows = …`"),
        """component load(rows: int, limit: int = 3) = python("steps:load")
pipeline p {
  task load = load
}""",
    ),
    "unused import": Fault(
        ("L001", 1, 1),
        ("import `training` is not used",),
        """import "lib/training.pipe" as training
pipeline p {
  task load = shell('load')
}""",
        {"lib/training.pipe": 'component train = python("steps:train")'},
    ),
    "possibly null without ??": Fault(
        ("P0203", 5, 25),
        (
            "`deploy.version` may be null, and input `version` needs a value",
            "this is str?",
            "task `deploy` may be skipped",
            "`deploy.version ?? …`",
        ),
        """pipeline p(auc: float) {
  if auc > 0.9 {
    task deploy -> { version: str } = python("steps:deploy")
  }
  task report(version = deploy.version) = python("steps:report")
}""",
    ),
    "run-time list in for": Fault(
        ("P0402", 3, 14),
        (
            "`for` needs a list known when compiling, `find` is known only in the run",
            "use map: `map lot in find { … }`",
        ),
        """pipeline p {
  task find -> list[str] = python("steps:find")
  for lot in find {
    task score(lot) = python("steps:score")
  }
  task summary(all = score[*]) after score = python("steps:summary")
}""",
    ),
    "interpolation in shell": Fault(
        ("P0306", 2, 38),
        (
            "the text of `shell` is never interpolated",
            "a value would become code here",
            "make it an input, `(day)`, and write $day in a text of single quotes",
        ),
        """pipeline p(day: date) {
  task load = shell("load.sh --day ${day}")
}""",
    ),
    "unclosed brace": Fault(
        ("P0010", 2, 28),
        ("`{` is never closed",),
        """pipeline p {
  task load = shell('load')
""",
    ),
}
"""The ten wrong files that every reader of the manual meets."""


SIX = """import "lib.pipe" as lib
pipeline p(day: date, lots: list[str]) {
  task extract(day) -> { rows: int } = shell("extract ${day}") { timout = 1h }
  task load after extarct = shell('load')
  for lot in lots { task score(lot) = python("steps:score") }
  if extract.rows > 10 { task fit -> int = python("steps:fit") }
  task report(n = fit) = python("steps:report")
}
"""

SIX_PLACES: list[Place] = [
    ("L001", 1, 1),
    ("P0306", 3, 57),
    ("P0301", 3, 66),
    ("P0101", 4, 19),
    ("P0402", 5, 14),
    ("P0203", 7, 19),
]


OTHERS: list[Fault] = [
    # --- names and imports ---
    Fault(("P0101", 1, 11), ("`b` is not defined",), "const a = b\npipeline p { task x }"),
    Fault(("P0101", 1, 29), ("`run` has no `dat`", "`date`"), 'pipeline p { task x(d = run.dat) = python("m:f") }'),
    Fault(("P0101", 1, 23), ("`lib` is not an imported file",), "pipeline p { task x = lib.train }"),
    Fault(("P0101", 1, 25), ("`nope` is not a function",), 'pipeline p { task x(n = nope(1)) = python("m:f") }'),
    Fault(
        ("P0101", 1, 1),
        ("there is no const `limt`", "there is `limit`"),
        "const limit = 1\npipeline p { task x }",
        constants={"limt": "2"},
    ),
    Fault(
        ("P0101", 2, 14),
        ("pipeline `q` is not defined",),
        'pipeline p { task x }\ntest "t" for q { expect x is success }',
    ),
    Fault(
        ("P0101", 2, 25),
        ("pipeline `p` has no task `extrac`", "there is `extract`"),
        'pipeline p { task extract }\ntest "t" for p { expect extrac is success }',
    ),
    Fault(("P0102", 1, 26), ("`a` is defined twice", "first defined here"), "pipeline p { task a task a }"),
    Fault(("P0102", 1, 38), ("`a` is defined twice",), "pipeline p { group a { task b } task a }"),
    Fault(("P0102", 1, 37), ("`a` is defined twice",), "pipeline p { task a group b { group a { task c } } }"),
    Fault(("P0102", 1, 32), ("`a` is defined twice",), "pipeline p { const a = 1  task a }"),
    Fault(("P0102", 1, 20), ("`a` is defined twice",), "pipeline p(a: int, a: int) { task b }"),
    Fault(("P0102", 1, 37), ("`a` is defined twice",), "pipeline p { for a in [1, 2] { task a } }"),
    Fault(
        ("P0102", 1, 64),
        ("`a` is defined twice",),
        'pipeline p { task a -> int = python("m:f") for x in [1] { task a task b(v = a) = python("m:f") } }',
    ),
    Fault(
        ("P0102", 2, 11), ("`a` is defined twice",), 'const a = 1\ncomponent a = python("m:f")\npipeline p { task b }'
    ),
    Fault(("P0102", 2, 10), ("`p` is defined twice",), "pipeline p { task b }\npipeline p { task c }"),
    Fault(
        ("P0102", 1, 34),
        ("output `x` is declared twice",),
        'pipeline p { task a -> { x: int, x: int } = python("m:f") }',
    ),
    Fault(("P0102", 1, 28), ("input `x` is given twice",), 'pipeline p { task a(x = 1, x = 2) = python("m:f") }'),
    Fault(("P0102", 1, 33), ("key `k` stands twice",), 'pipeline p { task a(x = { k: 1, k: 2 }) = python("m:f") }'),
    Fault(
        ("P0102", 1, 21),
        ("parameter `a` is declared twice",),
        'component c(a: int, a: int) = python("m:f")\npipeline p { task t(a = 1) = c }',
    ),
    Fault(
        ("P0102", 2, 8),
        ("`check_parameters` is defined twice",),
        "pipeline p(n: int) { require n > 1\n  task check_parameters }",
    ),
    Fault(
        ("P0103", 1, 8),
        ("`lib.pipe` cannot be read: No such file or directory", "relative to the importing file"),
        'import "lib.pipe" as lib\npipeline p { task b = lib.train }',
    ),
    Fault(
        ("P0104", 1, 8),
        ("files import each other: main.pipe -> lib.pipe -> main.pipe",),
        'import "lib.pipe" as lib\npipeline p { task b = lib.train }',
        {"lib.pipe": 'import "main.pipe" as main\ncomponent train = python("m:f")'},
    ),
    Fault(
        ("P0104", 1, 8),
        ("files import each other: main.pipe -> main.pipe",),
        'import "main.pipe" as me\npipeline p { task b = me.train }',
    ),
    Fault(
        ("P0105", 2, 29),
        ("`lib` does not define `thing`", "there is `things`"),
        'import "lib.pipe" as lib\npipeline p { task b(x = lib.thing) = python("m:f") }',
        {"lib.pipe": "const things = 1"},
    ),
    Fault(
        ("P0105", 2, 27),
        ("`lib` does not define `trian`", "there is `train`"),
        'import "lib.pipe" as lib\npipeline p { task b = lib.trian }',
        {"lib.pipe": 'component train = python("m:f")'},
    ),
    Fault(
        ("P0105", 2, 19),
        ("`lib` does not define `Algoritm`", "there is `Algorithm`"),
        'import "lib.pipe" as lib\npipeline p(a: lib.Algoritm) { task b }',
        {"lib.pipe": 'type Algorithm = "rf" | "gbm"'},
    ),
    Fault(
        ("P0106", 2, 25),
        ("`c` is a component, not a value",),
        'component c = python("m:f")\npipeline p { task b(x = c) = python("m:f") }',
    ),
    Fault(
        ("P0106", 1, 25),
        ("`run` is no value by itself", "`run.date`"),
        'pipeline p { task b(x = run) = python("m:f") }',
    ),
    Fault(("P0107", 1, 19), ("`myTask` cannot be a name", "small letters"), "pipeline p { task myTask }"),
    Fault(
        ("P0107", 1, 13),
        ("`maxAge` cannot be a name",),
        'component c(maxAge: int) = python("m:f")\npipeline p { task a }',
    ),
    # --- types ---
    Fault(
        ("P0201", 2, 6),
        ("the condition of `if` needs bool, this is int",),
        'pipeline p { task n -> int = python("m:f")\n  if n { task b } }',
    ),
    Fault(
        ("P0201", 1, 31),
        ("`map` needs list[json], this is int",),
        'pipeline p(n: int) { map x in n { task b(x) = python("m:f") } }',
    ),
    Fault(("P0201", 1, 23), ("`for` needs a list, this is",), "pipeline p { for x in 3 { task b } }"),
    Fault(
        ("P0201", 1, 1),
        ("const `limit` needs int, `many` is not one",),
        'const limit = 3\npipeline p { task t(limit) = python("m:f") }',
        constants={"limit": "many"},
    ),
    Fault(
        ("P0201", 1, 1),
        ('const `mode` needs "a" | "b", `c` is not one',),
        'const mode: "a" | "b" = "a"\npipeline p { task t(mode) = python("m:f") }',
        constants={"mode": "c"},
    ),
    Fault(("P0202", 1, 25), ("`+` does not work on int and",), 'pipeline p { task b(x = 1 + "a") = python("m:f") }'),
    Fault(("P0202", 1, 25), ("`not` does not work on int",), 'pipeline p { task b(x = not 1) = python("m:f") }'),
    Fault(
        ("P0202", 1, 33),
        ("both sides of `?:` need a common type",),
        'pipeline p(n: int) { task b(x = n > 1 ? 1 : "a") = python("m:f") }',
    ),
    Fault(
        ("P0203", 3, 14),
        ("`a` may be null, and `+` needs a value", "this is int?"),
        'pipeline p(n: int) {\n  if n > 1 { task a -> int = python("m:f") }\n  task b(x = a + 1) = python("m:f")\n}',
    ),
    Fault(
        ("P0203", 3, 28),
        ("`a` may be null, and input `v` needs a value",),
        """pipeline p { task a -> str = python("m:f")
  finally {
    task clean(id = 1, v = a) = shell('rm -rf "/x/$v"') } }""",
    ),
    Fault(
        ("P0205", 2, 31),
        ("component `c` has no input `dta`", "there is `data`"),
        'component c(data: int) = python("m:f")\npipeline p { task b(data = 1, dta = 2) = c }',
    ),
    Fault(
        ("P0206", 2, 16),
        ("task `a` has no output `row`", "outputs of `a`: rows", "there is `rows`"),
        'pipeline p { task a -> { rows: int } = python("m:f")\n  task b(x = a.row) = python("m:f") }',
    ),
    Fault(("P0207", 1, 25), ("`len` does not take (int)",), 'pipeline p { task b(x = len(1)) = python("m:f") }'),
    Fault(
        ("P0207", 1, 36),
        ("`round` takes no named arguments",),
        'pipeline p { task b(x = round(1.5, digits = 1)) = python("m:f") }',
    ),
    Fault(("P0208", 1, 15), ("type `strng` is not known", "there is `str`"), "pipeline p(x: strng) { task b }"),
    Fault(("P0208", 1, 6), ("type `A` is defined by itself",), "type A = list[A]\npipeline p { task b }"),
    Fault(
        ("P0208", 1, 16), ("type `strng` is not known",), 'component c(x: strng) = python("m:f")\npipeline p { task b }'
    ),
    Fault(("P0209", 1, 25), ("division by zero in 1 / 0",), 'pipeline p { task b(x = 1 / 0) = python("m:f") }'),
    Fault(
        ("P0209", 1, 25),
        ("index 3 is outside a list of 1 in [7][3]",),
        'pipeline p { task b(x = [7][3]) = python("m:f") }',
    ),
    Fault(
        ("P0210", 1, 21),
        ("input `x` cannot be a secret", "secrets = {"),
        'pipeline p { task b(x = secret("k")) = python("m:f") }',
    ),
    Fault(
        ("P0211", 2, 21),
        ("`b` declares other outputs than `c` has",),
        'component c -> { a: int } = python("m:f")\npipeline p { task b -> { a: str } = c }',
    ),
    # --- options ---
    Fault(
        ("P0301", 1, 14),
        ("unknown option `shedule` on pipeline `p`", "`schedule`"),
        "pipeline p { shedule = every(1h)  task b }",
    ),
    Fault(
        ("P0301", 1, 54),
        ("`retry` has no `dely`", "`delay`"),
        "pipeline p { task b = shell('x') { retry = { max: 1, dely: 3s } } }",
    ),
    Fault(
        ("P0301", 1, 31),
        ("unknown option `timout` on component `c`",),
        'component c = python("m:f") { timout = 1h }\npipeline p { task b }',
    ),
    Fault(
        ("P0302", 1, 36),
        ("option `schedule` is not for task `b`", "pipeline"),
        "pipeline p { task b = shell('x') { schedule = every(1h) } }",
    ),
    Fault(
        ("P0302", 1, 24), ("option `timeout` is not for group `g`",), "pipeline p { group g { timeout = 1h  task b } }"
    ),
    Fault(
        ("P0302", 2, 18),
        ("a test has no option `tries`",),
        'pipeline p { task b }\ntest "t" for p { tries = 3 expect b is success }',
    ),
    Fault(
        ("P0303", 1, 53),
        ("option `trigger_rule` cannot be `one_sucess`", "there is `one_success`"),
        "pipeline p { task a task b after a { trigger_rule = one_sucess } }",
    ),
    Fault(
        ("P0303", 1, 55),
        ("`cpu` is a number of cores, `500m` is a duration", "write 0.5"),
        "pipeline p { task b = shell('x') { resources = { cpu: 500m } } }",
    ),
    Fault(
        ("P0303", 1, 30),
        ("is no cron expression", "it has 4 fields"),
        'pipeline p { schedule = cron("0 2 * *")  task b }',
    ),
    Fault(
        ("P0303", 1, 30),
        ("is no cron expression", "`61` is no minute"),
        'pipeline p { schedule = cron("61 2 * * *")  task b }',
    ),
    Fault(
        ("P0303", 1, 54),
        ("time zone `Europe/Berln` is not known", "Europe/Berlin"),
        'pipeline p { schedule = cron("0 2 * * *", timezone = "Europe/Berln")  task b }',
    ),
    Fault(("P0303", 1, 25), ("`15m` is no schedule",), "pipeline p { schedule = 15m  task b }"),
    Fault(("P0303", 1, 31), ("interval must be longer",), "pipeline p { schedule = every(0s)  task b }"),
    Fault(
        ("P0303", 2, 3),
        ("option `end` is before `start`",),
        "pipeline p { start = 2026-02-01\n  end = 2026-01-01  task b }",
    ),
    Fault(("P0303", 1, 25), ("`failur` is no event", "`failure`"), 'pipeline p { task b  on failur = slack("#a") }'),
    Fault(("P0303", 2, 30), ("`broken` is no state",), 'pipeline p { task b }\ntest "t" for p { expect b is broken }'),
    Fault(("P0303", 1, 46), ("`retries` cannot be negative",), "pipeline p { task b = shell('x') { retries = -1 } }"),
    Fault(("P0303", 1, 47), ("`env.K` needs text",), "pipeline p { task b = shell('x') { env = { K: 1 } } }"),
    Fault(
        ("P0304", 1, 54),
        ("option `retries` must be known when compiling", "known only when the run starts"),
        "pipeline p(n: int) { task b = shell('x') { retries = n } }",
    ),
    Fault(
        ("P0304", 1, 32),
        ("const `m` must be known when compiling",),
        'pipeline p(n: int) { const m = 2 * n task b(m) = python("m:f") }',
    ),
    Fault(
        ("P0305", 1, 50),
        ("option `timeout` is set twice", "first set here"),
        "pipeline p { task b = shell('x') { timeout = 1h  timeout = 2h } }",
    ),
    Fault(
        ("P0305", 1, 40),
        ("option `timeout` is set twice", "first set here"),
        "pipeline p { defaults = { timeout: 1h, timeout: 2h } task b = shell('x') }",
    ),
    Fault(
        ("P0305", 1, 48),
        ("`retries` and `retry` both say how often", "first set here", "`retry = { max: 3, delay: 1m }`"),
        "pipeline p { task b = shell('x') { retries = 3 retry = { delay: 1m } } }",
    ),
    Fault(
        ("P0305", 1, 49),
        ("`retries` and `retry` both say how often", "first set here", "`retry: { max: 3, delay: 1m }`"),
        "pipeline p { defaults = { retry: { delay: 1m }, retries: 3 } task b = shell('x') }",
    ),
    Fault(
        ("P0306", 1, 44),
        ("the text of `shell` is never interpolated", "`(value = n + 1)`", "$value"),
        'pipeline p(n: int) { task b = shell("run ${n + 1}") }',
    ),
    Fault(
        ("P0306", 1, 48),
        ("the text of `sql` is never interpolated", "write :day"),
        'pipeline p(day: date) { task b = sql("select ${day}") }',
    ),
    Fault(
        ("P0307", 1, 23), ("`pyton` is no implementation", "there is `python`"), 'pipeline p { task b = pyton("m:f") }'
    ),
    Fault(
        ("P0307", 2, 23),
        ("`trian` is not defined", "there is `train`"),
        'component train = python("m:f")\npipeline p { task b = trian }',
    ),
    Fault(
        ("P0307", 2, 15),
        ("component `d` is made of another component",),
        'component c = python("m:f")\ncomponent d = c\npipeline p { task b }',
    ),
    Fault(
        ("P0307", 1, 23),
        ("`fle` is nothing that can be waited for", "there is `file`"),
        'pipeline p { wait b = fle("x") }',
    ),
    Fault(("P0307", 1, 34), ("tells nobody", "there is `slack`"), 'pipeline p { task b on failure = slak("#x") }'),
    Fault(
        ("P0308", 1, 30), ("`m.f` does not name a Python function", "a colon"), 'pipeline p { task b = python("m.f") }'
    ),
    Fault(("P0308", 1, 23), ("`command` is not called like this",), "pipeline p { task b = command() }"),
    # --- graph ---
    Fault(("P0401", 1, 7), ("const `a` depends on itself",), "const a = a + 1\npipeline p { task x }"),
    Fault(("P0401", 1, 25), ("circle: `a` -> `a`",), 'pipeline p { task a(x = a) -> int = python("m:f") }'),
    Fault(
        ("P0401", 1, 45),
        ("circle: `a[1]` -> `b[1]` -> `a[1]`",),
        "pipeline p { for x in [1, 2] { task a after b  task b after a } }",
    ),
    Fault(
        ("P0403", 1, 23), ("holds a value twice",), 'pipeline p { for x in ["a", "a"] { task t(x) = python("m:f") } }'
    ),
    Fault(
        ("P0403", 1, 23),
        ("a `for` needs simple values",),
        'pipeline p { for x in [[1], [2]] { task t(x) = python("m:f") } }',
    ),
    Fault(
        ("P0404", 2, 14),
        ("`t` has 2 instances", 'pick one, `t["a"]`, or all as a list, `t[*]`'),
        'pipeline p { for x in ["a", "b"] { task t(x) -> int = python("m:f") }\n  task u(v = t) = python("m:f") }',
    ),
    Fault(
        ("P0404", 2, 14),
        ('`t` has no instance ["c"]', 'instances: ["a"], ["b"]'),
        'pipeline p { for x in ["a", "b"] { task t(x) -> int = python("m:f") }\n  task u(v = t["c"]) = python("m:f") }',
    ),
    Fault(
        ("P0404", 2, 16),
        ("an instance is picked by a constant",),
        """pipeline p(k: str) { for x in ["a", "b"] { task t(x) -> int = python("m:f") }
  task u(v = t[k]) = python("m:f") }""",
    ),
    Fault(
        ("P0404", 2, 14),
        ("task `t` runs once per item of a `map`", "`t[*].output`"),
        'pipeline p(k: list[str]) { map x in k { task t(x) -> int = python("m:f") }\n  task u(v = t) = python("m:f") }',
    ),
    Fault(
        ("P0404", 2, 20),
        ("`t` is a single one", "drop `[*]`"),
        """pipeline p(k: list[str]) { map x in k { task t(x) -> int = python("m:f")
        task u(v = t[*]) = python("m:f") } }""",
    ),
    Fault(
        ("P0404", 2, 14),
        ("`a` is a single one", "drop `[*]`"),
        'pipeline p { task a -> int = python("m:f")\n  task u(v = a[*]) = python("m:f") }',
    ),
    Fault(
        ("P0404", 3, 29),
        ("`t` has 2 instances", "pick one and read all its items as a list, `t[1][*]`"),
        """pipeline p(k: list[str]) {
  for n in [1, 2] { map x in k { task t(x) -> int = python("m:f") } }
  task one(w = t[1][*], v = t[*]) = python("m:f") }""",
    ),
    Fault(("P0405", 1, 24), ("`return` cannot stand in this block",), "pipeline p { group g { return 1 task b } }"),
    Fault(("P0405", 1, 33), ("this `if` holds no task",), "pipeline p(n: int) { task t  if n > 1 { } }"),
    Fault(("P0405", 1, 32), ("a pipeline returns once", "first here"), "pipeline p { task a  return 1  return 2 }"),
    Fault(("P0405", 1, 19), ("has inputs or outputs and no implementation",), "pipeline p { task a(x = 1) }"),
    Fault(
        ("P0406", 3, 8),
        ("task `c` can never run", "both sides of `big`", "drop the trigger rule"),
        """pipeline p(n: int) {
  if n > 1 as big { task a } else { task b }
  task c after a, b { trigger_rule = all_success }
}""",
    ),
    Fault(
        ("P0406", 1, 61),
        ("task `b` can never run", "move it out of the `if`"),
        "pipeline p(n: int) { if n > 1 as big { task a } else { task b after a } }",
    ),
    Fault(
        ("P0407", 2, 26),
        ("`always` cannot keep its meaning on `a`, in a branch of `big`", "move the task out of the `if`"),
        "pipeline p(n: int) { task z\n  if n > 1 as big { task a after z { trigger_rule = always } } }",
    ),
    Fault(
        ("P0408", 1, 41),
        ("finally task `b` cannot have the trigger rule `one_failed`",),
        "pipeline p { task a  finally { task b { trigger_rule = one_failed } } }",
    ),
    Fault(
        ("P0408", 1, 27),
        ("task `a` depends on the finally task `b`",),
        "pipeline p { task a after b  finally { task b } }",
    ),
    Fault(
        ("P0408", 1, 42),
        ("an `if` decided in the run",),
        "pipeline p(n: int) { task a finally { if n > 1 { task b } } }",
    ),
    Fault(("P0408", 1, 40), ("the approval `b`",), "pipeline p { task a finally { approval b } }"),
    Fault(
        ("P0409", 1, 53),
        ("a pipeline requires something of its parameters only", "`gate`"),
        'pipeline p { task a -> int = python("m:f")  require a > 1 }',
    ),
    Fault(
        ("P0410", 2, 30),
        ("this requirement never holds",),
        'const n = 1\npipeline p { task a  require n > 1 else "too small" }',
    ),
    Fault(
        ("P0411", 1, 10),
        ("pipelines call each other in a circle: p -> q -> p",),
        "pipeline p { task a = q }\npipeline q { task b = p }",
    ),
    Fault(("P0412", 1, 12), ("has no `return`",), "pipeline p -> { n: int } { task a }"),
    Fault(
        ("P0412", 1, 58),
        ("declares n, and returns { m: int }", "return { n: … }"),
        'pipeline p -> { n: int } { task a -> int = python("m:f") return { m: a } }',
    ),
    Fault(
        ("P0413", 1, 12),
        ("parameter `n` needs a default", "runs by a schedule", "`n: int = …`"),
        "pipeline p(n: int) { schedule = every(1h) task a }",
    ),
    Fault(
        ("P0303", 1, 55),
        ("`poll` must be longer than nothing",),
        'pipeline p { wait lots = file("/data/*.csv") { poll = 0s } }',
    ),
    Fault(
        ("P0203", 1, 77),
        ("`a` may be null, and `upper` needs a value",),
        'pipeline p { task a -> str? = python("m:f") task b = command(["echo", upper(a)]) }',
    ),
    Fault(("P0107", 1, 19), ("`_x` cannot be a name",), "pipeline p { task _x }"),
    Fault(("P0107", 1, 10), ("`Train` cannot be a name",), "pipeline Train { task a }"),
    # --- lints ---
    Fault(
        ("L003", 1, 76),
        ("timing decides whether `a` has ended when `g` reads it", "such as `all_done`"),
        'pipeline p { task a -> int = python("m:f") task b gate g after b { require (a ?? 0) > 0 '
        "trigger_rule = one_success } }",
    ),
    Fault(
        ("L003", 1, 58),
        ("timing decides whether `a` has ended when `c` reads it", "such as `all_done`"),
        'pipeline p { task a -> int = python("m:f") task b task c(x = a ?? 0) after b = python("m:f") '
        "{ trigger_rule = one_done } }",
    ),
    Fault(
        ("L003", 1, 83),
        ("timing decides whether `a` has ended when `b` reads it", "such as `all_done`"),
        'pipeline p(l: list[int]) { map i in l { task a(i) -> int = python("m:f") } task b(x = a[*]) = python("m:f") '
        "{ trigger_rule = one_done } }",
    ),
    Fault(
        ("L002", 1, 56),
        ("`a` is never null",),
        'pipeline p { task a -> int = python("m:f")  task b(x = a ?? 1) = python("m:f") }',
    ),
]
