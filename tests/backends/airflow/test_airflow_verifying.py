"""`pipec compile --verify`: what an installed Airflow says of DAG files, and when there is none that fits."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from pipec.backends.airflow import verifying
from pipec.backends.airflow.verifying import verify

from pipec.backend import CannotVerifyError, Finding, OutputFile
from pipec.cli import main

GOOD = """\
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

with DAG(dag_id="good", schedule=None):
    EmptyOperator(task_id="a")
"""


def dag_file(name: str, old: str = "", new: str = "") -> OutputFile:
    return OutputFile(f"{name}_dag.py", GOOD.replace('"good"', f'"{name}"').replace(old, new))


CYCLE = """\
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

with DAG(dag_id="cycle", schedule=None):
    a = EmptyOperator(task_id="a")
    b = EmptyOperator(task_id="b")
    a >> b >> a
"""

FILES = [
    dag_file("good"),
    OutputFile("same_dag.py", GOOD),
    dag_file("argument", "schedule=", "shedule="),
    dag_file("cron", "schedule=None", 'schedule="99 * * * *"'),
    OutputFile("cycle_dag.py", CYCLE),
    dag_file("executor", '"a"', '"a", executor="CeleryExecutor"'),
    dag_file("module", "\nwith", "\nimport no_such_module\n\nwith"),
    dag_file("warning", '"a"', '"a", email="x"'),
    OutputFile("nothing_dag.py", "airflow, dag = 1, 2\n"),
    OutputFile("syntax_dag.py", "# airflow dag\nx =\n"),
    OutputFile("note.md", "not Python", is_side=True),
]


@pytest.mark.engine
def test_what_airflow_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "sqlite:////nowhere/at/all.db")
    findings = verify(FILES, "3.3")
    assert [finding for finding in findings if finding.severity == "error"] == [
        Finding(
            "error",
            "argument_dag.py",
            "TypeError: DAG.__init__() got an unexpected keyword argument 'shedule'\n"
            '  line 4: with DAG(dag_id="argument", shedule=None):',
        ),
        Finding("error", "cron_dag.py", "AirflowTimetableInvalid: [99 * * * *] is not acceptable, out of range"),
        Finding("error", "cycle_dag.py", "AirflowDagCycleException: Cycle detected in Dag: cycle. Faulty task: b"),
        Finding(
            "error",
            "executor_dag.py",
            "UnknownExecutorException: Task 'a' specifies executor 'CeleryExecutor', which is not available. Make sure "
            "it is listed in your [core] executors configuration, or update the task's executor to use one of the "
            "configured executors.",
        ),
        Finding(
            "error",
            "module_dag.py",
            "ModuleNotFoundError: No module named 'no_such_module'\n  line 4: import no_such_module",
        ),
        Finding("error", "nothing_dag.py", "Airflow finds no DAG in it"),
        Finding(
            "error",
            "same_dag.py",
            "AirflowDagDuplicatedIdException: Ignoring DAG good from same_dag.py - also found in good_dag.py",
        ),
        Finding("error", "syntax_dag.py", "SyntaxError: invalid syntax\n  line 2: x ="),
    ]
    warned = [finding for finding in findings if finding.severity == "warning"]
    assert {finding.path for finding in warned} == {"warning_dag.py"}
    assert any(finding.message.startswith("line 5: ") and "email on a task" in finding.message for finding in warned)


@pytest.mark.engine
def test_executors_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "LocalExecutor,CeleryExecutor")
    assert verify([dag_file("executor", '"a"', '"a", executor="CeleryExecutor"')], "3.3") == ()


@pytest.mark.engine
def test_compile_verifies_what_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("etl.pipe").write_text("pipeline etl {\n  task a = shell('true')\n}\n", "utf-8")
    assert main(["compile", "etl.pipe", "--target", "airflow", "--verify"]) == 0
    written = capsys.readouterr()
    assert written.out.splitlines()[0] == "build/airflow/etl_dag.py"
    assert written.err == ""
    assert not list(tmp_path.glob("airflow*"))

    Path("etl.pipe").write_text(
        "pipeline etl {\n  task a = shell('true') { target airflow { executor = 'NoExecutor' } }\n}\n", "utf-8"
    )
    before = Path("build/airflow/etl_dag.py").read_bytes()
    assert main(["compile", "etl.pipe", "--target", "airflow", "--verify"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: etl_dag.py: UnknownExecutorException: ")
    assert told.endswith("\n1 of 1 file cannot be loaded by Apache Airflow\n")
    assert Path("build/airflow/etl_dag.py").read_bytes() == before


# --- which Airflow -------------------------------------------------------------------------------


def test_without_airflow_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_installed(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(verifying, "version_of", not_installed)
    with pytest.raises(CannotVerifyError) as error:
        verify([dag_file("good")], "3.3")
    assert str(error.value) == (
        'to verify files for Airflow 3.3, Airflow has to be installed beside pipec: pip install "pipec[airflow]"'
    )


@pytest.mark.parametrize(
    ("installed", "version", "install"),
    [
        ("2.11.2", "3.3", "pipec[airflow]"),
        ("3.2.0", "3.3", "pipec[airflow]"),
        ("3.3.2", "2.11", "apache-airflow==2.11.*"),
    ],
)
def test_another_airflow_does_not_do(
    installed: str, version: str, install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "version_of", lambda name: installed)
    with pytest.raises(CannotVerifyError) as error:
        verify([dag_file("good")], version)
    assert str(error.value) == (
        f"the files are for Airflow {version}, and Airflow {installed} is installed beside pipec: "
        f'pip install "{install}"'
    )


def test_an_airflow_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho first\necho 'ImportError: no libfoo' >&2\nexit 1\n", "utf-8")
    broken.chmod(0o755)
    monkeypatch.setattr(verifying.sys, "executable", str(broken))
    monkeypatch.setattr(verifying, "version_of", lambda name: "3.3.2")
    with pytest.raises(CannotVerifyError) as error:
        verify([dag_file("good")], "3.3")
    assert str(error.value) == "the Airflow that is installed beside pipec does not start: ImportError: no libfoo"
