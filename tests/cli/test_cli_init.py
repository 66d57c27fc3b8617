"""`pipec init`: a project that passes its own checks and tests at once, and nothing overwritten."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from pipec.api import check, load
from pipec.cli.init_files import project_files
from tests.cli.conftest import Call

TEMPLATES = Path(__file__).parents[2] / "pipec" / "cli" / "templates" / "init"

WRITTEN = [
    "pipelines/churn.pipe",
    "pipelines/churn_steps.py",
    "tests/test_churn_steps.py",
    "tests/test_pipelines.py",
    "pyproject.toml",
    "README.md",
    ".gitignore",
    ".pre-commit-config.yaml",
    ".github/workflows/pipelines.yml",
    ".gitlab-ci.yml",
    "pipelines/churn_dag.py",
    "pipelines/churn_setup.md",
]


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of the test, with nothing in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def test_it_says_what_it_wrote_and_what_comes_next(call: Call, empty: Path) -> None:
    called = call("init", "churn")
    assert called.exit_code == 0
    assert called.out.splitlines() == [f"churn/{path}" for path in WRITTEN]
    assert files_in(empty / "churn") == sorted(WRITTEN)
    assert called.err == (
        "\nnext:\n"
        "  cd churn\n"
        "  pipec run pipelines/churn.pipe                                    run it here\n"
        "  pip install --group dev && pytest                                 run its tests\n"
        "  pipec compile pipelines/churn.pipe --target airflow -o pipelines  after a change: compile it again\n"
    )


@pytest.mark.parametrize(
    ("folder", "words", "name"),
    [
        ("churn", [], "churn"),
        ("Churn-Model 2", [], "churn_model_2"),
        ("_x_", [], "x"),
        ("2026", ["--name", "churn"], "churn"),
        ("for", ["--name", "loop"], "loop"),
    ],
)
def test_the_name(folder: str, words: list[str], name: str, call: Call, empty: Path) -> None:
    assert call("init", folder, *words).exit_code == 0
    assert [path.stem for path in (empty / folder / "pipelines").glob("*.pipe")] == [name]


def test_this_folder_names_the_pipeline(call: Call, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty / "churn").mkdir()
    monkeypatch.chdir(empty / "churn")
    called = call("init")
    assert called.out.splitlines() == WRITTEN
    assert "cd" not in called.err.split()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["2026"], "error: the folder `2026` gives no name for a pipeline: choose one with `--name`\n"),
        (["for"], "error: the folder `for` gives no name for a pipeline: choose one with `--name`\n"),
        (["a", "--name", "run"], "error: `run` cannot be a name: it is a word of the language\n"),
        (["/"], "error: the folder `` gives no name for a pipeline: choose one with `--name`\n"),
        (["a", "--name", "if"], "error: `if` cannot be a name: it is a word of the language\n"),
        (
            ["a", "--name", 'x"; exit'],
            'error: `x"; exit` cannot be a name: names are small letters, digits and `_`, starting with a letter\n',
        ),
        (["there"], "error: cannot write to there: it is no folder\n"),
    ],
)
def test_what_cannot_be(words: list[str], message: str, call: Call, empty: Path) -> None:
    (empty / "there").write_text("a file", "utf-8")
    called = call("init", *words)
    assert (called.exit_code, called.out, called.err) == (2, "", message)
    assert files_in(empty) == ["there"]


def test_nothing_is_overwritten(call: Call, empty: Path) -> None:
    (empty / "tests").write_text("no folder", "utf-8")
    (empty / "README.md").write_text("mine", "utf-8")
    (empty / ".gitignore").symlink_to("nowhere")
    called = call("init", ".", "--name", "churn")
    assert (called.exit_code, called.out) == (2, "")
    assert called.err == (
        "error: nothing was written, these are in the way:\n"
        "  tests\n"
        "  README.md\n"
        "  .gitignore\n"
        "  help: choose another folder\n"
    )
    assert files_in(empty) == [".gitignore", "README.md", "tests"]


@pytest.mark.parametrize("name", ["churn", "train", "rows", "python", "pipeline", "extract", "test", "json", "import"])
def test_any_name_gives_a_good_pipeline(name: str, call: Call, empty: Path) -> None:
    assert call("init", "project", "--name", name).exit_code == 0
    assert check(load(empty / "project" / "pipelines" / f"{name}.pipe"), ["airflow"]) == []
    left = [path for path in files_in(empty) if re.search("@[a-z]+@", (empty / path).read_text("utf-8"))]
    assert left == []


def test_every_template_is_of_use() -> None:
    """Each of them is in a project, and so is what the pipeline compiles to: two files."""
    assert len(project_files("churn", "airflow")) == len(list(TEMPLATES.iterdir())) + 2


# --- what the project says of itself -------------------------------------------------------------


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A script as a runner of CI has it: with pipec on the path, and `bin` of the folder before all else."""
    path = os.pathsep.join([str(folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh project in a git repository, where `pip` installs nothing: all is there."""
    folder = tmp_path_factory.mktemp("project") / "churn"
    made = shell(f"pipec init {folder}", folder.parent)
    assert made.returncode == 0, made.stderr
    (folder / "bin").mkdir()
    for name in ("pip", "python"):
        (folder / "bin" / name).write_text("#!/bin/sh\n", "utf-8")
        (folder / "bin" / name).chmod(0o755)
    return folder


def job(service: str, project: Path) -> list[str]:
    """The commands that a service runs."""
    file = {"github": ".github/workflows/pipelines.yml", "gitlab": ".gitlab-ci.yml"}[service]
    document = import_module("yaml").safe_load((project / file).read_text("utf-8"))
    if service == "gitlab":
        return list(document["pipelines"]["script"])
    return [step["run"] for step in document["jobs"]["pipelines"]["steps"] if "run" in step]


@pytest.mark.engine
@pytest.mark.parametrize(
    "command",
    [
        "pipec check --strict",
        "pipec check --strict --target airflow pipelines/churn.pipe",
        "pipec fmt --check pipelines",
        "pipec plan pipelines/churn.pipe",
        "pipec run pipelines/churn.pipe",
        "pipec run pipelines/churn.pipe --param max_error=0.1",
        "pipec compile pipelines/churn.pipe --target airflow -o pipelines --check",
        "pipec compile pipelines/churn.pipe --target airflow -o pipelines --verify",
        "pytest",
    ],
)
def test_a_fresh_project_is_good(command: str, project: Path) -> None:
    ended = shell(command, project)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.engine
@pytest.mark.parametrize("service", ["github", "gitlab"])
def test_its_jobs_are_green_and_find_what_is_wrong(service: str, project: Path) -> None:
    commands = job(service, project)
    assert [shell(command, project).returncode for command in commands] == [0] * len(commands)
    source = project / "pipelines" / "churn.pipe"
    good = source.read_text("utf-8")
    try:
        source.write_text(good.replace("retry:", "retri:"), "utf-8")
        assert 1 in [shell(command, project).returncode for command in commands if "check" in command]
        source.write_text(good.replace("max: 2", "max: 3"), "utf-8")
        (compared,) = [command for command in commands if "--check" in command and "compile" in command]
        assert shell(compared, project).returncode == 1
    finally:
        source.write_text(good, "utf-8")


@pytest.mark.engine
def test_its_hooks_run_before_a_commit(project: Path) -> None:
    begun = shell("git init --quiet && git add pipelines .pre-commit-config.yaml", project)
    assert begun.returncode == 0, begun.stderr
    ended = shell("pre-commit run --all-files", project)
    assert ended.returncode == 0, ended.stdout
    assert [line.split(".")[0] for line in ended.stdout.splitlines()] == ["pipec fmt", "pipec check"]
