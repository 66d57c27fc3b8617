"""A program in which every field of every model of the IR has a value, and that program with one field changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipec.api import load
from pipec.comparison.properties import MEANINGLESS
from pipec.ir import expressions, model, types
from pipec.ir.base import Location, Model
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Program
from pipec.ir.types import STR, ListType, ScalarType

TEXT = """\
import "lib.pipe" as lib

## All there is.
pipeline everything(
  day: date = run.date,
  ## How much.
  share: float = 0.5,
  most: float = 0.7,
  mode: "a" | "b" = "a",
  names: list[str] = ["x"],
  note: str? = "n",
  shape: dict[str, int] = { a: 1 },
) -> { auc: float? } {
  schedule        = cron("0 2 * * *", timezone = "Europe/Berlin") or asset("s3://lake/day") or every(6h)
  start           = 2026-01-01
  end             = 2027-01-01
  catchup         = true
  max_active_runs = 2
  concurrency     = 4
  deadline        = 4h
  owner           = "ml"
  tags            = ["ml"]
  on failure      = slack("#ml")
  target airflow { pool = "p" }
  require share >= 0.1
  require share <= 0.9
  require most > 0.1
  require most < 0.9

  wait lots = file("/in/${day}/*.csv") { poll = 30s  timeout = 1h  on_timeout = skip }
  wait ready = python("steps:ready", day = day)

  ## Read it.
  task extract(day, n = names[0], c = (share > 0.3 and not (share == 0.4)) ? -share : 0.0, l = [share], d = { k: day },
    t = upper("a${day}")) -> { path: dataset, rows: int, parts: list[str], meta: json } after lots
    = python("steps:extract") {
    retry        = { max: 2, delay: 30s, backoff: 2, max_delay: 5m, on: ["timeout"] }
    timeout      = 1h
    resources    = { cpu: 2, memory: 4Gi, gpu: 1, gpu_type: "a100", node_selector: { zone: "a" }, spot: true,
                     tolerations: ["gpu"], affinity: { nodeAffinity: { x: 1 } }, limits: { memory: 8Gi } }
    image        = "r/i:1"
    env          = { A: "1", B: secret("b") }
    secrets      = { C: secret("c") }
    volumes      = [{ claim: "data", path: "/data" }]
    pool         = "p"
    queue        = "q"
    priority     = 3
    cache        = 1h
    estimate     = { min: 1m, likely: 2m, max: 3m }
    failure_rate = 0.1
    produces     = ["s3://lake/rows"]
    packages     = ["pandas"]
    working_dir  = "/w"
    deadline     = 2h
    tags         = ["t"]
    on retry     = webhook("https://example.com")
    target airflow { pool = "q" }
    require rows > 1 else "only ${rows}"
  }

  ## Together.
  group fits {
    group inner {
      for algorithm in ["rf", "gbm"] {
        task train(path = extract.path, algorithm) -> { auc: float } = python("steps:train")
      }
    }
  }
  gate good { require train["rf"].auc > 0.5 else "bad" }
  if train["rf"].auc > share as better {
    task deploy = image("r/${mode}:1", command = ["run"], args = ["--day", "${day}"])
  } else {
    task tell = command(["echo", "no"])
  }
  map part in extract.parts {
    map name in names {
      task score(part, name) -> int = shell('score "$part"')
    }
    max_parallel = 3
  }
  task sum(scores = score[*]) = notebook("sum.ipynb")
  task load = sql(file("q.sql"), conn = "db")
  task tidy after load = sql("delete from t", conn = "db")
  task sub(day) = lib.called
  task spare = lib.spare
  approval ship { message = "Ship ${day}?"  approvers = ["ann"]  timeout = 1h  on_timeout = reject }
  map item in [share] { task other(item) -> { auc: float } = python("steps:other") }
  if share > 0.2 as better_too { task then = shell('true') }
  group apart { task alone = shell('true') }
  task after_all after sub, ship { trigger_rule = all_done }
  finally { task clean(id = run.id) = shell('rm "$id"') }
  return { auc: train["rf"].auc }
}

test "good" for everything {
  given extract.rows = 5
  given lots is success
  given extract.parts = ["a"]
  given share = 0.4
  given run.date = 2026-05-01
  expect extract is success
  expect train["rf"].auc > 0.1
}
"""
LIBRARY = """\
pipeline spare {
  task work = shell('spare')
}
pipeline called(day: date) {
  task work(day) = shell('true')
}
"""

ALL_MODELS = {
    one
    for module in (model, types, expressions)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, Model) and one not in (Model, Location)
}

_NOTHING = object()

_KNOWN_ELSEWHERE = {"Group.name": "apart", "MapRegion.name": "map_score", "Task.id": "alone"}
"""Names that other parts of a program use: one of each is changed, wherever it stands."""

_PARTS = {"Pipeline.groups", "Pipeline.maps", "Pipeline.parameters", "Pipeline.tasks"}
_UNUSED = {"shape", "left", "alone", "empty"}
"""Parts that nothing names."""

_OTHER_TEXTS = {
    "CombinedSchedule.kind": "and",
    "CronSchedule.expression": "0 3 * * *",
    "CronSchedule.timezone": "Asia/Tokyo",
    "Pipeline.start": "2026-02-01",
    "Pipeline.end": "2026-12-01",
}
"""Texts of a form of their own."""

_OTHER_NAMES = {
    "BranchSide.decision": "better_too",
    "Group.parent": "apart",
    "ItemReference.map": "map_other",
    "MapRegion.parent": "map_other",
    "OutputReference.task": "other",
    "PipelineCall.pipeline": "lib:spare",
    "Task.group": "apart",
    "Task.map": "map_other",
}
"""What a name is changed to that has to be one of the program: it is there, and nothing else names it."""

_ABSENT: dict[str, Any] = {
    "Expectation.condition": LiteralValue(value=True, type=STR),
    "Expectation.state": "failed",
    "Given.fact": "date",
    "Given.items": (0,),
    "Given.measure": "attempts",
    "Given.output": "rows",
    "Given.parameter": "share",
    "Given.state": "failed",
    "Given.task": "extract",
    "Given.value": LiteralValue(value=7, type=STR),
}
"""What a field is given that has no value."""


def everything(folder: Path) -> Program:
    """The program; the folder is for the file that it imports."""
    (folder / "lib.pipe").write_text(LIBRARY, "utf-8")
    program = load(folder / "everything.pipe", text=TEXT).program
    assert program is not None
    own = program.pipelines["everything"]
    left = own.maps[0].model_copy(update={"name": "left"}), own.groups[0].model_copy(update={"name": "empty"})
    own = own.model_copy(update={"maps": (*own.maps, left[0]), "groups": (*own.groups, left[1])})
    return program.model_copy(update={"pipelines": {**program.pipelines, "everything": own}})


def changed_everywhere(program: Program) -> Iterator[tuple[str, Program]]:
    """The program with a name changed that stands in several places."""
    text = program.model_dump_json()
    for key, name in _KNOWN_ELSEWHERE.items():
        yield key, Program.model_validate_json(text.replace(f'"{name}"', f'"{name}x"'))


def changed_once(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The value with one field of one model in it changed, each with the name of the field, `Task.pool`."""
    match value:
        case Location():
            return
        case Model():
            for name in value.model_fields():
                key = f"{type(value).__name__}.{name}"
                inside = getattr(value, name)
                for deeper, other in (
                    () if key in MEANINGLESS or key == "LiteralValue.type" else changed_once(inside, key)
                ):
                    yield deeper, value.model_copy(update={name: other})
                if (name != "kind" or key == "CombinedSchedule.kind") and (
                    other := _another(key, inside)
                ) is not _NOTHING:
                    yield key, value.model_copy(update={name: other})
        case tuple():
            for place, item in enumerate(value):
                for key, other in changed_once(item, path):
                    yield key, (*value[:place], other, *value[place + 1 :])
        case dict():
            for name, item in value.items():
                for key, other in changed_once(item, path):
                    yield key, {**value, name: other}


def _another(key: str, value: Any) -> Any:
    """Another value for a field; _NOTHING where there is none."""
    if key in _KNOWN_ELSEWHERE:
        return _NOTHING
    if key in _PARTS:
        return tuple(one for one in value if one.name not in _UNUSED) if len(value) > 1 else _NOTHING
    if key in _OTHER_NAMES:
        return _NOTHING if value in (None, _OTHER_NAMES[key]) else _OTHER_NAMES[key]
    match value:
        case None:
            return _ABSENT.get(key, _NOTHING)
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return _OTHER_TEXTS.get(key, f"{value}x")
        case Location():
            return value.model_copy(update={"line": value.line + 1})
        case Model():
            return _another_model(value)
        case tuple() | list() | dict():
            return type(value)() if value else _ABSENT.get(key, _NOTHING)
        case _:
            raise TypeError(key)


def _another_model(value: Model) -> Model | None:
    match value:
        case model.Options():
            return model.Options(pool="another")
        case model.Retry() | model.Resources() | model.Estimate() | model.CombinedSchedule():
            return None
        case _ if type(value).__module__ == "pipec.ir.types":
            return ListType(element=ScalarType(name="bool"))
        case _ if type(value).__module__ == "pipec.ir.expressions":
            return LiteralValue(value="another", type=STR)
        case _:
            return model.NotebookFile(path="another.ipynb")
