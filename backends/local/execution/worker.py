"""A process in which python tasks run one after the other: `python -P worker.py REQUESTS ANSWERS`.

Both are numbers of file descriptors of pipes; a message is its length in 4 bytes and JSON. A request says what to
call with which inputs, where and with which log; the answer has the outputs or the failure. What a task prints is in
its log, whoever writes it, this process, C code or a child. What a task changed of the process is undone after it;
where that cannot be done, as with threads and children left running, the answer says that the process `retires` and
it ends as a Python program does.

It is started by its path and stands on the standard library and `pipec.runtime` alone, because starting it must be
fast; all it needs is imported before the task's folder is a place of modules.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import threading
from contextlib import suppress
from typing import Any, TextIO

from pipec.runtime.calling import Answer, answer_to

MEMORY_GROWTH = 512 * 1024 * 1024
"""Bytes of memory a worker may gain before it is replaced."""

_MOST_FILES = 256
"""File descriptors a worker may have open before it is replaced."""

_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system gives the most memory a process ever used."""

_SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGCHLD")
)
_LIMITS = tuple(sorted({getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")}))

Request = dict[str, Any]


# --- messages ------------------------------------------------------------------------------------


def encode(message: dict[str, Any]) -> bytes:
    """A message as it goes through a pipe."""
    text = json.dumps(message).encode()
    return len(text).to_bytes(4, "big") + text


def _receive(pipe: int) -> Request | None:
    """The next request, None when there are no more."""
    length = _read(pipe, 4)
    size = int.from_bytes(length, "big")
    text = _read(pipe, size) if len(length) == 4 else b""
    if not text or len(text) < size:
        return None
    request: Request = json.loads(text)
    return request


def _read(pipe: int, size: int) -> bytes:
    read = os.read(pipe, size)
    if len(read) == size:
        return read
    parts = [read]
    missing = size - len(read)
    while missing and (read := os.read(pipe, missing)):
        parts.append(read)
        missing -= len(read)
    return b"".join(parts)


def _send(pipe: int, answer: Answer) -> None:
    unsent = memoryview(encode(answer))
    while unsent:
        unsent = unsent[os.write(pipe, unsent) :]


# --- what a task finds around it -----------------------------------------------------------------


class Surroundings:
    """The state of this process that every task finds anew, taken when this is made."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._library = _c_library()
        self._nothing = os.open(os.devnull, os.O_RDWR)
        self._environ = os.environ
        self._variables = os.environ.copy()
        self._path = sys.path
        self._places = list(sys.path)
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
        self._streams = [sys.stdin, sys.stdout, sys.stderr]
        self._handlers = {number: signal.getsignal(number) for number in _SIGNALS}
        self._umask = os.umask(0o077)
        os.umask(self._umask)
        self._lasting_state = _lasting_state()
        self._memory = _own_memory()

    def enter(self, request: Request) -> str | None:
        """Give the task its log, working folder, environment and places of modules; or say why that cannot be."""
        try:
            log = open_log(request["log"], os.O_TRUNC)
        except OSError as error:
            return cannot_write(request["log"], error)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        try:
            os.chdir(request["working_dir"])
        except OSError as error:
            return f"cannot work in {request['working_dir']}: {error.strerror}"
        os.umask(self._umask)
        sys.path = self._path
        sys.path[:] = [request["folder"], *self._places]
        del sys.argv[1:]
        os.environ.update(request["variables"])
        self._variables.update(request["variables"])
        return None

    def leave(self) -> OSError | None:
        """Undo what the task changed. Returns why the log did not take all that was written."""
        lost = self._flush()
        os.environ = self._environ  # noqa: B003  (a task may have replaced the object)
        if os.environ.copy() != self._variables:
            for name in set(os.environ) - set(self._variables):
                del os.environ[name]
            os.environ.update(self._variables)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._handlers.items():
            if signal.getsignal(number) != handler:
                signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        gc.enable()
        return lost

    def put_away_log(self) -> None:
        """Let go of the log of a task that is over, and of what it did not take."""
        for number in (0, 1, 2):
            os.dup2(self._nothing, number)
        self._flush()

    def can_go_on(self) -> bool:
        """Whether nothing of the task is left that only the end of this process undoes."""
        return (
            threading.active_count() == 1
            and not _has_children()
            and _lasting_state() == self._lasting_state
            and self._open_files() <= _MOST_FILES
            and not self._has_grown()
        )

    def end_if_forked(self) -> None:
        """A child that the task forked and that came back from it, instead of ending, must not go on here."""
        if os.getpid() != self._process:
            self._flush()
            os._exit(0)

    def _flush(self) -> OSError | None:
        """Write what is still in buffers: of Python, of what the task put in its place, and of C."""
        lost: OSError | None = None
        for replaced in (sys.stdout, sys.stderr):
            if not any(replaced is stream for stream in self._streams):
                with suppress(Exception):
                    replaced.flush()
        for number, stream in enumerate(self._streams):
            if stream.closed:
                self._streams[number] = _text_stream(number)
            elif number:
                try:
                    stream.flush()
                except OSError as error:
                    lost = lost or error
        sys.stdin, sys.stdout, sys.stderr = self._streams
        self._library.fflush(None)
        return lost

    def _open_files(self) -> int:
        """The lowest file descriptor that is free: about as many are in use."""
        lowest = os.dup(self._nothing)
        os.close(lowest)
        return lowest

    def _has_grown(self) -> bool:
        """Whether the task left much memory in use; first asked in a way that costs little."""
        most = self._memory + MEMORY_GROWTH
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT
        if peak <= most or _own_memory() <= most:
            return False
        gc.collect()
        return _own_memory() > most


def open_log(log: str, flags: int = 0) -> int:
    """A file descriptor that appends to a log, whose folder is made where there is none. Raises OSError."""
    flags |= os.O_WRONLY | os.O_CREAT | os.O_APPEND
    try:
        return os.open(log, flags, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(log), exist_ok=True)
        return os.open(log, flags, 0o666)


def cannot_write(log: str, error: OSError) -> str:
    """The message for a log that could not be opened or written."""
    return f"cannot write the log {log}: {error.strerror}"


def _text_stream(number: int) -> TextIO:
    """Standard input, output or error anew."""
    return open(number, "w" if number else "r", 1, "utf-8", "backslashreplace", closefd=False)


def _c_library() -> Any:
    """The C library; with it this process asks to be handed the orphans among what tasks start (Linux)."""
    import ctypes

    library = ctypes.CDLL(None)
    if sys.platform == "linux":
        library.prctl(36, ctypes.c_ulong(1), 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    return library


def _has_children() -> bool:
    """Whether a process that a task started still runs; those that are dead are taken away."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return False
    return True


def _lasting_state() -> tuple[object, ...]:
    """What a process may change of itself and cannot change back."""
    limits = tuple(resource.getrlimit(limit) for limit in _LIMITS)
    users = os.getuid(), os.geteuid(), os.getgid(), os.getegid()
    return limits, users, os.getpriority(os.PRIO_PROCESS, 0)


def _own_memory() -> int:
    """Bytes of memory this process uses and shares with nobody; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:
            _, resident, shared, *_ = file.read(256).split()
    except OSError:
        return 0
    return (int(resident) - int(shared)) * resource.getpagesize()


# --- the process ---------------------------------------------------------------------------------


def main(requests: int, answers: int) -> None:
    """Answer requests until there are no more, or until this process has to be replaced."""
    os.set_inheritable(requests, False)
    os.set_inheritable(answers, False)
    surroundings = Surroundings()
    while (request := _receive(requests)) is not None:
        answer = _answer(request, surroundings)
        if not surroundings.can_go_on():
            _send(answers, {**answer, "retires": True})
            return
        surroundings.put_away_log()
        _send(answers, answer)


def _answer(request: Request, surroundings: Surroundings) -> Answer:
    refusal = surroundings.enter(request)
    if refusal is not None:
        return {"kind": "error", "message": refusal}
    answer = answer_to(request)
    surroundings.end_if_forked()
    lost = surroundings.leave()
    try:
        if "message" in answer:
            print(answer.pop("traceback", f"pipec: {answer['message']}\n"), end="", file=sys.stderr, flush=True)
    except OSError as error:
        lost = error
    exceptions = answer.get("exceptions", ())
    if lost is not None and ("outputs" in answer or "builtins.OSError" in exceptions):
        return {"kind": "error", "message": cannot_write(request["log"], lost), "exceptions": exceptions}
    return answer


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
