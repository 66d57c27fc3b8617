"""The rules by their codes, and the one function that runs them.

Rules about the written form, such as a const that nobody reads, are in `pipec.semantics.written_lints`: the IR does not
say any more what was written. All of those are on by default.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from pipec.analysis.lints import (
    credentials,
    dates,
    deadlines,
    effects,
    fan_out,
    joins,
    outside,
    paths,
    placeholders,
    scheduling,
    sizes,
    time_limits,
)
from pipec.analysis.lints.subject import Subject
from pipec.collection import without_garbage_collection
from pipec.diagnostics.model import Diagnostics
from pipec.frozen import Frozen
from pipec.ir.base import Location
from pipec.ir.model import Program
from pipec.syntax.source import Span


class Rule(Frozen):
    """A lint. `default` says whether it is on where nobody selects rules."""

    code: str
    check: Callable[[Subject], None]
    default: bool = True


RULES: tuple[Rule, ...] = (
    Rule("L101", outside.no_retries),
    Rule("L102", outside.no_delay),
    Rule("L103", time_limits.endless_wait),
    Rule("L104", time_limits.endless_work),
    Rule("L105", time_limits.timeout_below_estimate),
    Rule("L106", time_limits.poll_beyond_timeout),
    Rule("L107", deadlines.retries_beyond_limit),
    Rule("L108", deadlines.deadline_below_likely_path),
    Rule("L110", dates.fixed_date),
    Rule("L111", paths.home_path),
    Rule("L112", paths.absolute_path, default=False),
    Rule("L113", paths.fixed_output),
    Rule("L114", credentials.plain_secret),
    Rule("L115", placeholders.foreign_placeholder),
    Rule("L120", sizes.gpu_for_a_check),
    Rule("L121", sizes.too_small, default=False),
    Rule("L122", sizes.too_long),
    Rule("L123", fan_out.wider_than_concurrency),
    Rule("L124", fan_out.unlimited_map, default=False),
    Rule("L125", fan_out.loop_in_waves, default=False),
    Rule("L130", scheduling.unlimited_catchup),
    Rule("L131", scheduling.catchup_without_start),
    Rule("L132", scheduling.no_owner),
    Rule("L133", scheduling.no_failure_alert, default=False),
    Rule("L134", scheduling.silent_deadline),
    Rule("L140", joins.skipping_join),
    Rule("L141", effects.no_effect),
    Rule("L153", effects.unused_output, default=False),
    Rule("P0451", deadlines.deadline_below_critical_path),
)

DEFAULT: frozenset[str] = frozenset(rule.code for rule in RULES if rule.default)
"""The rules on the IR that run where nobody selects others."""

OPTIONAL: frozenset[str] = frozenset(rule.code for rule in RULES if not rule.default)
"""The rules that run only where they are selected."""


def with_selected(codes: Iterable[str]) -> frozenset[str]:
    """The default rules, and the optional ones that are named in full: the beginning of a code selects no such rule."""
    return DEFAULT | OPTIONAL.intersection(codes)


def lint(
    program: Program,
    span_of: Callable[[Location], Span],
    diagnostics: Diagnostics,
    codes: Collection[str] = DEFAULT,
) -> None:
    """Reports what the rules of these codes find in the pipelines that the file itself defines.

    P0451 is an error and nothing that one chooses: `codes` of `with_selected` always hold it.
    """
    chosen = [rule.check for rule in RULES if rule.code in codes]
    with without_garbage_collection():
        for key in program.own:
            subject = Subject(program, program.pipelines[key], span_of, diagnostics)
            for check in chosen:
                check(subject)
