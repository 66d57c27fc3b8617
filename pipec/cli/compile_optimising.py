"""The options of `pipec compile` that say what is optimised, and what `--explain` shows of it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from pipec.cli import UsageError

if TYPE_CHECKING:
    from pipec.backend import Backend
    from pipec.ir.model import Pipeline
    from pipec.optimisation.optimiser import Optimiser
    from pipec.optimisation.reasons import Reason

_ALL = "all"
_FUSE = "fuse"

_Choice = tuple[str, bool]
"""The name of an optimisation, or `all`, and whether it is on."""


def configure(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("optimisations", "each keeps the meaning; of several options the last one wins")
    for option, is_on, what in (("--optimise", True, "apply"), ("--no-optimise", False, "leave out")):
        group.add_argument(
            option,
            dest="optimisations",
            action="append",
            default=[],
            type=_named(is_on),
            metavar="NAME",
            help=f"{what} this one, or `all`; see the manual for the names",
        )
    group.add_argument(
        "--fuse",
        dest="optimisations",
        action="append_const",
        const=(_FUSE, True),
        help=f"the same as --optimise {_FUSE}: run chains of tasks in one container each",
    )
    group.add_argument(
        "--explain", action="store_true", help="say on stderr what was changed and why, and how many slots help"
    )


def _named(is_on: bool) -> Callable[[str], _Choice]:
    def chosen(name: str) -> _Choice:
        from pipec.diagnostics.suggest import hint
        from pipec.optimisation.optimiser import OPTIMISATIONS

        known = [*OPTIMISATIONS, _ALL]
        if name not in known:
            raise ArgumentTypeError(f"no optimisation is called `{name}`: {hint(name, known, ', '.join(known))}")
        return name, is_on

    return chosen


def make_optimiser(backend: Backend, arguments: Namespace) -> Optimiser:
    """What the target does by default and the options say. Raises UsageError for what the target has no use for."""
    from pipec.compilation import optimisations_of
    from pipec.optimisation.optimiser import Optimiser

    offered = optimisations_of(backend)
    optimiser = Optimiser.by_default(offered)
    chosen = set(optimiser.chosen)
    for name, is_on in arguments.optimisations:
        if is_on and name not in offered and name != _ALL:
            known = ", ".join(offered) or "none"
            raise UsageError(f"the target `{backend.name}` has no use for the optimisation `{name}`: it has {known}")
        named = set(offered) if name == _ALL else {name}
        chosen = chosen | named if is_on else chosen - named
    return Optimiser(frozenset(chosen), explains=arguments.explain)


def explain(optimiser: Optimiser, pipelines: Iterable[Pipeline]) -> None:
    """Tells what was changed and why, then how many slots the pipelines have a use for."""
    for line in shown(optimiser, pipelines):
        print(line, file=sys.stderr)


def shown(optimiser: Optimiser, pipelines: Iterable[Pipeline]) -> Iterator[str]:
    """A line a change, one with the number of changes, and one for each proposal of slots."""
    from pipec.optimisation import slots
    from pipec.optimisation.optimiser import OPTIMISATIONS

    yield from map(_line, optimiser.reasons)
    counts = Counter(reason.optimisation for reason in optimiser.reasons)
    told = ", ".join(f"{name} {counts[name] or 'none'}" for name in OPTIMISATIONS if name in optimiser.chosen)
    yield f"changes: {told}" if told else "no optimisation is on"
    for pipeline in pipelines:
        yield from map(_line, slots.reasons(pipeline))


def _line(reason: Reason) -> str:
    place = f"{reason.location.file}:{reason.location.line}:{reason.location.column}"
    return f"{place}: {reason.optimisation}: {reason.message}"
