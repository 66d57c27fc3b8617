"""Workers are warm, few, and as good as new for every task."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.backends.local.execution.harness import RUN, Bench, bench, processes_with, python, shell, until, with_inputs

LOOK = """
import os, resource, signal, sys, threading, time, warnings
loaded = []
def look():
    loaded.append(1)
    mask = os.umask(0o22)
    os.umask(mask)
    return {
        "pid": os.getpid(), "cwd": os.getcwd(), "path": sys.path, "umask": mask, "argv": sys.argv[1:],
        "term": str(signal.getsignal(signal.SIGTERM)), "usr1": str(signal.getsignal(signal.SIGUSR1)),
        "timer": signal.getitimer(signal.ITIMER_REAL)[0], "blocked": len(signal.pthread_sigmask(0, [])),
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "nice": os.getpriority(os.PRIO_PROCESS, 0), "threads": threading.active_count(),
        "env": {n: v for n, v in os.environ.items() if n not in ("PIPEC_TASK", "PIPEC_ATTEMPT")},
        "streams": [sys.stdout.fileno(), sys.stderr.fileno(), sys.stdout.encoding, sys.stdout.errors],
        "environ": type(os.environ).__name__, "loaded": len(loaded),
    }
"""

UNDONE = {
    "environment": "os.environ['NEW'] = '1'; del os.environ['PATH']; os.environ['HOME'] = '/x'",
    "environment object": "os.environ = {}",
    "working folder": "os.chdir('/')",
    "working folder that is gone": "os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')",
    "places of modules": "sys.path.insert(0, '/x'); sys.path = sys.path[:1]; sys.argv.append('x')",
    "umask": "os.umask(0o777)",
    "signal handlers": "signal.signal(signal.SIGTERM, print); signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
    "timer": "signal.setitimer(signal.ITIMER_REAL, 100)",
    "blocked signals": "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR1])",
    "streams": "sys.stdout = open(os.devnull, 'w'); sys.stderr = sys.stdout",
    "a child that has ended": "import subprocess; subprocess.Popen(['true']); time.sleep(0.2)",
    "a thread that has ended": "t = threading.Thread(target=int); t.start(); t.join()",
    "failure": "raise ValueError",
    "exit": "sys.exit(3)",
}

REPLACED = {
    "daemon thread": "threading.Thread(target=time.sleep, args=(100,), daemon=True).start()",
    "thread": "threading.Thread(target=time.sleep, args=(0.2,)).start()",
    "idle executor": "import concurrent.futures as c; globals().update(e=c.ThreadPoolExecutor(2)); e.submit(int)",
    "child": "import subprocess; subprocess.Popen(['sleep', '100'])",
    "limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    "priority": "os.nice(3)",
    "open files": "globals().update(f=[open(os.devnull) for _ in range(300)])",
    "memory": "globals().update(m=bytearray(b'x') * (600 << 20))",
}


def pair(tmp_path: Path, text: str, outputs: str | None = None) -> tuple[Bench, dict[str, Any], dict[str, Any]]:
    """What a task finds before and after one that does `text`."""
    code = f"{LOOK}\ndef work():\n    {text}\n"
    with bench(tmp_path, code=code, workers=1, grace=0.2) as made:
        made.run(python("before", "look", outputs="json"))
        made.run(python("work", "work"))
        made.run(python("after", "look", outputs="json"))
        return made, made.outputs("before")["output"], made.outputs("after")["output"]


@pytest.mark.parametrize("change", UNDONE)
def test_what_a_task_changes_is_undone(tmp_path: Path, change: str) -> None:
    _, before, after = pair(tmp_path, UNDONE[change])
    assert after.pop("loaded") == before.pop("loaded") + 1
    assert after == before


@pytest.mark.parametrize(
    "change", [pytest.param(name, marks=pytest.mark.engine) if name == "memory" else name for name in REPLACED]
)
def test_a_worker_that_cannot_be_made_good_is_replaced(tmp_path: Path, change: str) -> None:
    made, before, after = pair(tmp_path, REPLACED[change])
    assert made.outputs("work") == {}
    assert after.pop("pid") != before.pop("pid")
    assert after == before


def test_a_thread_may_finish_its_work(tmp_path: Path) -> None:
    code = """
import threading, time
def late():
    time.sleep(0.2)
    print("done")
def work(): threading.Thread(target=late).start()
"""
    with bench(tmp_path, code=code) as made:
        made.run(python("t", "work"))
        assert made.log("t") == "done\n"


def test_a_thread_that_never_ends_meets_the_timeout(tmp_path: Path) -> None:
    code = "import threading, time\ndef work(): threading.Thread(target=time.sleep, args=(100,)).start()\n"
    with bench(tmp_path, code=code) as made:
        made.run(python("t", "work", timeout=0.5))
        assert made.failure("t").message == "timed out after 0.5s"


def test_logs_are_those_of_their_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # with it C keeps nothing
    code = """
import ctypes, logging, os, subprocess, sys
logging.basicConfig(format="%(message)s")
libc = ctypes.CDLL(None)
def say(word):
    print(word, "by print")
    sys.stdout.write(word + " without an end")
    sys.stdout.flush()
    sys.stderr.write("\\n")
    logging.warning(word + " by logging")
    libc.printf(f"{word} by C\\n".encode())
    libc.fflush(None)
    libc.printf(f"{word} by C, kept\\n".encode())
    subprocess.run(["echo", word + " by a child"])
    sys.__stdout__.write(word + " by the first stream\\n")
def quiet(): pass
"""
    with bench(tmp_path, code=code, workers=1) as made:
        for word in ("one", "two"):
            made.start(with_inputs(python(word, "say"), word=("str", word)))
            made.start(python(f"quiet_{word}", "quiet"))
        made.wait()
        for word in ("one", "two"):
            lines = [
                "by print",
                "without an end",
                "by logging",
                "by C",
                "by a child",
                "by the first stream",
                "by C, kept",
            ]
            assert made.log(word) == "".join(f"{word} {line}\n" for line in lines)
            assert made.log(f"quiet_{word}") == ""


def test_text_that_utf_8_cannot_hold_is_printed(tmp_path: Path) -> None:
    with bench(tmp_path, code="def say(): print('\\udcff ü')\n") as made:
        made.run(python("t", "say", env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}))
        assert made.log("t") == "\\udcff ü\n"


def test_tasks_share_few_workers_which_run_at_once(tmp_path: Path) -> None:
    code = """
import os, time
def meet(me, other):
    open(me, "w").close()
    deadline = time.monotonic() + 20
    while not os.path.exists(other) and time.monotonic() < deadline: time.sleep(0.01)
    return os.getpid()
"""
    with bench(tmp_path, code=code, workers=2) as made:
        for name, other in ("ab", "ba", "cd", "dc"):
            task = python(name, "meet", outputs="int")
            made.start(with_inputs(task, me=("str", name), other=("str", other)))
        made.wait()
        assert len({made.outputs(name)["output"] for name in "abcd"}) == 2
        assert len(made.workers()) == 2
        pids = made.workers()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_task_with_variables_of_its_own_has_a_worker_of_its_own(tmp_path: Path) -> None:
    code = """
import os
AT_IMPORT = os.environ.get("THREADS")
def look(): return [os.getpid(), AT_IMPORT, os.environ.get("THREADS")]
"""
    with bench(tmp_path, code=code, workers=2) as made:
        found: list[Any] = []
        for number, value in enumerate([None, "1", None, "1", "2", "1"]):
            made.run(python(f"t{number}", "look", outputs="json", env={"THREADS": value} if value else {}))
            found.append(made.outputs(f"t{number}")["output"])
            assert len(made.workers()) <= 2
        assert [at_import for _, at_import, _ in found] == [value for _, _, value in found]
        assert [value for _, _, value in found] == [None, "1", None, "1", "2", "1"]
        pids = [pid for pid, _, _ in found]
        assert pids[0] == pids[2]
        assert pids[1] == pids[3] == pids[5]


def test_a_worker_that_dies_idle_is_replaced(tmp_path: Path) -> None:
    with bench(tmp_path, code=LOOK, workers=1) as made:
        made.run(python("a", "look", outputs="json"))
        [pid] = made.workers()
        os.kill(pid, signal.SIGKILL)
        made.until(lambda: not made.workers())
        made.run(python("b", "look", outputs="json"))
        assert made.outputs("b")["output"]["pid"] != pid


def test_a_worker_that_dies_before_it_is_asked_fails_only_its_attempt(tmp_path: Path) -> None:
    with bench(tmp_path, code=LOOK, workers=1) as made:
        made.run(python("a", "look", outputs="json"))
        [pid] = made.workers()
        os.kill(pid, signal.SIGKILL)
        until(lambda: Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z")
        made.start(python("b", "look", outputs="json"))
        made.start(python("c", "look", outputs="json"))
        made.wait()
        assert made.failure("b").message.startswith("killed by signal SIGKILL")
        assert made.outputs("c")["output"]["pid"] != pid


def test_a_worker_that_cannot_start_says_why_in_the_log(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "datetime.py").write_text("raise RuntimeError('no time')")
    with bench(tmp_path, code=LOOK) as made:
        made.run(python("a", "look", env={"PYTHONPATH": str(tmp_path / "broken")}))
        assert made.failure("a").message == "exit code 1"
        assert "RuntimeError: no time" in made.log("a")


def test_threads_that_python_did_not_start_do_not_count(tmp_path: Path) -> None:
    """Libraries such as OpenBLAS keep threads of their own, which is no reason to replace a worker."""
    code = """
import ctypes, os, threading
def work():
    libc = ctypes.CDLL(None)
    thread = ctypes.c_ulong()
    libc.pthread_create(ctypes.byref(thread), None, libc.pause, None)
    return [os.getpid(), len(os.listdir("/proc/self/task")) > threading.active_count()]
"""
    with bench(tmp_path, code=code, workers=1) as made:
        made.run(python("a", "work", outputs="json"), python("b", "work", outputs="json"))
        (first, had_threads), (second, _) = (made.outputs(id)["output"] for id in "ab")
        assert had_threads
        assert first == second


@pytest.mark.engine
def test_a_thousand_attempts_leave_no_file_open(tmp_path: Path) -> None:
    code = f"{LOOK}\ndef dies(): os._exit(1)\n"
    with bench(tmp_path, code=code, workers=2) as made:
        made.run(python("first", "look", outputs="json"), shell("shell", "true"))
        before = sorted(os.listdir("/proc/self/fd"))
        started = time.monotonic()
        for number in range(1000):
            made.start(python(f"t{number}", "look", outputs="json"))
        for number in range(20):
            made.start(python(f"d{number}", "dies"))
            made.start(python(f"s{number}", "look", timeout=100))
            made.start(shell(f"p{number}", "true", timeout=100))
        made.wait(120)
        assert time.monotonic() - started < 100
        pids = {made.outputs(f"t{number}")["output"]["pid"] for number in range(1000)}
        assert len(pids) <= 22
        assert {made.failure(f"d{number}").message for number in range(20)} == {"exit code 1"}
        made.run(python("last", "look", outputs="json"), python("last again", "look", outputs="json"))
        assert len(os.listdir("/proc/self/fd")) <= len(before) + 4
        assert made.outputs("last")["output"]["files"] > 0
    assert processes_with(f"PIPEC_RUN_ID={RUN}") == []
