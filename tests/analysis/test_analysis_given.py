"""What is given for a run, and what follows: decisions that can be made, lists that are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipec.analysis.assumptions import Assumptions
from pipec.analysis.given import items_given, sides_given
from pipec.analysis.plan import plan
from pipec.api import load
from pipec.givens import NamingError, read_givens
from pipec.ir.model import Pipeline

SHIPPING = """\
pipeline shipping(min_auc: float = 0.9, force: bool = false, day: date = run.date, files: list[str] = ["x", "y"]) {
  task find -> list[str] = python("steps:find")
  for kind in ["a=b", "c.d"] { task train -> { auc: float, note: str? } = python("steps:train") }
  if train["a=b"].auc >= min_auc or force as good {
    task deploy -> { version: str } = python("steps:deploy")
    if deploy.version == "1" as first { task celebrate = python("steps:celebrate") }
  } else {
    task page = python("steps:page")
  }
  if (deploy.version ?? "none") == "none" as silent { task note = python("steps:note") }
  map path in find {
    max_parallel = 4
    task score(path) -> float = python("steps:score")
    if score > 0.5 { task keep = python("steps:keep") }
  }
  map file in files { task read(file) = python("steps:read") }
}
"""


@pytest.fixture(scope="module")
def shipping() -> Pipeline:
    return load(Path("shipping.pipe"), text=SHIPPING).pipeline()


@pytest.mark.parametrize(
    ("given", "sides"),
    [
        ([], {}),
        (["good=false"], {"good": False, "silent": True}),
        (["good=true"], {"good": True}),
        (["force=true"], {"good": True}),
        (['train["a=b"].auc=0.7'], {"good": False, "silent": True}),
        (['train["a=b"].auc=0.95'], {"good": True}),
        (['train["a=b"].auc=0.95', "min_auc=0.97"], {"good": False, "silent": True}),
        (['train["c.d"].auc=0.95'], {}),
        (["min_auc=0.97"], {}),
        (["deploy.version=1"], {"first": True, "silent": False}),
        (["deploy.version=2", "good=true"], {"good": True, "first": False, "silent": False}),
        (["train.auc=0.7"], {"good": False, "silent": True}),
        (["good=true", "good=false"], {"good": False, "silent": True}),
    ],
    ids=" ".join,
)
def test_decisions_that_follow(given: list[str], sides: dict[str, bool], shipping: Pipeline) -> None:
    """Where `deploy` is skipped its version is null, which decides `silent`."""
    found = sides_given(shipping, read_givens(shipping, given))
    assert {decision: side.taken for decision, side in found.items()} == sides


@pytest.mark.parametrize(
    ("given", "items"),
    [
        ([], {"map_read": (2, "default")}),
        (['find=["a", "b", "c"]'], {"map_score": (3, "given"), "map_read": (2, "default")}),
        (['files=["a"]'], {"map_read": (1, "given")}),
        (["find=[]"], {"map_score": (0, "given"), "map_read": (2, "default")}),
    ],
    ids=" ".join,
)
def test_lists_that_are_known(given: list[str], items: dict[str, tuple[int, str]], shipping: Pipeline) -> None:
    found = items_given(shipping, read_givens(shipping, given), {})
    assert {name: (number.number, number.origin) for name, number in found.items()} == items


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("good", "--given `good` is not of the form name=value"),
        ("godo=true", "there is no task `godo`: there is `good`"),
        ("good=yes", "`good` is true or false, not `yes`"),
        ("deploy=1", "`deploy` names no output: its outputs are version"),
        ("force=yes", "--given force: expected bool, got str 'yes': a bool is `true` or `false`"),
        ('train["a=b"].auc=high', "train[\"a=b\"].auc: expected float, got str 'high'"),
        ("score=0.7", "`score` runs once for each item: give what decides by it, or --items"),
    ],
)
def test_what_cannot_be_given(given: str, message: str, shipping: Pipeline) -> None:
    with pytest.raises(NamingError) as refused:
        read_givens(shipping, [given])
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("texts", "items"),
    [
        (["25"], {"map_score": 25, "map_read": 25}),
        (["path=7"], {"map_score": 7}),
        (["score=7", "map_read=0"], {"map_score": 7, "map_read": 0}),
        (["25", "file=1"], {"map_score": 25, "map_read": 1}),
    ],
    ids=" ".join,
)
def test_items_of_maps(texts: list[str], items: dict[str, int], shipping: Pipeline) -> None:
    assert read_givens(shipping, [], texts).items == items


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("many", "--items `many`: `many` is not a number of items"),
        ("path=-1", "--items `path=-1`: `-1` is not a number of items"),
        ("pth=3", "there is no map `pth`: there are map_score, map_read"),
    ],
)
def test_items_that_make_no_sense(text: str, message: str, shipping: Pipeline) -> None:
    with pytest.raises(NamingError) as refused:
        read_givens(shipping, [], [text])
    assert str(refused.value) == message


def test_items_without_a_map() -> None:
    plain = load(Path("plain.pipe"), text="pipeline plain { task a = shell('true') }").pipeline()
    with pytest.raises(NamingError, match="--items `3`: the pipeline has no map"):
        read_givens(plain, [], ["3"])


RELEASE = """\
pipeline release {
  approval ship
  task deploy -> { version: str? } after ship = python("steps:deploy")
  if deploy.version == null as nothing { task tell = python("steps:tell") }
}
"""


@pytest.mark.parametrize(("answer", "rejected"), [("approved", set()), ("false", {"ship"}), ("rejected", {"ship"})])
def test_an_approval_that_is_rejected(answer: str, rejected: set[str]) -> None:
    """What depends on it is skipped, the decision too, and that is then not made."""
    release = load(Path("release.pipe"), text=RELEASE).pipeline()
    given = read_givens(release, [f"ship={answer}"])
    assert given.rejected == rejected
    assert sides_given(release, given) == {}
    found = plan(release, Assumptions(rejected=given.rejected))
    skipped = {task.id for task in found.tasks if not task.runs}
    assert skipped == ({"deploy", "nothing", "tell"} if rejected else set())
    assert found.rejected == tuple(rejected)
