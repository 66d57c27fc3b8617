"""Which outputs may be missing when a task runs: what branches, maps and trigger rules let pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipec.ir.model import BranchSide
from pipec.semantics.placement import Placed
from pipec.syntax import tree

Reason = BranchSide | str
"""Why a task may be skipped: a side not taken, or the id of the task or map that decides it."""

_NEVER_SKIPS = frozenset({"none_failed", "all_done", "always"})


def skip_reasons(order: Sequence[Placed]) -> dict[Placed, frozenset[Reason]]:
    """Why each task may be skipped; `order` has every upstream task before what depends on it, circles aside."""
    reasons: dict[Placed, frozenset[Reason]] = {}
    for placed in order:
        own: set[Reason] = {*placed.branches}
        if placed.map is not None:
            own.add(placed.map)
        if isinstance(placed.node, tree.Approval) or _may_give_up(placed.node):
            own.add(placed.id)
        upstream = [reasons.get(one, frozenset()) for one in placed.upstream]
        match placed.trigger_rule:
            case _ if placed.rule_is_unknown:
                pass
            case "all_success":
                own = own.union(*upstream)
            case "none_failed_min_one_success":
                own |= frozenset.intersection(*upstream) if upstream else frozenset()
            case rule if rule not in _NEVER_SKIPS:
                own.add(placed.id)
        reasons[placed] = frozenset(own)
    return reasons


def _may_give_up(node: tree.Statement) -> bool:
    """Whether a `wait` is skipped when what it waits for does not come."""
    return isinstance(node, tree.Wait) and any(
        isinstance(part, tree.Option)
        and part.name.text == "on_timeout"
        and isinstance(part.value, tree.NameReference)
        and part.value.name == "skip"
        for part in node.body
    )


def may_miss(
    reader: Placed, reasons: dict[Placed, frozenset[Reason]], ancestor_maps: tuple[str, ...]
) -> Callable[[Placed], bool]:
    """Whether an upstream task may have no outputs when `reader` runs. `ancestor_maps`: the map regions around it."""
    rule = reader.trigger_rule

    def missing(producer: Placed) -> bool:
        if producer is reader or rule == "all_success" or reader.rule_is_unknown:
            return False
        if rule in ("none_failed", "none_failed_min_one_success"):
            return bool(reasons[producer].difference(reader.branches, ancestor_maps))
        return True

    return missing
