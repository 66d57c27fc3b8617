"""Every trigger rule over every set of upstream states, and what may be said before all are final."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest

from pipec.engine.states import State
from pipec.engine.trigger_rules import Decided, decide
from pipec.ir.model import TriggerRule

STATES: dict[str, State] = {
    "S": "success",
    "F": "failed",
    "K": "skipped",
    "U": "upstream_failed",
    "p": "pending",
    "r": "running",
    "a": "up_for_retry",
}
RESULTS: dict[str, Decided] = {"R": "run", "k": "skipped", "u": "upstream_failed", ".": "wait"}

# S success, F failed, K skipped, U upstream_failed; R runs, k skipped, u upstream_failed, as Airflow 3.3.2 and 2.11.2
# gave it when run. A star marks the cells that Airflow leaves to the order of events: there failure wins.
TABLE = """
                             S   F   K   U   SS  SF  SK  SU  FF  FK  FU  KK  KU  UU  SFK  SKK
all_success                  R   u   k   u   R   u   k   u   u   u*  u   k   u*  u   u*   k
all_failed                   k   R   k   R   k   k   k   k   R   k   R   k   k   R   k    k
all_done                     R   R   R   R   R   R   R   R   R   R   R   R   R   R   R    R
all_done_min_one_success     R   u   k   u   R   R   k   R   u   k   u   k   k   u   k    k
one_success                  R   u   k   u   R   R   R   R   u   u   u   k   u   u   R    R
one_failed                   k   R   k   R   k   R   k   R   R   R   R   k   R   R   R    k
one_done                     R   R   k   k   R   R   R   R   R   R   R   k   k   k   R    R
none_failed                  R   u   R   u   R   u   R   u   u   u   u   R   u   u   u    R
none_failed_min_one_success  R   u   k   u   R   u   R   u   u   u   u   k   u   u   u    R
none_skipped                 R   R   k   R   R   R   k   R   R   k   R   k   k   R   k    k
all_skipped                  k   k   R   k   k   k   k   k   k   k   k   R   k   k   k    k
always                       R   R   R   R   R   R   R   R   R   R   R   R   R   R   R    R
"""

# What is known while p is pending; a dot waits. Airflow 3.3.2 decides the same cells early (`trigger_rule_dep.py`),
# but for all_success, which may not be skipped while a failure may still come.
EARLY_TABLE = """
                             p   Sp  Fp  Kp  Up  SFp SKp FKp pp
all_success                  .   .   u   .   u   u   .   u   .
all_failed                   .   k   .   k   .   k   k   k   .
all_done                     .   .   .   .   .   .   .   .   .
all_done_min_one_success     .   .   .   k   .   .   k   k   .
one_success                  .   R   .   .   .   R   R   .   .
one_failed                   .   .   R   .   R   R   .   R   .
one_done                     .   R   R   .   .   R   R   R   .
none_failed                  .   .   u   .   u   u   .   u   .
none_failed_min_one_success  .   .   u   .   u   u   .   u   .
none_skipped                 .   .   .   k   .   .   k   k   .
all_skipped                  .   k   k   .   k   k   k   k   .
always                       R   R   R   R   R   R   R   R   R
"""


def cells(table: str) -> list[tuple[TriggerRule, str, Decided]]:
    """Rule, upstream states and result of every cell."""
    header, *rows = (line.split() for line in table.strip().splitlines())
    known = {str(rule): rule for rule in get_args(TriggerRule)}
    return [
        (known[rule], letters, RESULTS[cell.rstrip("*")])
        for rule, *results in rows
        for letters, cell in zip(header, results, strict=True)
    ]


@pytest.mark.parametrize("table", [TABLE, EARLY_TABLE])
def test_tables_know_every_rule(table: str) -> None:
    assert {rule for rule, _, _ in cells(table)} == set(get_args(TriggerRule))


@pytest.mark.parametrize(("rule", "letters", "result"), cells(TABLE) + cells(EARLY_TABLE))
def test_cell(rule: TriggerRule, letters: str, result: Decided) -> None:
    for order in set(itertools.permutations(letters)):
        assert decide(rule, [STATES[letter] for letter in order]) == result


@pytest.mark.parametrize("rule", get_args(TriggerRule))
def test_a_repeated_state_changes_nothing(rule: TriggerRule) -> None:
    for letters in map("".join, itertools.product("SFKU", repeat=3)):
        states = [STATES[letter] for letter in letters]
        assert decide(rule, [*states, states[0]]) == decide(rule, states)


@pytest.mark.parametrize("rule", get_args(TriggerRule))
def test_what_is_decided_early_stays(rule: TriggerRule) -> None:
    for letters in map("".join, itertools.product("SFKUpra", repeat=3)):
        early = decide(rule, [STATES[letter] for letter in letters])
        open_places = [place for place, letter in enumerate(letters) if letter in "pra"]
        later = set()
        for ends in itertools.product("SFKU", repeat=len(open_places)):
            complete = list(letters)
            for place, end in zip(open_places, ends, strict=True):
                complete[place] = end
            later.add(decide(rule, [STATES[letter] for letter in complete]))
        assert "wait" not in later
        assert early == "wait" or later == {early}


@pytest.mark.parametrize("rule", get_args(TriggerRule))
def test_a_task_without_upstream_runs(rule: TriggerRule) -> None:
    assert decide(rule, []) == "run"
