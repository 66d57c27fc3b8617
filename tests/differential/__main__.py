"""Compares random pipelines in the engine and in the installed Airflow: `python -m tests.differential --seeds 0..1000`.

Every pipeline must end the same in both, but for what `known` explains. Prints each difference as a small pipeline with
both results, and how many pipelines were compared; the exit code is 1 where there was a difference. With `--files` the
file that pipec generates is run by `dag.test()`, and nothing is explained.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import time
from collections import Counter
from collections.abc import Callable

from tests.differential.comparison import AirflowPlay, Comparison, compare, is_certain, report
from tests.differential.file_cases import FileCase, is_for_airflow, random_file_case
from tests.differential.file_comparison import compare_file, smallest
from tests.differential.generator import random_case
from tests.differential.known import hazards
from tests.differential.plans import Case
from tests.differential.shrink import shrink
from tests.support.airflow import AirflowHome, installed_airflow


def main() -> int:
    """Compare the pipelines of the seeds asked for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("--seeds", default="0..300", help="FIRST..LAST, the last left out")
    parser.add_argument("--certain", action="store_true", help="only pipelines in which no difference is known")
    parser.add_argument("--files", action="store_true", help="run generated files")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("..")
    seeds = range(int(first), int(last))
    with installed_airflow() as airflow:
        return compare_files(seeds, airflow) if options.files else compare_seeds(seeds, options.certain)


def compare_seeds(seeds: range, certain: bool) -> int:
    """Compare one pipeline a seed; 1 where there was a difference, else 0."""
    from tests.differential.airflow_play import play_scheduled

    def compare_seed(seed: int) -> str:
        case = random_case(seed, is_certain) if certain else random_case(seed)
        return compare_one(case, seed, play_scheduled)

    return _count(seeds, compare_seed)


def compare_files(seeds: range, airflow: AirflowHome) -> int:
    """Run one generated file a seed; 1 where one did otherwise than `pipec run`, else 0."""
    return _count(seeds, lambda seed: compare_one_file(random_file_case(seed, is_for_airflow), seed, airflow))


def _count(seeds: range, compare_seed: Callable[[int], str]) -> int:
    """Compare the seeds, and tell from time to time what came of them; 1 where something was different, else 0."""
    begun = time.monotonic()
    counts: Counter[str] = Counter()
    for number, seed in enumerate(seeds, 1):
        counts[compare_seed(seed)] += 1
        if number % 50 == 0 or number == len(seeds):
            took = time.monotonic() - begun
            print(f"{number} of {len(seeds)} in {took:.0f} s: {dict(counts)}", file=sys.stderr, flush=True)
    return 1 if counts["different"] else 0


def compare_one_file(case: FileCase, seed: int, airflow: AirflowHome) -> str:
    """Whether a generated file did the same or something different, which is printed."""
    if not compare_file(case, airflow):
        return "same"
    case = smallest(case, lambda smaller: bool(compare_file(smaller, airflow)))
    print(f"\nseed {seed}, parameters {dict(case.parameters)}, succeeding {sorted(case.calm)}:\n{case.text}")
    print("\n".join(compare_file(case, airflow)), flush=True)
    return "different"


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
