"""What real Airflow does otherwise than the language inside mapped task groups: the reasons that `known` gives.

Where one of these fails after an update, Airflow has changed: then `known`, and what is compiled for Airflow, may too.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import pytest

from tests.differential.engine_play import play_engine
from tests.differential.known import hazards
from tests.differential.plans import Case, Ending, Plan, load
from tests.support.airflow import AirflowHome

MAPPED = """\
pipeline p {{
  task outside = python("steps:f")
  task found -> list[int] = python("steps:f")
  map item in found {{
    task first = python("steps:f")
    task second after {after} = python("steps:f") {{ trigger_rule = {rule} }}
  }}
}}
"""

TRIO: dict[str, tuple[Ending, ...]] = {"first[1]": ("error",)}


@pytest.mark.engine
@pytest.mark.parametrize(
    ("rule", "after", "endings", "here", "there"),
    [
        ("none_failed", "first", TRIO, "success upstream_failed success", "success upstream_failed success"),
        ("all_success", "first", TRIO, "success upstream_failed success", "success upstream_failed success"),
        ("one_success", "first", TRIO, "success upstream_failed success", "success upstream_failed success"),
        ("none_failed_min_one_success", "first", TRIO, "success upstream_failed success", "upstream_failed"),
        ("all_done_min_one_success", "first", TRIO, "success upstream_failed success", "upstream_failed"),
        ("all_done_min_one_success", "first", {}, "success success success", "upstream_failed"),
        ("all_done_min_one_success", "first, outside", {}, "success success success", "success success success"),
        ("one_done", "first, outside", {}, "success success success", "upstream_failed"),
        ("one_success", "first, outside", {}, "success success success", "upstream_failed"),
    ],
)
def test_a_task_in_a_map_that_airflow_decides_for_all_items(
    rule: str, after: str, endings: dict[str, tuple[Ending, ...]], here: str, there: str, airflow: AirflowHome
) -> None:
    """What is outside the map ends before the list is known, which is what eager rules cannot bear."""
    from tests.differential.airflow_play import Instance, play_in_order

    text = MAPPED.format(rule=rule, after=after)
    pipeline = load(text)
    assert pipeline is not None
    case = Case(text, pipeline, Plan(endings, {"found": [1, 2, 3]}))

    def outside_first(started: Sequence[Instance]) -> Sequence[Instance]:
        return [instance for instance in started if instance[0] == "outside"] or started

    mine = play_engine(case.pipeline, case.plan)
    theirs = play_in_order(case.pipeline, case.plan, outside_first)
    assert " ".join(mine.states["second"].values()) == here
    assert " ".join(state for _, state in sorted(theirs.states["second"].items())) == there
    assert ("second" in hazards(case, mine)) or here == there


@pytest.mark.engine
def test_a_branch_in_a_mapped_group_skips_nothing(airflow: AirflowHome) -> None:
    """Both sides run for every item, under `dag.test()` as well: a branch operator is no decision there."""
    from airflow.sdk import DAG, task, task_group
    from airflow.utils.session import create_session

    from tests.differential.airflow_play import register

    with DAG("branch_in_group", start_date=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)) as dag:

        @task
        def found() -> list[int]:
            return [1, 2]

        @task_group(prefix_group_id=False)
        def mapped(item: Any) -> None:
            @task.branch
            def choose(item: int) -> str:
                return "left" if item == 1 else "right"

            @task
            def left() -> None:
                """Is chosen for the first item."""

            @task
            def right() -> None:
                """Is chosen for the second."""

            choose(item) >> [left(), right()]

        mapped.expand(item=found())
    with create_session() as session:
        register(dag, session)
    run = dag.test()
    with create_session() as session:
        states = {(one.task_id, one.map_index): one.state for one in run.get_task_instances(session=session)}
    sides = {instance: state for instance, state in states.items() if instance[0] in ("left", "right")}
    assert sides == {("left", 0): "success", ("left", 1): "success", ("right", 0): "success", ("right", 1): "success"}


@pytest.mark.engine
def test_always_is_refused_in_a_mapped_group(airflow: AirflowHome) -> None:
    from airflow.sdk.definitions._internal.contextmanager import TaskGroupContext

    from tests.differential.lowering import Lowered

    pipeline = load(MAPPED.format(rule="always", after="first"))
    assert pipeline is not None
    with pytest.raises(ValueError, match="not allowed with trigger rule 'always'"):
        Lowered(pipeline, Plan(), "refused")
    TaskGroupContext.pop()  # Airflow leaves the group open when it refuses it
