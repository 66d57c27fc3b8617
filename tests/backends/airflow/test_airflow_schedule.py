"""Schedules and assets: what Airflow makes of them, and what is refused with its way out."""

from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipec.backends.airflow.layout import Call, lay_out
from pipec.backends.airflow.schedule import asset_arguments, schedule_arguments

from pipec.analysis.asset_uris import uri_fault
from pipec.api import load
from pipec.compilation import check_target
from pipec.ir.base import Location
from pipec.ir.model import AssetSchedule, CombinedSchedule, Options, Pipeline, Schedule, ShellScript, Task
from tests.backends.airflow.compiling import compile_text
from tests.support.airflow import AirflowHome

PLACE = Location(file="p.pipe", start=0, end=1, line=1, column=1, end_line=1, end_column=2)


def text_of(schedule: str) -> str:
    return f"pipeline p {{\n  schedule = {schedule}\n  start = 2026-01-01\n  task a = shell('true')\n}}\n"


def schedule_source(text: str) -> str:
    """`schedule` as it stands in the file, on one line."""
    loaded = load(Path("test.pipe"), text=text)
    assert loaded.program is not None, [fault.message for fault in loaded.diagnostics.found]
    name, node = schedule_arguments(loaded.program.pipelines["p"])[0]
    assert name == "schedule"
    return ast.unparse(ast.parse(lay_out(node, 0)))


BERLIN = 'timezone = "Europe/Berlin"'

SCHEDULES = {
    'asset("a")': "[Asset('a')]",
    'asset("a") and asset("b")': "[Asset('a'), Asset('b')]",
    'asset("a") or asset("b")': "Asset('a') | Asset('b')",
    'asset("a") and asset("b") or asset("c")': "Asset('a') & Asset('b') | Asset('c')",
    'asset("a") and (asset("b") or asset("c"))': "Asset('a') & (Asset('b') | Asset('c'))",
    'cron("0 2 * * *") or asset("a")': (
        "AssetOrTimeSchedule(timetable=CronTriggerTimetable('0 2 * * *', timezone='UTC'), assets=Asset('a'))"
    ),
    'asset("a") or every(15m) or asset("b")': (
        "AssetOrTimeSchedule(timetable=DeltaTriggerTimetable(timedelta(minutes=15)), assets=Asset('a') | Asset('b'))"
    ),
    f'cron("0 2 * * *", {BERLIN}) or cron("0 9 * * 1", {BERLIN})': (
        "MultipleCronTriggerTimetable('0 2 * * *', '0 9 * * 1', timezone='Europe/Berlin')"
    ),
    'cron("0 2 * * *") or asset("a") and asset("b") or cron("0 9 * * *")': (
        "AssetOrTimeSchedule(timetable=MultipleCronTriggerTimetable('0 2 * * *', '0 9 * * *', timezone='UTC'), "
        "assets=Asset('a') & Asset('b'))"
    ),
    f'asset("{"long" * 20}") or asset("b")': f"AssetAny(Asset('{'long' * 20}'), Asset('b'))",
}


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_what_is_written(schedule: str) -> None:
    assert schedule_source(text_of(schedule)) == SCHEDULES[schedule]


REFUSED = {
    'cron("0 2 * * *") and asset("a")': (
        "cannot express a time joined with something else by `and`",
        'use the time alone and begin with `wait ready = asset("uri")`',
    ),
    '(every(1h) or asset("a")) and asset("b")': (
        "cannot express a time joined with something else by `and`",
        'use the time alone and begin with `wait ready = asset("uri")`',
    ),
    'every(1h) or cron("0 2 * * *")': (
        "cannot express every(…) joined with another time by `or`",
        "write all times as cron(…)",
    ),
    "every(1h) or every(25m)": (
        "cannot express every(…) joined with another time by `or`",
        "write all times as cron(…)",
    ),
    f'cron("0 2 * * *", {BERLIN}) or cron("0 2 * * *", timezone = "Asia/Tokyo")': (
        "cannot express cron schedules in several time zones joined by `or`",
        "write all times in one time zone, or make two pipelines",
    ),
    'asset("s3://lake/lots/")': (
        "cannot express asset URIs that are not in their normal form",
        "write `s3://lake/lots`; or use a plain name, such as `daily_lots`",
    ),
}


@pytest.mark.parametrize("schedule", REFUSED)
def test_what_is_refused(schedule: str) -> None:
    loaded = load(Path("test.pipe"), text=text_of(schedule))
    assert not loaded.diagnostics.found
    [refusal] = check_target(loaded, "p", "airflow").found
    said, way_out = REFUSED[schedule]
    assert said in refusal.message
    assert refusal.help == way_out


# --- with Airflow ------------------------------------------------------------------------------------


@pytest.mark.engine
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_airflow_makes_its_timetable_of_it(airflow: AirflowHome, schedule: str) -> None:
    timetable = scheduled(airflow, schedule)
    written = SCHEDULES[schedule].partition("(")[0]
    assert type(timetable).__name__ == (written if "Time" in written else "AssetTriggeredTimetable")


@pytest.mark.engine
@pytest.mark.parametrize("schedule", [schedule for schedule in SCHEDULES if schedule.count("asset") > 1])
def test_airflow_waits_for_the_same_assets(airflow: AirflowHome, schedule: str) -> None:
    """Whether each set of updated assets is enough, as Airflow's scheduler says and as the schedule reads."""
    from airflow.assets.evaluation import AssetEvaluator

    condition = scheduled(airflow, schedule).asset_condition
    names = sorted({key.name for key, _ in condition.iter_assets()})
    assert names == sorted(set(re.findall(r'asset\("(\w+)"\)', schedule)))
    no_session: Any = None  # which only aliases of assets need
    evaluator = AssetEvaluator(no_session)
    for updated in itertools.product([False, True], repeat=len(names)):
        is_updated = dict(zip(names, updated, strict=True))
        statuses = {key: is_updated[key.name] for key, _ in condition.iter_assets()}
        reading = {"asset": is_updated.get, "cron": lambda *_, **__: False, "every": lambda _: False}
        assert evaluator.run(condition, statuses) == eval(schedule.replace("15m", "15"), reading), is_updated


def scheduled(airflow: AirflowHome, schedule: str) -> Any:
    """The timetable that the scheduler has: that of the serialized DAG."""
    from airflow.serialization.serialized_objects import DagSerialization

    (dag,) = airflow.load(compile_text(text_of(schedule))).values()
    return DagSerialization.from_dict(DagSerialization.to_dict(dag)).timetable


@pytest.mark.engine
@pytest.mark.parametrize("ends", ["true", "false"])
def test_an_asset_is_updated_when_its_task_succeeds(airflow: AirflowHome, ends: str) -> None:
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    with create_session() as session:
        session.query(AssetEvent).delete()
    ran = airflow.run(compile_text(f"pipeline p {{ task a = shell('{ends}') {{ produces = [\"s3://lake/lots\"] }} }}"))
    with create_session() as session:
        updated = [event.uri for event in session.query(AssetEvent)]
    assert updated == (["s3://lake/lots"] if ran.state == "success" else [])


@pytest.mark.engine
def test_each_instance_of_a_map_updates_its_assets(airflow: AirflowHome) -> None:
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    with create_session() as session:
        session.query(AssetEvent).delete()
    text = """pipeline p {
  task lots -> list[int] = python("steps:lots")
  map lot in lots { task one(lot) = python("steps:one") { produces = ["lots"] } }
}"""
    airflow.run(compile_text(text), {"steps.py": "def lots(): return [0, 1]\ndef one(lot): 1 / lot\n"})
    with create_session() as session:
        assert [event.source_map_index for event in session.query(AssetEvent)] == [1]


# --- any URI -----------------------------------------------------------------------------------------

URIS = st.one_of(
    st.text(max_size=30),
    st.builds(
        "{}:{}{}".format,
        st.sampled_from(["s3", "S3", "gs", "file", "x-ours", "airflow", "mysql", "trino", "ftp", "", "a b"]),
        st.sampled_from(["//", "/", ""]),
        st.text(st.sampled_from("abü/?#@:&=%. \n{}[]'\"\\"), max_size=12),
    ),
)


@settings(max_examples=100)
@given(uris=st.lists(URIS, min_size=1, max_size=4))
def test_any_text_stays_text(uris: list[str]) -> None:
    task = Task(
        id="a", name="a", implementation=ShellScript(text="true"), options=Options(produces=tuple(uris)), location=PLACE
    )
    schedule: Schedule = CombinedSchedule(kind="or", members=tuple(AssetSchedule(uri=uri) for uri in (*uris, "z")))
    pipeline = Pipeline(name="p", schedule=schedule, location=PLACE)
    for arguments in (asset_arguments(task), schedule_arguments(pipeline)):
        tree = ast.parse(lay_out(Call("f", tuple(arguments)), 0))
        texts = [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        assert set(uris) <= set(texts) <= {*uris, "z"}
        assert {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} <= {"f", "Asset", "AssetAny"}


@pytest.mark.engine
@settings(max_examples=400, deadline=None)
@given(uri=URIS)
def test_airflow_keeps_every_uri_that_is_let_pass(airflow: AirflowHome, uri: str) -> None:
    import warnings

    from airflow.sdk import Asset

    if uri_fault(uri) is None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            kept: Any = Asset(uri)
        assert (kept.name, kept.uri) == (uri, uri)
