"""Maps, decisions in them, pipelines as tasks and joins that race do the same here and in a real Airflow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pipec
from tests.conformance.both import run_both
from tests.support.airflow import AirflowHome

STEPS = '''"""Task code of the pipelines of these tests."""


def items(n: int) -> list:
    return list(range(1, n + 1))


def info(n):
    return {"ids": [10 * number for number in range(n)], "scale": 0.5}


def scrub(day, item):
    return {"path": f"/data/{day}", "n": score(item, fail=1, empty=-1)}


def weigh(n, factor):
    return n * factor


def two():
    return [1, 2]


def text(**values) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(values.items()))


def score(item, fail=0, empty=0):
    if item == fail:
        raise ValueError("meant to fail")
    return None if item == empty else item * 1.5


def fail(**values):
    raise ValueError("meant to fail")


def nothing(**values):
    pass
'''

MAPPED = """\
pipeline p(n: int = 3, broken: int = 0, empty: int = 0) -> { all: str? } {
  task found(n) -> list[int] = python("steps:items")
  task info(n) -> { ids: list[int], scale: float } = python("steps:info")
  map item in found {
    task score(item, fail = broken, empty) -> float? = python("steps:score")
    if (score ?? 0.0) > 2.0 as high {
      task good(score = score) -> str = python("steps:text")
    } else {
      task bad(item) -> str = python("steps:text")
    }
    task joined(a = good ?? "none", b = bad ?? "none", scale = info.scale) -> str = python("steps:text")
    task last after joined = shell('echo last') { trigger_rule = all_done }
    task alarm after score = python("steps:nothing") { trigger_rule = one_failed }
  }
  map id in info.ids {
    task single(id) -> int = shell('echo "$id" > "$PIPEC_OUTPUTS/output"')
  }
  task strict(scores = score[*], names = joined[*]) -> str = python("steps:text")
  task lenient(names = joined[*], singles = single[*]) -> str after last, alarm = python("steps:text") {
    trigger_rule = all_done
  }
  finally {
    task bye(scores = score[*]) -> str = python("steps:text")
  }
  return { all: strict }
}
"""

PARTS = """\
pipeline clean(day: str, factor: float = 2.0, broken: int = 0) -> { path: str, total: float } {
  task scrub(day, item = broken) -> { path: str, n: float } = python("steps:scrub")
  task weigh(n = scrub.n, factor) -> float = python("steps:weigh")
  if factor > 1.0 as heavy {
    task lift(weigh) -> str = python("steps:text")
  }
  task closing(day) after weigh, lift = python("steps:nothing") { trigger_rule = all_done }
  task parts -> list[int] = python("steps:two")
  map part in parts {
    task split(part, day) -> str = python("steps:text")
  }
  finally { task sweep(day) = python("steps:nothing") }
  return { path: scrub.path, total: weigh }
}

pipeline p(run_it: bool = true, broken: int = 0, days: list[str] = ["mon", "tue"]) {
  task before = python("steps:nothing")
  if run_it as wanted {
    task cleaned(day = "today", broken) after before = clean
  }
  task use(path = cleaned.path ?? "none") -> str = python("steps:text")
  for factor in [0.5, 3.0] {
    task both(day = "x", factor) = clean
  }
  task gathered(totals = both[*].total) -> str = python("steps:text")
}
"""

RACES = """\
pipeline p(high: bool = true, broken: int = 0) {
  task slow(item = broken, fail = 1) -> float? = python("steps:score")
  if high as choose {
    task chosen -> str after slow = python("steps:text")
    task inner -> str = python("steps:text")
  }
  task behind -> str after inner, slow = python("steps:text") { trigger_rule = all_success }
  task lenient -> str after inner, slow = python("steps:text") { trigger_rule = none_failed_min_one_success }
  task after_all -> str after behind = python("steps:text")
}
"""

CASES: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (MAPPED, {}, {"strict": "success", "lenient": "success", "bye": "success"}),
    (MAPPED, {"empty": 2}, {"strict": "success"}),
    (MAPPED, {"broken": 2}, {"strict": "upstream_failed", "lenient": "success", "bye": "success"}),
    (MAPPED, {"n": 0}, {"score": "skipped", "strict": "skipped", "lenient": "success"}),
    (PARTS, {}, {"cleaned": "success", "use": "success", "gathered": "success"}),
    (PARTS, {"run_it": False}, {"cleaned": "skipped", "use": "success", "gathered": "success"}),
    (PARTS, {"broken": 1}, {"cleaned": "failed", "use": "upstream_failed", "cleaned/sweep": "success"}),
    (RACES, {}, {"chosen": "success", "behind": "success", "lenient": "success"}),
    (RACES, {"high": False}, {"chosen": "skipped", "behind": "skipped", "lenient": "success"}),
    (RACES, {"broken": 1}, {"chosen": "upstream_failed", "behind": "upstream_failed", "lenient": "upstream_failed"}),
    (
        RACES,
        {"high": False, "broken": 1},
        {"chosen": "upstream_failed", "behind": "upstream_failed", "lenient": "upstream_failed"},
    ),
]


@pytest.mark.engine
@pytest.mark.parametrize(("text", "parameters", "states"), CASES)
def test_a_run_is_the_same_here_and_in_airflow(
    text: str, parameters: dict[str, Any], states: dict[str, str], airflow: AirflowHome, tmp_path: Path
) -> None:
    (tmp_path / "p.pipe").write_text(text, "utf-8")
    (tmp_path / "steps.py").write_text(STEPS, "utf-8")
    loaded = pipec.load(tmp_path / "p.pipe")

    local, _ = run_both(loaded, "p", {"steps.py": STEPS}, airflow, tmp_path / "store", parameters)

    assert {task: local.tasks[task].state for task in states} == states
