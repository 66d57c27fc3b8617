"""DAG files that a real Airflow loads and runs: what becomes of every task, and of the run."""

from __future__ import annotations

import datetime
import re
import time
from pathlib import Path

import pytest

from tests.backends.airflow.compiling import compile_text
from tests.support.airflow import AirflowHome, AirflowRun

pytestmark = pytest.mark.engine

STEPS = """
import subprocess, time

class Busy(Exception): pass
class VeryBusy(Busy): pass

def ok(**inputs): return 1
def bad(**inputs): raise ValueError("as planned")
def refuse_once(attempt):
    if attempt == 1: raise ConnectionRefusedError("not yet")
def busy_once(attempt):
    if attempt == 1: raise VeryBusy("not yet")
def leave_once(attempt):
    if attempt == 1: raise SystemExit(75)
def sleep_once(attempt):
    if attempt == 1: time.sleep(30)
def third_time(attempt):
    if attempt < 3: raise RuntimeError("not yet")
    return attempt
def nothing(**inputs): return None
def same(value): return value
def all_of(**inputs): return inputs
def show(**inputs): print("SHOWN", sorted(inputs.items()))
"""


def run(airflow: AirflowHome, text: str) -> AirflowRun:
    return airflow.run(compile_text(text), {"steps.py": STEPS})


RETRIES = '''
pipeline retries(zero: int = 0, folder: str) {
  defaults = { retry: { max: 2, delay: 0s } }
  task success_3(attempt = run.attempt) -> int = python("steps:third_time")
  task failed_3 = python("steps:bad")
  task upstream_failed_0 after failed_3 = python("steps:ok")

  task failed_1_output -> int = python("steps:nothing")
  task failed_1_file -> int = shell('echo no-number > "$PIPEC_OUTPUTS/output"')
  task failed_1_require -> int = python("steps:ok") { require output > 1 else "too few" }
  task failed_1_input(share = success_3 / zero) = python("steps:ok")
  task failed_1_argument = command(["echo", "${10 % zero}"])

  group limited {
    defaults = { retry: { on: ["ConnectionError", "steps.Busy", 75] } }
    task success_2_subclass(attempt = run.attempt) = python("steps:refuse_once")
    task success_2_dotted(attempt = run.attempt) = python("steps:busy_once")
    task success_2_status(attempt = run.attempt) = python("steps:leave_once")
    task success_2_exit(attempt = run.attempt) = shell('test "$attempt" = 2 || exit 75')
    task failed_1_name = python("steps:bad")
    task failed_1_exit = shell('exit 3')
    task failed_1_timeout = shell('sleep 30') { timeout = 300ms }
  }
  group unlucky {
    defaults = { timeout: 300ms, retry: { on: ["timeout"] } }
    task success_2_timeout(attempt = run.attempt) = python("steps:sleep_once")
    task failed_1_python = python("steps:bad")
    task failed_1_bash = shell('exit 1')
    task failed_3_bash = shell('sleep 30')
  }
  group trees {
    defaults = { timeout: 500ms, retries: 0 }
    task failed_1_tree = shell('(sleep 2; echo survived > FOLDER/tree) & sleep 30')
    task failed_1_stubborn_tree(folder) = shell("""
      bash -c 'trap "" TERM; sleep 6; echo survived > "$folder/stubborn"' &
      sleep 30
    """)
  }
}
'''


def test_retries_and_timeouts(airflow: AirflowHome, tmp_path: Path) -> None:
    """Each task says in its name how it ends: its state and its number of attempts."""
    text = RETRIES.replace("FOLDER", str(tmp_path))
    came_of = airflow.run(compile_text(text), {"steps.py": STEPS}, {"folder": str(tmp_path)})
    got = {name: (came_of.states[name], came_of.attempts[name]) for name in came_of.states}
    assert got == {name: said_by(name) for name in came_of.states}
    assert came_of.state == "failed"
    assert came_of.values["success_3"] == 3
    assert "success_3 / zero: division by zero" in came_of.log
    assert "too few" in came_of.log
    time.sleep(2)
    assert list(tmp_path.iterdir()) == []


def said_by(name: str) -> tuple[str, int]:
    """`failed_1_output` says failed after 1 attempt."""
    found = re.match(r"(upstream_failed|failed|success)_(\d)", name)
    assert found is not None
    return found[1], int(found[2])


def test_trigger_rules_run_and_do_not_run(airflow: AirflowHome) -> None:
    """A task of each rule that runs, and one that does not: its name begins with what becomes of it."""
    came_of = run(
        airflow,
        """
pipeline rules {
  task ok = python("steps:ok")
  task bad = python("steps:bad")
  task dead after bad = python("steps:ok")
  task skip after ok = python("steps:ok") { trigger_rule = one_failed }
  task handled after bad = python("steps:ok") { trigger_rule = one_failed }

  task success_all_success after ok { trigger_rule = all_success }
  task upstream_failed_all_success after ok, bad { trigger_rule = all_success }
  task success_none_failed after ok, skip { trigger_rule = none_failed }
  task upstream_failed_none_failed after ok, bad { trigger_rule = none_failed }
  task success_none_failed_min_one_success after ok, skip { trigger_rule = none_failed_min_one_success }
  task skipped_none_failed_min_one_success after skip { trigger_rule = none_failed_min_one_success }
  task success_none_skipped after ok, bad { trigger_rule = none_skipped }
  task skipped_none_skipped after ok, skip { trigger_rule = none_skipped }
  task success_all_done after ok, bad, skip { trigger_rule = all_done }
  task success_all_done_min_one_success after ok, bad { trigger_rule = all_done_min_one_success }
  task upstream_failed_all_done_min_one_success after bad { trigger_rule = all_done_min_one_success }
  task success_all_failed after bad, dead { trigger_rule = all_failed }
  task skipped_all_failed after ok, bad { trigger_rule = all_failed }
  task success_all_skipped after skip { trigger_rule = all_skipped }
  task skipped_all_skipped after handled, skip { trigger_rule = all_skipped }
  task success_one_success after ok, bad { trigger_rule = one_success }
  task upstream_failed_one_success after bad, dead { trigger_rule = one_success }
  task success_one_failed after ok, bad { trigger_rule = one_failed }
  task skipped_one_failed after ok { trigger_rule = one_failed }
  task success_one_done after ok, skip { trigger_rule = one_done }
  task skipped_one_done after skip { trigger_rule = one_done }
  task success_always after dead { trigger_rule = always }
}
""",
    )
    for name, state in came_of.states.items():
        if name not in ("ok", "bad", "dead", "skip", "handled"):
            assert name.startswith(state + "_"), (name, state)
    assert {came_of.states[name] for name in ("ok", "bad", "dead", "skip")} == {
        "success",
        "failed",
        "upstream_failed",
        "skipped",
    }


BRANCHES = """
pipeline branches(auc: float = 0.9, day: date = run.date, share: float = auc / 2) -> { version: str? } {
  schedule = cron("0 2 * * *", timezone = "Pacific/Kiritimati")
  start    = 2026-01-01

  task measure(auc) -> { auc: float, note: str } = python("steps:all_of_measure")
  gate quality { require measure.auc > 0.1 else "auc is ${measure.auc}"  require measure.note != "" }
  order quality -> good_enough
  if measure.auc >= 0.8 as good_enough {
    task ship
    task deploy(note = measure.note) -> { version: str } after ship = python("steps:deploy")
  } else {
    task alert(auc = measure.auc) = shell('test "$auc" = 0.5')
  }
  task report(version = deploy.version ?? "unchanged", day, share, at = run.timestamp, pipeline = run.pipeline) -> str
    = python("steps:report")
  finally {
    task tidy(version = deploy.version ?? "none", id = run.id) -> json = python("steps:all_of")
    task last(url = run.url) after tidy = shell('test -n "$url"')
  }
  return { version: deploy.version }
}
"""
BRANCH_STEPS = (
    STEPS
    + """
def all_of_measure(auc): return {"auc": auc, "note": "n"}
def deploy(note): return {"version": "v1"}
def report(version, day, share, at, pipeline):
    return f"{version} {type(day).__name__} {day == at.date()} {at.utcoffset()} {share} {pipeline}"
"""
)


@pytest.mark.parametrize(
    ("auc", "state", "ship", "alert", "report", "version"),
    [
        (0.9, "success", "success", "skipped", "success", "v1"),
        (0.5, "success", "skipped", "success", "success", "unchanged"),
        (0, "failed", "upstream_failed", "upstream_failed", "upstream_failed", None),
    ],
)
def test_branches_join_and_what_is_final_comes_last(
    airflow: AirflowHome, auc: float, state: str, ship: str, alert: str, report: str, version: str | None
) -> None:
    came_of = airflow.run(compile_text(BRANCHES), {"steps.py": BRANCH_STEPS}, {"auc": auc})
    passed = "failed" if state == "failed" else "success"
    assert came_of.states == {
        "measure": "success",
        "quality": passed,
        "good_enough": "upstream_failed" if passed == "failed" else "success",
        "ship": ship,
        "deploy": ship,
        "alert": alert,
        "report": report,
        "tidy": "success",
        "last": "success",
    }
    assert came_of.state == state
    assert came_of.values["tidy"]["version"] == ("v1" if version == "v1" else "none")
    if version is None:
        assert "auc is 0.0" in came_of.log
    else:
        share = auc / 2
        assert came_of.values["report"] == f"{version} date True 14:00:00 {share} branches"


@pytest.mark.parametrize(
    ("work", "last", "state"), [("ok", "ok", "success"), ("bad", "ok", "failed"), ("ok", "bad", "failed")]
)
def test_a_finally_task_never_hides_a_failure(airflow: AirflowHome, work: str, last: str, state: str) -> None:
    came_of = run(
        airflow,
        f"""
pipeline verdict {{
  task first = python("steps:ok")
  task work after first = python("steps:{work}")
  finally {{
    task tidy = python("steps:{last}")
    task then after tidy = python("steps:ok")
  }}
}}
""",
    )
    ends = {"ok": "success", "bad": "failed"}
    assert came_of.states == {"first": "success", "work": ends[work], "tidy": ends[last], "then": "success"}
    assert came_of.state == state


def test_parameters_are_checked_and_given_as_declared(airflow: AirflowHome) -> None:
    text = compile_text(
        """
pipeline parameters(
  n: int = 3, share: float = 1, day: date = 2026-01-02, at: datetime? = null, wait: duration = 90s, room: size = 2Ki,
  mode: "dev" | "prod" = "dev", names: list[str] = ["a"],
  days: list[date] = [2026-01-02], any: json = { a: 1 }, must: str
) {
  require n > 0
  task show(n, share, day, at, wait, room, mode, names, days, any, must) = python("steps:show")
}
"""
    )
    came_of = airflow.run(text, {"steps.py": STEPS}, {"must": "x", "at": "2026-01-02T03:04:05+01:00"})
    assert came_of.state == "success"
    at = datetime.datetime.fromisoformat("2026-01-02T03:04:05+01:00")
    day = datetime.date(2026, 1, 2)
    shown = [
        ("any", {"a": 1}),
        ("at", at),
        ("day", day),
        ("days", [day]),
        ("mode", "dev"),
        ("must", "x"),
        ("n", 3),
        ("names", ["a"]),
        ("room", 2048),
        ("share", 1.0),
        ("wait", datetime.timedelta(seconds=90)),
    ]
    assert f"SHOWN {shown}" in came_of.log
    for wrong in (
        {"must": 1},
        {"must": "x", "n": "3"},
        {"must": "x", "n": 0},
        {"must": "x", "mode": "test"},
        {"must": "x", "day": "tomorrow"},
        {"must": "x", "days": ["tomorrow"]},
    ):
        with pytest.raises(Exception, match="Invalid input for param"):
            airflow.run(text, {"steps.py": STEPS}, wrong)


NAMES = """
pipeline names {
  group outer {
    task first -> int = python("steps:one")
    group inner {
      for kind in ["rf", "a-b"], share in [0.1, 2.5] {
        task train(first, kind, share) -> { kind: str, share: float } = python("steps:train")
      }
    }
  }
  task ds(params = first) -> int = python("steps:one")
  task lambda(ds, print = ds) -> int = python("steps:one")
  task collect_outputs(lambda, kinds = train[*].kind, shares = train[*].share) -> json = python("steps:all_of")
  group outer_again { task steps(class = collect_outputs) -> json = python("steps:all_of") }
  task params(value = steps, def = ds + lambda) -> json = python("steps:with_env") {
    env = { HOLA: "{{ ds }}.sh" }
    working_dir = "."
  }
}
"""


def test_instances_groups_and_clashing_names(airflow: AirflowHome) -> None:
    """Names that mean something to Python or Airflow, groups within groups, and instances of a `for`."""
    came_of = airflow.run(
        compile_text(NAMES),
        {
            "steps.py": STEPS
            + """
import os
def train(first, kind, share): return {"kind": kind, "share": share}
def one(**inputs): return 1
def with_env(**inputs): return {"env": os.environ["HOLA"], "cwd": os.path.basename(os.getcwd()), **inputs}
"""
        },
    )
    assert came_of.state == "success"
    assert came_of.values["params"] == {
        "env": "{{ ds }}.sh",
        "cwd": "dags",
        "def": 2,
        "value": {
            "class": {"lambda": 1, "kinds": ["rf", "rf", "a-b", "a-b"], "shares": [0.1, 2.5, 0.1, 2.5]},
        },
    }
    assert {name for name in came_of.states if name.startswith("train")} == {
        "train.rf.0-2e1",
        "train.rf.2-2e5",
        "train.a-2db.0-2e1",
        "train.a-2db.2-2e5",
    }


RUN_FACTS = """
pipeline facts {
  schedule = cron("0 2 * * *", timezone = "Pacific/Kiritimati")
  task tell(
    date = run.date, at = run.timestamp, start = run.interval_start, end = run.interval_end,
    id = run.id, attempt = run.attempt, pipeline = run.pipeline, url = run.url,
  ) -> list[str] = python("steps:tell")
}
"""


@pytest.mark.parametrize("logical_date", ["2026-01-02T23:30:00+00:00", None])
def test_facts_of_the_run(airflow: AirflowHome, logical_date: str | None) -> None:
    """In the time zone of the schedule, and also where a run has no logical date."""
    steps = """
def tell(date, at, start, end, id, attempt, pipeline, url):
    assert (attempt, pipeline) == (1, "facts")
    assert url.endswith("/dags/facts/runs/" + id.replace(":", "%3A").replace("+", "%2B")), url
    return [str(date), at.isoformat(), start.isoformat(), end.isoformat()]
"""
    given = None if logical_date is None else datetime.datetime.fromisoformat(logical_date)
    came_of = airflow.run(compile_text(RUN_FACTS), {"steps.py": steps}, logical_date=given)
    assert came_of.state == "success", came_of.log
    date, at, start, end = came_of.values["tell"]
    assert (start, end) == (at, at)
    if given is None:
        moment = datetime.datetime.fromisoformat(at)
        assert moment.utcoffset() == datetime.timedelta(hours=14)
        assert date == moment.date().isoformat()
    else:
        assert (date, at) == ("2026-01-03", "2026-01-03T13:30:00+14:00")


def test_options_of_the_dag_reach_airflow(airflow: AirflowHome) -> None:
    text = compile_text(
        """
## Says what it does.
pipeline options {
  schedule        = cron("0 2 * * *", timezone = "Europe/Berlin")
  start           = 2026-01-01
  end             = 2026-06-01
  catchup         = true
  max_active_runs = 1
  concurrency     = 4
  owner           = "ml-team"
  tags            = ["ml"]
  target airflow {
    dag_display_name = "Options!"
    disable_bundle_versioning = true
    is_paused_upon_creation = true
    max_consecutive_failed_dag_runs = 3
    owner_links = { "ml-team": "mailto:ml@example.com" }
    pool = "wafer"
  }
  ## Does it.
  task first = python("steps:ok") {
    queue    = "gpu"
    priority = 7
    retry    = { max: 2, delay: 30s, backoff: 3, max_delay: 5m }
  }
  task second after first = shell('true') {
    timeout = 90s
    target airflow {
      pool = "own"
      pool_slots = 2
      max_active_tis_per_dag = 1
      task_display_name = "2"
      weight_rule = "upstream"
    }
  }
}
"""
    )
    dag = airflow.load(text)["options"]
    assert (dag.description, dag.owner, dag.catchup) == ("Says what it does.", "ml-team", True)
    assert (dag.max_active_runs, dag.max_active_tasks, dag.max_consecutive_failed_dag_runs) == (1, 4, 3)
    assert (dag.dag_display_name, dag.is_paused_upon_creation, dag.tags) == ("Options!", True, {"ml"})
    assert dag.start_date == datetime.datetime.fromisoformat("2026-01-01T00:00:00+01:00")
    assert dag.end_date == datetime.datetime.fromisoformat("2026-06-01T23:59:59+02:00")
    first, second = dag.get_task("first"), dag.get_task("second")
    assert (first.pool, first.queue, first.priority_weight) == ("wafer", "gpu", 7)
    assert first.doc_md == "Does it."
    assert (first.retries, first.retry_delay.total_seconds(), first.retry_exponential_backoff) == (2, 30, 3)
    assert first.max_retry_delay.total_seconds() == 300
    assert (second.pool, second.pool_slots, second.execution_timeout.total_seconds()) == ("own", 2, 90)
    assert second.retries == 0
    assert second.upstream_task_ids == {"first"}
