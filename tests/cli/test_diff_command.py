"""`pipec diff`: its sides, its formats, and how it ends."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import ETL, Call
from tests.cli.test_cli_commands import faults

CHANGED = ETL.replace("task clean = shell('true')", "task clean = shell('true') { retries = 2 }")
CONST = "const n = 1\npipeline p { task a(n) = shell('true') }\n"


def git(*words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=e@example.com", *words], check=True, capture_output=True
    )


@pytest.fixture
def changed(folder: Path) -> Path:
    (folder / "changed.pipe").write_text(CHANGED, "utf-8")
    return folder


@pytest.fixture
def repository(folder: Path) -> Path:
    """A repository with a file that imports another, both committed once and changed since."""
    jobs = folder / "jobs"
    jobs.mkdir()
    (jobs / "main.pipe").write_text('import "lib.pipe" as lib\npipeline p { task a = lib.work }\n', "utf-8")
    (jobs / "lib.pipe").write_text("component work = shell('old')\n", "utf-8")
    git("init", "-q")
    git("add", "jobs")
    git("commit", "-qm", "first")
    (jobs / "lib.pipe").write_text("component work = shell('new')\n", "utf-8")
    return folder


# --- ends ----------------------------------------------------------------------------------------


def test_a_file_and_itself_are_the_same(call: Call, folder: Path) -> None:
    called = call("diff", "etl.pipe", "etl.pipe", "--exit-code")
    assert (called.exit_code, called.out, called.err) == (0, "no change of meaning\n", "")


def test_the_meaning_decides_with_exit_code(call: Call, changed: Path) -> None:
    assert call("diff", "etl.pipe", "changed.pipe").exit_code == 0
    called = call("diff", "etl.pipe", "changed.pipe", "--exit-code")
    assert called.exit_code == 1
    assert called.out == (
        "pipeline etl\n  ~ task clean\n    + retry.max  2\n\n1 task changed; critical path 3 tasks as before\n"
    )


def test_errors_of_a_side_are_shown(call: Call, folder: Path) -> None:
    called = call("diff", "etl.pipe", "bad.pipe")
    assert (called.exit_code, called.out) == (1, "")
    assert called.err.startswith("in bad.pipe:\nerror[P0301]: ")


def test_a_side_that_cannot_be_read(call: Call, folder: Path) -> None:
    called = call("diff", "none.pipe", "etl.pipe")
    assert (called.exit_code, called.err) == (2, "error: cannot read none.pipe: No such file or directory\n")


def test_all_is_new_beside_no_file(call: Call, folder: Path) -> None:
    called = call("diff", "/dev/null", "etl.pipe")
    assert called.out.startswith("pipeline etl (added)\n")
    assert called.out.endswith("\n1 pipeline added\n")
    assert call("diff", "etl.pipe", "/dev/null").out.endswith("\n1 pipeline removed\n")


# --- options -------------------------------------------------------------------------------------


def test_one_pipeline_of_several(call: Call, folder: Path) -> None:
    (folder / "both.pipe").write_text((folder / "two.pipe").read_text("utf-8").replace("'true'", "'false'"), "utf-8")
    called = call("diff", "two.pipe", "both.pipe", "--pipeline", "two")
    assert "pipeline two\n" in called.out
    assert "pipeline one" not in called.out
    called = call("diff", "two.pipe", "both.pipe", "--pipeline", "tow")
    assert called.exit_code == 2
    assert called.err == "error: neither side has a pipeline `tow`: there is `two`\n"


def test_a_constant_is_given_to_each_side_that_has_it(call: Call, folder: Path) -> None:
    Path("const.pipe").write_text(CONST, "utf-8")
    Path("more.pipe").write_text("const m = 1\n" + CONST.replace("a(n)", "a(n, m)"), "utf-8")
    called = call("diff", "const.pipe", "more.pipe", "-D", "n=5", "-D", "m=7")
    assert "+ inputs.m  7\n" in called.out
    called = call("diff", "const.pipe", "more.pipe", "-D", "k=5")
    assert called.exit_code == 1
    assert called.err.count("there is no const `k`") == 2


def test_json_keeps_its_schema(call: Call, changed: Path) -> None:
    for new in ("etl.pipe", "changed.pipe", "two.pipe", "/dev/null"):
        document = json.loads(call("diff", "etl.pipe", new, "--format", "json").out)
        assert faults(document, "diff") == []
        assert document["meaning_changed"] is (new != "etl.pipe")


def test_every_format_ends_with_the_summary(call: Call, changed: Path) -> None:
    summary = "1 task changed; critical path 3 tasks as before"
    assert call("diff", "etl.pipe", "changed.pipe").out.splitlines()[-1] == summary
    assert call("diff", "etl.pipe", "changed.pipe", "--format", "markdown").out.splitlines()[-1] == f"**`{summary}`**"
    assert json.loads(call("diff", "etl.pipe", "changed.pipe", "--format", "json").out)["summary"] == summary


def test_colour_on_demand(call: Call, changed: Path) -> None:
    assert "\x1b[" not in call("diff", "etl.pipe", "changed.pipe").out
    assert "\x1b[32m+\x1b[0m" in call("diff", "etl.pipe", "changed.pipe", "--color", "always").out


# --- revisions -----------------------------------------------------------------------------------


@pytest.mark.engine
@pytest.mark.parametrize(
    "sides",
    [
        ("git:HEAD", "jobs/main.pipe"),
        ("git:HEAD:jobs/main.pipe", "jobs/main.pipe"),
        ("git:HEAD:./jobs/main.pipe", "jobs/main.pipe"),
    ],
)
def test_a_revision_is_read_with_what_it_imports(call: Call, repository: Path, sides: tuple[str, str]) -> None:
    called = call("diff", *sides)
    assert "~ does  shell('old') → shell('new')\n" in called.out
    assert "~ does  shell('new') → shell('old')\n" in call("diff", *reversed(sides)).out


@pytest.mark.engine
def test_paths_of_a_revision_from_a_folder_below(call: Call, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("jobs")
    for old in ("git:HEAD", "git:HEAD:jobs/main.pipe", "git:HEAD:./main.pipe"):
        assert call("diff", old, "main.pipe").out.endswith("\n1 task changed; critical path 1 task as before\n")


@pytest.mark.engine
def test_two_revisions_leave_the_work_tree_alone(call: Call, repository: Path) -> None:
    git("commit", "-qam", "second")
    shutil.rmtree("jobs")
    called = call("diff", "git:HEAD~1:jobs/main.pipe", "git:HEAD")
    assert "~ does  shell('old') → shell('new')\n" in called.out
    assert not Path("jobs").exists()


@pytest.mark.engine
def test_an_import_that_the_revision_has_not_is_not_taken_from_the_work_tree(call: Call, repository: Path) -> None:
    git("rm", "-q", "--cached", "jobs/lib.pipe")
    git("commit", "-qm", "without")
    called = call("diff", "git:HEAD", "jobs/main.pipe")
    assert called.exit_code == 1
    assert "in git:HEAD:\nerror[P0103]: `lib.pipe` cannot be read: it is not in the revision `HEAD`" in called.err


@pytest.mark.engine
@pytest.mark.parametrize(
    ("old", "said"),
    [
        ("git:nope", "cannot read git:nope: git knows no revision `nope`"),
        ("git:--help", "cannot read git:--help: `--help` is no revision"),
        ("git:HEAD:none.pipe", "cannot read none.pipe of git:HEAD:none.pipe: it is not in the revision `HEAD`"),
        ("git:HEAD:../x.pipe", "cannot read ../x.pipe of git:HEAD:../x.pipe: it is outside the repository"),
        ("git:HEAD:jobs", "cannot read jobs of git:HEAD:jobs: it is not in the revision `HEAD`"),
        ("git:", "`git:` names no revision: write `git:REV` or `git:REV:PATH`"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_line(call: Call, repository: Path, old: str, said: str) -> None:
    called = call("diff", old, "jobs/main.pipe")
    assert called.exit_code == 2
    assert called.err.splitlines()[0] == f"error: {said}"


@pytest.mark.engine
def test_no_repository_and_no_git(call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    called = call("diff", "git:HEAD", "etl.pipe")
    assert called.exit_code == 2
    assert called.err.startswith("error: cannot read git:HEAD: git: not a git repository")
    monkeypatch.setenv("PATH", str(folder))
    called = call("diff", "git:HEAD", "etl.pipe")
    assert (called.exit_code, called.err) == (
        2,
        "error: cannot read git:HEAD: `git` is not installed, or not on the PATH\n",
    )


def test_two_revisions_need_a_path(call: Call, folder: Path) -> None:
    called = call("diff", "git:a", "git:b")
    assert (called.exit_code, called.err.splitlines()[0]) == (
        2,
        "error: `git:a` and `git:b` name no file: give one of them a path, `git:REV:PATH`",
    )
