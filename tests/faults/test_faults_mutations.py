"""One fault in a good file is reported once, on its line: measured over the examples."""

from __future__ import annotations

import random

import pytest

from tests.faults.edits import Edit, Example, Mutant, examples, misspelt
from tests.faults.mutations import KINDS, Figures, measure, mutants
from tests.faults.syntax_mutations import is_accepted

SEED = 5


@pytest.mark.engine
def test_200_faults_are_reported_on_their_lines_and_hardly_ever_twice() -> None:
    figures = measure(SEED)
    assert len(figures.outcomes) == 200
    assert figures.on_line >= 0.95
    assert figures.errors_a_fault <= 1.1
    assert figures.unnoticed == 0


def test_mutants_are_the_same_each_time_and_of_nearly_all_kinds() -> None:
    made = mutants(SEED, 60)
    assert [mutant.edit for mutant in made] == [mutant.edit for mutant in mutants(SEED, 60)]
    assert len({(mutant.example.name, mutant.edit) for mutant in made}) == 60
    assert len({mutant.kind for mutant in made}) > len(KINDS) - 5


def test_examples_are_accepted_and_a_broken_one_is_not() -> None:
    assert all(is_accepted(example.text) for example in examples())
    assert not is_accepted("pipeline p {")
    assert not is_accepted('const x = "${1 +}"')
    assert is_accepted('const x = "${1 + 1}"')


def lines(edit: Edit) -> list[int]:
    return list(Mutant("any", ETL, edit).lines)


ETL = next(example for example in examples() if example.name == "etl")


def test_the_lines_of_a_mutant() -> None:
    second = ETL.text.index("\n") + 1
    assert lines(Edit(0, 1, "")) == [1]
    assert lines(Edit(second, second, "x\ny")) == [2, 3]
    assert lines(Edit(second - 1, second - 1, "\nx\n")) == [2]
    assert lines(Edit(second - 1, second + 5, "")) == [1, 2]


def test_a_misspelt_word_is_another_word() -> None:
    generator = random.Random(1)
    made = {misspelt("task", generator, frozenset({"tak"})) for _ in range(100)}
    assert made.isdisjoint({"task", "tak"})
    assert all(3 <= len(word) <= 5 for word in made)


def test_figures_of_nothing_noticed() -> None:
    outcomes = measure(SEED, 20).outcomes
    figures = Figures([type(one)(one.mutant, ()) for one in outcomes])
    assert (figures.on_line, figures.errors_a_fault, figures.unnoticed) == (0, 0, 20)


def test_every_example_has_a_name() -> None:
    assert all(isinstance(example, Example) and example.name for example in examples())
