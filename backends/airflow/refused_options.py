"""Options of Airflow that no `target airflow { … }` may set, each with what to write instead."""

from __future__ import annotations

from collections.abc import Mapping

_USE: Mapping[str, str] = {
    # of DAG
    "catchup": "`catchup = true` in the pipeline",
    "concurrency": "`concurrency = n` in the pipeline",
    "dag_id": "the pipeline's name",
    "deadline": "`deadline = …` and `on deadline = …` in the pipeline",
    "default_args": "`defaults = { … }` in the pipeline, or name the option itself here",
    "description": "a `##` comment above the pipeline",
    "doc_md": "a `##` comment above the pipeline or the task",
    "end_date": "`end = …` in the pipeline",
    "max_active_runs": "`max_active_runs = n` in the pipeline",
    "max_active_tasks": "`concurrency = n` in the pipeline",
    "on_failure_callback": "`on failure = …`",
    "on_success_callback": "`on success = …`",
    "params": "parameters of the pipeline",
    "schedule": "`schedule = …` in the pipeline",
    "schedule_interval": "`schedule = …` in the pipeline",
    "sla_miss_callback": "`deadline = …` and `on deadline = …`",
    "start_date": "`start = …` in the pipeline",
    "tags": "`tags = […]` in the pipeline or the task",
    "task_group": "`group NAME { … }`",
    "timetable": "`schedule = …` in the pipeline",
    # of every task
    "dag": "the pipeline that the task stands in",
    "do_xcom_push": "the outputs of the task",
    "doc": "a `##` comment above the task",
    "doc_json": "a `##` comment above the task",
    "doc_rst": "a `##` comment above the task",
    "doc_yaml": "a `##` comment above the task",
    "email": "`on failure = email(…)`",
    "email_on_failure": "`on failure = email(…)`",
    "email_on_retry": "`on retry = email(…)`",
    "execution_timeout": "`timeout = …` in the task",
    "executor_config": "`resources`, `image`, `env` and `volumes` in the task",
    "inlets": "inputs of the task, or `schedule = asset(…)`",
    "max_active_tis_per_dagrun": "`max_parallel = n` in the `map`",
    "max_retry_delay": "`retry = { max_delay: … }` in the task",
    "multiple_outputs": "the outputs of the task",
    "on_retry_callback": "`on retry = …`",
    "on_skipped_callback": "`on skipped = …`",
    "outlets": "`produces = […]` in the task",
    "owner": "`owner = …` in the pipeline",
    "resources": "`resources = { … }` in the task",
    "retries": "`retries = n` or `retry = { … }` in the task",
    "retry_delay": "`retry = { delay: … }` in the task",
    "retry_exponential_backoff": "`retry = { backoff: … }` in the task",
    "retry_policy": "`retry = { on: […] }` in the task",
    "sla": "`deadline = …` in the task",
    "task_concurrency": "`max_active_tis_per_dag` here",
    "task_id": "the task's name",
    "trigger_rule": "`trigger_rule = …` in the task",
    # of tasks in a container image
    "active_deadline_seconds": "`timeout = …` in the task",
    "affinity": "`resources = { affinity: … }` in the task",
    "arguments": "`image(args = […])`",
    "cmds": "`image(command = […])`",
    "container_resources": "`resources = { … }` in the task",
    "env_vars": "inputs of the task, or `env = { … }`",
    "image": '`image("repository:tag")`',
    "is_delete_operator_pod": "`on_finish_action` here",
    "name": "the task's name",
    "node_selector": "`resources = { node_selector: … }` in the task",
    "random_name_suffix": "the task's name: each attempt has a pod of its own",
    "secrets": "`secrets = { … }` in the task",
    "tolerations": "`resources = { tolerations: … }` in the task",
    "volume_mounts": "`volumes = […]` in the task",
    "volumes": "`volumes = […]` in the task",
}
"""What pipec sets itself, and the words of the language that say it."""

_CHANGES_THE_MEANING: Mapping[str, str] = {
    "dagrun_timeout": "give tasks a `timeout`, and the pipeline a `deadline` to be told of it",
    "depends_on_past": "run one at a time with `max_active_runs = 1`, and end what must not go on with a `gate`",
    "fail_fast": "let tasks depend on those that may fail",
    "fail_stop": "let tasks depend on those that may fail",
    "ignore_first_depends_on_past": "run one at a time with `max_active_runs = 1`",
    "skip_on_exit_code": "put what may be skipped behind an `if`",
    "wait_for_downstream": "run one at a time with `max_active_runs = 1`",
    "wait_for_past_depends_before_skipping": "run one at a time with `max_active_runs = 1`",
}
"""What would let other tasks run than the language says."""

_IN_GENERATED_CODE = "it is about how a DAG file is written, and pipec writes the file: leave it out"
_LOOKS = "the user interface of Airflow 3 has no such choice: leave it out"

_OTHER: Mapping[str, str] = {
    "allow_nested_operators": _IN_GENERATED_CODE,
    "auto_register": _IN_GENERATED_CODE,
    "default_view": _LOOKS,
    "full_filepath": _IN_GENERATED_CODE,
    "jinja_environment_kwargs": _IN_GENERATED_CODE,
    "orientation": _LOOKS,
    "render_template_as_native_obj": _IN_GENERATED_CODE,
    "template_searchpath": _IN_GENERATED_CODE,
    "template_undefined": _IN_GENERATED_CODE,
    "user_defined_filters": _IN_GENERATED_CODE,
    "user_defined_macros": _IN_GENERATED_CODE,
}

REFUSED: Mapping[str, str] = {
    **{name: f"pipec sets this: use {words}" for name, words in _USE.items()},
    **{name: f"it would change what the pipeline means: {words}" for name, words in _CHANGES_THE_MEANING.items()},
    **_OTHER,
}
"""The way out for each, as a sentence."""
