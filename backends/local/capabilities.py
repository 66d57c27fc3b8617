"""What a run on this machine offers of the language."""

from __future__ import annotations

from pipec.backend import NATIVE, Capability, emulated, refused

_NO_SCHEDULER = "no schedule starts a run: `--date` gives one its time, `--from` and `--to` run every interval"

_NATIVE = (
    "python",
    "shell",
    "command",
    "gate",
    "decision",
    "map",
    "group",
    "finally",
    "sub_pipeline",
    "approval",
    "wait.file",
    "wait.object",
    "wait.task",
    "wait.asset",
    "wait.message",
    "wait.until",
    "wait.python",
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
    "option.cache",
    "option.produces",
    "option.deadline",
    "parameter",
    "parameter.required",
    "concurrency",
    "deadline",
    "alert",
    "task_alert",
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
    "schedule.cron": _NO_SCHEDULER,
    "schedule.every": _NO_SCHEDULER,
    "schedule.asset": "nothing is started by an asset: a `wait` can wait for one",
    "schedule.combined": _NO_SCHEDULER,
    "start": "it limits a backfill",
    "end": "it limits a backfill",
    "catchup": "`--from` makes up for missed intervals",
    "max_active_runs": "it limits how many runs of a backfill go on at once",
    "owner": "an owner has no effect on a run by hand",
    "tags": "tags have no effect on a run by hand",
    "option.tags": "tags have no effect on a run by hand",
    "option.image": "the task runs in the environment pipec runs in, not in the image",
    "option.packages": "nothing is installed: the environment pipec runs in must have the packages",
    "option.resources": "cpu, memory and gpu are shared as `--capacity` says; without it they are not looked at",
    "option.pool": "a pool has the slots that `--pool` gives it; without it no limit",
    "option.queue": "there is one queue: this machine",
}

_REFUSED = {
    "image": ("containers are not run", "use shell or command for what is installed here"),
    "notebook": ("notebooks are not run", 'use shell("jupyter nbconvert --execute …")'),
    "sql": ("there are no connections to databases", "use python or shell with a client of the database"),
    "option.secrets": ("there is no store of secrets", "set the variable in the environment pipec is started in"),
    "option.volumes": ("nothing is mounted", "give the path as an input"),
}

CAPABILITIES: dict[str, Capability] = {
    **dict.fromkeys(_NATIVE, NATIVE),
    **{feature: emulated(reason) for feature, reason in _EMULATED.items()},
    **{feature: refused(reason, way_out) for feature, (reason, way_out) in _REFUSED.items()},
}
"""By feature of `pipec.analysis.features`."""
