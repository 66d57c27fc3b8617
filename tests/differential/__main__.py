"""Compares random pipelines in the engine and in the installed Airflow: `python -m tests.differential --seeds 0..1000`.

Every pipeline must end the same in both, but for what `known` explains. Prints each difference as a small pipeline with
both results, and how many pipelines were compared; the exit code is 1 where there was a difference.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import time
from collections import Counter

from tests.differential.comparison import AirflowPlay, Comparison, compare, is_certain, report
from tests.differential.generator import random_case
from tests.differential.known import hazards
from tests.differential.plans import Case
from tests.differential.shrink import shrink
from tests.support.airflow import installed_airflow


def main() -> int:
    """Compare the pipelines of the seeds asked for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("--seeds", default="0..300", help="FIRST..LAST, the last left out")
    parser.add_argument("--certain", action="store_true", help="only pipelines in which no difference is known")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("..")
    with installed_airflow():
        return compare_seeds(range(int(first), int(last)), options.certain)


def compare_seeds(seeds: range, certain: bool) -> int:
    """Compare one pipeline a seed; 1 where there was a difference, else 0."""
    from tests.differential.airflow_play import play_scheduled

    begun = time.monotonic()
    counts: Counter[str] = Counter()
    for number, seed in enumerate(seeds, 1):
        case = random_case(seed, is_certain) if certain else random_case(seed)
        counts[compare_one(case, seed, play_scheduled)] += 1
        if number % 50 == 0 or number == len(seeds):
            took = time.monotonic() - begun
            print(f"{number} of {len(seeds)} in {took:.0f} s: {dict(counts)}", file=sys.stderr, flush=True)
    return 1 if counts["different"] else 0


def compare_one(case: Case, seed: int, play: AirflowPlay) -> str:
    """What came of one comparison: the same, or different, or explained by what is known; a difference is printed."""
    found = outcome(case, seed, play)
    if isinstance(found, Comparison) and not found.wrong:
        reasons = {reason for task, reason in hazards(case, found.engine).items() if task in found.different}
        return f"explained by {' and '.join(sorted(reasons))}" if reasons else "same"
    smallest = shrink(case, lambda smaller: is_wrong(outcome(smaller, seed, play)))
    found = outcome(smallest, seed, play)
    print(f"\nseed {seed}:")
    print(report(smallest, found) if isinstance(found, Comparison) else f"{smallest.text}{found}", flush=True)
    return "different"


def outcome(case: Case, seed: int, play: AirflowPlay) -> Comparison | AssertionError:
    """A comparison, or what says that one of the two gave no result."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # where Airflow says that a task was expanded too early
            return compare(case, play, seed)
    except AssertionError as error:
        return error


def is_wrong(found: Comparison | AssertionError) -> bool:
    """Whether there is no result, or a difference that nothing explains."""
    return isinstance(found, AssertionError) or bool(found.wrong)


if __name__ == "__main__":
    sys.exit(main())
