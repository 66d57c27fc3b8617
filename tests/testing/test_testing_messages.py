"""What a test says of what does not hold: the place, what happened, and the chain that led to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.testing.support import shown
from tests.testing.test_testing_playing import CALLS, GOOD, ITEMS, MAPS, RELEASE, WAITS

GOLDEN = Path(__file__).parent / "messages.txt"

WEAK = "given fetch.rows = 500 given fit.auc = [0.1, 0.2]"
PARAMETERS = "pipeline p(n: int) { require n > 3 task a = shell('true') if n > 5 { task b = shell('true') } }"
DIVISION = """\
pipeline p {
  task a -> int = python("m:f")
  task b -> int = python("m:f")
  task c after a, b = shell('true') { trigger_rule = one_failed }
  if a / b > 1 { task d = shell('true') }
}
"""

CASES: dict[str, tuple[str, str]] = {
    "the other side of a decision": (RELEASE, f"{GOOD} expect page is success"),
    "a comparison with what was given": (RELEASE, f"{WEAK} expect deploy is success"),
    "a join that runs": (RELEASE, f"{WEAK} expect report is skipped"),
    "a run that is good": (RELEASE, f"{WEAK} expect run is failed"),
    "a chain to a gate": (RELEASE, "given fetch.rows = 5 expect deploy is success"),
    "all attempts": (RELEASE, "given fetch is failed expect quality is success"),
    "a person who says no": (RELEASE, f"{GOOD} given ship is rejected expect deploy is success"),
    "nobody who answers": (RELEASE, f"{GOOD} given ship is timeout expect deploy is success"),
    "a decision on what nobody gave": (RELEASE, "given fetch.rows = 500 expect deploy is success"),
    "a gate on what nobody gave": (RELEASE, "given fit[*].auc = 0.5 expect report is success"),
    "a map over what nobody gave": (MAPS, "expect score is success"),
    "a called pipeline that needs what nobody gave": (CALLS, "expect train is success"),
    "a condition on what nobody gave": (RELEASE, f'{GOOD} expect deploy.version == "v"'),
    "a result of the run that nobody gave": (RELEASE, f'{GOOD} expect run.returns.version == "v"'),
    "a parameter that nobody gave": (PARAMETERS, "expect b is success"),
    "a requirement of the pipeline": (PARAMETERS, "given n = 1 expect b is success"),
    "a makespan that is too long": (RELEASE, f"{GOOD} expect run.makespan <= 1h"),
    "attempts that were not made": (RELEASE, f"{GOOD} expect fetch.attempts == 2"),
    "an output of what was skipped": (RELEASE, f'{WEAK} expect deploy.version == "v"'),
    "an output of what was skipped, compared": (RELEASE, f"{WEAK} expect len(deploy.version) > 3"),
    "several names": (RELEASE, f"{GOOD} expect min_auc > 1.0 and fetch.attempts > 1"),
    "a decision that is given": (RELEASE, "given good = false given quality is success expect deploy is success"),
    "something given for nothing": (RELEASE, f"{GOOD} given page is failed expect run is success"),
    "nothing expected": (WAITS, ""),
    "no items": (MAPS, "given find = [] expect score is success"),
    "an item that there is not": (MAPS, f"{ITEMS} expect score[3] is success"),
    "too few values": (MAPS, f"{ITEMS} given score = [0.1] expect look is success"),
    "something given for no item": (MAPS, f"{ITEMS} given score[7] is failed expect look is success"),
    "each instance": (MAPS, f"{ITEMS} expect look is failed"),
    "a branch in a map": (MAPS, 'given find = ["x"] given look.ok = [false] expect score is success'),
    "a wait that is over": (WAITS, "given lots is timeout expect a is success"),
    "a trigger rule": (DIVISION, "given a = 4 given b = 2 expect c is success"),
    "a fault of an expression": (DIVISION, "given a = 1 given b = 0 expect d is success expect run is success"),
}  # fmt: skip


def test_messages(golden: Callable[[Path, str], None]) -> None:
    pieces = [
        f'=== {name}\n\n{shown(f"""{pipeline}test "t" for p {{ {body} }}{chr(10)}""")}'
        for name, (pipeline, body) in CASES.items()
    ]
    golden(GOLDEN, "\n".join(pieces))
