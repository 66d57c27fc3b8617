"""Pods that run: what containers get, what they give, and why they fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pipec.backends.airflow.lower import lower
from pipec.backends.airflow.render import render

from pipec.api import load
from pipec.backend import CompileRequest
from tests.backends.airflow.compiling import compile_text
from tests.backends.airflow.pods.cluster import Cluster
from tests.support.airflow import AirflowHome

pytestmark = pytest.mark.engine

HOSTILE = "a $(HOME) $$ $$(X) {{ params }} {% raw %} {# c #} 'q\" \\ `id` \u00e9\u2028\n$(DATA).sh"


def test_a_shell_text_in_an_image_reads_and_writes_values(airflow: AirflowHome, cluster: Cluster) -> None:
    text = compile_text("""
        pipeline p(rows: int = 5) {
          task first -> str = shell('printf "é$(echo 1)" > "$PIPEC_OUTPUTS/output"') { image = "bash:5" }
          task second(text = first, rows, share = 1) -> { text: str, n: int, none: int? } = shell('''
            printf %s "$text-$rows-$share" > "$PIPEC_OUTPUTS/text"
            echo $((rows + 1)) > "$PIPEC_OUTPUTS/n"
            : > "$PIPEC_OUTPUTS/none"
          ''') { image = "bash:5" }
        }""")
    run = airflow.run(text)
    assert run.states == {"first": "success", "second": "success"}, run.log
    assert run.values == {"first": "é1", "second": {"text": "é1-5-1", "n": 6, "none": None}}
    assert len(cluster.deleted) == 2


def test_hostile_texts_arrive_as_they_were_written(airflow: AirflowHome, cluster: Cluster) -> None:
    script = (
        "import json,os,sys; json.dump([sys.argv[1:], dict(os.environ)], open(os.environ['PIPEC_OUTPUTS']+'/got','w'))"
    )
    quoted = json.dumps(HOSTILE)
    text = compile_text(f"""
        pipeline p(given: str = {quoted}) {{
          task one(known = {quoted}, given) -> {{ got: json }} = image("python:3.11",
            command = ["python3", "-c", {json.dumps(script)}],
            args = [{quoted}, given, "<${{given}}>", "$(known)"]) {{ env = {{ plain: {quoted} }} }}
          task two(n = 1) -> {{ got: json }} = command(["python3", "-c", {json.dumps(script)}, one.got[0][1]]) {{
            image = "python:3.11"
          }}
        }}""")
    run = airflow.run(text)
    assert run.states == {"one": "success", "two": "success"}, run.log
    arguments, environment = run.values["one"]["got"]
    assert arguments == [HOSTILE, HOSTILE, f"<{HOSTILE}>", "$(known)"]
    assert {name: environment[name] for name in ("known", "given", "plain")} == dict.fromkeys(
        ("known", "given", "plain"), HOSTILE
    )
    assert run.values["two"]["got"][0] == [HOSTILE]


def test_a_python_function_runs_in_an_image(airflow: AirflowHome, cluster: Cluster) -> None:
    (cluster.folder / "steps.py").write_text(
        "import datetime\n"
        "def first(): return {'n': 2, 'when': datetime.date(2026, 1, 31)}\n"
        "def second(n, when, share, kind, note):\n"
        "    return f'{n + 1} {when:%d.%m.} {share!r} {kind} {note}'\n"
    )
    text = compile_text("""
        pipeline p(kind: "$${a" | "b{{" = "b{{") {
          image = "registry.example.com/steps:1"
          task first -> { n: int, when: date } = python("steps:first")
          task second(n = first.n, when = first.when, share = first.n * 0.5, kind, note = "{{ $(HOME) $$") -> str
            = python("steps:second")
        }""")
    run = airflow.run(text)
    assert run.states == {"first": "success", "second": "success"}, run.log
    assert run.values == {
        "first": {"n": 2, "when": "2026-01-31"},
        "second": "3 31.01. 1.0 b{{ {{ $(HOME) $$",
    }


BAD_OUTPUTS = [
    ("missing", "true", "missing outputs: $PIPEC_OUTPUTS/output not written"),
    ("mistyped", 'echo five > "$PIPEC_OUTPUTS/output"', "output output: expected int as JSON, got str 'five'"),
    ("large", 'head -c 60000 /dev/zero > "$PIPEC_OUTPUTS/output"', "the outputs take 60000 bytes, the limit is 49152"),
    ("required", 'echo 3 > "$PIPEC_OUTPUTS/output"', "3 is too little"),
]


@pytest.mark.parametrize(
    ("script", "message"), [case[1:] for case in BAD_OUTPUTS], ids=[case[0] for case in BAD_OUTPUTS]
)
def test_bad_outputs_fail_for_good(airflow: AirflowHome, cluster: Cluster, script: str, message: str) -> None:
    text = compile_text(f"""
        pipeline p {{
          task work -> int = shell('{script}') {{
            image = "bash:5"
            retries = 2
            require output > 3 else "${{output}} is too little"
          }}
        }}""")
    run = airflow.run(text)
    assert (run.states, run.attempts, run.values) == ({"work": "failed"}, {"work": 1}, {})
    assert message in run.log


def test_a_container_that_fails_gives_nothing(airflow: AirflowHome, cluster: Cluster) -> None:
    text = compile_text("""
        pipeline p {
          task work -> int = shell('echo 3 > "$PIPEC_OUTPUTS/output"; exit 4') { image = "bash:5"  retries = 1 }
          task after_all(n = work ?? 7) -> int = shell('echo "$n" > "$PIPEC_OUTPUTS/output"') {
            image = "bash:5"
            trigger_rule = all_done
          }
        }""")
    run = airflow.run(text)
    assert run.states == {"work": "failed", "after_all": "success"}
    assert run.attempts["work"] == 2
    assert run.values == {"after_all": 7}
    assert len(cluster.deleted) == 3


RETRIES = [
    ("shell('exit 75')", "75", 2),
    ("shell('exit 75')", "74", 1),
    ("shell('exit 75')", '"Exception"', 1),
    ("shell('sleep 60')", '"timeout"', 2),
    ("shell('sleep 60')", "75", 1),
    ('python("steps:refused")', '"ConnectionError"', 2),
    ('python("steps:refused")', '"builtins.OSError"', 2),
    ('python("steps:refused")', '"ValueError"', 1),
    ('python("steps:left")', "75", 2),
    ('python("steps:bad")', '"Exception"', 1),
]


@pytest.mark.parametrize(("implementation", "cause", "attempts"), RETRIES)
def test_failures_are_told_apart(
    airflow: AirflowHome, cluster: Cluster, implementation: str, cause: str, attempts: int
) -> None:
    (cluster.folder / "steps.py").write_text(
        "def refused(): raise ConnectionRefusedError('no')\n"
        "def left(): raise SystemExit(75)\n"
        "def bad(): return 'text'\n"
    )
    text = compile_text(f"""
        pipeline p {{
          task work -> int = {implementation} {{ image = "any:1"  timeout = 3s  retry = {{ max: 1, on: [{cause}] }} }}
        }}""")
    run = airflow.run(text)
    assert (run.states, run.attempts) == ({"work": "failed"}, {"work": attempts}), run.log
    assert len(cluster.deleted) == attempts, run.log


def test_a_timeout_ends_a_pod_that_would_be_kept(airflow: AirflowHome, cluster: Cluster, monkeypatch: Any) -> None:
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

    killed: list[str] = []
    monkeypatch.setattr(KubernetesPodOperator, "on_kill", lambda operator: killed.append(operator.task_id))
    text = compile_text("""
        pipeline p {
          task work = shell('sleep 60') {
            image = "bash:5"
            timeout = 2s
            target airflow { on_finish_action = "keep_pod" }
          }
        }""")
    run = airflow.run(text)
    assert (run.states, killed, cluster.deleted) == ({"work": "failed"}, ["work"], [])


def test_a_requirement_reads_parameters_and_other_tasks(airflow: AirflowHome, cluster: Cluster) -> None:
    text = compile_text("""
        component measure(least: int) -> { n: int } = shell('echo 3 > "$PIPEC_OUTPUTS/n"') {
          image = "bash:5"
          require n >= least else "${n} is below ${least}"
        }
        pipeline p(least: int = 2) {
          task base -> int = shell('echo 9 > "$PIPEC_OUTPUTS/output"') { image = "bash:5" }
          task fine(least) = measure
          task poor(least = base) = measure
        }""")
    run = airflow.run(text)
    assert run.states == {"base": "success", "fine": "success", "poor": "failed"}, run.log
    assert "3 is below 9" in run.log


def test_secrets_are_never_in_the_file(airflow: AirflowHome, cluster: Cluster) -> None:
    cluster.secrets = {("registry", "token"): "geheim", ("other", "value"): "auch"}
    text = compile_text("""
        pipeline p {
          task upper -> str = shell('printf %s "$TOKEN-$OTHER" > "$PIPEC_OUTPUTS/output"') {
            image = "bash:5"
            env = { TOKEN: secret("registry/token") }
            secrets = { OTHER: secret("other") }
          }
          task lower(a = 1) -> str = shell('printf %s "$a-$token" > "$PIPEC_OUTPUTS/output"') {
            image = "bash:5"
            secrets = { token: secret("registry/token") }
          }
        }""")
    run = airflow.run(text)
    assert run.values == {"upper": "geheim-auch", "lower": "1-geheim"}, run.log
    assert "geheim" not in text


def test_pods_stand_in_maps_loops_and_pipelines(airflow: AirflowHome, cluster: Cluster) -> None:
    loaded = load(
        Path("test.pipe"),
        text="""
        pipeline inner(n: int) -> { twice: int } {
          image = "bash:5"
          task double(n) -> int = shell('echo $((n * 2)) > "$PIPEC_OUTPUTS/output"')
          return { twice: double }
        }
        pipeline p {
          const bash = "bash:5"
          task list -> list[int] = shell('echo "[1, 2, 3]" > "$PIPEC_OUTPUTS/output"') { image = bash }
          map n in list {
            task add(n, extra = len(list)) -> int
              = shell('echo $((n + extra)) > "$PIPEC_OUTPUTS/output"') { image = bash }
            task more(n = add) -> int = shell('echo $((n + 1)) > "$PIPEC_OUTPUTS/output"') { image = bash }
          }
          for word in ["a", "b"] {
            task say(word, total = sum(more[*])) -> str
              = shell('echo "$word$total" > "$PIPEC_OUTPUTS/output"') { image = bash }
          }
          task twice(n = sum(add[*])) = inner
          task called(listed = list, sums = add[*], one = twice.twice) -> json = python("steps:called")
          task last(said = say[*], n = twice.twice) -> str
            = shell('echo "$said $n" > "$PIPEC_OUTPUTS/output"') { image = bash }
        }""",
    )
    assert loaded.program is not None, [fault.message for fault in loaded.diagnostics.found]
    steps = "def called(listed, sums, one): return [listed, sums, one]\n"
    run = airflow.run(render(lower(CompileRequest(loaded.program, "p"), "0")), {"steps.py": steps})
    assert set(run.states.values()) == {"success"}, run.log
    assert run.values["called"] == [[1, 2, 3], [4, 5, 6], 30]
    assert run.values["last"] == '["a18", "b18"] 30'
    assert len(cluster.pods["add"]) == 3


def test_a_check_before_a_pod(airflow: AirflowHome, cluster: Cluster) -> None:
    text = compile_text("""
        pipeline p(go: bool = false) {
          image = "bash:5"
          task measure -> bool = shell('echo false > "$PIPEC_OUTPUTS/output"')
          if measure and go { task inside = shell('exit 1') }
          task after_it after inside = shell('true')
        }""")
    run = airflow.run(text)
    assert (run.states["inside"], run.states["after_it"]) == ("skipped", "success"), run.log
    assert "inside" not in cluster.pods
