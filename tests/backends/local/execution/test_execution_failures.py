"""What a failed attempt says, and what an attempt finds around it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backends.local.execution.harness import RUN, Bench, bench, command, python, shell, with_inputs

CODE = """
import os, signal, sys

class Busy(ConnectionError):
    pass

class Silent(Exception):
    def __str__(self): raise RuntimeError("no words")

def busy(): raise Busy("try later")
def silent(): raise Silent
def leave(): sys.exit(3)
def leave_quietly(): sys.exit()
def leave_in_words(): sys.exit("out of luck")
def vanish(): os._exit(0)
def crash(): os._exit(75)
def killed(): os.kill(os.getpid(), 9)
def segfault(): os.kill(os.getpid(), signal.SIGSEGV)
def needs_argument(x): pass
def fork_returns():
    os.fork()
    return 1
CODE_WORD = "wafer"
"""

PYTHON: list[tuple[str, str, int | None]] = [
    # function, message, exit code
    ("busy", "Busy: try later", None),
    ("silent", "Silent", None),
    ("leave", "the task called sys.exit(3) instead of returning", 3),
    ("leave_quietly", "the task called sys.exit(0) instead of returning", 0),
    ("leave_in_words", "the task called sys.exit: out of luck", 1),
    ("vanish", "the process ended itself before the function returned", None),
    ("crash", "exit code 75", 75),
    ("killed", "killed by signal SIGKILL; the system does that when memory runs out", 137),
    ("segfault", "killed by signal SIGSEGV", 139),
    ("needs_argument", "TypeError: needs_argument() missing 1 required positional argument: 'x'", None),
    ("not_there", "/steps.py) has no function not_there", None),
    ("CODE_WORD", "TypeError: steps:CODE_WORD is no function but str", None),
]

PROGRAMS: list[tuple[str, str, int | None]] = [
    ("shell_fails", "exit code 4", 4),
    ("shell_killed", "killed by signal SIGTERM", 143),
    ("not_found", "command not found: no-such-program", 127),
    ("not_executable", "not allowed to execute: ./steps.py", 126),
    ("no_folder", "/nowhere' is not a folder", None),
    ("no_folder_python", "/nowhere' is not a folder", None),
    ("empty", "the command has no elements", None),
    ("no_date", "Invalid isoformat string: 'tomorrow'", None),
    ("no_date_python", "Invalid isoformat string: 'tomorrow'", None),
    ("large", "cannot start bash: the inputs are too large: give the path of a file", None),
    ("nul", "cannot start bash: embedded null byte: a value holds what no command line can", None),
]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("messages"), code=CODE, workers=4) as made:
        for function, _, _ in PYTHON:
            made.start(python(function, function))
        made.start(python("no_folder_python", "leave", working_dir="nowhere"))
        made.start(shell("shell_fails", "echo told; exit 4"))
        made.start(shell("shell_killed", "kill -TERM $$"))
        made.start(command("not_found"), arguments=("no-such-program", "x"))
        made.start(command("not_executable"), arguments=("./steps.py",))
        made.start(shell("no_folder", "true", working_dir="nowhere"))
        made.start(command("empty"))
        made.start(with_inputs(shell("no_date", "true"), x=("date", "tomorrow")))
        made.start(with_inputs(python("no_date_python", "needs_argument"), x=("date", "tomorrow")))
        made.start(with_inputs(shell("large", "true"), x=("str", "x" * 200_000)))
        made.start(with_inputs(shell("nul", "true"), x=("str", "a\0b")))
        made.wait()
        yield made


@pytest.mark.parametrize(("id", "message", "exit_code"), PYTHON + PROGRAMS)
def test_a_failure_says_what_happened(ran: Bench, id: str, message: str, exit_code: int | None) -> None:
    failure = ran.failure(id)
    assert failure.message.endswith(message)
    assert failure.exit_code == exit_code
    assert message in ran.log(id)


def test_an_exception_has_its_classes(ran: Bench) -> None:
    assert ran.failure("busy").exceptions[:4] == (
        "steps.Busy",
        "builtins.ConnectionError",
        "builtins.OSError",
        "builtins.Exception",
    )


def test_the_traceback_begins_in_the_task(ran: Bench) -> None:
    lines = ran.log("busy").splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].endswith('steps.py", line 10, in busy')
    assert lines[-1] == "steps.Busy: try later"
    assert "worker" not in ran.log("busy")


def test_a_failure_is_said_after_the_start_has_returned(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        made.start(command("empty"))
        assert made.outcomes == {}
        assert made.executor.running == {"empty"}
        made.wait()
        assert made.failure("empty").kind == "input"


def test_a_module_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        made.run(python("a", "work", module="no_such.module"))
        message = f"ModuleNotFoundError: No module named 'no_such', in {tmp_path} or where Python looks"
        assert made.failure("a").message == message
        assert made.log("a") == f"{message}\n"


def test_a_module_that_imports_what_is_not_there_shows_its_line(tmp_path: Path) -> None:
    with bench(tmp_path, code="import no_such\n") as made:
        made.run(python("a", "work"))
        assert made.failure("a").message == "ModuleNotFoundError: No module named 'no_such'"
        assert made.log("a").splitlines()[1] == f'  File "{tmp_path}/steps.py", line 1, in <module>'


def test_a_file_hidden_by_a_module_of_python_is_named(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("def work(): pass\n")
    with bench(tmp_path) as made:
        made.run(python("a", "work", module="json"))
        message = f"has no function work; it hides {tmp_path}/json.py: give that file another name"
        assert made.failure("a").message.endswith(message)


def test_a_child_that_comes_back_from_the_function_is_not_the_task(tmp_path: Path) -> None:
    with bench(tmp_path, code=CODE) as made:
        made.run(python("a", "fork_returns", outputs="int"), python("b", "fork_returns", outputs="int"))
        assert made.outputs("a") == made.outputs("b") == {"output": 1}


def test_what_a_shell_task_finds_in_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FROM_OUTSIDE", "outside")
    monkeypatch.setenv("PYTHONPATH", "/other")
    (tmp_path / "sub").mkdir()
    names = "FROM_OUTSIDE OVER word PIPEC_RUN_ID PIPEC_TASK PIPEC_ATTEMPT PYTHONPATH PWD PIPEC_OUTPUTS"
    shows = f'for name in {names}; do echo "$name=${{!name}}"; done'
    script = f'{shows}; cat; ls "$PIPEC_OUTPUTS"; echo > "$PIPEC_OUTPUTS/output"'
    options = {"env": {"OVER": "option", "word": "option"}, "working_dir": "sub"}
    with bench(tmp_path) as made:
        made.start(with_inputs(shell('t["a"]', script, outputs="str", **options), word=("str", "input")), attempt=2)
        made.start(with_inputs(command("c", **options), word=("str", "input")), arguments=("env",))
        made.wait()
        assert dict(line.split("=", 1) for line in made.log('t["a"]', 2).splitlines()) == {
            "FROM_OUTSIDE": "outside",
            "OVER": "option",
            "word": "input",
            "PIPEC_RUN_ID": RUN,
            "PIPEC_TASK": 't["a"]',
            "PIPEC_ATTEMPT": "2",
            "PYTHONPATH": f"{tmp_path}:/other",
            "PWD": str(tmp_path / "sub"),
            "PIPEC_OUTPUTS": str(tmp_path / "run" / 't["a"]' / "2" / "outputs"),
        }
        assert {"OVER=option", "word=input", "PIPEC_TASK=c"} <= set(made.log("c").splitlines())


def test_what_a_python_task_finds_around_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
import os, sys, subprocess
def look():
    print("said", end=" ")
    print("wrong", file=sys.stderr)
    subprocess.run(["echo", "by a child"])
    child = [sys.executable, "-c", "import steps; print(steps.__file__)"]
    names = ["OVER", "PIPEC_TASK", "PIPEC_ATTEMPT", "PIPEC_RUN_ID", "PIPEC_OUTPUTS", "FROM_OUTSIDE", "PYTHONPATH"]
    return {
        "path": sys.path[0],
        "cwd": os.getcwd(),
        "child": subprocess.run(child, cwd="/", capture_output=True, text=True).stdout.strip(),
        "env": [os.environ.get(name) for name in names],
        "stdin": sys.stdin.read(),
        "leads": os.getsid(0) == os.getpid(),
    }
"""
    monkeypatch.setenv("FROM_OUTSIDE", "outside")
    monkeypatch.setenv("PYTHONPATH", "/other")
    # A module of the user's that is called as one of the standard library must not keep the worker from starting.
    (tmp_path / "json.py").write_text("raise RuntimeError('not the json you want')")
    (tmp_path / "queue.py").write_text("raise RuntimeError('not the queue you want')")
    with bench(tmp_path, code=code) as made:
        made.run(python("t", "look", outputs="json", env={"OVER": "option"}))
        assert made.outputs("t")["output"] == {
            "path": str(tmp_path),
            "cwd": str(tmp_path),
            "child": str(tmp_path / "steps.py"),
            "env": ["option", "t", "1", RUN, None, "outside", f"{tmp_path}:/other"],
            "stdin": "",
            "leads": True,
        }
        assert sorted(made.log("t").split()) == ["a", "by", "child", "said", "wrong"]


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="the system has no /dev/full")
def test_a_full_disk_fails_the_attempts_whose_logs_it_holds(tmp_path: Path) -> None:
    code = """
import sys
def says(): print("x" * 10)
def writes(): sys.stdout.buffer.write(b"x" * 10)
def quiet(): return 1
def fails(): raise ValueError("no")
"""
    with bench(tmp_path, code=code, workers=1) as made:
        for function in ("says", "writes", "quiet", "fails"):
            made.start(python(function, function), log=FULL)
        made.start(shell("echo", "echo x"), log=FULL)
        made.start(shell("true", "true"), log=FULL)
        made.start(python("unharmed", "says"))
        made.wait()
        full = "cannot write the log /dev/full: No space left on device"
        assert made.failure("says").message == full
        assert made.failure("writes").message == full
        assert made.outputs("quiet") == {}
        assert made.failure("fails").message == "ValueError: no"
        assert made.failure("echo").message == f"exit code 1; {full}"
        assert made.outputs("true") == {}
        assert made.outputs("unharmed") == {}
        assert made.log("unharmed") == "x" * 10 + "\n"


def test_a_log_that_cannot_be_opened_fails_its_attempt(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    log = tmp_path / "file" / "1.log"
    with bench(tmp_path, code="def work(): pass\n", workers=1) as made:
        made.run(python("warm", "work"))
        made.start(python("a", "work"), log=log)
        made.start(shell("b", "true"), log=log)
        made.start(python("c", "work", env={"OWN": "worker"}), log=log)
        made.start(python("unharmed", "work"))
        made.wait()
        for id in "abc":
            assert made.failure(id).message == f"cannot write the log {log}: Not a directory"
        assert made.outputs("unharmed") == {}


def test_an_attempt_that_closes_its_outputs(tmp_path: Path) -> None:
    code = """
import os, sys
def closes_numbers():
    os.close(0); os.close(1); os.close(2)
    return 1
def closes_objects():
    sys.stdin.close(); sys.stdout.close(); sys.stderr.close()
    return 1
def says(): print("said")
"""
    with bench(tmp_path, code=code, workers=1) as made:
        made.start(python("numbers", "closes_numbers", outputs="int"))
        made.start(python("first", "says"))
        made.start(python("objects", "closes_objects", outputs="int"))
        made.start(python("second", "says"))
        made.start(shell("shell", "exec 0<&- 1>&- 2>&-; sleep 0.05"))
        made.wait()
        assert made.outputs("numbers") == made.outputs("objects") == {"output": 1}
        assert made.log("first") == made.log("second") == "said\n"
        assert made.outputs("shell") == {}


@pytest.mark.engine
def test_a_large_log_needs_no_memory_here(tmp_path: Path) -> None:
    import resource

    code = "import sys\ndef writes():\n for _ in range(200): sys.stdout.buffer.write(b'x' * (1 << 20))\n"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with bench(tmp_path, code=code) as made:
        made.run(shell("shell", "head -c 1G /dev/zero"), python("python", "writes"))
        assert made.outputs("shell") == made.outputs("python") == {}
    for id, size in (("shell", 1 << 30), ("python", 200 << 20)):
        log = tmp_path / "run" / id / "1.log"
        assert log.stat().st_size == size
        log.unlink()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_a_worker_imports_the_standard_library_and_the_runtime_alone(tmp_path: Path) -> None:
    code = "import sys\ndef loaded(): return sorted(sys.modules)\n"
    with bench(tmp_path, code=code) as made:
        made.run(python("t", "loaded", outputs="json"))
        loaded = set(made.outputs("t")["output"])
    assert {name for name in loaded if name.startswith("pipec")} == {
        "pipec",
        "pipec.runtime",
        "pipec.runtime.calling",
        "pipec.runtime.values",
    }
    roots = {name.partition(".")[0] for name in loaded} - {"steps", "pipec", "__main__", "sitecustomize"}
    assert {name for name in roots if not name.startswith(("_", "__editable__"))} <= set(sys.stdlib_module_names)
