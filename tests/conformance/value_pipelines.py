# ruff: noqa: E501
"""Pipelines full of values, each called `values`, and the Python functions they call."""

from __future__ import annotations

STEPS = r'''
"""Functions of the tasks."""

import datetime
import os
import sys
from dataclasses import dataclass


def show(**inputs):
    """The inputs as a text: of each the Python type, and the value."""
    return ", ".join(describe(value) for value in inputs.values())


def describe(value):
    if isinstance(value, datetime.timedelta):
        return f"timedelta {value.total_seconds()}"
    if isinstance(value, list):
        return "[" + ", ".join(describe(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {describe(item)}" for key, item in value.items()) + "}"
    module = type(value).__module__
    name = type(value).__name__
    return f"{name if module in ('builtins', 'datetime') else module + '.' + name} {value}"


def same(value):
    return value


def named():
    return {
        "flag": True, "count": 7, "share": 2, "text": "né\n\n", "day": datetime.date(2026, 2, 27),
        "moment": datetime.datetime(2026, 10, 25, 0, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
        "patience": datetime.timedelta(minutes=90), "bytes": 4096, "source": "s3://lake/a b/c.csv/",
        "stage": "dev", "names": ["b", "a"], "shares": {"x": 1, "y": 0.5}, "days": [datetime.date(2026, 1, 1)],
        "document": {"a": [1, {"b": None}], "t": "x"}, "note": None, "zero": 0, "none": [], "times": [60, 90.5],
    }


@dataclass
class Pair:
    left: float
    right: str | None


def pair():
    return Pair(1, None)


def limited(limit, span):
    return {"left": limit, "right": describe(span)}


def bare(kind):
    values = {
        "nan": float("nan"), "text": "5", "bool": True, "none": None, "large": "x" * 50_000, "list": [1],
        "float": 1.5, "naive": datetime.datetime(2026, 1, 1), "set": {1},
    }
    return values[kind]


def partial():
    return {"left": 1.0}


def extra():
    return {"left": 1.0, "right": "x", "more": 1}


class Busy(ConnectionError):
    pass


class Odd(BaseException):
    pass


def fail(kind):
    if kind == "busy":
        raise Busy("busy")
    if kind == "value":
        raise ValueError("value")
    if kind == "odd":
        raise Odd("odd")
    if kind == "text":
        sys.exit("text")
    if kind == "none":
        sys.exit()
    if isinstance(kind, int):
        sys.exit(kind)


def until(attempt, last):
    if attempt < last:
        raise ConnectionError("not yet")
    return attempt


async def later(value):
    return value


async def nothing():
    pass


def variable(name):
    return os.environ.get(name, "unset")


def folder():
    return os.path.basename(os.getcwd())
'''

NAMED = """
  task source -> {
    flag: bool, count: int, share: float, text: str, day: date, moment: datetime, patience: duration, bytes: size,
    source: dataset, stage: "dev" | "prod", names: list[str], shares: dict[str, float], days: list[date],
    document: json, note: str?, zero: int, none: list[int], times: list[duration]
  } = python("value_steps:named")
"""

# Each shown by Python as a value, in an f-string, and by a shell and a command as text.
_TYPES = (
    "flag",
    "count",
    "share",
    "text",
    "day",
    "moment",
    "patience",
    "bytes",
    "source",
    "stage",
    "names",
    "shares",
    "days",
    "document",
    "note",
    "zero",
    "none",
    "times",
)

_COMPUTED = {
    "dates": "a = s.day + 1d, b = s.day - 36h, c = s.day - 2026-01-01, d = s.moment + 3h, e = s.moment - 30m",
    "durations": "a = s.patience + 1h, b = s.patience * 2 - 1801s, c = s.patience / 45m, d = s.patience % 1h, "
    "e = s.patience / 2 + 30m, f = s.day + s.patience + 1d",
    "sizes": "a = s.bytes * 2, b = s.bytes / 1Ki, c = s.bytes + 1Mi, d = max(s.bytes, 1Gi), e = sum([s.bytes, 1Ki])",
    "numbers": "a = s.count / 2, b = s.count % -3, c = -s.count % 3, d = s.share * s.count, e = s.share - 2, "
    "f = round(s.count / 2), g = round(s.share / 3, 3), h = s.count > 3 ? s.count : s.share, i = -s.share % 0.7, "
    "j = s.count * 9_000_000_000_000_000_000",
    "nulls": 'a = s.note ?? "none", b = s.note == null, c = (s.note ?? s.text) + "!", d = s.note != null ? 1 : 2, '
    "e = s.document.a[1].b ?? 3, f = s.note",
    "tests": 'a = s.stage in ["dev", "x"], b = "z" not in s.shares, c = "é" in s.text, d = not s.flag or s.count == 7, '
    'e = s.day in s.days, f = not (s.share < 3.0), g = s.flag == true, h = s.document.t == "x", i = s.day < 2026-03-01',
    "picks": 'a = s.names[-1], b = s.shares["y"], c = s.document.a[0], d = s.days[0], e = s.times[1], '
    'f = s.document, g = { a: 1, b: [s.day] }, h = [s.share, 1], i = s.document["a"], j = s.times',
    "functions": 'a = min(s.names), b = max(s.shares["x"], s.count), c = sum([1, s.share]), d = any([s.flag, false]), '
    'e = all([s.flag, s.count > 8]), f = join(s.names, "{}\\""), g = split(s.text, "\\n"), h = basename(s.source), '
    'i = format(s.share, "08.3f"), j = format(s.day, "%d.%m.%Y"), k = upper(s.text), l = replace(s.text, "n", "\'"), '
    'm = len(s.names), n = env("NO_SUCH_VARIABLE_HERE", "x"), o = format(s.moment, "%H:%M %z"), '
    'p = format(s.flag, ""), q = format(s.bytes, ","), r = lower(upper(s.stage))',
    "sums": "c = sum(s.none), d = max(s.days), e = min(s.patience, 1m)",
    "texts": 'a = "${s.share} ${s.flag} ${s.day} ${s.moment} ${s.patience} ${s.bytes} ${s.names} ${s.shares}", '
    'b = "${s.days} {${s.document}} ${s.note ?? "1.0"} ${s.times}", c = "$${x} \\\\ \\" {{ ds }} ${s.count / 2}", '
    'd = "${s.share * 1e20} ${1e-7 * s.share} ${1.0 * s.count} ${s.day - 2026-01-01} ${s.count > 1}", '
    'e = "${s.flag ? "yes \'a\'" : "no"}${s.text}"',
}


def _shown(inputs: str) -> str:
    return inputs.replace("s.", "source.")


def _expressions() -> str:
    lines = [NAMED]
    for name, inputs in _COMPUTED.items():
        given = _shown(inputs)
        lines.append(f'  task {name}({given}) -> str = python("value_steps:show")')
        names = [part.strip().split(" = ")[0] for part in inputs.split(", ") if " = " in part[:6]]
        printed = "|".join(f"${letter}" for letter in names if len(letter) == 1)
        lines.append(
            f'  task {name}_shell({given}) -> str = shell(\'printf "%s" "{printed}" > $PIPEC_OUTPUTS/output\')'
        )
    for name in _TYPES:
        lines.append(f'  task python_{name}(value = source.{name}) -> str = python("value_steps:show")')
    lists = ("names", "shares", "days", "document", "none", "times")
    command = ", ".join(
        f'"${{source.{name}}}"' if name in lists else f"source.{name}" if name != "note" else 'source.note ?? ""'
        for name in _TYPES
    )
    every = ", ".join(f"v_{name} = source.{name}" for name in _TYPES)
    shown = "|".join(f"$v_{name}" for name in _TYPES)
    lines.append(
        f"""  task every_shell({every}) -> str = shell('printf "%s" "{shown}" > $PIPEC_OUTPUTS/output')"""
        f"""  task every_command -> str = command(["bash", "-c", 'printf "<%s>" "$@" > $PIPEC_OUTPUTS/output', "x", "", "a b",
          "$HOME `id` $(id) 'q' \\"d\\" \\\\ ; rm *", "{{{{ ds }}}} {{% raw %}}", "x.sh", "--", "ü\\n", 1.0, true, 2h, "${{source.count / 2}}", {command}])
  task hostile_bash = shell('test "{{{{ ds }}}}" = "{{""{{ ds }}""}}"  # {{% x %}} {{# y')
  task as_json(day = source.day + 1d, list = [source.day], table = {{ a: source.patience * 2 }}, one = source.moment,
    first = source.days[0], two = source.flag ? source.day : 2026-01-01) = json_input
"""
    )
    return (
        'component json_input(day: json, list: json, table: json, one: json, first: json, two: json) -> str = python("value_steps:show")\npipeline values {\n'
        + "\n".join(lines)
        + "\n}\n"
    )


EXPRESSIONS = _expressions()

_PARAMETERS = """
  moment: datetime, flag: bool = true, count: int = 3, share: float = 2, text: str = "a\\nb", day: date = 2026-01-31,
  patience: duration = 1h30m, limit: size = 1.5Gi, source: dataset = "s3://a/b", stage: "dev" | "prod" = "dev",
  names: list[str] = ["x", "y"], shares: dict[str, float] = { x: 1, "y y": 0.25 }, days: list[date] = [2026-01-01],
  document: json = { a: [1, null] }, note: str? = null, later: date = run.date + 1d, label: str = "${later} ${count}",
"""
_PARAMETER_NAMES = [
    "moment", "flag", "count", "share", "text", "day", "patience", "limit", "source", "stage", "names", "shares", "days",
    "document", "note", "later", "label",
]  # fmt: skip

PARAMETERS = (
    f"pipeline values({_PARAMETERS}) {{\n"
    f'  task native({", ".join(_PARAMETER_NAMES)}) -> str = python("value_steps:show")\n'
    f"  task computed(a = moment + 1h, b = later - day, c = patience / 2, d = share + 1, e = shares, f = day in days, "
    f'g = note ?? stage, h = limit / 1Ki, i = "${{share}} ${{moment}} ${{shares}} ${{document}} ${{days}}", '
    f'j = [share, count], k = count > 0 ? share : count) -> str = python("value_steps:show")\n'
    + "".join(
        f"  task shell_{name}({name}) -> str = shell('printf %s \"${name}\" > $PIPEC_OUTPUTS/output')\n"
        for name in _PARAMETER_NAMES
    )
    + '  task arguments -> str = command(["bash", "-c", \'printf "<%s>" "$@" > $PIPEC_OUTPUTS/output\', "x", '
    + ", ".join(
        'note ?? ""'
        if name == "note"
        else f'"${{{name}}}"'
        if name in ("names", "shares", "days", "document")
        else name
        for name in _PARAMETER_NAMES
    )
    + "])\n}\n"
)

_FILE = {
    # name: (type, what is written by printf)
    "text": ("str", r"né\n\n"),
    "crlf": ("str", r"a\r\nb\r\n"),
    "empty": ("str", ""),
    "jinja": ("str", "{{ ds }} {%% x %%}"),
    "flag": ("bool", "true"),
    "count": ("int", r" 12 \n"),
    "share": ("float", "3"),
    "day": ("date", r"2026-01-31\n"),
    "moment": ("datetime", "2026-01-31T02:00:00Z"),
    "patience": ("duration", "0.5"),
    "bytes": ("size", "1024"),
    "place": ("dataset", r"s3://a b/c\n"),
    "stage": ('"dev" | "prod"', r"dev\n"),
    "names": ("list[str]", '["a", "b"]'),
    "shares": ("dict[str, float]", '{"a": 1}'),
    "document": ("json", "[1, null]"),
    "nothing": ("str?", ""),
    "newline": ("str?", r"\n"),
    "maybe": ("int?", "null"),
    "bad_bool": ("bool", "True"),
    "bad_count": ("int", "1.0"),
    "bad_one": ("int", "true"),
    "bad_nan": ("float", "NaN"),
    "bad_large": ("float", "1e999"),
    "bad_empty": ("json", ""),
    "bad_naive": ("datetime", "2026-01-31T02:00:00"),
    "bad_day": ("date", r"2026-01-31\n\n"),
    "bad_bytes": ("str", r"\377"),
    "bad_stage": ('"dev" | "prod"', r"dev \n"),
    "bad_key": ("dict[str, int]", '{"a": "b"}'),
}
_RETURNED = {
    "bad_python_nan": ("float", "nan"),
    "bad_python_text": ("int", "text"),
    "bad_python_bool": ("int", "bool"),
    "bad_python_none": ("str", "none"),
    "bad_python_large": ("str", "large"),
    "bad_python_list": ("list[str]", "list"),
    "bad_python_float": ("int", "float"),
    "bad_python_naive": ("datetime", "naive"),
    "bad_python_set": ("json", "set"),
    "python_none": ("str?", "none"),
    "python_json": ("json", "none"),
    "python_float": ("float", "bool"),
}


def _outputs() -> str:
    lines = ["pipeline values {", "  defaults = { retries: 2 }", NAMED]
    for name, (type_, written) in _FILE.items():
        for form, label in ((f"-> {type_}", "output"), (f"-> {{ one: {type_}, other: int }}", "one")):
            task = name if label == "output" else f"{name}_named"
            other = "" if label == "output" else "; echo 1 > $PIPEC_OUTPUTS/other"
            lines.append(f"  task {task} {form} = shell('''printf '{written}' > $PIPEC_OUTPUTS/{label}{other}''')")
    for name, (type_, kind) in _RETURNED.items():
        if name != "python_float":
            lines.append(f'  task {name}(kind = "{kind}") -> {type_} = python("value_steps:bare")')
    lines.append('  task bad_partial -> { left: float, right: str } = python("value_steps:partial")')
    lines.append('  task bad_extra -> { left: float, right: str } = python("value_steps:extra")')
    lines.append('  task dataclass -> { left: float, right: str? } = python("value_steps:pair")')
    lines.append("  task bad_missing -> str = shell('true')")
    lines.append("  task bad_folder -> str = shell('mkdir $PIPEC_OUTPUTS/output')")
    lines.append("  task bad_sum -> str = shell('head -c 50000 /dev/zero | tr \"\\\\0\" x > $PIPEC_OUTPUTS/output')")
    lines.append('  task bad_async(value = 1) -> int = python("value_steps:later")')
    lines.append('  task bad_require -> { left: float, right: str? } = python("value_steps:pair") { require left > 1 }')
    lines.append(
        '  task require_holds -> { left: float, right: str? } = python("value_steps:pair") { require left == 1 }'
    )
    lines.append("  finally {")
    for name in ("bad_count", "bad_require.right", "bad_missing", "dataclass.right", "maybe"):
        task = "final_" + name.replace(".", "_")
        lines.append(f'    task {task}(a = {name} ?? null, b = {name} == null) -> str = python("value_steps:show")')
    lines.append(
        '    task final_shell(a = bad_count ?? null, b = bad_count_named.one ?? 5, c = bad_missing ?? "none") -> str = '
        "shell('printf %s \"$a|$b|$c\" > $PIPEC_OUTPUTS/output')"
    )
    lines.append("  }\n}\n")
    return "\n".join(lines)


OUTPUTS = _outputs()

FAULTS = {
    "zero": 'task zero(a = s.count / s.zero) = python("value_steps:same")',
    "zero_remainder": "task zero_remainder(a = s.count % s.zero) = shell('true')",
    "index": 'task index(value = s.names[5]) = python("value_steps:same")',
    "key": 'task key(value = s.shares["q"]) = python("value_steps:same")',
    "member": 'task member(value = s.document.q.r) = python("value_steps:same")',
    "of_null": 'task of_null(value = s.document.a[1].b.c) = python("value_steps:same")',
    "smallest": 'task smallest(value = min(s.none)) = python("value_steps:same")',
    "separator": 'task separator(value = split(s.text, s.note ?? "")) = python("value_steps:same")',
    "spec": 'task spec(value = format(s.text, "d")) = python("value_steps:same")',
    "unset": 'task unset(value = env("NO_SUCH_VARIABLE_HERE")) = python("value_steps:same")',
    "far_date": 'task far_date(value = s.day + s.count * 1000000d) = python("value_steps:same")',
    "long_duration": 'task long_duration(value = s.patience * 1e30) = python("value_steps:same")',
    "argument": 'task argument = command(["echo", "${s.count / s.zero}"])',
    "text_in_input": 'task text_in_input(value = "a ${s.names[9]}") = python("value_steps:same")',
    "zero_byte": "task zero_byte(value = \"a\\u0000b\") = shell('true')",
    "gate_zero": "gate gate_zero { require s.count / s.zero > 1 }",
    "gate_message": 'gate gate_message { require s.count < 0 else "${s.names[7]}" }',
    "gate_index": 'gate gate_index { require s.names[5] == "a" require s.count > 0 }',
    "gate_date": "gate gate_date { require s.day + s.count * 1000000d > 2026-01-01 }",
    "require_zero": 'task require_zero -> { left: float, right: str? } = python("value_steps:pair") '
    "{ require left / (left - 1.0) > 0 }",
    "require_message": 'task require_message -> { left: float, right: str? } = python("value_steps:pair") '
    '{ require left > 5 else "${1 / (left - 1.0)}" }',
    "choice": "if s.names[4] == \"a\" as choice { task inside = shell('true') } else { task outside = shell('true') }",
}


def fault_pipeline() -> str:
    """A pipeline in which every task of `FAULTS` fails, though all may be tried again."""
    lines = "\n".join(f"  {text}" for text in FAULTS.values()).replace("s.", "source.").replace("value_stepsource.", "")
    return f"pipeline values {{\n  defaults = {{ retries: 2 }}\n{NAMED}{lines}\n}}\n"


def _retries() -> str:
    lines = ["pipeline values {"]

    def python(name: str, kind: str, on: str | None) -> None:
        limit = f", on: {on}" if on is not None else ""
        lines.append(f'  task {name}(kind = {kind}) = python("value_steps:fail") {{ retry = {{ max: 1{limit} }} }}')

    def shell(name: str, text: str, on: str | None, more: str = "") -> None:
        limit = f", on: {on}" if on is not None else ""
        lines.append(f"  task {name} = {text} {{ retry = {{ max: 1{limit} }} {more} }}")

    # The number at the end is that of the attempts.
    python("bare_2", '"busy"', '["Busy"]')
    python("dotted_2", '"busy"', '["value_steps.Busy"]')
    python("base_2", '"busy"', '["ConnectionError"]')
    python("dotted_base_2", '"busy"', '["builtins.OSError"]')
    python("wrong_dotted_1", '"busy"', '["other.Busy"]')
    python("other_1", '"value"', '["ConnectionError", "timeout", 1]')
    python("all_2", '"value"', None)
    python("odd_2", '"odd"', None)
    python("odd_exception_1", '"odd"', '["Exception"]')
    python("odd_base_2", '"odd"', '["BaseException"]')
    python("exit_75_2", "75", "[75]")
    python("exit_76_1", "76", "[75]")
    python("exit_0_2", "0", None)
    python("exit_none_2", '"none"', "[0]")
    python("exit_text_2", '"text"', "[1]")
    python("exit_named_2", "3", '["SystemExit"]')
    python("exit_exception_1", "3", '["Exception"]')
    shell("code_99_2", "shell('exit 99')", None)
    shell("code_255_2", "shell('exit 255')", None)
    shell("on_99_2", "shell('exit 99')", "[99]")
    shell("on_98_1", "shell('exit 98')", "[99]")
    shell("signal_2", "shell('kill -9 $$')", "[137]")
    shell("not_found_2", 'command(["no-such-program-at-all"])', "[127]")
    shell("folder_2", 'command(["/"])', "[126]")
    shell("exception_1", "shell('exit 3')", '["Exception"]')
    shell("exception_both_1", "shell('exit 3')", '["Exception", "timeout"]')
    shell("airflow_1", "shell('exit 3')", '["AirflowException"]')
    shell("command_exception_1", 'command(["false"])', '["Exception"]')
    shell("no_folder_2", 'command(["true"])', None, 'working_dir = "missing"')
    shell("no_folder_127_1", 'command(["true"])', "[127]", 'working_dir = "missing"')
    shell("a_file_2", 'command(["true"])', None, 'working_dir = "value_steps.py"')
    shell("no_program_2", """command(["./no_shebang"])""", None, "")
    lines.append("  order make -> no_program_2")
    lines.append("  task make = shell('echo true > no_shebang; chmod +x no_shebang')")
    lines.append("  task pipe_1 = shell('false | true')")
    lines.append("  task pipefail_1 = shell('set -o pipefail; false | true')")
    lines.append("  task hidden_1 = shell('false; true')")
    lines.append('  task third_3(attempt = run.attempt, last = 3) -> int = python("value_steps:until") { retries = 4 }')
    lines.append(
        "  task third_shell_3(attempt = run.attempt) -> int = "
        "shell('test $attempt = 3 && echo $attempt > $PIPEC_OUTPUTS/output') { retries = 4 }"
    )
    lines.append(
        '  task env_python(name = "STAGE") -> str = python("value_steps:variable") { env = { STAGE: "a {{ ds }} b" } }'
    )
    lines.append('  task env_after(name = "STAGE", after_it = env_python) -> str = python("value_steps:show")')
    lines.append(
        '  task env_shell(text = "in") -> str = shell(\'printf %s "$STAGE$text$other" > $PIPEC_OUTPUTS/output\') '
        '{ env = { STAGE: "a \'b\' {{ ds }} $HOME", text: "env", other: "" } }'
    )
    lines.append(
        '  task env_bash = shell(\'test "$STAGE" = "$(printf %s%s "{" "{ ds }}")"\') { env = { STAGE: "{{ ds }}" } }'
    )
    lines.append('  task folder_python -> str after make_folder = python("value_steps:folder") { working_dir = "a b" }')
    lines.append("  task make_folder = shell('mkdir -p \"a b\"')")
    lines.append(
        "  task folder_shell -> str after make_folder = shell('basename \"$PWD\" > $PIPEC_OUTPUTS/output') "
        '{ working_dir = "a b" }'
    )
    lines.append(
        '  task folder_bash after make_folder = shell(\'test "$(basename "$PWD")" = "a b"\') { working_dir = "a b" }'
    )
    lines.append("  task standard_input -> str = shell('cat > $PIPEC_OUTPUTS/output')")
    lines.append("}\n")
    return "\n".join(lines)


RETRIES = _retries()

FACTS = """
pipeline values(day: date = run.date) {
  schedule = cron("0 0 * * *", timezone = "TIMEZONE")
  start = 2026-01-01
  task day_text -> str = command(["bash", "-c", 'printf %s "$0" > $PIPEC_OUTPUTS/output', "${run.date}"])
  task native(day, moment = run.timestamp, date = run.date, pipeline = run.pipeline, attempt = run.attempt) -> str
    = python("value_steps:show")
  task moved(a = run.timestamp + 1d, b = run.timestamp - 26h, c = run.timestamp + 1h, d = day - 7d,
    e = run.timestamp - (run.timestamp - 1d), f = (run.timestamp + 1d - run.timestamp) / 1h, g = (run.date - 2026-01-01) / 1d,
    h = (run.date - 2026-01-01) % 1w, i = format(run.timestamp, "%Y%m%dT%H%M%S%z"), j = run.timestamp) -> str
    = python("value_steps:show")
  task kept(value = run.timestamp + 1d) -> datetime = python("value_steps:same")
  task further(a = kept - run.timestamp, b = kept > run.timestamp, c = kept) -> str = python("value_steps:show")
  task texts(a = "${run.timestamp} ${run.timestamp + 2d} ${day + 1d}") -> str = shell('printf %s "$a" > $PIPEC_OUTPUTS/output')
}
"""
