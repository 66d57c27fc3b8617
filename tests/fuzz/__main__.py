"""Fuzz the front end: no input may end in a traceback, take longer than 2 s, or need more than the memory allowed.

Usage: python -m tests.fuzz [--inputs N | --seconds T] [--seed S] [--first N] [--processes P] [--megabytes M]
       python -m tests.fuzz --seed S --show N        prints the input of a number
Prints each finding with the number of its input, and at the end how many inputs were taken. Exit code 1 if any was
found.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import resource
import sys
import time
from functools import partial

from tests.fuzz.examining import Finding, examine
from tests.fuzz.inputs import random_input

_AT_ONCE = 50
MOST = 1_000_000


def main() -> int:
    """Fuzzes as the command line says; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, help="how many inputs")
    parser.add_argument("--seconds", type=float, help="how long; with --inputs, whichever comes first")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--megabytes", type=int, default=1500, help="what one process may take")
    parser.add_argument("--show", type=int, help="print the input of this number")
    arguments = parser.parse_args()
    if arguments.show is not None:
        given = random_input(arguments.seed, arguments.show)
        sys.stdout.buffer.write(given if isinstance(given, bytes) else given.encode("utf-8", "surrogatepass"))
        return 0
    if arguments.inputs is None and arguments.seconds is None:
        parser.error("say how many --inputs or how many --seconds")
    return _fuzz(arguments)


def _fuzz(arguments: argparse.Namespace) -> int:
    begun = time.monotonic()
    deadline = math.inf if arguments.seconds is None else begun + arguments.seconds
    batches = MOST if arguments.inputs is None else -(-arguments.inputs // _AT_ONCE)
    starts = range(arguments.first, arguments.first + batches * _AT_ONCE, _AT_ONCE)
    taken = findings = 0
    with multiprocessing.Pool(arguments.processes, _limit_memory, (arguments.megabytes,)) as pool:
        for number, found in pool.imap_unordered(partial(_batch, arguments.seed, deadline), starts):
            taken += number
            findings += len(found)
            for one in found:
                print(f"--- input {one.number} of seed {arguments.seed}\n{one.what}", flush=True)
        pool.close()
        pool.join()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{taken} inputs, {findings} findings, {time.monotonic() - begun:.0f} s, at most {peak} MB a process")
    return 1 if findings else 0


def _batch(seed: int, deadline: float, start: int) -> tuple[int, list[Finding]]:
    """How many inputs were taken, and what was found; none once the time is over."""
    if time.monotonic() > deadline:
        return 0, []
    found = [examine(number, random_input(seed, number)) for number in range(start, start + _AT_ONCE)]
    return _AT_ONCE, [one for one in found if one is not None]


def _limit_memory(megabytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


if __name__ == "__main__":
    sys.exit(main())
