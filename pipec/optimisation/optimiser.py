"""Which optimisations there are, and applying those that were chosen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from pipec.frozen import Frozen
from pipec.ir.model import Pipeline, Program
from pipec.ir.traverse import called_pipelines
from pipec.optimisation import priorities, redundant_edges
from pipec.optimisation.reasons import Reason

Pass = Callable[[Pipeline], tuple[Pipeline, Iterable[Reason]]]


class Optimisation(Frozen):
    """An optimisation as people name it; `doc` says in a few words what it does."""

    name: str
    doc: str
    apply: Pass


OPTIMISATIONS: Mapping[str, Optimisation] = {
    one.name: one
    for one in (
        Optimisation(
            redundant_edges.NAME,
            "leave out edges that order what others order already",
            redundant_edges.without_redundant_edges,
        ),
        Optimisation(
            priorities.NAME,
            "where tasks wait for a slot, let those with the longest way to the end go first",
            priorities.with_priorities,
        ),
    )
}
"""In the order in which they are applied."""


@dataclass(slots=True)
class Optimiser:
    """Applies what was `chosen`, and keeps the reasons of all changes where `explains` asks for them."""

    chosen: Collection[str]
    explains: bool = False
    reasons: list[Reason] = field(default_factory=list)

    @classmethod
    def by_default(cls, offered: Mapping[str, bool]) -> Optimiser:
        """One for what a target offers and has on by default."""
        return cls(frozenset(name for name, is_on in offered.items() if is_on))

    def pipeline(self, pipeline: Pipeline) -> Pipeline:
        """One pipeline after another, each with all that was chosen."""
        for name, optimisation in OPTIMISATIONS.items():
            if name in self.chosen:
                pipeline, reasons = optimisation.apply(pipeline)
                if self.explains:
                    self.reasons.extend(reasons)
        return pipeline

    def program(self, program: Program, key: str) -> Program:
        """A pipeline of a program, and those that it calls."""
        made = {called: self.pipeline(program.pipelines[called]) for called in called_pipelines(program, key)}
        return program.model_copy(update={"pipelines": {**program.pipelines, **made}})
