"""Which optimisations there are, and applying those that were chosen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from pipec.ir.model import Pipeline, Program
from pipec.ir.traverse import called_pipelines
from pipec.optimisation import constant_branches, fusing, priorities, redundant_edges, shared_programs, splitting
from pipec.optimisation.reasons import Reason

Result = tuple[Pipeline, Iterable[Reason]]

OPTIMISATIONS: Mapping[str, str] = {
    constant_branches.NAME: "leave out sides of decisions that no run takes",
    redundant_edges.NAME: "leave out edges that order what others order already",
    priorities.NAME: "where tasks wait for a slot, let those with the longest way to the end go first",
    fusing.NAME: "run chains of tasks in one container",
    splitting.NAME: "put parts of a pipeline too large for its engine into pipelines of their own",
    shared_programs.NAME: "write pipec's own programs once where the file would be too large for the target",
}
"""By the name that people use what each does, in the order in which they are applied."""

OF_TARGETS = frozenset({fusing.NAME, splitting.NAME, shared_programs.NAME})
"""Those that leave the pipeline as it is: they tell a target what it may do."""

_ON_GRAPHS: Mapping[str, Callable[[Pipeline], Result]] = {
    redundant_edges.NAME: redundant_edges.without_redundant_edges,
    priorities.NAME: priorities.with_priorities,
}


@dataclass(eq=False, repr=False, slots=True)
class Optimiser:
    """Applies what was `chosen`, and keeps the reasons of all changes where `explains` asks for them."""

    chosen: Collection[str]
    explains: bool = False
    reasons: list[Reason] = field(default_factory=list)

    @classmethod
    def by_default(cls, offered: Mapping[str, bool]) -> Optimiser:
        """One for what a target offers and has on by default."""
        return cls(frozenset(name for name, is_on in offered.items() if is_on))

    def program(self, program: Program, key: str) -> Program:
        """A pipeline of a program, and those that it calls, with all that was chosen."""
        program = self.before_calls(program, key)
        made = {called: self.graph(program.pipelines[called]) for called in called_pipelines(program, key)}
        return _with(program, made)

    def before_calls(self, program: Program, key: str) -> Program:
        """The same, with only what looks at calls: a target that puts called pipelines in does so after this."""
        if constant_branches.NAME not in self.chosen:
            return program
        constants = constant_branches.constant_parameters(program, key)
        made = {
            called: self._noted(
                constant_branches.without_constant_branches(program.pipelines[called], constants.get(called, {}))
            )
            for called in called_pipelines(program, key)
        }
        return _with(program, made)

    def graph(self, pipeline: Pipeline) -> Pipeline:
        """One pipeline, perhaps with others put into it, with all that `before_calls` has not done."""
        for name, optimise in _ON_GRAPHS.items():
            if name in self.chosen:
                pipeline = self._noted(optimise(pipeline))
        return pipeline

    def chains(self, program: Program, key: str) -> dict[str, list[tuple[str, ...]]]:
        """By pipeline, this one and those that it calls, the ids of tasks that run together, in their order."""
        found: dict[str, list[tuple[str, ...]]] = {}
        for called in called_pipelines(program, key) if fusing.NAME in self.chosen else ():
            chains, reasons = fusing.chains(program.pipelines[called])
            found[called] = [chain.tasks for chain in chains]
            self.note(reasons)
        return found

    def note(self, reasons: Iterable[Reason]) -> None:
        """Keep reasons where they are asked for."""
        if self.explains:
            self.reasons.extend(reasons)

    def _noted(self, result: Result) -> Pipeline:
        pipeline, reasons = result
        self.note(reasons)
        return pipeline


def _with(program: Program, pipelines: Mapping[str, Pipeline]) -> Program:
    return program.model_copy(update={"pipelines": {**program.pipelines, **pipelines}})
