"""The event loop: what is due is called, in order, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.backends.local.execution.harness import loop as loop_module


@pytest.fixture
def loop() -> Iterator[Any]:
    made = loop_module.Loop()
    yield made
    made.close()


def run_until(loop: Any, called: list[Any], count: int) -> None:
    deadline = time.monotonic() + 20
    while len(called) < count and time.monotonic() < deadline:
        loop.run_once(1.0)
    assert len(called) == count


def test_timers_run_in_the_order_of_their_times(loop: Any) -> None:
    called: list[str] = []
    for delay, name in [(0.03, "c"), (0.01, "a"), (0.02, "b"), (0.02, "b again")]:
        loop.call_later(delay, lambda name=name: called.append(name))
    run_until(loop, called, 4)
    assert called == ["a", "b", "b again", "c"]


def test_a_timer_taken_back_does_not_run(loop: Any) -> None:
    called: list[int] = []
    timers = [loop.call_later(0.01, lambda number=number: called.append(number)) for number in range(1000)]
    for timer in timers[:999]:
        timer.cancel()
        timer.cancel()
    assert len(loop._timers) < 500
    run_until(loop, called, 1)
    timers[999].cancel()
    assert called == [999]


def test_a_timer_is_not_called_before_its_time(loop: Any) -> None:
    called: list[float] = []
    started = time.monotonic()
    loop.call_later(0.05, lambda: called.append(time.monotonic() - started))
    loop.run_once(0)
    assert called == []
    run_until(loop, called, 1)
    assert called[0] >= 0.05


def test_a_wait_ends_at_its_timeout(loop: Any) -> None:
    loop.call_later(60, lambda: None)
    started = time.monotonic()
    loop.run_once(0.01)
    assert 0.005 < time.monotonic() - started < 10


def test_another_thread_wakes_the_loop(loop: Any) -> None:
    called: list[int] = []
    threading.Timer(0.02, lambda: loop.call_soon_threadsafe(lambda: called.append(threading.get_ident()))).start()
    started = time.monotonic()
    loop.run_once(20)
    loop.run_once(0)
    assert called == [threading.get_ident()]
    assert time.monotonic() - started < 10


def test_calls_from_many_threads_are_all_made(loop: Any) -> None:
    called: list[int] = []

    def call() -> None:
        for number in range(500):
            loop.call_soon_threadsafe(lambda number=number: called.append(number))

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    run_until(loop, called, 2000)
    assert sorted(called) == sorted([*range(500)] * 4)


def test_a_thread_may_outlive_the_loop() -> None:
    loop = loop_module.Loop()
    loop.close()
    called: list[int] = []
    thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(lambda: called.append(1)))
    thread.start()
    thread.join()
    assert called == []


def test_what_a_call_asks_for_comes_in_the_next_turn(loop: Any) -> None:
    called: list[str] = []

    def first() -> None:
        called.append("first")
        loop.call_soon_threadsafe(lambda: called.append("second"))

    loop.call_soon_threadsafe(first)
    loop.run_once(1)
    assert called == ["first"]
    loop.run_once(20)
    assert called == ["first", "second"]


def test_a_signal_handler_wakes_the_loop(loop: Any) -> None:
    called: list[str] = []
    before = signal.signal(
        signal.SIGUSR1, lambda number, frame: loop.call_soon_threadsafe(lambda: called.append("signal"))
    )
    try:
        threading.Timer(0.02, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
        run_until(loop, called, 1)
    finally:
        signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize("has_pidfd", [True, False])
@pytest.mark.parametrize(
    ("code", "status"), [("pass", 0), ("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", -9)]
)
def test_processes(loop: Any, has_pidfd: bool, code: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_pidfd:
        monkeypatch.delattr(os, "pidfd_open")
    called: list[int] = []
    process = subprocess.Popen([sys.executable, "-S", "-c", code])
    loop.watch_process(process.pid, called.append)
    run_until(loop, called, 1)
    process.returncode = called[0]
    assert called == [status]


def test_a_status_taken_by_somebody_else(loop: Any) -> None:
    called: list[int] = []
    process = subprocess.Popen(["true"])
    process.wait()
    loop._wait_in_thread(process.pid, called.append)
    loop.run_once(1)
    assert called == [loop_module.LOST_STATUS]


def test_readers_and_writers(loop: Any) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    sent = received = 0

    def write() -> None:
        nonlocal sent
        sent += os.write(writing, b"x" * 100_000)
        if sent >= 300_000:
            loop.remove(writing)
            os.close(writing)

    def read() -> None:
        nonlocal received
        news = len(os.read(reading, 50_000))
        received += news
        if not news:
            loop.remove(reading)
            os.close(reading)

    loop.add_writer(writing, write)
    loop.add_reader(reading, read)
    for _ in range(1000):
        loop.run_once(0)
    assert received == sent >= 300_000


def test_a_reader_removed_in_the_same_turn_is_not_called(loop: Any) -> None:
    called: list[int] = []
    pipes = [os.pipe(), os.pipe()]

    def read(number: int) -> None:
        called.append(number)
        for reading, _ in pipes:
            loop.remove(reading)

    for number, (reading, writing) in enumerate(pipes):
        os.write(writing, b"x")
        loop.add_reader(reading, lambda number=number: read(number))
    loop.run_once(1)
    assert len(called) == 1
    for pipe in pipes:
        os.close(pipe[0])
        os.close(pipe[1])
