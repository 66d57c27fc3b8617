"""`pipec check`: mending files, settings, comments that ignore, and what it says in the end."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from pipec.analysis.lints import OPTIONAL
from pipec.cli.files import difference, pipe_files, write_whole
from tests.cli.conftest import BAD, ETL, UNUSED, Call, Called

MENDED = BAD.replace("retires", "retries")
QUIET = ("--select", "L00")  # of the warnings those about the text, not about what the tasks of an example lack


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(text.encode("utf-8"))


def read(name: str) -> str:
    return Path(name).read_bytes().decode("utf-8")


# --- mending -------------------------------------------------------------------------------------


def test_fix_mends_files_and_reports_the_rest(call: Call, folder: Path) -> None:
    called = call("check", "bad.pipe", "unused.pipe", "etl.pipe", "--fix", *QUIET, "--output-format", "concise")
    assert called == Called(
        1,
        "bad.pipe:3:14: error[P0101]: task `c` is not defined\n",
        "checked 3 files: 2 fixed, 1 left: 1 error\n",
    )
    assert read("bad.pipe") == MENDED
    assert read("unused.pipe") == UNUSED.partition("\n")[2]


def test_fix_of_all_there_is(call: Call, folder: Path) -> None:
    assert call("check", "unused.pipe", "--fix", *QUIET) == Called(0, "", "checked 1 file: 1 fixed, 0 left\n")
    assert call("check", "unused.pipe", "--fix", *QUIET).err == "checked 1 file: 0 fixed, 0 left\n"


def test_fix_mends_what_is_selected(call: Call, folder: Path) -> None:
    call("check", "unused.pipe", "--fix", "--ignore", "L")
    assert read("unused.pipe") == UNUSED


def test_fix_leaves_files_alone_that_are_not_named(call: Call, folder: Path) -> None:
    write("lib.pipe", "import 'etl.pipe' as etl\ncomponent work = shell('x')\n")
    write("user.pipe", "import 'lib.pipe' as lib\npipeline p { task a = lib.work }\n")
    called = call("check", "user.pipe", "--fix", *QUIET, "--output-format", "concise")
    assert "lib.pipe:1:1: warning[L001]" in called.out
    assert read("lib.pipe").startswith("import")


def test_fix_keeps_line_ends_mark_permissions_and_links(call: Call, folder: Path) -> None:
    write("dos.pipe", "\ufeff" + UNUSED.replace("\n", "\r\n"))
    Path("dos.pipe").chmod(0o640)
    Path("link.pipe").symlink_to("dos.pipe")
    assert call("check", "link.pipe", "--fix", *QUIET).exit_code == 0
    assert Path("link.pipe").is_symlink()
    assert read("dos.pipe") == "\ufeff" + UNUSED.partition("\n")[2].replace("\n", "\r\n")
    assert Path("dos.pipe").stat().st_mode & 0o777 == 0o640


def test_fix_of_stdin_goes_to_stdout(call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(BAD))
    called = call("check", "-", "--fix", *QUIET, "--output-format", "concise")
    assert (called.exit_code, called.out) == (1, MENDED)
    assert called.err.startswith("stdin.pipe:3:14: error[P0101]: ")
    monkeypatch.setattr("sys.stdin", io.StringIO(MENDED.replace("-> c", "")))
    assert call("check", "-", "--fix").out == MENDED.replace("-> c", "")


def test_diff_shows_what_would_change_and_writes_nothing(call: Call, folder: Path) -> None:
    called = call("check", "bad.pipe", "etl.pipe", "--diff", *QUIET)
    assert called == Called(
        1,
        "--- bad.pipe\n+++ bad.pipe\n@@ -1,4 +1,4 @@\n pipeline bad {\n"
        "-  task a = shell('true') { retires = 2 }\n+  task a = shell('true') { retries = 2 }\n"
        "   order a -> c\n }\n",
        "would change 1 of 2 files\n",
    )
    assert read("bad.pipe") == BAD
    assert call("check", "etl.pipe", "--diff", *QUIET) == Called(0, "", "would change 0 of 1 file\n")


def test_diff_and_fix_exclude_each_other(call: Call, folder: Path) -> None:
    assert call("check", "bad.pipe", "--diff", "--fix").exit_code == 2


def test_what_can_be_fixed_is_counted(call: Call, folder: Path) -> None:
    assert call("check", "bad.pipe", *QUIET).err == "checked 1 file: 2 errors (1 can be fixed with --fix)\n"
    out = call("check", "bad.pipe", *QUIET, "--output-format", "concise").out
    assert [line.endswith(" [fix]") for line in out.splitlines()] == [True, False]


def test_a_file_that_cannot_be_written_stays_as_it_was(
    call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    called = call("check", "bad.pipe", "--fix")
    assert (called.exit_code, called.err) == (2, "error: cannot write bad.pipe: Permission denied\n")
    assert read("bad.pipe") == BAD
    assert [name for name in os.listdir() if "bad" in name] == ["bad.pipe"]


# --- comments and settings -----------------------------------------------------------------------


def test_comments_switch_warnings_off(call: Call, folder: Path) -> None:
    write("unused.pipe", UNUSED.replace("as lib\n", "as lib  # pipec: ignore[L001]\n"))
    assert call("check", "unused.pipe", *QUIET) == Called(0, "", "checked 1 file: no errors\n")
    assert call("check", "unused.pipe", "--ignore", "L001", *QUIET).err == "checked 1 file: no errors\n"


def test_comments_are_not_judged_where_not_all_was_looked_for(call: Call, folder: Path) -> None:
    comment = "# pipec: ignore-file[L002]\n"
    for name, text in {"library": "component work = shell('x')\n", "broken": BAD, "good": UNUSED}.items():
        write(f"{name}.pipe", comment + text)
    out = call("check", "library.pipe", "broken.pipe", "good.pipe", *QUIET, "--output-format", "concise").out
    assert [line.split(":")[0] for line in out.splitlines() if "L004" in line] == ["good.pipe"]


def test_settings_of_the_project(call: Call, folder: Path) -> None:
    write("pyproject.toml", '[tool.pipec]\ntargets = ["airflow"]\nselect = ["L00"]\n')
    assert "P0501" in call("check", "cached.pipe").out
    assert call("check", "cached.pipe", "--target", "ir").exit_code == 0
    assert call("check", "cached.pipe", "--isolated", *QUIET).exit_code == 0
    write("pyproject.toml", '[tool.pipec]\nselect = ["L00"]\nstrict = true\n')
    assert call("check", "unused.pipe").exit_code == 1
    assert call("check", "unused.pipe", "--no-strict").exit_code == 0
    assert call("check", "unused.pipe", "--ignore", "L001").exit_code == 0
    write("pyproject.toml", '[tool.pipec]\nselect = ["L002"]\n')
    assert "L001" not in call("check", "unused.pipe").out
    assert "L001" in call("check", "unused.pipe", "--select", "L001,L003").out


def test_all_targets_of_the_project(call: Call, folder: Path) -> None:
    write("pyproject.toml", '[tool.pipec]\ntargets = ["all"]\n')
    assert "error[P0501]: `airflow` cannot" in call("check", "cached.pipe").out


def test_each_file_has_the_settings_of_its_own_project(call: Call, folder: Path) -> None:
    for name in ("a", "b"):
        write(f"{name}/p.pipe", UNUSED)
        write(f"{name}/lib.pipe", "component work = shell('x')\n")
    write("a/pyproject.toml", '[tool.pipec]\nselect = ["L00"]\nper-file-ignores = { "p.pipe" = ["L001"] }\n')
    write("b/pyproject.toml", '[tool.pipec]\nselect = ["L00"]\n')
    out = call("check", "a", "b", "--output-format", "concise").out
    assert [line.partition(": ")[0] for line in out.splitlines()] == ["b/p.pipe:1:1"]


def test_faulty_settings_fail_the_check(call: Call, folder: Path) -> None:
    write("pyproject.toml", "[tool.pipec]\nselct = []\n")
    called = call("check", "etl.pipe", "two.pipe", *QUIET, "--output-format", "concise")
    assert called == Called(
        1, "pyproject.toml:2:1: error[P0802]: there is no setting `selct`\n", "checked 2 files: 1 error\n"
    )


def test_settings_of_a_file_that_is_named(call: Call, folder: Path) -> None:
    write("strict.toml", '[tool.pipec]\nstrict = true\nselect = ["L00"]\n')
    assert call("check", "unused.pipe", "--config", "strict.toml").exit_code == 1
    write("other.toml", "[tool.x]\n")
    assert "it has no table [tool.pipec]" in call("check", "etl.pipe", "--config", "other.toml").err
    assert call("check", "etl.pipe", "--config", "nothing.toml") == Called(
        2, "", "error: no settings in nothing.toml: there is no such file\n"
    )
    assert call("check", "etl.pipe", "--config", "strict.toml", "--isolated").exit_code == 2


def test_settings_are_shown(call: Call, folder: Path) -> None:
    write("pyproject.toml", '[tool.pipec]\nselect = ["L00"]\npython-path = ["src"]\n')
    out = call("check", "etl.pipe", "--show-settings", "--strict").out
    assert out.splitlines()[0] == f"etl.pipe: settings of {folder / 'pyproject.toml'}"
    assert "  select = ['L00']" in out
    assert "  strict = True" in out
    assert f"  python-path = ['{folder / 'src'}']" in out


# --- what it says --------------------------------------------------------------------------------


def test_exit_zero(call: Call, folder: Path) -> None:
    assert call("check", "bad.pipe", "--exit-zero").exit_code == 0
    assert call("check", "bad.pipe", "nothing.pipe", "--exit-zero").exit_code == 2


def test_statistics(call: Call, folder: Path) -> None:
    write("worse.pipe", BAD.replace("retires = 2", "retires = 2 timout = 1h"))
    out = call("check", "bad.pipe", "worse.pipe", *QUIET, "--statistics").out
    assert out == "3  P0301  an option is not known\n2  P0101  a name is not defined\n"


def test_the_report_for_junit_has_all_files(call: Call, folder: Path) -> None:
    out = call("check", "etl.pipe", "bad.pipe", *QUIET, "--output-format", "junit").out
    assert '<testsuite name="etl.pipe" tests="1" failures="0"' in out
    assert '<testsuite name="bad.pipe" tests="2" failures="2"' in out


def test_fixes_are_in_json(call: Call, folder: Path) -> None:
    document = json.loads(call("check", "bad.pipe", *QUIET, "--output-format", "json").out)
    [edit] = document["diagnostics"][0]["fix"]["edits"]
    assert (edit["start_line"], edit["start_column"], edit["replacement"]) == (2, 28, "retries")


def test_help_shows_examples(call: Call) -> None:
    out = call("check", "--help").out
    assert "pipec check --fix " in out
    assert "# pipec: ignore[L101]" in out


# --- files ---------------------------------------------------------------------------------------


def test_links_in_a_circle_are_not_followed(folder: Path) -> None:
    write("deep/p.pipe", UNUSED)
    Path("deep/again").symlink_to("..", target_is_directory=True)
    assert pipe_files(["deep"]) == ["deep/p.pipe"]


def test_a_difference_of_files_without_a_last_newline() -> None:
    assert difference("p", "a", "a\n") == ("--- p\n+++ p\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n")
    assert difference("p", "a\n", "a\n") == ""


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    (tmp_path / "p.pipe").write_bytes(b"old")
    write_whole(tmp_path / "p.pipe", "a\r\nb\n")
    assert (tmp_path / "p.pipe").read_bytes() == b"a\r\nb\n"
    assert [path.name for path in tmp_path.iterdir()] == ["p.pipe"]


def test_comments_about_rules_that_are_off_are_not_missed(call: Call, folder: Path) -> None:
    code = min(OPTIONAL)
    write("etl.pipe", f"# pipec: ignore-file[{code}]\n{ETL}")
    assert "L004" not in call("check", "etl.pipe", "--select", "L00").out
    assert f"`{code}` is not found in this file" in call("check", "etl.pipe", "--select", f"L00,{code}").out
