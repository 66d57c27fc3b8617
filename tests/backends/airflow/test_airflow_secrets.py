"""Secrets of tasks in workers come from Variables, and stay out of the file and of what Airflow keeps."""

from __future__ import annotations

import pytest

from tests.backends.airflow.compiling import compile_text
from tests.support.airflow import AirflowHome

PIPELINE = """
    pipeline p {
      task shown -> int = shell('printf %s "$TOKEN-$PLAIN" | wc -c > "$PIPEC_OUTPUTS/output"') {
        env = { TOKEN: secret("registry-token"), PLAIN: "x" }
      }
      task plain = shell('test "$KEY" = geheimnis') { secrets = { KEY: secret("registry-token") } }
      task called -> int = python("steps:length") {
        env = { TOKEN: secret("registry-token"), LONG_NAME_OF_A_VARIABLE: "a value that is as long as it has to be" }
        secrets = { ANOTHER_SECRET: secret("another-secret-with-a-name-that-is-quite-long") }
        working_dir = "."
      }
    }"""


def test_the_file_asks_when_the_task_runs() -> None:
    text = compile_text(PIPELINE)
    assert 'env={"TOKEN": secret_value("registry-token"), "PLAIN": "x"}' in text
    assert "BashOperator" not in text


@pytest.mark.engine
def test_tasks_are_given_secrets(airflow: AirflowHome, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk import log

    monkeypatch.setenv("AIRFLOW_VAR_REGISTRY-TOKEN", "geheimnis")
    monkeypatch.setenv("AIRFLOW_VAR_ANOTHER-SECRET-WITH-A-NAME-THAT-IS-QUITE-LONG", "auch")
    steps = "import os\ndef length(): return len(os.environ['TOKEN'] + os.environ['ANOTHER_SECRET'])\n"
    run = airflow.run(compile_text(PIPELINE), {"steps.py": steps})
    assert run.states == dict.fromkeys(("shown", "plain", "called"), "success"), run.log
    assert run.values == {"shown": 11, "called": 13}
    assert "geheimnis" not in run.log
    assert vars(log)["redact"]("it is geheimnis") == "it is ***"


@pytest.mark.engine
def test_a_missing_secret_fails_for_good(airflow: AirflowHome) -> None:
    text = compile_text("""
        pipeline p { task work = shell('true') { secrets = { KEY: secret("no-such") }  retries = 2 } }""")
    run = airflow.run(text)
    assert (run.states, run.attempts) == ({"work": "failed"}, {"work": 1})
    assert "there is no Variable 'no-such', which is to hold a secret" in run.log
