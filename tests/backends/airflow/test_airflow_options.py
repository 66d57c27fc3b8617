"""What `target airflow { … }` may set: the list, its faults, and what Airflow makes of every option."""

from __future__ import annotations

import warnings
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pipec.backends.airflow import known_options
from pipec.backends.airflow.options import KUBERNETES_OPTIONS, OPTIONS, TASK_DEFAULTS, kubernetes_arguments
from pipec.backends.airflow.refused_options import REFUSED

from pipec.api import Loaded, load
from pipec.backend import TargetOption
from pipec.compilation import check_target
from tests.backends.airflow.compiling import compile_text
from tests.backends.airflow.known_options import manual, source
from tests.backends.airflow.option_facts import CLASSES, collect
from tests.support.airflow import AirflowHome

# --- the list ------------------------------------------------------------------------------------


@pytest.mark.engine
def test_the_list_is_what_the_installed_airflow_takes(airflow: AirflowHome) -> None:
    facts = collect()
    version = facts["version"]
    made: dict[str, Any] = {}
    exec(source([facts], REFUSED), made)

    def of_version(options: dict[str, TargetOption]) -> dict[str, TargetOption]:
        return {
            name: replace(option, versions=())
            for name, option in options.items()
            if not option.versions or version in option.versions
        }

    for table in CLASSES:
        assert of_version(getattr(known_options, table)) == made[table], "run tests.backends.airflow.known_options"
    assert made["PYTHON_ONLY"] == known_options.PYTHON_ONLY
    assert made["TEMPLATED"] <= known_options.TEMPLATED


def test_an_option_is_offered_or_refused() -> None:
    offered = {*OPTIONS.pipeline, *OPTIONS.task, *OPTIONS.container}
    assert not offered & OPTIONS.refused.keys()
    assert not REFUSED.keys() & known_options.PYTHON_ONLY
    assert OPTIONS.pipeline.keys() >= {*TASK_DEFAULTS, *KUBERNETES_OPTIONS}
    assert not OPTIONS.task.keys() & OPTIONS.container.keys()
    assert not known_options.DAG.keys() & {*known_options.TASK, *known_options.CONTAINER}


def test_the_manual_has_the_list() -> None:
    assert (files("pipec.backends.airflow") / "options.md").read_text("utf-8") == manual()


# --- faults --------------------------------------------------------------------------------------

IN_PIPELINE = "pipeline p {{\n  task a = shell('true')\n  target airflow {{ {} }}\n}}"
IN_TASK = "pipeline p {{\n  task a = shell('true') {{\n    target airflow {{ {} }}\n  }}\n}}"
IN_CONTAINER = 'pipeline p {{\n  task a = image("busybox") {{\n    target airflow {{ {} }}\n  }}\n}}'

FAULTS: dict[str, tuple[str, str, str, str]] = {
    "a language word in a pipeline": (
        IN_PIPELINE,
        "catchup = true",
        "option `catchup` of target `airflow` cannot be set in pipeline `p`",
        "pipec sets this: use `catchup = true` in the pipeline",
    ),
    "a language word in a task": (
        IN_TASK,
        "trigger_rule = 'all_done'",
        "option `trigger_rule` of target `airflow` cannot be set in task `a`",
        "pipec sets this: use `trigger_rule = …` in the task",
    ),
    "another meaning": (
        IN_TASK,
        "depends_on_past = true",
        "option `depends_on_past` of target `airflow` cannot be set in task `a`",
        "it would change what the pipeline means: run one at a time with `max_active_runs = 1`, and end what must not "
        "go on with a `gate`",
    ),
    "a Python object": (
        IN_CONTAINER,
        "callbacks = []",
        "option `callbacks` of target `airflow` cannot be set in task `a`",
        "it takes Python objects, which a pipeline cannot hold: leave it out",
    ),
    "a name of Airflow 2": (
        IN_PIPELINE,
        "schedule_interval = '@daily'",
        "option `schedule_interval` of target `airflow` cannot be set in pipeline `p`",
        "pipec sets this: use `schedule = …` in the pipeline",
    ),
    "misspelt": (IN_TASK, "quue = 'q'", "unknown option `quue` of target `airflow` for task `a`", "there is `queue`"),
    "misspelt and refused": (
        IN_TASK,
        "retires = 2",
        "unknown option `retires` of target `airflow` for task `a`",
        "if `retries` is meant: pipec sets this: use `retries = n` or `retry = { … }` in the task",
    ),
    "of pods, in a shell task": (
        IN_TASK,
        "namespace = 'ml'",
        "option `namespace` of target `airflow` cannot be set in task `a`",
        "it is for tasks that run in a container image",
    ),
    "of DAGs, in a task": (
        IN_TASK,
        "dag_display_name = 'A'",
        "option `dag_display_name` of target `airflow` cannot be set in task `a`",
        "set it in the target block of the pipeline",
    ),
    "no such choice": (
        IN_CONTAINER,
        "on_finish_action = 'delete'",
        'option `on_finish_action` of target `airflow` cannot be "delete": it is one of delete_active_pod, delete_pod, '
        "delete_succeeded_pod, keep_pod",
        "`on_finish_action`: what happens to the pod when it has ended",
    ),
    "a pool without slots": (
        IN_PIPELINE,
        "pools = { wafer: 0 }",
        "option `pools` of target `airflow` must be at least 1, not 0",
        "`pools`: how many slots each pool has, for the list of pools to import",
    ),
    "a label that is no text": (
        IN_CONTAINER,
        "labels = { team: 7 }",
        "each value in option `labels` of target `airflow` must be a str, not 7",
        "`labels`: labels of the pod",
    ),
}


def refusals(text: str, version: str | None = None) -> list[tuple[str, str | None]]:
    loaded = loaded_text(text)
    found = check_target(loaded, "p", "airflow", version).found
    return [(one.message, one.help) for one in found if one.code in ("P0502", "P0503")]


def loaded_text(text: str) -> Loaded:
    loaded = load(Path("p.pipe"), text=text)
    assert not loaded.diagnostics.has_errors, [fault.message for fault in loaded.diagnostics.found]
    return loaded


@pytest.mark.parametrize("case", FAULTS)
def test_faults(case: str) -> None:
    form, written, message, help_text = FAULTS[case]
    assert refusals(form.format(written)) == [(message, help_text)]


def test_an_option_that_another_version_has() -> None:
    text = IN_PIPELINE.format("rerun_with_latest_version = true")
    assert refusals(text, "3.3") == []
    assert refusals(text, "2.11") == [
        (
            "option `rerun_with_latest_version` of target `airflow` does not exist in version 2.11",
            "compile for version 3.3, or remove it",
        )
    ]
    assert refusals(IN_CONTAINER.format("reattach_on_restart = false"), "2.11") == []


def test_a_duration_is_seconds() -> None:
    assert refusals(IN_CONTAINER.format("startup_timeout_seconds = 5m")) == []


# --- what Airflow makes of them ------------------------------------------------------------------

VALUES: dict[str, Any] = {
    "allowed_run_types": ["manual", "scheduled"],
    "dag_display_name": 'Nightly "wafers" {{ ds }}',
    "disable_bundle_versioning": True,
    "is_paused_upon_creation": False,
    "max_consecutive_failed_dag_runs": 3,
    "owner_links": {"ml": "https://example.com/ml"},
    "rerun_with_latest_version": True,
    "executor": "LocalExecutor",
    "logger_name": "wafers",
    "map_index_template": "{{ lot }}",
    "max_active_tis_per_dag": 2,
    "pool": "wafer",
    "pool_slots": 2,
    "priority_weight": 7,
    "queue": "big",
    "run_as_user": "wafer",
    "task_display_name": "Étch",
    "weight_rule": "upstream",
}
"""A value for each option of DAGs and tasks."""


def written(values: dict[str, Any]) -> str:
    """The entries of a target block."""
    return "  ".join(f"{name} = {literal(value)}" for name, value in values.items())


def literal(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f"'{value}'"
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            return f"{{ {', '.join(f'{key}: {literal(item)}' for key, item in value.items())} }}"
        case _:
            return str(value)


@pytest.mark.engine
def test_airflow_takes_every_option_of_dags_and_tasks(airflow: AirflowHome) -> None:
    of_dag = {name: value for name, value in VALUES.items() if name in known_options.DAG}
    of_task = {name: value for name, value in VALUES.items() if name in known_options.TASK}
    assert {*of_dag} == {*known_options.DAG} - {"access_control"}  # which Airflow 3 itself warns of
    assert {*of_task} == {*known_options.TASK}
    text = f"""
    pipeline wafers {{
      owner = "ml"
      task one = python("steps:one") {{ target airflow {{ {written(of_task)} }} }}
      task two = shell('true')
      order one -> two
      target airflow {{ {written({**of_dag, "queue": "small", "pools": {"wafer": 8}})} }}
    }}
    """
    (dag,) = airflow.load(compile_text(text)).values()
    assert dag.dag_display_name == VALUES["dag_display_name"]
    assert dag.owner_links == VALUES["owner_links"]
    assert dag.max_consecutive_failed_dag_runs == 3
    assert {run_type.value for run_type in dag.allowed_run_types} == {"manual", "scheduled"}
    one = dag.get_task("one")
    taken = {name: getattr(one, name) for name in of_task if name not in ("logger_name", "weight_rule")}
    assert taken == {name: of_task[name] for name in taken}
    assert "upstream" in type(one.weight_rule).__name__.lower() or one.weight_rule == "upstream"
    assert dag.get_task("two").queue == "small"


@pytest.mark.engine
def test_airflow_takes_who_may_see_a_dag(airflow: AirflowHome) -> None:
    from airflow.sdk import DAG

    text = "pipeline p {\n  task a\n  target airflow { access_control = { ops: ['can_read'] } }\n}"
    assert 'access_control={"ops": ["can_read"]},' in compile_text(text)
    with pytest.warns(DeprecationWarning, match=r"airflow\.security\.permissions"):
        assert DAG("d", access_control={"ops": ["can_read"]}).access_control == {"ops": {"DAGs": {"can_read"}}}


KUBERNETES_VALUES: dict[str, Any] = {
    "annotations": {"note": "{{ ds }} {% raw %} ${x} é"},
    "automount_service_account_token": False,
    "base_container_name": "work",
    "base_container_status_polling_interval": 2,
    "cluster_context": "prod",
    "config_file": "/etc/kube/config",
    "configmaps": ["settings"],
    "container_logs": ["work"],
    "container_name_log_prefix_enabled": False,
    "container_security_context": {"runAsNonRoot": True},
    "deferrable": False,
    "dnspolicy": "ClusterFirst",
    "durable": True,
    "get_logs": True,
    "hostname": "work",
    "hostnetwork": True,
    "image_pull_policy": "IfNotPresent",
    "image_pull_secrets": "one,two",
    "in_cluster": True,
    "init_container_logs": True,
    "kubernetes_conn_id": "cluster",
    "labels": {"team": "ml"},
    "log_events_on_failure": True,
    "log_events_on_startup": False,
    "log_pod_spec_on_failure": False,
    "logging_interval": 30,
    "namespace": "training",
    "on_finish_action": "keep_pod",
    "on_kill_action": "keep_pod",
    "pod_template_dict": {"metadata": {"annotations": {"from": "{{ template }}"}}},
    "pod_template_file": "pods/base.yaml",
    "poll_interval": 5,
    "priority_class_name": "batch",
    "reattach_on_restart": True,
    "runtime_class_name": "nvidia",
    "schedule_timeout_seconds": 600,
    "schedulername": "volcano",
    "security_context": {"runAsUser": 1000},
    "service_account_name": "trainer",
    "startup_check_interval_seconds": 5,
    "startup_timeout_seconds": 300,
    "subdomain": "work",
    "termination_grace_period": 60,
    "termination_message_policy": "FallbackToLogsOnError",
    "trigger_kwargs": {},
    "xcom_sidecar_container_security_context": {"runAsNonRoot": True},
}
"""A value for each option of tasks in a container image."""


def arguments_of(pipeline_block: str, task_block: str) -> dict[str, Any]:
    text = f"""
    pipeline p {{
      task a = image("busybox") {{ target airflow {{ {task_block} }} }}
      target airflow {{ {pipeline_block} }}
    }}
    """
    loaded = loaded_text(text)
    pipeline = loaded.pipeline()
    return dict(kubernetes_arguments(pipeline, pipeline.task("a")))


def test_options_of_pods_come_from_the_pipeline_and_the_task_has_the_last_word() -> None:
    assert arguments_of("namespace = 'a'  labels = { x: 'y' }  queue = 'q'", "namespace = 'b'  pool = 'w'") == {
        "labels": {"x": "y"},
        "namespace": "b",
    }
    assert arguments_of("kubernetes_conn_id = null", "") == {"kubernetes_conn_id": None}


@pytest.mark.engine
def test_airflow_takes_every_option_of_pods(airflow: AirflowHome) -> None:
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
    from airflow.sdk import DAG

    assert {*KUBERNETES_VALUES} == {*KUBERNETES_OPTIONS}
    of_version = {
        name: value
        for name, value in KUBERNETES_VALUES.items()
        if "2.11" not in KUBERNETES_OPTIONS[name].versions and name != "pod_template_file"
    }
    arguments = arguments_of("", written(of_version))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with DAG("d", schedule=None):
            pod = KubernetesPodOperator(task_id="a", image="busybox", **arguments)
    pod.render_template_fields({})
    assert pod.annotations == KUBERNETES_VALUES["annotations"]
    assert pod.pod_template_dict == KUBERNETES_VALUES["pod_template_dict"]
    kept = ("namespace", "labels", "service_account_name", "priority_class_name", "startup_timeout_seconds", "hostname")
    assert {name: getattr(pod, name) for name in kept} == {name: KUBERNETES_VALUES[name] for name in kept}
