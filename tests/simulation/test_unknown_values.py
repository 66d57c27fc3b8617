"""Outputs that nobody knows: where they pass through, where they are needed, and who decides then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pipec.engine.evaluate import EvaluationError
from pipec.engine.unknown import (
    UNKNOWN,
    UncertainScope,
    Unknown,
    UnknownValueError,
    items_value,
    json_value,
    text_value,
    truth,
)
from pipec.ir.expressions import Expression
from pipec.ir.model import Pipeline
from pipec.simulation.outcomes import Outcome
from tests.engine.driver import program
from tests.simulation.playing import simulated, states

TASKS = """
pipeline p(n: int = 2) {
  task a -> { x: float, flag: bool, name: str?, day: date, items: list[int], more: json } = python("s:a")
  task b -> float = python("s:b")
  task known -> { x: float, flag: bool, name: str?, items: list[int] } = python("s:known")
  task reads(value = EXPRESSION) = python("s:reads")
}
"""
KNOWN = {
    ("known", "x"): 1.0,
    ("known", "flag"): False,
    ("known", "name"): None,
    ("known", "items"): [1, 2],
    **{("a", name): UNKNOWN for name in ("x", "flag", "name", "day", "items", "more")},
    ("b", "output"): UNKNOWN,
}


def expression(text: str) -> Expression:
    found: Pipeline = program(TASKS.replace("EXPRESSION", text)).pipelines["p"]
    return found.task("reads").inputs[0].value


def scope(**parameters: Any) -> UncertainScope:
    return UncertainScope(parameters=parameters or {"n": 2}, outputs=KNOWN)


def unknown(*names: str) -> Unknown:
    return Unknown(names)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("known.x", 1.0),
        ("a.x", unknown("a.x")),
        ("b", unknown("b")),
        ("a.day", unknown("a.day")),
        ("a.x + b", unknown("a.x", "b")),
        ("a.x + a.x > 1", unknown("a.x")),
        ("-a.x", unknown("a.x")),
        ("not a.flag", unknown("a.flag")),
        ('"auc ${a.x}"', unknown("a.x")),
        ("[a.x, known.x]", [unknown("a.x"), 1.0]),
        ("len([a.x, known.x])", 2),
        ("[a.x, known.x][1]", 1.0),
        ("[a.x, known.x][0]", unknown("a.x")),
        ("max(a.x, b)", unknown("a.x", "b")),
        ("a.items", unknown("a.items")),
        ("a.items[0]", unknown("a.items")),
        ("len(a.items)", unknown("a.items")),
        ("a.more.deep.down", unknown("a.more")),
        ("a.flag ? 1 : 2", unknown("a.flag")),
        ("known.flag ? a.x : b", unknown("b")),
        ("known.flag ? a.x : known.x", 1.0),
        ('known.name ?? "none"', "none"),
        ('a.name ?? "none"', unknown("a.name")),
        ("a.flag and known.flag", False),
        ("known.flag and a.flag", False),
        ("known.flag or a.flag", unknown("a.flag")),
        ("a.flag or known.flag", unknown("a.flag")),
        ("a.flag or not known.flag", True),
        ("a.flag and a.x > 1", unknown("a.flag", "a.x")),
        ("a.flag and known.items[7] > 1", unknown("a.flag")),
        ("n + len(known.items)", 4),
    ],
)
def test_what_expressions_mean(text: str, value: object) -> None:
    assert json_value(expression(text), scope()) == value


def test_a_part_may_come_from_outside_unknown() -> None:
    assert json_value(expression("n + 1"), scope(n=unknown("count"))) == unknown("count")


def test_a_known_fault_is_one() -> None:
    with pytest.raises(EvaluationError, match="index 7 is outside a list of 2"):
        json_value(expression("known.items[7] + a.x"), scope())
    with pytest.raises(EvaluationError, match="there is no element 7"):
        json_value(expression("[a.x, known.x][7]"), scope())


def test_text() -> None:
    assert text_value(expression('"auc ${a.x}"'), scope()) == "unknown"
    assert text_value(expression('"auc ${known.x}"'), scope()) == "auc 1.0"


def test_what_is_needed() -> None:
    with pytest.raises(UnknownValueError, match=r"^the value of a\.x and b is not known$") as caught:
        truth(expression("a.x > b"), scope())
    assert caught.value.names == ("a.x", "b")
    with pytest.raises(UnknownValueError, match=r"^the value of a\.items is not known$"):
        items_value(expression("a.items"), scope())
    assert truth(expression("known.x > 0"), scope())
    assert items_value(expression("[a.x, known.x]"), scope()) == [unknown("a.x"), 1.0]


# --- in a run ------------------------------------------------------------------------------------


class Says:
    """The same answer for all that is asked, and who asked."""

    def __init__(self, yes: bool = True, count: int = 2) -> None:
        self.yes, self.count = yes, count
        self.asked: list[str] = []

    def decision(self, instance: str) -> bool:
        self.asked.append(f"decision {instance}")
        return self.yes

    def items(self, region: str) -> int:
        self.asked.append(f"items {region}")
        return self.count

    def requirement(self, instance: str, source: str) -> bool:
        self.asked.append(f"requirement {instance}: {source}")
        return self.yes


DECIDED = """
pipeline p {
  task train -> float = python("s:train")
  if train > 0.9 { task ship = python("s:ship") } else { task warn = python("s:warn") }
}
"""


@pytest.mark.parametrize(("yes", "ship", "warn"), [(True, "success", "skipped"), (False, "skipped", "success")])
def test_a_decision_is_guessed(yes: bool, ship: str, warn: str) -> None:
    guess = Says(yes)
    run = simulated(DECIDED, guess=guess)
    assert (run.tasks["ship"].state, run.tasks["warn"].state) == (ship, warn)
    assert len(guess.asked) == 1


def test_a_decision_that_is_known_is_not_guessed() -> None:
    guess = Says(yes=False)
    run = simulated(DECIDED, {"train": [Outcome(1.0, {"output": 0.95})]}, guess=guess)
    assert run.tasks["ship"].state == "success"
    assert guess.asked == []


def test_without_a_guess_the_decision_fails() -> None:
    run = simulated(DECIDED)
    [(instance, names)] = run.needed.items()
    assert names == ("train",)
    failure = run.tasks[instance].failure
    assert failure is not None
    assert (failure.kind, failure.message) == ("input", "the value of train is not known")
    assert run.state == "failed"


MAPPED = """
pipeline p {
  task find -> list[str] = python("s:find")
  map path in find {
    task score(path) -> float = python("s:score")
  }
  task best(scores = score[*], count = len(score[*])) = python("s:best")
}
"""


def test_the_items_of_a_map_are_guessed() -> None:
    guess = Says(count=3)
    run = simulated(MAPPED, guess=guess)
    assert states(run) == "find=success score[0]=success score[1]=success score[2]=success best=success"
    inputs = run.tasks["best"].attempts[0].inputs
    assert inputs == {"scores": [unknown("score")] * 3, "count": 3}
    assert len(guess.asked) == 1


def test_no_items() -> None:
    assert states(simulated(MAPPED, guess=Says(count=0))) == "find=success score=skipped best=skipped"


def test_without_a_guess_the_map_fails() -> None:
    run = simulated(MAPPED)
    assert list(run.needed.values()) == [("find",)]
    assert run.tasks["score"].state == "failed"


REQUIRED = """
pipeline p {
  task train -> { auc: float } = python("s:train") { require auc > 0.9 else "auc is ${auc}" }
  task ship after train = python("s:ship")
}
"""


@pytest.mark.parametrize(
    ("outcome", "yes", "expected", "asked"),
    [
        (1.0, True, "train=success ship=success", 1),
        (1.0, False, "train=failed ship=upstream_failed", 1),
        (Outcome(1.0, {"auc": 0.5}), True, "train=failed ship=upstream_failed", 0),
    ],
)
def test_requirements_are_guessed(outcome: Outcome | float, yes: bool, expected: str, asked: int) -> None:
    guess = Says(yes)
    assert states(simulated(REQUIRED, {"train": [outcome]}, guess=guess)) == expected
    assert len(guess.asked) == asked


CALLED = """
pipeline inner(auc: float, better: float = auc + 1) -> { best: float, name: str } {
  task x(better) -> float = python("s:x")
  return { best: x, name: "model" }
}
pipeline outer {
  task train -> float = python("s:train")
  task called(auc = train) = inner
  task reads(best = called.best, name = called.name) = python("s:reads")
}
"""


def test_what_goes_into_a_called_pipeline_and_comes_back() -> None:
    run = simulated(CALLED)
    assert run.state == "success"
    assert run.tasks["called/x"].attempts[0].inputs == {"better": unknown("train")}
    inputs: Mapping[str, Any] = run.tasks["reads"].attempts[0].inputs
    assert inputs == {"best": unknown("x"), "name": "model"}
