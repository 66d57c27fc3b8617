"""How Kubeflow offers what schedules are made of; `schedule_refusing` has what no row can say."""

from __future__ import annotations

from collections.abc import Mapping

from pipec.backend import NATIVE, Capability, emulated, refused

SCHEDULES: Mapping[str, Capability] = {
    "schedule.cron": Capability(
        "native",
        "a recurring run, which `pipec submit --recurring` makes from a side file; there is no last day of a month, "
        "and no n-th weekday of a month but the first one and Sundays",
    ),
    "schedule.timezone": emulated(
        "the server reads every cron in one time zone: UTC, or the one that `server_timezone` of the target block "
        "names; times that are skipped or come twice when its clock is changed are refused"
    ),
    "schedule.every": Capability(
        "native",
        "a recurring run counts an interval from the last run that it started; from `start` on it is a cron where the "
        "interval divides an hour, a day or a week, or with catchup",
    ),
    "schedule.asset": refused(
        "Kubeflow starts no run when data changes",
        "use cron(…) and begin with a `wait`, or start runs from outside with `pipec submit`",
    ),
    "schedule.combined": emulated("crons joined by `or` become one; nothing else can be joined"),
    "schedule.time_and": refused(
        "a recurring run starts runs at times alone", "use the time alone and begin with a `wait`"
    ),
    "schedule.several_intervals": refused(
        "a recurring run has one cron or one interval", "write all times as cron(…), or make two pipelines"
    ),
    "schedule.several_crons": emulated("as one cron, where they differ in one field, such as the hour"),
    "schedule.several_zones": refused(
        "the server reads every cron in one time zone", "write all times in one time zone, or make two pipelines"
    ),
    "start": NATIVE,
    "end": NATIVE,
    "catchup": NATIVE,
    "max_active_runs": emulated("it counts the runs that the schedule starts, at most 10, not those started by hand"),
}
