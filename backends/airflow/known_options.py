"""What Airflow's own classes can be told in terms of JSON: made by `tests.backends.airflow.known_options`.

DAG holds parameters of `DAG`, TASK those of `BaseOperator`, CONTAINER what `KubernetesPodOperator` adds. What pipec
sets itself is left out. Airflow renders those in TEMPLATED with Jinja; those in PYTHON_ONLY take no JSON at all.
"""

from __future__ import annotations

from pipec.backend import TargetOption

DAG = {
    "access_control": TargetOption(
        (dict,), "what each role may do with the DAG: lists of permissions; Airflow 3 warns of it"
    ),
    "allowed_run_types": TargetOption(
        (str, list),
        "the types of runs that the DAG may have",
        items=(str,),
        choices=("asset_materialization", "asset_triggered", "backfill", "manual", "operator_triggered", "scheduled"),
        versions=("3.3",),
    ),
    "dag_display_name": TargetOption((str,), "what the user interface shows in place of the id"),
    "disable_bundle_versioning": TargetOption(
        (bool,), "run with the newest files, not those a run began with", versions=("3.3",)
    ),
    "is_paused_upon_creation": TargetOption((bool,), "whether the DAG is paused when Airflow sees it first"),
    "max_consecutive_failed_dag_runs": TargetOption(
        (int,), "pause the DAG after so many failed runs in a row", minimum=0
    ),
    "owner_links": TargetOption((dict,), "a link for each owner", items=(str,), links=True),
    "rerun_with_latest_version": TargetOption(
        (bool,), "whether cleared tasks run with the newest files", versions=("3.3",)
    ),
}

TASK = {
    "executor": TargetOption((str,), "the executor that runs the task, where Airflow has several"),
    "logger_name": TargetOption((str,), "the name of the logger of the task"),
    "map_index_template": TargetOption((str,), "a template for the names of mapped instances in the user interface"),
    "max_active_tis_per_dag": TargetOption(
        (int,), "how many of its attempts may run at once, over all runs", minimum=1
    ),
    "pool": TargetOption((str,), "the pool whose slots the task takes; it has to exist"),
    "pool_slots": TargetOption((int,), "how many slots of the pool the task takes", minimum=1),
    "priority_weight": TargetOption((int,), "the higher, the earlier among tasks that wait for a slot"),
    "queue": TargetOption((str,), "the queue of the executor"),
    "run_as_user": TargetOption((str,), "the user of the operating system that the task runs as"),
    "task_display_name": TargetOption((str,), "what the user interface shows in place of the id"),
    "weight_rule": TargetOption((str,), "how priority weights add up", choices=("absolute", "downstream", "upstream")),
}

CONTAINER = {
    "annotations": TargetOption((dict,), "annotations of the pod", items=(str,)),
    "automount_service_account_token": TargetOption((bool,), "whether the pod gets a token of its service account"),
    "base_container_name": TargetOption((str,), "the name of the container in the pod"),
    "base_container_status_polling_interval": TargetOption(
        (float,), "how often the state of the container is looked at, in seconds", minimum=0
    ),
    "cluster_context": TargetOption((str,), "the context of the Kubernetes configuration, where it has several"),
    "config_file": TargetOption((str,), "the path of the Kubernetes configuration file"),
    "configmaps": TargetOption((list,), "the config maps whose entries become environment variables", items=(str,)),
    "container_logs": TargetOption(
        (list, str, bool), "the containers whose logs are shown; true for all", items=(str,)
    ),
    "container_name_log_prefix_enabled": TargetOption(
        (bool,), "whether each line of the log begins with the container's name"
    ),
    "container_security_context": TargetOption((dict,), "security settings of the container, as Kubernetes names them"),
    "deferrable": TargetOption((bool,), "wait for the pod in the triggerer, which takes no slot of a worker"),
    "dnspolicy": TargetOption((str,), "the DNS policy of the pod"),
    "durable": TargetOption(
        (bool,), "go on with the pod of a worker that died, in place of starting another one", versions=("3.3",)
    ),
    "get_logs": TargetOption((bool,), "whether the task's log shows what the container prints"),
    "hostname": TargetOption((str,), "the host name of the pod"),
    "hostnetwork": TargetOption((bool,), "whether the pod uses the network of its node"),
    "image_pull_policy": TargetOption((str,), "when the image is pulled", choices=("Always", "IfNotPresent", "Never")),
    "image_pull_secrets": TargetOption((str,), "the secrets for pulling the image, separated by commas"),
    "in_cluster": TargetOption((bool,), "whether Airflow runs in the cluster itself"),
    "init_container_logs": TargetOption(
        (list, str, bool), "the init containers whose logs are shown; true for all", items=(str,)
    ),
    "kubernetes_conn_id": TargetOption((str, type(None)), "the connection to the cluster; null for none"),
    "labels": TargetOption((dict,), "labels of the pod", items=(str,)),
    "log_events_on_failure": TargetOption((bool,), "whether the pod's events are logged when it fails"),
    "log_events_on_startup": TargetOption((bool,), "whether the pod's events are logged while it starts"),
    "log_pod_spec_on_failure": TargetOption((bool,), "whether the pod's specification is logged when it fails"),
    "logging_interval": TargetOption((int,), "with `deferrable`: how often the log is fetched, in seconds", minimum=1),
    "namespace": TargetOption((str,), "the namespace of the pod"),
    "on_finish_action": TargetOption(
        (str,),
        "what happens to the pod when it has ended",
        choices=("delete_active_pod", "delete_pod", "delete_succeeded_pod", "keep_pod"),
    ),
    "on_kill_action": TargetOption(
        (str,), "what happens to the pod when a person ends the task", choices=("delete_pod", "keep_pod")
    ),
    "pod_template_dict": TargetOption((dict,), "a pod as Kubernetes describes it, to begin with"),
    "pod_template_file": TargetOption((str,), "the path of a pod as Kubernetes describes it, to begin with"),
    "poll_interval": TargetOption((float,), "with `deferrable`: how often the pod is looked at, in seconds", minimum=0),
    "priority_class_name": TargetOption((str,), "the priority class of the pod"),
    "reattach_on_restart": TargetOption(
        (bool,), "go on with the pod of a worker that died, in place of starting another one", versions=("2.11",)
    ),
    "runtime_class_name": TargetOption((str,), "the runtime class of the pod"),
    "schedule_timeout_seconds": TargetOption(
        (int,), "how long the cluster may take to find a node, in seconds", minimum=0
    ),
    "schedulername": TargetOption((str,), "the scheduler of the cluster that places the pod"),
    "security_context": TargetOption((dict,), "security settings of the pod, as Kubernetes names them"),
    "service_account_name": TargetOption((str,), "the service account of the pod"),
    "startup_check_interval_seconds": TargetOption(
        (int,), "how often a starting pod is looked at, in seconds", minimum=1
    ),
    "startup_timeout_seconds": TargetOption((int,), "how long the pod may take to start, in seconds", minimum=0),
    "subdomain": TargetOption((str,), "the subdomain of the pod"),
    "termination_grace_period": TargetOption((int,), "how long the pod may take to end, in seconds", minimum=0),
    "termination_message_policy": TargetOption(
        (str,), "where the last message of the container comes from", choices=("FallbackToLogsOnError", "File")
    ),
    "trigger_kwargs": TargetOption((dict,), "with `deferrable`: further arguments of the trigger"),
    "xcom_sidecar_container_security_context": TargetOption(
        (dict,), "security settings of the container that hands over outputs"
    ),
}

TEMPLATED = frozenset(
    [
        "annotations",
        "base_container_name",
        "cluster_context",
        "config_file",
        "configmaps",
        "hostname",
        "kubernetes_conn_id",
        "labels",
        "namespace",
        "pod_template_dict",
        "pod_template_file",
        "trigger_kwargs",
    ]
)

PYTHON_ONLY = frozenset(
    [
        "callbacks",
        "dns_config",
        "env_from",
        "full_pod_spec",
        "host_aliases",
        "init_containers",
        "log_formatter",
        "on_execute_callback",
        "pod_runtime_info_envs",
        "ports",
        "post_execute",
        "pre_execute",
        "progress_callback",
    ]
)
