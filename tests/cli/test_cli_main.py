"""Choosing a command, exit codes, and what is imported for what."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pipec.cli.plan
from pipec.cli import COMMANDS
from tests.cli.conftest import Call

EXIT_CODES = {
    "version": (["--version"], 0),
    "help": (["--help"], 0),
    "help of a command": (["plan", "--help"], 0),
    "nothing": ([], 2),
    "unknown command": (["chekc"], 2),
    "unknown option": (["--verbos"], 2),
    "unknown option of a command": (["plan", "etl.pipe", "--verbos"], 2),
    "only a global option": (["--debug"], 2),
    "missing argument": (["plan"], 2),
    "good check": (["check", "etl.pipe"], 0),
    "bad check": (["check", "bad.pipe"], 1),
    "warnings pass": (["check", "unused.pipe"], 0),
    "warnings fail when strict": (["check", "unused.pipe", "--strict"], 1),
    "no such file": (["check", "nothing.pipe"], 2),
    "no such file to plan": (["plan", "nothing.pipe"], 2),
    "a folder is no file": (["plan", "."], 2),
    "unknown target": (["check", "etl.pipe", "--target", "airfow"], 2),
    "good plan": (["plan", "etl.pipe"], 0),
    "plan of a bad file": (["plan", "bad.pipe"], 1),
    "no such pipeline": (["plan", "etl.pipe", "--pipeline", "elt"], 2),
    "several pipelines in one document": (["plan", "two.pipe", "--format", "json"], 2),
    "good compile": (["compile", "etl.pipe", "--target", "ir", "-o", "-"], 0),
    "compile of a bad file": (["compile", "bad.pipe", "--target", "ir"], 1),
    "what a target lacks": (["compile", "cached.pipe", "--target", "airflow"], 1),
    "compile for an unknown target": (["compile", "etl.pipe", "--target", "irr"], 2),
    "compile for this machine": (["compile", "etl.pipe", "--target", "local"], 2),
    "several files to stdout": (["compile", "two.pipe", "--target", "ir", "-o", "-"], 2),
    "targets": (["targets"], 0),
    "explain": (["explain", "P0501"], 0),
    "unknown code": (["explain", "P9999"], 2),
    "global options before the command": (["--color", "never", "--debug", "plan", "etl.pipe"], 0),
}


@pytest.mark.parametrize("case", EXIT_CODES)
def test_exit_codes(case: str, call: Call, folder: Path) -> None:
    words, expected = EXIT_CODES[case]
    called = call(*words)
    assert called.exit_code == expected, called
    assert "Traceback" not in called.err
    assert "bug in pipec" not in called.err
    assert expected == 0 or called.err or called.out


MESSAGES = {
    "command": (["chekc"], "error: unknown command `chekc`: there is `check`\n"),
    "target": (
        ["compile", "etl.pipe", "--target", "airfow"],
        "error: unknown target `airfow`: there is `airflow`\n",
    ),
    "pipeline": (
        ["plan", "etl.pipe", "--pipeline", "elt"],
        "error: etl.pipe has no pipeline `elt`: there is `etl`\n",
    ),
    "code": (["explain", "P0509"], "error: there is no code `P0509`: there is `P0508`\n"),
    "local": (
        ["compile", "etl.pipe", "--target", "local"],
        "error: the target `local` has no files: use `pipec run etl.pipe`\n",
    ),
    "file": (["plan", "nothing.pipe"], "error: cannot read nothing.pipe: No such file or directory\n"),
    "no code like it": (["explain", "xyz"], "error: there is no code `xyz`: `pipec explain` lists them\n"),
    "option before the command": (["--colour", "plan"], "error: unknown option `--colour`: see `pipec --help`\n"),
    "option": (
        ["plan", "etl.pipe", "--fast"],
        "error: unrecognized arguments: --fast\n  help: see `pipec plan --help`\n",
    ),
    "version": (
        ["compile", "etl.pipe", "--target", "ir", "--target-version", "1.10"],
        "error: the target `ir` does not write for the version `1.10`: it writes for 1\n",
    ),
    "output is a file": (
        ["compile", "etl.pipe", "--target", "ir", "-o", "two.pipe"],
        "error: cannot write to two.pipe: it is no folder\n",
    ),
    "output is nothing": (
        ["compile", "etl.pipe", "--target", "ir", "-o", ""],
        "error: `-o` needs a folder, or - for stdout\n",
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_messages_of_wrong_usage(case: str, call: Call, folder: Path) -> None:
    words, expected = MESSAGES[case]
    assert call(*words).err == expected


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(name: str, call: Call) -> None:
    called = call(name, "--help")
    assert called.exit_code == 0
    assert called.out.startswith(f"usage: pipec {name}")
    assert called.out.count(f"pipec {name}") > 1
    assert "--color" in called.out


def test_the_overview_names_every_command(call: Call) -> None:
    overview = call("--help").out
    assert all(f"  {name} " in overview for name in COMMANDS)


def test_a_bug_says_how_to_report_it(call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(arguments: object) -> int:
        raise ZeroDivisionError("oh no")

    monkeypatch.setattr(pipec.cli.plan, "execute", broken)
    called = call("plan", "etl.pipe")
    assert called.exit_code == 70
    assert "this is a bug in pipec: ZeroDivisionError: oh no" in called.err
    assert "Traceback" not in called.err
    assert "Traceback" in call("plan", "etl.pipe", "--debug").err


def test_an_interrupt_is_130(call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipec.cli.plan, "execute", interrupted)
    assert call("plan", "etl.pipe").exit_code == 130


def python(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, **environment},
    )


def test_output_that_cannot_be_written_is_no_bug(folder: Path) -> None:
    with open("/dev/full", "w") as full:
        process = subprocess.run(
            [sys.executable, "-m", "pipec", "targets"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert process.stderr == b"error: cannot write the output: No space left on device\n"
    assert process.returncode == 2


def test_a_reader_that_goes_away_is_no_fault(folder: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    process = subprocess.run(
        [sys.executable, "-m", "pipec", "compile", "etl.pipe", "--target", "ir", "-o", "-"],
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (process.returncode, process.stderr) == (141, b"")


def imported(*words: str) -> set[str]:
    """The top-level packages that a command imports, by the interpreter's own account."""
    process = python("-X", "importtime", "-m", "pipec", *words)
    assert process.returncode == 0, process.stderr
    lines = [line for line in process.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip().split(".")[0] for line in lines}


HEAVY = {"airflow", "kfp", "networkx"}
IMPORTS = {
    "version": (["--version"], HEAVY | {"lark", "pydantic", "jinja2"}),
    "help": (["--help"], HEAVY | {"lark", "pydantic", "jinja2"}),
    "check": (["check", "etl.pipe"], HEAVY | {"jinja2"}),
    "check for a target": (["check", "etl.pipe", "--target", "airflow"], HEAVY),
    "compile": (["compile", "etl.pipe", "--target", "airflow", "-o", "-"], HEAVY),
}


@pytest.mark.parametrize("case", IMPORTS)
def test_what_a_command_does_not_import(case: str, folder: Path) -> None:
    words, forbidden = IMPORTS[case]
    found = imported(*words)
    assert "pipec" in found
    assert found & forbidden == set()


def test_colour_is_for_terminals_and_for_those_who_ask(call: Call, folder: Path) -> None:
    escape = "\x1b["
    assert escape not in call("check", "bad.pipe").out
    assert escape in call("check", "bad.pipe", "--color", "always").out
    assert escape not in call("check", "bad.pipe", "--color", "never").out
