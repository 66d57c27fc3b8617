"""What an attempt started ends with it: at its timeout, when it is over, and when the run is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backends.local.harness import processes_with, python, run, shell
from tests.support.ir_builder import pipeline

STUBBORN = "trap '' TERM; sleep 30 & wait; sleep 30"
DAEMON = "import os, time\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0:\n  time.sleep(30)\n os._exit(0)"

TREES = {
    "child": "sleep 30; true",
    "grandchild": "bash -c 'sleep 30; true'; true",
    "background": "sleep 30 & wait",
    "other session": "setsid sleep 30 & wait",
    "daemon": f'"{sys.executable}" -S -c "{DAEMON}"; sleep 30',
    "without environment": 'env -i setsid bash -c "sleep 30; : $PIPEC_TEST_MARK" & wait',
    "stubborn without environment": """env -i setsid bash -c "trap '' TERM; sleep 30; : $PIPEC_TEST_MARK" & wait""",
    "ignores SIGTERM": STUBBORN,
}


@pytest.fixture
def mark() -> Iterator[str]:
    """A text that marks the processes of one test by an environment variable."""
    name = f"MARK_{uuid.uuid4().hex}"
    os.environ["PIPEC_TEST_MARK"] = name
    yield name
    del os.environ["PIPEC_TEST_MARK"]


def test_a_timeout_ends_the_whole_tree(tmp_path: Path, mark: str) -> None:
    tasks = [shell(f"t{number}", text, timeout=0.4) for number, text in enumerate(TREES.values())]
    tasks.append(python("p", "stay", timeout=0.6))
    code = "import subprocess\ndef stay(): subprocess.run(['sleep', '30'])\n"
    result = run(tmp_path, pipeline(*tasks), code=code, max_parallel=len(tasks))
    errors = {task.error for name, task in result.tasks.items() if name != "p"}
    assert errors == {"timed out after 0.4s"}
    assert result.tasks["p"].error == "timed out after 0.6s"
    assert processes_with(mark) == []
    assert result.duration_s < 20


def test_a_process_may_end_well_when_asked(tmp_path: Path) -> None:
    text = f"trap 'echo bye > {tmp_path}/said; exit 0' TERM; sleep 30 & wait"
    result = run(tmp_path, pipeline(shell("t", text, timeout=1.0)))
    assert (tmp_path / "said").read_text() == "bye\n"
    assert result.tasks["t"].error == "timed out after 1s"


def test_what_a_task_leaves_behind_ends_with_it(tmp_path: Path, mark: str) -> None:
    result = run(tmp_path, pipeline(shell("t", "setsid sleep 30 & sleep 30 &")))
    assert result.tasks["t"].state == "success"
    assert processes_with(mark) == []


STOPPED = """
import os, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.backends.local.harness import run, shell
from tests.support.ir_builder import pipeline
from pipec.ir.model import Retry

folder = Path({folder!r})
tasks = [shell(f"t{{number}}", f"touch {{folder}}/began{{number}}; {{text}}") for number, text in enumerate({trees!r})]
tasks.append(shell("waits", "exit 1", retry=Retry(max=1, delay=100)))
tasks.append(shell("later", "touch later", after="t0"))
tasks.append(shell("cleanup", "touch later", is_finally=True))
result = run(folder, pipeline(*tasks), max_parallel=20, grace={grace})
print(result.interrupted, result.state, [task.state for task in result.tasks.values()])
"""


@pytest.mark.parametrize(
    ("numbers", "grace"),
    [([signal.SIGINT], 0.3), ([signal.SIGTERM], 0.3), ([signal.SIGINT, signal.SIGINT], 30)],
    ids=["Ctrl-C", "SIGTERM", "Ctrl-C twice"],
)
def test_a_stopped_run_leaves_nothing(tmp_path: Path, mark: str, numbers: list[int], grace: float) -> None:
    root = str(Path(__file__).parents[3])
    trees = list(TREES.values())
    script = STOPPED.format(root=root, folder=str(tmp_path), trees=trees, grace=grace)
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 20
    while len(list(tmp_path.glob("began*"))) < len(trees) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    for number in numbers:
        process.send_signal(number)
        time.sleep(0.2)
    said, _ = process.communicate(timeout=20)
    states = ["failed"] * len(trees) + ["failed", "skipped", "skipped"]
    assert said == f"True failed {states}\n"
    assert processes_with(mark) == []
    assert not (tmp_path / "later").exists()
