"""What generated DAG files hold a copy of besides `pipec.runtime`: the source text is copied, this is not imported.

`TIMEZONE` stands for the time zone of the schedule; a generated file sets its own.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import os
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import RetryDecision, RetryPolicy
from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTerminated, AirflowTaskTimeout

from pipec.runtime.process import run_process
from pipec.runtime.values import OutputError, environment, read_outputs

TIMEZONE = ZoneInfo("UTC")


def run_timestamp(dag_run: Any) -> datetime.datetime:
    """When the schedule fired or the run was triggered, in the time zone of the schedule."""
    return fixed(dag_run.logical_date or dag_run.run_after)


def run_interval_start(dag_run: Any) -> datetime.datetime:
    """Where the data interval starts; the run's timestamp where it has none."""
    return fixed(dag_run.data_interval_start or run_timestamp(dag_run))


def run_interval_end(dag_run: Any) -> datetime.datetime:
    """Where the data interval ends; the run's timestamp where it has none."""
    return fixed(dag_run.data_interval_end or run_timestamp(dag_run))


def fixed(moment: datetime.datetime) -> datetime.datetime:
    """The time in the time zone of the schedule, by its offset: an hour later is an hour later on every day."""
    return datetime.datetime.fromisoformat(moment.astimezone(TIMEZONE).isoformat())


def run_url(ti: Any) -> str:
    """The page of the run in Airflow's user interface."""
    return str(ti.log_url.rpartition("/tasks/")[0])


class ExitCodeError(Exception):
    """A program ended with a status that is not zero; 128 + number where a signal ended it."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


class RetryOn(RetryPolicy):
    """Further attempts only after these failures.

    They are named by exception classes (dotted or bare; subclasses count), exit codes, and "timeout".
    """

    def __init__(self, *causes: str | int) -> None:
        self.causes = causes

    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Any = None) -> RetryDecision:
        if failure_causes(exception).isdisjoint(self.causes):
            return RetryDecision.fail(f"only {', '.join(map(str, self.causes))} is tried again")
        return RetryDecision.default()


def failure_causes(exception: BaseException) -> set[str | int]:
    """All that a failure may be called in a `RetryOn`."""
    if isinstance(exception, AirflowTaskTimeout):
        return {"timeout"}
    if isinstance(exception, ExitCodeError):
        return {exception.code}
    classes = [cls for cls in type(exception).__mro__ if cls is not object]
    causes: set[str | int] = {f"{cls.__module__}.{cls.__qualname__}" for cls in classes}
    causes.update(cls.__name__ for cls in classes if cls.__name__ != "timeout")
    if isinstance(exception, SystemExit):
        causes.add(exception.code if isinstance(exception.code, int) else int(exception.code is not None))
    return causes


@contextlib.contextmanager
def never_retried(what: str) -> Iterator[None]:
    """Fail the task for good where a further attempt cannot help; the message names what was computed."""
    try:
        yield
    except Exception as error:
        raise AirflowFailException(f"{what}: {error}") from error


@contextlib.contextmanager
def extra_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def ended_when_stopped() -> Iterator[None]:
    """End by an exception when Airflow stops the task: its own handler of SIGTERM asks operators alone.

    Five seconds later it kills the process of the task, and whatever is in another process group would go on.
    """

    def stop(*_: object) -> None:
        raise AirflowTaskTerminated("the task was stopped")

    if threading.current_thread() is not threading.main_thread():  # where no handler can be set
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run_program(
    arguments: Sequence[str],
    *,
    inputs: Mapping[str, Any] = {},
    outputs: Mapping[str, str] = {},
    env: Mapping[str, str] = {},
    working_dir: str = "",
) -> dict[str, Any]:
    """Run a program and give its outputs by name.

    The inputs are environment variables; each output is a file of its name in the folder $PIPEC_OUTPUTS. The
    working directory counts from the folder of this file. Nothing of the program outlives the task.
    """
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), working_dir)
    if not os.path.isdir(folder):
        raise NotADirectoryError(f"working_dir {folder!r} is not a folder")
    with tempfile.TemporaryDirectory(prefix="pipec-") as written:
        variables = {**os.environ, **env, **environment(inputs), "PIPEC_OUTPUTS": written}
        try:
            with ended_when_stopped():
                status = run_process(arguments, environment=variables, working_dir=folder, log=None, timeout=None)
        except FileNotFoundError as error:
            raise ExitCodeError(127) from error
        except PermissionError as error:
            raise ExitCodeError(126) from error
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno != errno.E2BIG:
                raise
            raise AirflowFailException(f"cannot start {arguments[0]}: {error}") from error
        if status != 0:
            raise ExitCodeError(status if status > 0 else 128 - status)
        try:
            return read_outputs(written, outputs)
        except OutputError as error:
            raise AirflowFailException(str(error)) from error
