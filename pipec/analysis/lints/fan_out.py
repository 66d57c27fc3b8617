"""L123 to L125: more side by side than can run, or than anybody limits."""

from __future__ import annotations

from collections import Counter

from pipec.analysis.lints.subject import Subject


def wider_than_concurrency(subject: Subject) -> None:
    """L123: a map that allows more items at once than the pipeline allows tasks."""
    concurrency = subject.pipeline.concurrency
    if concurrency is None:
        return
    for region in subject.pipeline.maps:
        if region.max_parallel is not None and region.max_parallel > concurrency:
            subject.report(
                "L123",
                f"this map allows {region.max_parallel} items at once, and the pipeline {concurrency} tasks",
                region.location,
                notes=(f"`concurrency = {concurrency}` counts for all tasks of a run",),
                help=f"write `max_parallel = {concurrency}` or less, or raise `concurrency`",
            )


def unlimited_map(subject: Subject) -> None:
    """L124: a map whose list may be of any length, and nothing limits how much of it runs at once."""
    if subject.pipeline.concurrency is not None:
        return
    parents = {region.name: region.parent for region in subject.pipeline.maps}
    limited = {region.name for region in subject.pipeline.maps if region.max_parallel is not None}
    pooled = {task.map for task in subject.tasks if task.options.pool is not None}
    for region in subject.pipeline.maps:
        around: str | None = region.name
        while around is not None and around not in limited and around not in pooled:
            around = parents[around]
        if around is None:
            subject.report(
                "L124",
                "nothing limits how many items of this map run at once",
                region.location,
                notes=("a list that is longer than expected takes all workers, and all that they call",),
                help="write `max_parallel = 8` in the map, `concurrency` in the pipeline, or give the tasks a `pool`",
            )


def loop_in_waves(subject: Subject) -> None:
    """L125: a `for` of more instances than the pipeline runs at once."""
    concurrency = subject.pipeline.concurrency
    if concurrency is None:
        return
    instances = Counter(task.name for task in subject.tasks if task.keys)
    for task in subject.tasks:
        number = instances[task.name]
        if number > concurrency:
            subject.report(
                "L125",
                f"the {number} instances of `{task.name}` run {concurrency} at a time",
                task.location,
                notes=(f"`concurrency = {concurrency}`: it takes {-(-number // concurrency)} rounds",),
                help="raise `concurrency`, or loop over less",
            )
