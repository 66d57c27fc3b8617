"""Which failures are tried again, what a failed attempt says, and what is left of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipec.ir.model import Retry
from tests.backends.local.harness import Updates, command, log_text, python, run, run_folder, shell
from tests.support.ir_builder import binary, output, pipeline, require, run_value

CODE = """
import os, sys

class Busy(ConnectionError):
    pass

def busy(): raise Busy("try later")
def wrong(): raise ValueError("no")
def leave(): sys.exit(3)
def leave_quietly(): sys.exit()
def leave_in_words(): sys.exit("out of luck")
def vanish(): os._exit(0)
def crash(): os._exit(75)
def killed(): os.kill(os.getpid(), 9)
def needs_argument(x): pass
CODE_WORD = "wafer"
def third_time(attempt):
    print("attempt", attempt)
    if attempt < 3:
        raise Busy(f"attempt {attempt}")
    return attempt
"""

LIMITS: list[tuple[Any, str, int]] = [
    # retry.on, what the task runs, attempts of at most 2
    (None, "busy", 2),
    (None, "exit 1", 2),
    (None, "sleep 9", 2),
    (("ConnectionError",), "busy", 2),
    (("builtins.OSError",), "busy", 2),
    (("steps.Busy",), "busy", 2),
    (("other.Busy",), "busy", 1),
    (("ConnectionError",), "wrong", 1),
    (("ConnectionError",), "exit 1", 1),
    ((75,), "exit 75", 2),
    ((75,), "exit 1", 1),
    ((75,), "crash", 2),
    ((3,), "leave", 2),
    ((75, "ValueError"), "wrong", 2),
    (("timeout",), "sleep 9", 2),
    (("timeout",), "exit 1", 1),
    ((75,), "sleep 9", 1),
]


@pytest.fixture(scope="module")
def limits(tmp_path_factory: pytest.TempPathFactory) -> Any:
    tasks = []
    for number, (on, runs, _) in enumerate(LIMITS):
        retry = Retry(max=1, on=on)
        if runs.isidentifier():
            tasks.append(python(f"t{number}", runs, retry=retry))
        else:
            tasks.append(shell(f"t{number}", runs, retry=retry, timeout=0.2 if "sleep" in runs else None))
    return run(tmp_path_factory.mktemp("limits"), pipeline(*tasks), code=CODE)


@pytest.mark.parametrize("number", range(len(LIMITS)), ids=lambda number: f"{LIMITS[number][0]}-{LIMITS[number][1]}")
def test_retries_are_limited_to_what_is_named(limits: Any, number: int) -> None:
    task = limits.tasks[f"t{number}"]
    assert (task.state, task.attempts) == ("failed", LIMITS[number][2])


MESSAGES: list[tuple[str, str]] = [
    ("busy", "Busy: try later"),
    ("leave", "the task called sys.exit(3) instead of returning"),
    ("leave_quietly", "the task called sys.exit(0) instead of returning"),
    ("leave_in_words", "the task called sys.exit: out of luck"),
    ("vanish", "the process ended itself before the function returned"),
    ("crash", "exit code 75"),
    ("killed", "killed by signal SIGKILL; the system does that when memory runs out"),
    ("needs_argument", "TypeError: needs_argument() missing 1 required positional argument: 'x'"),
    ("not_there", "/steps.py) has no function not_there"),
    ("CODE_WORD", "TypeError: steps:CODE_WORD is no function but str"),
]


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Any:
    tasks = [python(function, function) for function, _ in MESSAGES]
    tasks.append(shell("shell_fails", "echo told; exit 4"))
    tasks.append(shell("shell_killed", "kill -TERM $$"))
    tasks.append(command("not_found", "no-such-program", "x"))
    tasks.append(command("not_executable", "./steps.py"))
    tasks.append(shell("no_folder", "true", working_dir="nowhere"))
    tasks.append(command("empty"))
    tasks.append(shell("large", "true", inputs={"x": "x" * 200_000}))
    tasks.append(shell("nul", "true", inputs={"x": "a\0b"}))
    return run(tmp_path_factory.mktemp("messages"), pipeline(*tasks), code=CODE)


@pytest.mark.parametrize(
    ("task", "message"),
    [
        *MESSAGES,
        ("shell_fails", "exit code 4"),
        ("shell_killed", "killed by signal SIGTERM"),
        ("not_found", "command not found: no-such-program"),
        ("not_executable", "not allowed to execute: ./steps.py"),
        ("no_folder", "/nowhere' is not a folder"),
        ("empty", "the command has no elements"),
        ("large", "cannot start bash: the inputs are too large: give the path of a file"),
        ("nul", "cannot start bash: embedded null byte: a value holds what no command line can"),
    ],
)
def test_a_failure_says_what_happened(messages: Any, task: str, message: str) -> None:
    assert messages.tasks[task].state == "failed"
    assert messages.tasks[task].error.endswith(message)
    assert message in log_text(messages, task)


def of_module(module: str) -> Any:
    task = python("a", "work")
    return task.model_copy(update={"implementation": task.implementation.model_copy(update={"module": module})})


def test_a_module_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    result = run(tmp_path, pipeline(of_module("no_such.module")))
    message = f"ModuleNotFoundError: No module named 'no_such', in {tmp_path} or where Python looks"
    assert result.tasks["a"].error == message
    assert log_text(result, "a") == f"{message}\n"


def test_a_module_that_imports_what_is_not_there_shows_its_line(tmp_path: Path) -> None:
    result = run(tmp_path, pipeline(of_module("steps")), code="import no_such\n")
    assert result.tasks["a"].error == "ModuleNotFoundError: No module named 'no_such'"
    assert log_text(result, "a").splitlines()[1] == f'  File "{tmp_path}/steps.py", line 1, in <module>'


def test_a_file_hidden_by_a_module_of_python_is_named(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("def work(): pass\n")
    result = run(tmp_path, pipeline(of_module("json")))
    assert result.tasks["a"].error.endswith(
        f"has no function work; it hides {tmp_path}/json.py: give that file another name"
    )


def test_the_traceback_begins_in_the_task(messages: Any) -> None:
    lines = log_text(messages, "busy").splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].endswith('steps.py", line 7, in busy')
    assert lines[-1] == "steps.Busy: try later"
    assert "worker" not in log_text(messages, "busy")


def test_retries_then_success(tmp_path: Path) -> None:
    attempt = run_value("attempt")
    watcher = Updates()
    result = run(
        tmp_path,
        pipeline(
            python("flaky", "third_time", inputs={"attempt": attempt}, outputs="int", retry=Retry(max=5, delay=0.05)),
            shell("after", 'test "$value" = 3', inputs={"value": output("flaky")}),
        ),
        code=CODE,
        watcher=watcher,
    )
    task = result.tasks["flaky"]
    assert (result.state, task.state, task.attempts, task.outputs) == ("success", "success", 3, {"output": 3})
    assert task.error is None
    folder = Path(task.log).parent
    assert [(folder / f"{number}.log").read_text().splitlines()[0] for number in (1, 2, 3)] == [
        "attempt 1",
        "attempt 2",
        "attempt 3",
    ]
    again = ["running", "up_for_retry"]
    assert watcher.states("flaky") == [*again, *again, "running", "success"]
    waits = [update.retry_in for update in watcher.seen if update.state == "up_for_retry"]
    assert waits == [0.05, 0.05]


def test_a_wait_for_a_retry_holds_up_nothing_else(tmp_path: Path) -> None:
    watcher = Updates()
    fails_once = 'test "$PIPEC_ATTEMPT" = 2'
    run(
        tmp_path,
        pipeline(
            shell("fails", fails_once, retry=Retry(max=1, delay=0.5)),
            *[shell(f"next_{number}", "true", after=f"next_{number - 1}" if number else "") for number in range(5)],
        ),
        max_parallel=1,
        watcher=watcher,
    )
    ended = [update.task for update in watcher.seen if update.state == "success"]
    assert ended == [*[f"next_{number}" for number in range(5)], "fails"]


def test_requirements_and_bad_inputs_are_not_retried(tmp_path: Path) -> None:
    requirement = require(binary(output("low"), ">", 10), "too low", source="low > 10")
    division = binary(1, "/", 0, source="1 / 0")
    result = run(
        tmp_path,
        pipeline(
            shell("low", "echo 3 > $PIPEC_OUTPUTS/output", outputs="int", require=[requirement], retry=Retry(max=3)),
            shell("divides", "true", inputs={"x": division}, retry=Retry(max=3)),
        ),
    )
    low, divides = result.tasks["low"], result.tasks["divides"]
    assert (low.state, low.attempts, low.error) == ("failed", 1, "too low")
    assert (divides.state, divides.log, divides.error) == ("failed", None, "input x: division by zero in 1 / 0")


def test_file_names_of_tasks_are_safe_and_differ() -> None:
    ids = ["train", 'train["rf"]', 'train["r/f"]', 'train["../x"]', 'a["%5B"]', 'a["["]', 'a["漢"]', "g[0.1, 4]"]
    long_ids = [f'a["{"x" * 300}{end}"]' for end in "ab"]
    names = [run_folder.file_name(task_id) for task_id in [*ids, *long_ids]]
    assert names[:2] == ["train", "train%5B%22rf%22%5D"]
    assert len(set(names)) == len(names)
    assert all("/" not in name and name.isascii() and len(name) <= 255 for name in names)
