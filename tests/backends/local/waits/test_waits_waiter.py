"""When a wait looks, and what ends it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from pipec.backends.local.waits.contract import Condition, Met, WaitError
from pipec.backends.local.waits.waiter import Seen, Waiter

from pipec.engine.events import AttemptFailed, AttemptSucceeded, Failure
from tests.backends.local.waits.support import HandLoop, made


@dataclass
class Scripted(Condition):  # type: ignore[misc]  # mypy does not see backends from here
    """Sees one thing after the other; `left` are the seconds it knows to be left."""

    sees: list[Seen]
    left: float | None = None
    looks: int = 0
    is_closed: bool = False
    free: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.free.set()

    def describe(self) -> str:
        return "waits for rain"

    def check(self) -> Met | None:
        assert threading.current_thread().daemon
        assert threading.current_thread() is not threading.main_thread()
        self.looks += 1
        self.free.wait(30)
        seen = self.sees.pop(0)
        if isinstance(seen, Exception):
            raise seen
        return seen

    def seconds_left(self) -> float | None:
        return self.left

    def close(self) -> None:
        self.is_closed = True


@dataclass
class Told:
    """A wait that has begun, and what it reported."""

    condition: Scripted
    poll: float = 10.0
    timeout: float | None = None
    loop: HandLoop = field(default_factory=HandLoop)
    reports: list[AttemptSucceeded | AttemptFailed] = field(default_factory=list)
    taken: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.waiter = Waiter(self.loop, "w", self.condition, self.poll, self.timeout, self._met, self.reports.append)
        self.waiter.start()

    def _met(self, event: AttemptSucceeded, taken: Callable[[], None]) -> None:
        self.reports.append(event)
        self.taken.append(taken)


def test_it_looks_at_once() -> None:
    told = Told(Scripted([Met()]), timeout=60)
    told.loop.hear()
    assert told.reports == [AttemptSucceeded("w")]
    assert told.loop.pending() == []
    assert told.condition.looks == 1
    assert not told.condition.is_closed


def test_outputs_and_what_is_to_be_called_when_they_are_kept() -> None:
    kept: list[str] = []
    told = Told(Scripted([Met({"output": [1]}, lambda: kept.append("kept"))]))
    told.loop.hear()
    assert told.reports == [AttemptSucceeded("w", {"output": [1]})]
    assert kept == []
    told.taken[0]()
    assert kept == ["kept"]


def test_it_looks_again_after_the_poll() -> None:
    told = Told(Scripted([None, None, Met()]), poll=10)
    for _ in range(2):
        told.loop.hear()
        [delay] = told.loop.pending()
        assert 5 < delay <= 10
        told.loop.fire(0)
    told.loop.hear()
    assert told.reports == [AttemptSucceeded("w")]
    assert told.condition.looks == 3


def test_the_poll_counts_from_the_begin_of_a_look() -> None:
    told = Told(Scripted([None]), poll=0.001)
    told.loop.hear()
    [delay] = told.loop.pending()
    assert 0 <= delay <= 0.001


@pytest.mark.parametrize(("left", "least", "most"), [(3.0, 3.0, 3.0), (0.0, 0.0, 0.0), (99.0, 5.0, 10.0)])
def test_it_sleeps_no_longer_than_is_left(left: float, least: float, most: float) -> None:
    told = Told(Scripted([None], left=left), poll=10)
    told.loop.hear()
    [delay] = told.loop.pending()
    assert least <= delay <= most


def test_there_are_never_two_looks_at_once() -> None:
    condition = Scripted([None, Met()])
    condition.free.clear()
    told = Told(condition, poll=0.001)
    assert told.loop.pending() == []
    condition.free.set()
    told.loop.hear()
    assert len(told.loop.pending()) == 1
    assert condition.looks == 1


def test_the_timeout() -> None:
    told = Told(Scripted([None]), timeout=90)
    told.loop.hear()
    assert told.loop.pending()[0] == 90
    told.loop.fire(0)
    assert told.reports == [AttemptFailed("w", Failure("timeout", "timed out after 90s: waits for rain"))]
    assert told.loop.pending() == []
    assert told.condition.is_closed


def test_a_look_that_hangs_does_not_keep_the_timeout() -> None:
    condition = Scripted([Met()])
    condition.free.clear()
    told = Told(condition, timeout=90)
    told.loop.fire(0)
    assert [type(report) for report in told.reports] == [AttemptFailed]
    condition.free.set()
    told.loop.hear()
    assert len(told.reports) == 1
    assert told.taken == []


def test_a_look_that_fails_is_tried_again() -> None:
    told = Told(Scripted([ConnectionError("network\n  is down"), Met()]))
    told.loop.hear()
    told.loop.fire(0)
    told.loop.hear()
    assert told.reports == [AttemptSucceeded("w")]


@pytest.mark.parametrize(
    ("sees", "said"),
    [
        ([OSError("network\n  is down")], "; the last look failed: OSError: network is down"),
        ([OSError("first"), ValueError()], "; the last look failed: ValueError"),
        ([OSError("first"), None], ""),
        ([OSError("x" * 5000)], f"; the last look failed: OSError: {'x' * 291}"),
    ],
)
def test_the_timeout_names_the_last_error(sees: list[Seen], said: str) -> None:
    told = Told(Scripted(list(sees)), timeout=90)
    for number in range(len(sees)):
        if number:
            told.loop.fire(1)
        told.loop.hear()
    told.loop.fire(0)
    assert told.reports == [AttemptFailed("w", Failure("timeout", f"timed out after 90s: waits for rain{said}"))]


def test_what_can_never_be_met_fails_at_once() -> None:
    told = Told(Scripted([WaitError("install s3fs", "error")]), timeout=90)
    told.loop.hear()
    assert told.reports == [AttemptFailed("w", Failure("error", "install s3fs"))]
    assert told.loop.pending() == []
    assert told.condition.is_closed


def test_a_cancelled_wait_says_nothing_more() -> None:
    told = Told(Scripted([Met()]), timeout=90)
    told.waiter.cancel()
    told.loop.hear()
    assert told.reports == []
    assert told.loop.pending() == []
    assert told.condition.is_closed


def test_cancelling_between_looks_and_after_the_end() -> None:
    told = Told(Scripted([None]))
    told.loop.hear()
    told.waiter.cancel()
    assert told.loop.pending() == []
    over = Told(Scripted([Met()]))
    over.loop.hear()
    over.waiter.cancel()
    assert not over.condition.is_closed


# --- predicates --------------------------------------------------------------------------------------


def test_a_predicate_is_looked_at_by_the_runner() -> None:
    loop = HandLoop()
    reports: list[object] = []
    begun: list[Callable[[Seen], None]] = []
    ended: list[str] = []

    def look(report: Callable[[Seen], None]) -> Callable[[], None]:
        begun.append(report)
        return lambda: ended.append("ended")

    def met(event: AttemptSucceeded, taken: Callable[[], None]) -> None:
        reports.append(event)

    Waiter(loop, "w", made('python("m:f")'), 10, 90, met, reports.append, look).start()
    begun[0](None)
    loop.fire(1)
    assert len(begun) == 2
    loop.fire(0)
    assert ended == ["ended"]
    said = "timed out after 90s: waits for m:f to return true"
    assert reports == [AttemptFailed("w", Failure("timeout", said))]


def test_nobody_else_can_look_at_a_predicate() -> None:
    with pytest.raises(TypeError, match="looked at by the runner"):
        Waiter(HandLoop(), "w", made('python("m:f")'), 10, None, lambda event, taken: None, lambda event: None)
