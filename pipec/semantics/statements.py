"""Statements of pipelines and tasks that carry plain data: alerts, target blocks, schedules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from pipec.diagnostics.model import Diagnostics, Edit, Fix
from pipec.diagnostics.suggest import correction, hint
from pipec.ir.base import Location
from pipec.ir.model import (
    Alert,
    AssetSchedule,
    CombinedSchedule,
    CronSchedule,
    IntervalSchedule,
    Schedule,
)
from pipec.ir.types import DURATION, STR, Type
from pipec.semantics.arguments import split_arguments
from pipec.semantics.channels import read_channel
from pipec.semantics.cron import cron_fault
from pipec.semantics.excerpts import excerpt
from pipec.semantics.expressions import Checker
from pipec.semantics.symbols import Scope
from pipec.syntax import tree
from pipec.syntax.source import Span

EVENTS: tuple[str, ...] = ("failure", "success", "retry", "skipped", "deadline")

SCHEDULES: dict[str, str] = {
    "cron": 'cron("0 2 * * *", timezone = "UTC")',
    "every": "every(15m)",
    "asset": 'asset("uri")',
}
"""What schedules are made of, and how each is written."""


def read_alerts(
    body: Iterable[tree.Statement], scope: Scope, diagnostics: Diagnostics, location: Callable[[Span], Location]
) -> tuple[Alert, ...]:
    """The alerts of the `on` statements in a body."""
    alerts: list[Alert] = []
    for statement in body:
        if not isinstance(statement, tree.On):
            continue
        events = tuple(name.text for name in statement.events if _is_event(name, diagnostics))
        values = statement.value.items if isinstance(statement.value, tree.ListDisplay) else (statement.value,)
        for value in values:
            read = read_channel(value, Checker(diagnostics, scope), diagnostics)
            if read is not None and events:
                channel, given = read
                alert = Alert(
                    events=cast(Any, events),
                    channel=cast(Any, channel),
                    arguments=given,
                    location=location(value.span),
                )
                alerts.append(alert)
    return tuple(alerts)


_EVENTS = {
    **dict.fromkeys(("sla", "sla_miss", "timeout", "deadline_missed"), "deadline"),
    **dict.fromkeys(("fail", "failed", "error"), "failure"),
    **dict.fromkeys(("done", "succeeded", "complete"), "success"),
}
"""What other engines call them."""


def _is_event(name: tree.Name, diagnostics: Diagnostics) -> bool:
    if name.text in EVENTS:
        return True
    same = _EVENTS.get(name.text)
    diagnostics.error(
        "P0303",
        f"`{name.text}` is no event",
        name.span,
        help=f"it is called `{same}`" if same else hint(name.text, EVENTS, f"events: {', '.join(EVENTS)}"),
        fix=Fix(f"replace by `{same}`", (Edit(name.span, same),)) if same else correction(name.span, name.text, EVENTS),
    )
    return False


def read_targets(
    body: Iterable[tree.Statement], scope: Scope | None, diagnostics: Diagnostics
) -> dict[str, dict[str, Any]]:
    """The options of all target blocks in a body, by target."""
    targets: dict[str, dict[str, Any]] = {}
    for statement in body:
        if not isinstance(statement, tree.TargetBlock):
            continue
        values = targets.setdefault(statement.target.text, {})
        for option in statement.options:
            if option.name.text in values:
                diagnostics.error("P0305", f"option `{option.name.text}` is set twice", option.name.span)
                continue
            literal = Checker(diagnostics, scope or Scope()).constant(option.value, f"option `{option.name.text}`")
            if literal is not None:
                values[option.name.text] = literal.value
    return targets


def target_locations(body: Iterable[tree.Statement], location: Callable[[Span], Location]) -> dict[str, Location]:
    """Where target options were written: keys `target.NAME` and `target.NAME.OPTION`."""
    found: dict[str, Location] = {}
    for statement in body:
        if isinstance(statement, tree.TargetBlock):
            found[f"target.{statement.target.text}"] = location(statement.target.span)
            for option in statement.options:
                found[f"target.{statement.target.text}.{option.name.text}"] = location(option.name.span)
    return found


def read_schedule(node: tree.Expression, scope: Scope, diagnostics: Diagnostics) -> Schedule | None:
    """The schedule an expression means; None where it is faulty."""
    match node:
        case tree.Binary(operator="and" | "or" as operator, left=left, right=right):
            members: list[Schedule] = []
            for side in (left, right):
                schedule = read_schedule(side, scope, diagnostics)
                if schedule is None:
                    return None
                same = isinstance(schedule, CombinedSchedule) and schedule.kind == operator
                members.extend(schedule.members if same and isinstance(schedule, CombinedSchedule) else (schedule,))
            return CombinedSchedule(kind=operator, members=tuple(members))
        case tree.Call(function=tree.NameReference(name="cron")):
            return _cron(node, scope, diagnostics)
        case tree.Call(function=tree.NameReference(name="every"), arguments=(tree.Argument(name=None, value=value),)):
            interval = _constant(value, DURATION, "every(…)", scope, diagnostics)
            if interval is not None and interval <= 0:
                diagnostics.error("P0303", "an interval must be longer than nothing", value.span)
                return None
            return IntervalSchedule(interval=interval) if interval is not None else None
        case tree.Call(function=tree.NameReference(name="asset"), arguments=(tree.Argument(name=None, value=value),)):
            uri = _constant(value, STR, "asset(…)", scope, diagnostics)
            return AssetSchedule(uri=uri) if uri is not None else None
        case tree.Literal(kind="null") | tree.NameReference(name="None"):
            help = "leave the option out: a pipeline without a schedule is started by hand"
            diagnostics.error("P0303", f"`{excerpt(node.span)}` is no schedule", node.span, help=help)
            return None
        case tree.Text(plain=str(text)) if cron_fault(text) is None:
            written = f"cron({node.span.text})"
            diagnostics.error(
                "P0303",
                f"`{excerpt(node.span)}` is no schedule",
                node.span,
                help=f'write `{written}`, or with a time zone `cron(…, timezone = "Europe/Berlin")`',
                fix=Fix(f"replace by `{written}`", (Edit(node.span, written),)),
            )
            return None
        case _:
            diagnostics.error(
                "P0303",
                f"`{excerpt(node.span)}` is no schedule",
                node.span,
                help=f"write {SCHEDULES['cron']}, {SCHEDULES['every']} or {SCHEDULES['asset']}, joined by and/or",
            )
            return None


def _cron(node: tree.Call, scope: Scope, diagnostics: Diagnostics) -> CronSchedule | None:
    positional, named = split_arguments(node)
    if len(positional) != 1 or not set(named) <= {"timezone"}:
        diagnostics.error("P0308", "`cron` is not called like this", node.span, help=f"write {SCHEDULES['cron']}")
        return None
    expression = _constant(positional[0], STR, "cron(…)", scope, diagnostics)
    timezone = _constant(named["timezone"], STR, "timezone", scope, diagnostics) if "timezone" in named else "UTC"
    if expression is None or timezone is None:
        return None
    fault = cron_fault(expression)
    if fault is not None:
        diagnostics.error(
            "P0303",
            f"`{expression}` is no cron expression",
            positional[0].span,
            notes=(fault,),
            help="five fields: minute, hour, day of month, month, day of week",
        )
        return None
    if not _is_timezone(timezone):
        diagnostics.error(
            "P0303",
            f"time zone `{timezone}` is not known",
            named["timezone"].span,
            help='use an IANA name such as "Europe/Berlin"',
        )
        return None
    return CronSchedule(expression=" ".join(expression.split()), timezone=timezone)


def _is_timezone(name: str) -> bool:
    from zoneinfo import available_timezones

    return name == "UTC" or name in available_timezones()


def _constant(node: tree.Expression, type: Type, what: str, scope: Scope, diagnostics: Diagnostics) -> Any:
    checker = Checker(diagnostics, scope)
    if checker.check_as(node, type, what) is None:
        return None
    literal = checker.constant(node, what)
    return literal.value if literal is not None else None
