"""What a run on this machine offers of the language."""

from __future__ import annotations

from pipec.backend import NATIVE, Capability, emulated, refused

_BY_HAND = "no effect on a run by hand"
_COMPILE = "compile for an orchestrator"

_NATIVE = (
    "python",
    "shell",
    "command",
    "gate",
    "decision",
    "group",
    "finally",
    "trigger_rule.all_success",
    "trigger_rule.none_failed",
    "trigger_rule.none_failed_min_one_success",
    "trigger_rule.none_skipped",
    "trigger_rule.all_done",
    "trigger_rule.all_done_min_one_success",
    "trigger_rule.all_failed",
    "trigger_rule.all_skipped",
    "trigger_rule.one_success",
    "trigger_rule.one_failed",
    "trigger_rule.one_done",
    "trigger_rule.always",
    "race.skip_or_fail",
    "retry",
    "retry.on_exception",
    "retry.on_exit_code",
    "retry.on_timeout",
    "timeout",
    "require",
    "option.env",
    "option.priority",
    "option.working_dir",
    "parameter",
    "parameter.required",
    "concurrency",
    "return",
    "run.date",
    "run.timestamp",
    "run.interval_start",
    "run.interval_end",
    "run.id",
    "run.attempt",
    "run.pipeline",
    "run.url",
)

_EMULATED = {
    "schedule.cron": f"a schedule has {_BY_HAND}, except that its time zone is that of run.date",
    "schedule.every": f"a schedule has {_BY_HAND}",
    "schedule.asset": f"a schedule has {_BY_HAND}",
    "schedule.combined": f"a schedule has {_BY_HAND}, except that its time zone is that of run.date",
    "start": f"a start date has {_BY_HAND}",
    "end": f"an end date has {_BY_HAND}",
    "catchup": f"catchup has {_BY_HAND}",
    "max_active_runs": f"max_active_runs has {_BY_HAND}",
    "deadline": f"a deadline has {_BY_HAND}: who started it sees how long it takes",
    "option.deadline": f"a deadline has {_BY_HAND}: who started it sees how long it takes",
    "owner": f"an owner has {_BY_HAND}",
    "tags": f"tags have {_BY_HAND}",
    "option.tags": f"tags have {_BY_HAND}",
    "alert": f"alerts have {_BY_HAND}: who started it sees the outcome",
    "task_alert": f"alerts have {_BY_HAND}: who started it sees the outcome",
    "option.produces": f"an asset has {_BY_HAND}: nothing here waits for it",
    "option.image": "the task runs in the environment pipec runs in, not in the image",
    "option.packages": "nothing is installed: the environment pipec runs in must have the packages",
    "option.resources": "resources are not enforced: the tasks share this machine, `--max-parallel` limits them",
    "option.pool": "pools are not enforced: `--max-parallel` limits the tasks at once",
    "option.queue": "there is one queue: this machine",
    "option.cache": "nothing is cached: every run computes anew",
}

_REFUSED = {
    "image": ("containers are not run", "use shell or command for what is installed here"),
    "notebook": ("notebooks are not run", 'use shell("jupyter nbconvert --execute …")'),
    "sql": ("there are no connections to databases", "use python or shell with a client of the database"),
    "sub_pipeline": ("a pipeline cannot be a task here", "run the pipelines one by one"),
    "approval": ("nobody can be asked", _COMPILE),
    "wait.file": ("waiting is not offered", "use shell with a loop that looks for the file"),
    "wait.object": ("waiting is not offered", "use python with a loop that looks for the object"),
    "wait.task": ("other pipelines do not run here", _COMPILE),
    "wait.asset": ("assets are not updated here", _COMPILE),
    "wait.message": ("waiting is not offered", _COMPILE),
    "wait.until": ("waiting is not offered", "use shell with sleep"),
    "wait.python": ("waiting is not offered", "use python with a loop that calls the predicate"),
    "map": ("map is not offered", "use for over a list known when compiling, or a loop inside one task"),
    "option.secrets": ("there is no store of secrets", "set the variable in the environment pipec is started in"),
    "option.volumes": ("nothing is mounted", "give the path as an input"),
}

CAPABILITIES: dict[str, Capability] = {
    **dict.fromkeys(_NATIVE, NATIVE),
    **{feature: emulated(reason) for feature, reason in _EMULATED.items()},
    **{feature: refused(reason, way_out) for feature, (reason, way_out) in _REFUSED.items()},
}
"""By feature of `pipec.analysis.features`."""
