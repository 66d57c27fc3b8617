"""For every feature a backend is asked about: the text of a small pipeline `p` that uses it."""

from __future__ import annotations

from typing import get_args

from pipec.ir.expressions import RunField
from pipec.ir.model import TriggerRule

WORK = 'task work -> int = python("steps:f")'
"""A task to stand upstream."""


def _pipeline(body: str, header: str = "p", before: str = "") -> str:
    return f"{before}pipeline {header} {{\n{body}\n}}\n"


def _task(options: str = "", implementation: str = 'python("steps:f")', outputs: str = "") -> str:
    return _pipeline(f"task work{outputs} = {implementation} {{ {options} }}")


def _rule(rule: str) -> str:
    return _pipeline(
        f'{WORK}\ntask other = python("steps:f")\n'
        f'task after_both after work, other = python("steps:f") {{ trigger_rule = {rule} }}'
    )


def _run(field: str) -> str:
    return _pipeline(f'task work(value = run.{field}) = python("steps:f")')


def _wait(condition: str) -> str:
    return _pipeline(f"wait ready = {condition} {{ poll = 30s  timeout = 1h  on_timeout = skip }}")


PART = 'pipeline part(day: str) -> { path: str } { task make(day) -> str = python("steps:f")  return { path: make } }\n'
CALL = 'task called(day = "monday") = part'

_RULES = get_args(TriggerRule)
_FIELDS = get_args(RunField)

PIPELINES: dict[str, str] = {
    "python": _task(),
    "shell": _task(implementation="shell('true')"),
    "command": _task(implementation='command(["true", "${run.id}"])'),
    "image": _task(implementation='image("busybox:1.36", args = ["--day=${run.date}"])', outputs=" -> { rows: int }"),
    "image.entrypoint": _task(implementation='image("busybox:1.36")'),
    "image.retry": _task("retry = { max: 2, delay: 500ms }", 'image("busybox:1.36", command = ["true"])'),
    "image.packages": _task('packages = ["pandas==2.2.3"]', 'image("busybox:1.36", command = ["true"])'),
    "notebook": _task(implementation='notebook("report.ipynb")'),
    "sql": _pipeline('task totals(day = run.date) -> json = sql("select 1 where :day", conn = "warehouse")'),
    "sql.without_connection": _task(implementation='sql("select 1")'),
    "sub_pipeline": _pipeline(CALL, before=PART),
    "sub_pipeline.retry": _pipeline(f"{CALL} {{ retries = 2 }}", before=PART),
    "sub_pipeline.timeout": _pipeline(f"{CALL} {{ timeout = 1h }}", before=PART),
    "sub_pipeline.finally": _pipeline(f"{WORK}\nfinally {{ {CALL} }}", before=PART),
    "sub_pipeline.has_finally": _pipeline(
        CALL, before=PART.replace("{ task", '{ finally { task clean_up = python("steps:f") }  task')
    ),
    "sub_pipeline.alert": _pipeline(f'{CALL} {{ on failure = slack("#ml") }}', before=PART),
    "sub_pipeline.limits": _pipeline(CALL, before=PART.replace("{ task", "{ concurrency = 2  task")),
    "gate": _pipeline(f'{WORK}\ngate good {{ require work > 1 else "only ${{work}}" }}'),
    "decision": _pipeline(
        f'{WORK}\nif work > 1 {{ task more = python("steps:f") }} else {{ task less = python("steps:f") }}'
    ),
    "approval": _pipeline('approval ship { message = "Ship ${run.date}?"  timeout = 12h  on_timeout = reject }'),
    "wait.file": _wait('file("/data/${run.date}/*.csv")'),
    "wait.object": _wait('object("s3://bucket/${run.date}/done")'),
    "wait.task": _wait('task("other.train")'),
    "wait.asset": _wait('asset("s3://bucket/table")'),
    "wait.message": _wait('message("topic", servers = "localhost:9092")'),
    "wait.until": _wait("until(run.timestamp + 2h)"),
    "wait.python": _wait('python("steps:ready", day = run.date)'),
    "map": _pipeline(
        'task found -> list[str] = python("steps:f")\n'
        'map item in found { task score(item) -> int = python("steps:f") }\n'
        'task best(scores = score[*]) = python("steps:f")'
    ),
    "map.nested": _pipeline(
        'task found -> list[list[str]] = python("steps:f")\n'
        'map row in found { map item in row { task score(item) = python("steps:f") } }'
    ),
    "map.max_parallel": _pipeline(
        'task found -> list[str] = python("steps:f")\nmap item in found { max_parallel = 2\n'
        'task score(item) -> int = python("steps:f")\ntask store(score) = python("steps:f") }'
    ),
    "map.trigger_rule": _pipeline(
        'task found -> list[str] = python("steps:f")\nmap item in found { task score(item) = python("steps:f")\n'
        'task store after score = python("steps:f") { trigger_rule = one_success } }'
    ),
    "map.one_failed": _pipeline(
        'task found -> list[str] = python("steps:f")\nmap item in found { task score(item) = python("steps:f")\n'
        'task tell after score = python("steps:f") { trigger_rule = one_failed } }'
    ),
    "group": _pipeline(f"group first {{ {WORK} }}"),
    "map.skipped": _pipeline(
        f'{WORK}\ntask list -> list[int] = python("steps:f")\n'
        'map item in list { if item > 1 { task each(item) = python("steps:f") } }\ntask then after each'
    ),
    "finally.reads": _pipeline(f'{WORK}\nfinally {{ task clean_up(seen = work ?? 0) = python("steps:f") }}'),
    "rule.after_failure": _rule("one_success"),
    "finally": _pipeline(f'{WORK}\nfinally {{ task clean_up = python("steps:f") }}'),
    **{f"trigger_rule.{rule}": _rule(rule) for rule in _RULES if rule != "all_skipped"},
    "trigger_rule.all_skipped": _pipeline(
        'if high { task more = python("steps:f") }\n'
        'task less after more = python("steps:f") { trigger_rule = all_skipped }',
        header="p(high: bool = true)",
    ),
    "race.skip_or_fail": _pipeline(
        f'{WORK}\nif high {{ task inner = python("steps:f")\ntask both after inner, work = python("steps:f") }}',
        header="p(high: bool = true)",
    ),
    "race.starts_early": _pipeline(
        f'{WORK}\nif high {{ task inner after work = python("steps:f") {{ trigger_rule = one_failed }} }}',
        header="p(high: bool = true)",
    ),
    "race.map_list": _pipeline(
        f'{WORK}\nif high {{ task found -> list[str] = python("steps:f") }}\n'
        'map item in found ?? [] { task score(item) after work = python("steps:f") }',
        header="p(high: bool = true)",
    ),
    "retry": _task("retry = { max: 3, delay: 30s, backoff: 2, max_delay: 10m }"),
    "retry.backoff": _task("retry = { max: 3, delay: 30s, backoff: 3 }"),
    "retry.on_exception": _task('retry = { max: 3, on: ["ConnectionError"] }'),
    "retry.on_exit_code": _task("retry = { max: 3, on: [75] }", "shell('true')"),
    "retry.on_timeout": _task('timeout = 1h  retry = { max: 3, on: ["timeout"] }'),
    "timeout": _task("timeout = 1h"),
    "require": _pipeline(
        'task work -> { auc: float } = python("steps:f") { require auc > 0.5 else "too low: ${auc}" }'
    ),
    "option.image": _task('image = "registry.example.com/steps:1"'),
    "option.resources": _task('image = "steps:1"  resources = { cpu: 2, memory: 4Gi, gpu: 1 }'),
    "resources.without_image": _task("resources = { cpu: 2 }"),
    "resources.of_executor": _task('resources = { cpu: 2 }  target airflow { executor = "KubernetesExecutor" }'),
    "option.env": _task('env = { STAGE: "prod" }'),
    "option.secrets": _task('env = { TOKEN: secret("registry-token") }'),
    "secrets.as_files": _task('secrets = { "/run/token": secret("registry-token") }'),
    "secrets.file_names": _task('image = "steps:1"  secrets = { "/run/token": secret("registry-token") }'),
    "option.volumes": _task('image = "steps:1"  volumes = { name: "data", claim: "data", mount_path: "/data" }'),
    "volumes.without_image": _task('volumes = { name: "data", claim: "data", mount_path: "/data" }'),
    "volumes.host_path": _task('image = "steps:1"  volumes = { host_path: "/mnt", mount_path: "/data" }'),
    "volumes.sub_path": _task('image = "steps:1"  volumes = { secret: "keys", sub_path: "a", mount_path: "/data" }'),
    "volumes.read_only": _task('image = "steps:1"  volumes = { claim: "data", read_only: true, mount_path: "/data" }'),
    "volumes.name": _task('image = "steps:1"  volumes = { claim: "data.v2", mount_path: "/data" }'),
    "affinity.beyond_nodes": _task(
        'image = "steps:1"  resources = { affinity: { podAffinity: { '
        'requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone" }] } } }'
    ),
    "pod.form_without_image": _task('env = { "1st": "value" }'),
    "pod.form": _task('image = "steps:1"  volumes = { name: "No Name!", claim: "data", mount_path: "/data" }'),
    "option.pool": _task('pool = "gpus"'),
    "option.queue": _task('queue = "heavy"'),
    "option.priority": _task("priority = 5"),
    "option.cache": _task("cache = true"),
    "cache.age": _task("cache = 7d"),
    "option.produces": _task('produces = ["s3://lake/lots"]'),
    "asset.uri": _task('produces = ["s3://lake/lots/"]'),
    "asset.unicode": _task('produces = ["s3://lake/löse"]'),
    "option.packages": _task('packages = ["pandas==2.2.3"]'),
    "packages.of_program": _task('packages = ["pandas==2.2.3"]', "shell('true')"),
    "option.working_dir": _task('working_dir = "/tmp"'),
    "option.deadline": _task("deadline = 1h"),
    "option.tags": _task('tags = ["slow"]'),
    "parameter": _pipeline(WORK, header="p(day: date = run.date)"),
    "parameter.required": _pipeline(WORK, header="p(day: date)"),
    "text.placeholder": _task('env = { STAGE: "{{ stage }}" }'),
    "schedule.cron": _pipeline(f'schedule = cron("0 2 * * *", timezone = "Europe/Berlin")\nstart = 2026-01-01\n{WORK}'),
    "schedule.timezone": _pipeline(f'schedule = cron("@daily", timezone = "Europe/Berlin")\n{WORK}'),
    "schedule.every": _pipeline(f"schedule = every(15m)\nstart = 2026-01-01\n{WORK}"),
    "schedule.asset": _pipeline(f'schedule = asset("s3://lake/lots")\n{WORK}'),
    "schedule.combined": _pipeline(
        f'schedule = cron("@daily") or (asset("s3://lake/a") and asset("s3://lake/b"))\nstart = 2026-01-01\n{WORK}'
    ),
    "schedule.several_crons": _pipeline(f'schedule = cron("@daily") or cron("30 5 * * *")\nstart = 2026-01-01\n{WORK}'),
    "schedule.time_and": _pipeline(f'schedule = cron("@daily") and asset("s3://lake/a")\nstart = 2026-01-01\n{WORK}'),
    "schedule.several_intervals": _pipeline(f'schedule = cron("@daily") or every(5h)\nstart = 2026-01-01\n{WORK}'),
    "schedule.several_zones": _pipeline(
        'schedule = cron("@daily", timezone = "Europe/Berlin") or cron("@hourly", timezone = "UTC")\n'
        f"start = 2026-01-01\n{WORK}"
    ),
    "start": _pipeline(f'schedule = cron("@daily")\nstart = 2026-01-01\n{WORK}'),
    "end": _pipeline(f'schedule = cron("@daily")\nstart = 2026-01-01\nend = 2026-02-01\n{WORK}'),
    "catchup": _pipeline(f'schedule = cron("@daily")\nstart = 2026-01-01\ncatchup = true\n{WORK}'),
    "max_active_runs": _pipeline(f"max_active_runs = 1\n{WORK}"),
    "concurrency.reached": _pipeline(
        f'concurrency = 1\n{WORK}\ntask other = python("steps:f")',
    ),
    "concurrency": _pipeline(f"concurrency = 2\n{WORK}"),
    "deadline": _pipeline(f'deadline = 4h\non deadline = python("steps:told")\n{WORK}'),
    "owner": _pipeline(f'owner = "ml-team"\n{WORK}'),
    "tags.long": _pipeline(f'tags = ["{"x" * 101}"]\n{WORK}'),
    "tags": _pipeline(f'tags = ["ml"]\n{WORK}'),
    "alert": _pipeline(
        f'on failure, success = [slack("#ml"), email("ml@example.com"), webhook("https://x.example.com")]\n{WORK}'
    ),
    "task_alert": _task('on failure, retry = pagerduty("ml")  retries = 1'),
    "alert.skipped": _pipeline(f'on skipped = slack("#ml")\n{WORK}\nif work > 1 {{ task more = python("steps:f") }}'),
    "return": _pipeline(f"{WORK}\nreturn {{ value: work }}", header="p -> { value: int }"),
    **{f"run.{field}": _run(field) for field in _FIELDS},
}
