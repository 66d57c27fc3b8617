"""`pipec submit`: what is told before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipec.cli import main

PIPELINE = """pipeline first(limit: int) {
  schedule = cron("@daily")
  task work(limit) = shell('echo "$limit"') { image = "alpine:3.20" }
}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "p.pipe"
    path.write_text(PIPELINE.replace("limit: int", "limit: int = 1"), "utf-8")
    return str(path)


def messages(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> str:
    """What a command that ends with this code says on stderr."""
    assert main(["submit", *words]) == code
    return capsys.readouterr().err


def test_a_target_without_server_is_for_compile(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert messages(capsys, 2, file, "--target", "airflow") == (
        "error: the target `airflow` has no server to submit to: use `pipec compile`\n"
    )


def test_one_of_several_pipelines_has_to_be_chosen(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path(file).read_text("utf-8")
    Path(file).write_text(text + text.replace("first", "second"), "utf-8")
    assert "defines `first`, `second`: choose one with --pipeline" in messages(capsys, 2, file, "--target", "kubeflow")
    assert main(["submit", file, "--target", "kubeflow", "--pipeline", "second", "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out)["pipeline"] == "second"


def test_what_the_target_cannot_express_is_not_sent(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(file).write_text(Path(file).read_text("utf-8").replace("@daily", "0 0 L * *"), "utf-8")
    assert "no last day of a month" in messages(capsys, 1, file, "--target", "kubeflow", "--dry-run")


def test_values_come_from_a_file_the_environment_and_options(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def sent(*words: str) -> object:
        assert main(["submit", file, "--target", "kubeflow", "--dry-run", *words]) == 0
        return json.loads(capsys.readouterr().out)["run"]["runtime_config"]["parameters"]

    assert sent() == {}
    (tmp_path / "values.json").write_text('{"limit": 2}', "utf-8")
    values = ["--params", str(tmp_path / "values.json")]
    assert sent(*values) == {"limit": 2}
    monkeypatch.setenv("PIPEC_PARAM_LIMIT", "3")
    assert sent(*values) == {"limit": 3}
    assert sent(*values, "--param", "limit=4") == {"limit": 4}


def test_a_parameter_without_default_has_to_be_given(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(file).write_text(PIPELINE.replace('  schedule = cron("@daily")\n', ""), "utf-8")
    assert "`limit` has no default and was not given" in messages(capsys, 2, file, "--target", "kubeflow", "--dry-run")
