"""Measure how well one fault is reported: put single faults into the examples and check them.

Usage: python -m tests.faults.mutations [--seed S] [--count N] [--kind K] [--show]. Prints, over all mutants and by
kind, the share whose first report stands on the mutated line, how many errors one fault gives on average, and how many
faults go unnoticed. `--show` prints the reports that miss, echo or are missing.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass

from pipec.api import check, load
from pipec.diagnostics.model import Diagnostic
from pipec.frozen import Frozen
from tests.faults.edits import Edit, Mutant, Mutation, examples
from tests.faults.meaning_mutations import MEANING
from tests.faults.syntax_mutations import SYNTAX, is_accepted

KINDS: dict[str, Mutation] = {**SYNTAX, **MEANING}
COUNT = 200


class Outcome(Frozen):
    """What the check says of one mutant: its errors, by place."""

    mutant: Mutant
    errors: tuple[Diagnostic, ...]

    @property
    def is_on_line(self) -> bool:
        """Whether the first error stands on a mutated line."""
        first = self.errors[0] if self.errors else None
        return first is not None and first.span.source.position(first.span.start)[0] in self.mutant.lines


@dataclass(frozen=True)
class Figures:
    """What many outcomes come to."""

    outcomes: Sequence[Outcome]

    @property
    def on_line(self) -> float:
        """The share of mutants whose first report stands on the mutated line."""
        return sum(outcome.is_on_line for outcome in self.outcomes) / len(self.outcomes)

    @property
    def errors_a_fault(self) -> float:
        return sum(len(outcome.errors) for outcome in self.outcomes) / len(self.outcomes)

    @property
    def unnoticed(self) -> int:
        return sum(not outcome.errors for outcome in self.outcomes)

    def __str__(self) -> str:
        return f"{len(self.outcomes):5} {self.on_line:8.1%} {self.errors_a_fault:8.2f} {self.unnoticed:6}"


def mutants(seed: int, count: int = COUNT, kinds: Sequence[str] = tuple(KINDS)) -> list[Mutant]:
    """As many mutants of each kind as of every other, as far as the examples have places for it."""
    generator = random.Random(seed)
    made: dict[tuple[str, Edit], Mutant] = {}
    queue = list(kinds)
    while len(made) < count and queue:
        kind = queue.pop(0)
        mutant = _mutant(kind, generator, made)
        if mutant is not None:
            made[mutant.example.name, mutant.edit] = mutant
            queue.append(kind)
    return list(made.values())


def _mutant(kind: str, generator: random.Random, made: dict[tuple[str, Edit], Mutant]) -> Mutant | None:
    """A new mutant of a kind: None where a hundred tries give none."""
    for _ in range(100):
        example = generator.choice(examples())
        places = list(KINDS[kind](example, generator))
        if not places:
            continue
        mutant = Mutant(kind, example, generator.choice(places))
        if (example.name, mutant.edit) in made:
            continue
        if kind in MEANING or not is_accepted(mutant.text):
            return mutant
    return None


def outcome(mutant: Mutant) -> Outcome:
    found = check(load(mutant.example.path, text=mutant.text))
    return Outcome(mutant, tuple(one for one in found if one.severity == "error"))


def measure(seed: int, count: int = COUNT, kinds: Sequence[str] = tuple(KINDS)) -> Figures:
    return Figures([outcome(mutant) for mutant in mutants(seed, count, kinds)])


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--kind", choices=KINDS, action="append", help="only these kinds of faults")
    parser.add_argument("--show", action="store_true", help="print what is not as it should be")
    arguments = parser.parse_args()
    figures = measure(arguments.seed, arguments.count, arguments.kind or tuple(KINDS))
    if arguments.show:
        for one in figures.outcomes:
            if len(one.errors) != 1 or not one.is_on_line:
                print(_described(one))
    print(f"{'kind of fault':32} count  on line  a fault missed")
    for kind in KINDS:
        of_kind = [one for one in figures.outcomes if one.mutant.kind == kind]
        if of_kind:
            print(f"{kind:32} {Figures(of_kind)}")
    print(f"{'all':32} {figures}")


def _described(one: Outcome) -> str:
    mutant = one.mutant
    written = mutant.text.splitlines()
    lines = [f"--- {mutant.kind}, {mutant.example.name}, line {mutant.lines.start}"]
    lines += [f"  | {written[number - 1]}" for number in mutant.lines[:4] if number <= len(written)]
    for error in one.errors[:6]:
        line, column = error.span.source.position(error.span.start)
        lines.append(f"  {line}:{column}: {error.code} {error.message}")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
