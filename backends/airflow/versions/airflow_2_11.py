"""Airflow 2.11."""

from __future__ import annotations

from pipec.backend import emulated, refused

from .version import Version

_WORDS = {
    "Asset": "Dataset",
    "AssetAll": "DatasetAll",
    "AssetAny": "DatasetAny",
    "AssetOrTimeSchedule": "DatasetOrTimeSchedule",
    "assets": "datasets",
}

_PLACES = {
    "BaseHook": "airflow.hooks.base",
    "BaseSensorOperator": "airflow.sensors.base",
    "BashOperator": "airflow.operators.bash",
    "CronTriggerTimetable": "airflow.timetables.trigger",
    "DAG": "airflow",
    "Dataset": "airflow.datasets",
    "DatasetAll": "airflow.datasets",
    "DatasetAny": "airflow.datasets",
    "DatasetOrTimeSchedule": "airflow.timetables.datasets",
    "DateTimeSensor": "airflow.sensors.date_time",
    "DeltaTriggerTimetable": "airflow.timetables.trigger",
    "EmptyOperator": "airflow.operators.empty",
    "Param": "airflow.models.param",
    "PokeReturnValue": "airflow.sensors.base",
    "TaskGroup": "airflow.utils.task_group",
    "Variable": "airflow.models",
    "mask_secret": "airflow.utils.log.secrets_masker",
    "task": "airflow.decorators",
    "task_group": "airflow.decorators",
}

_MODULES = {"airflow.sdk.exceptions": "airflow.exceptions", "airflow.sdk.io": "airflow.io"}

_RETRIED_ON = "the function is decorated by one in the generated file that fails the task for good after other failures"

_CAPABILITIES = {
    "python": emulated("a function that leaves by sys.exit() or sys.exit(0) succeeds, and gives no outputs"),
    "trigger_rule.all_done_min_one_success": refused(
        "Airflow 3.1 has it", "compile for Airflow 3.3, or use all_done and let the task look for what it reads"
    ),
    "approval": refused(
        "Airflow 3.1 has operators that ask a person",
        "compile for Airflow 3.3, or wait for a file or an object that somebody puts there",
    ),
    "deadline": refused(
        "Airflow 3.1 has deadlines of runs", "compile for Airflow 3.3, or give tasks a `timeout` and `on failure`"
    ),
    "map.one_failed": refused(
        "it runs for all items as soon as one failed; Airflow 3.3 looks at each item alone",
        "compile for Airflow 3.3, or put the task behind the map",
    ),
    "retry.backoff": refused("Airflow 3.2 has other factors", "compile for Airflow 3.3, or write 1 or 2"),
    "retry.on_exception": emulated(_RETRIED_ON),
    "retry.on_timeout": emulated(_RETRIED_ON),
    "schedule.several_crons": refused(
        "Airflow 3.0 has a timetable for several", "compile for Airflow 3.3, or write one cron expression"
    ),
    "asset.unicode": refused("Airflow 3.0 takes them", "compile for Airflow 3.3, or use letters of ASCII"),
    "concurrency": emulated("it counts the tasks of all runs of the DAG, where several go on at once"),
}

AIRFLOW_2_11 = Version(
    "2.11",
    words=_WORDS,
    places=_PLACES,
    modules=_MODULES,
    embedded="pipec.backends.airflow.versions.embedded_2_11",
    capabilities=_CAPABILITIES,
    has_retry_policy=False,
    retried_operators={"PodOperator": "RetriedPodOperator", "PythonPodOperator": "RetriedPythonPodOperator"},
    takes_backoff=False,
    needs_start_date=True,
)
