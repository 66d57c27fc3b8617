"""What Airflow's own classes can be told: the options of their signatures, with facts that pipec needs of them.

    python -m tests.backends.airflow.option_facts > 3.3.json      under each Airflow that pipec compiles for

It needs Airflow, its Kubernetes provider and this file alone.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

CLASSES = ("DAG", "TASK", "CONTAINER")
"""The tables of the list: parameters of DAG, of BaseOperator, and what KubernetesPodOperator adds."""

_JSON_TYPES = {"str", "int", "float", "bool", "dict", "list", "Literal[True]", "None"}
_COLLECTIONS = {
    "list[str]": ("list", "str"),
    "Iterable[str]": ("list", "str"),
    "dict[str, str]": ("dict", "str"),
}

_TYPES: Mapping[str, Sequence[str]] = {
    "access_control": ("dict",),
    "allowed_run_types": ("str", "list"),
    "image_pull_secrets": ("str",),
    "max_consecutive_failed_dag_runs": ("int",),
    "rerun_with_latest_version": ("bool",),
    "weight_rule": ("str",),
}
"""Types where a signature does not tell them in terms of JSON, though Airflow takes them."""

_ITEMS = {"allowed_run_types": "str", "annotations": "str", "labels": "str"}

_CHOICES: Mapping[str, str | Sequence[str]] = {
    "allowed_run_types": "airflow.utils.types:DagRunType",
    "image_pull_policy": ("Always", "IfNotPresent", "Never"),
    "on_finish_action": "airflow.providers.cncf.kubernetes.utils.pod_manager:OnFinishAction",
    "on_kill_action": ("delete_pod", "keep_pod"),
    "termination_message_policy": ("FallbackToLogsOnError", "File"),
    "weight_rule": ("absolute", "downstream", "upstream"),
}
"""What a text may be: an enumeration of Airflow, or the values themselves where they are Kubernetes' own."""

_MINIMA = {
    "base_container_status_polling_interval": 0,
    "logging_interval": 1,
    "max_active_tis_per_dag": 1,
    "max_consecutive_failed_dag_runs": 0,
    "poll_interval": 0,
    "pool_slots": 1,
    "schedule_timeout_seconds": 0,
    "startup_check_interval_seconds": 1,
    "startup_timeout_seconds": 0,
    "termination_grace_period": 0,
}

VERSIONS = {"durable": ("3.3",), "reattach_on_restart": ("2.11",)}
"""Where a provider's option does nothing, or is deprecated, in another version of Airflow."""

_DOCS = {
    "access_control": "what each role may do with the DAG: lists of permissions; Airflow 3 warns of it",
    "allowed_run_types": "the types of runs that the DAG may have",
    "annotations": "annotations of the pod",
    "automount_service_account_token": "whether the pod gets a token of its service account",
    "base_container_name": "the name of the container in the pod",
    "base_container_status_polling_interval": "how often the state of the container is looked at, in seconds",
    "cluster_context": "the context of the Kubernetes configuration, where it has several",
    "config_file": "the path of the Kubernetes configuration file",
    "configmaps": "the config maps whose entries become environment variables",
    "container_logs": "the containers whose logs are shown; true for all",
    "container_name_log_prefix_enabled": "whether each line of the log begins with the container's name",
    "container_security_context": "security settings of the container, as Kubernetes names them",
    "dag_display_name": "what the user interface shows in place of the id",
    "deferrable": "wait for the pod in the triggerer, which takes no slot of a worker",
    "disable_bundle_versioning": "run with the newest files, not those a run began with",
    "dnspolicy": "the DNS policy of the pod",
    "durable": "go on with the pod of a worker that died, in place of starting another one",
    "executor": "the executor that runs the task, where Airflow has several",
    "get_logs": "whether the task's log shows what the container prints",
    "hostname": "the host name of the pod",
    "hostnetwork": "whether the pod uses the network of its node",
    "image_pull_policy": "when the image is pulled",
    "image_pull_secrets": "the secrets for pulling the image, separated by commas",
    "in_cluster": "whether Airflow runs in the cluster itself",
    "init_container_logs": "the init containers whose logs are shown; true for all",
    "is_paused_upon_creation": "whether the DAG is paused when Airflow sees it first",
    "kubernetes_conn_id": "the connection to the cluster; null for none",
    "labels": "labels of the pod",
    "log_events_on_failure": "whether the pod's events are logged when it fails",
    "log_events_on_startup": "whether the pod's events are logged while it starts",
    "log_pod_spec_on_failure": "whether the pod's specification is logged when it fails",
    "logger_name": "the name of the logger of the task",
    "logging_interval": "with `deferrable`: how often the log is fetched, in seconds",
    "map_index_template": "a template for the names of mapped instances in the user interface",
    "max_active_tis_per_dag": "how many of its attempts may run at once, over all runs",
    "max_consecutive_failed_dag_runs": "pause the DAG after so many failed runs in a row",
    "namespace": "the namespace of the pod",
    "on_finish_action": "what happens to the pod when it has ended",
    "on_kill_action": "what happens to the pod when a person ends the task",
    "owner_links": "a link for each owner",
    "pod_template_dict": "a pod as Kubernetes describes it, to begin with",
    "pod_template_file": "the path of a pod as Kubernetes describes it, to begin with",
    "poll_interval": "with `deferrable`: how often the pod is looked at, in seconds",
    "pool": "the pool whose slots the task takes; it has to exist",
    "pool_slots": "how many slots of the pool the task takes",
    "priority_class_name": "the priority class of the pod",
    "priority_weight": "the higher, the earlier among tasks that wait for a slot",
    "queue": "the queue of the executor",
    "reattach_on_restart": "go on with the pod of a worker that died, in place of starting another one",
    "rerun_with_latest_version": "whether cleared tasks run with the newest files",
    "run_as_user": "the user of the operating system that the task runs as",
    "runtime_class_name": "the runtime class of the pod",
    "schedule_timeout_seconds": "how long the cluster may take to find a node, in seconds",
    "schedulername": "the scheduler of the cluster that places the pod",
    "security_context": "security settings of the pod, as Kubernetes names them",
    "service_account_name": "the service account of the pod",
    "startup_check_interval_seconds": "how often a starting pod is looked at, in seconds",
    "startup_timeout_seconds": "how long the pod may take to start, in seconds",
    "subdomain": "the subdomain of the pod",
    "task_display_name": "what the user interface shows in place of the id",
    "termination_grace_period": "how long the pod may take to end, in seconds",
    "termination_message_policy": "where the last message of the container comes from",
    "trigger_kwargs": "with `deferrable`: further arguments of the trigger",
    "weight_rule": "how priority weights add up",
    "xcom_sidecar_container_security_context": "security settings of the container that hands over outputs",
}
"""Docs for those who write pipelines. An option without one has the first sentence of Airflow's own."""


def collect() -> dict[str, Any]:
    """What the installed Airflow takes: its version, and by table and name the options and their facts.

    An option whose value cannot come from JSON has no types.
    """
    version = ".".join(importlib.metadata.version("apache-airflow").split(".")[:2])
    dag = _import("airflow.models.dag:DAG" if version == "2.11" else "airflow.sdk:DAG")
    operator = _import("airflow.models.baseoperator:BaseOperator" if version == "2.11" else "airflow.sdk:BaseOperator")
    pod_operator = _import("airflow.providers.cncf.kubernetes.operators.pod:KubernetesPodOperator")
    of_tasks = _parameters(operator)
    of_pods = {name: parameter for name, parameter in _parameters(pod_operator).items() if name not in of_tasks}
    return {
        "version": version,
        "DAG": _facts(dag, _parameters(dag)),
        "TASK": _facts(operator, of_tasks),
        "CONTAINER": _facts(pod_operator, of_pods),
    }


def _import(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def _parameters(owner: type) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(owner.__init__).parameters  # type: ignore[misc]
    return {name: one for name, one in parameters.items() if name != "self" and one.kind is not one.VAR_KEYWORD}


def _facts(owner: type, parameters: Mapping[str, inspect.Parameter]) -> dict[str, Any]:
    templated = set(getattr(owner, "template_fields", ()))
    docs = _documentation(inspect.getdoc(owner) or "")
    return {
        name: _fact(name, parameter, name in templated, docs.get(name, ""))
        for name, parameter in sorted(parameters.items())
    }


def _fact(name: str, parameter: inspect.Parameter, is_templated: bool, doc: str) -> dict[str, Any]:
    types, item = _types(name, parameter)
    choices = _CHOICES.get(name, ())
    return {
        "types": types,
        "item": _ITEMS.get(name, item),
        "choices": _enumeration(choices) if isinstance(choices, str) else list(choices),
        "minimum": _MINIMA.get(name),
        "links": name == "owner_links",
        "is_templated": is_templated,
        "doc": _DOCS.get(name, doc),
    }


def _types(name: str, parameter: inspect.Parameter) -> tuple[list[str], str | None]:
    """The JSON types of a parameter, and the type of what a list or map holds where it is the same for all."""
    if name in _TYPES:
        return list(_TYPES[name]), None
    if parameter.annotation is parameter.empty:
        return ([type(parameter.default).__name__], None) if isinstance(parameter.default, bool) else ([], None)
    annotation = parameter.annotation if isinstance(parameter.annotation, str) else _shown(parameter.annotation)
    types: list[str] = []
    item = None
    for part in _union(annotation):
        if part in _COLLECTIONS:
            kind, item = _COLLECTIONS[part]
            types.append(kind)
        elif part in _JSON_TYPES:
            types.append({"Literal[True]": "bool", "None": "null"}.get(part, part))
    if parameter.default is None and "null" in types:
        types.remove("null")  # null is what it is anyway
    return ([], None) if types == ["null"] else (list(dict.fromkeys(types)), item)


def _shown(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _union(annotation: str) -> Iterator[str]:
    """The members of `a | b[c | d]`."""
    depth, member = 0, ""
    for character in annotation:
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "|" and depth == 0:
            yield member.strip()
            member = ""
        else:
            member += character
    yield member.strip()


def _enumeration(path: str) -> list[str]:
    return sorted(str(member.value) for member in _import(path))


def _documentation(docstring: str) -> dict[str, str]:
    """The first sentence on each parameter, without markup."""
    found: dict[str, str] = {}
    for name, text in re.findall(r"^:param (\w+):(.*?)(?=^:|\Z)", docstring, re.MULTILINE | re.DOTALL):
        line = " ".join(text.split())
        line = re.sub(r"\(templated\)|\(Optional\)|:\w+:`([^`<]*)[^`]*`", r"\1", line).replace("``", "")
        sentence = re.split(r"(?<=[a-z)])\.(?:\s|$)|\s(?=Default value is|Defaults to)", line.strip(), maxsplit=1)[0]
        found[name] = " ".join(sentence.split()).rstrip(".,;")
    return found


if __name__ == "__main__":
    print(json.dumps(collect(), indent=1))
