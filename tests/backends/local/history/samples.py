"""Runs made by hand: small ones with every state, and large ones."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from pipec.backends.local.store.records import Entry, RunRecord, RunSummary

from pipec.ir.model import MapRegion, Pipeline, PipelineCall, Program, Task
from pipec.ir.types import INT
from tests.support.ir_builder import HERE, command, decision, literal, pipeline, task

START = 1_767_312_000.0
"""2026-01-02 00:00:00 UTC."""


def run_of(
    shape: Pipeline | Program | None, entries: Iterable[Entry] = (), *, run_id: str = "run1", **facts: Any
) -> RunRecord:
    """A record of these entries, whose times count from `START`."""
    record = RunRecord(
        run_id=run_id,
        pipeline=facts.pop("pipeline", shape.name if isinstance(shape, Pipeline) else "p"),
        file="/srv/p.pipe",
        source_digest="0" * 64,
        parameters=facts.pop("parameters", {}),
        context={"id": run_id, "date": "2026-01-02"},
        started_at=START,
        pipeline_json=shape.model_dump_json() if shape is not None else "",
    )
    for entry in entries:
        record.apply(Entry(entry.kind, START + entry.at, entry.task, entry.attempt, entry.data))
    for name, value in facts.items():
        setattr(record, name, value)
    return record


def attempt(
    instance: str,
    start: float,
    end: float | None = None,
    *,
    number: int = 1,
    error: str | None = None,
    again: bool = False,
    cached_from: str | None = None,
) -> list[Entry]:
    """An attempt from `start` to `end` seconds after the run began; `again` says that another one follows."""
    log = f"{instance}/{number}.log"
    entries = [
        Entry("state", start, instance, number, {"state": "running"}),
        Entry("attempt_started", start, instance, number, {"log": log}),
    ]
    if end is None:
        return entries
    failure = {"kind": "error", "message": error} if error is not None else None
    over = "failed" if failure else "success"
    ended = {"state": over, "failure": failure, "cached_from": cached_from}
    state = {"state": "up_for_retry" if again else over, "failure": failure}
    return [
        *entries,
        Entry("attempt_ended", end, instance, number, ended),
        Entry("state", end, instance, number, state),
    ]


def state(instance: str, at: float, value: str, number: int = 0, **data: Any) -> Entry:
    return Entry("state", at, instance, number, {"state": value, **data})


def ended(at: float, value: str = "success", **data: Any) -> Entry:
    return Entry("ended", at, data={"state": value, **data})


def summaries(statuses: str, seconds: Iterable[float] = ()) -> list[RunSummary]:
    """Runs newest first, a letter each: s succeeded, f failed, k killed, r running; their durations, else 60 s."""
    words: dict[str, Any] = {"s": "success", "f": "failed", "k": "killed", "r": "running"}
    durations = [*seconds, *[60.0] * len(statuses)]
    return [
        RunSummary(
            f"run{index}",
            "p",
            "/srv/p.pipe",
            words[letter],
            "2026-01-02",
            "",
            "",
            START - 3600 * index,
            START - 3600 * index + durations[index] if letter in "sf" else None,
        )
        for index, letter in enumerate(statuses)
    ]


def mapped_pipeline(*tasks: Task, **fields: Any) -> Pipeline:
    """A pipeline in which the tasks with the map `m` stand in a map."""
    region = MapRegion(name="m", variable="x", items=literal([1]), item_type=INT, location=HERE)
    return pipeline(*tasks, maps=(region,), **fields)


def in_map(each: Task) -> Task:
    return each.model_copy(update={"map": "m"})


def ensemble() -> RunRecord:
    """Five tasks, three of them side by side."""
    shape = pipeline(
        task("preprocess"),
        task("train_forest", after="preprocess"),
        task("train_boosting", after="preprocess"),
        task("train_network", after="preprocess"),
        task("combine", after="train_forest train_boosting train_network"),
        name="ensemble",
        deadline=200.0,
    )
    entries = [
        *attempt("preprocess", 0.1, 30),
        *attempt("train_forest", 30.1, 75),
        *attempt("train_boosting", 30.1, 150),
        *attempt("train_network", 30.1, 120),
        *attempt("combine", 150.1, 160),
        ended(160.1),
    ]
    return run_of(shape, entries, parameters={"min_auc": 0.88, "day": "2026-01-02"})


def troubled() -> RunRecord:
    """Every state: retries, a failure, 25 instances with failed ones, a branch not taken, a cached task, finally."""
    shape = mapped_pipeline(
        task("list_stations"),
        task("download_raw_measurements_of_the_whole_night_shift", after="list_stations"),
        in_map(task("score", after="list_stations")),
        task("calibrate", after="download_raw_measurements_of_the_whole_night_shift"),
        decision("decide_full", literal(True), after="score"),
        task("full_report", after="decide_full calibrate", side=[("decide_full", True)]),
        task("short_report", after="decide_full", side=[("decide_full", False)]),
        task("publish", after="full_report score"),
        task("archive", after="publish"),
        task("cleanup", is_finally=True),
        name="stations",
        deadline=90.0,
    )
    wide = "download_raw_measurements_of_the_whole_night_shift"
    entries = [
        *attempt("list_stations", 0.1, 0.1, cached_from="2026-01-01T00-00-00-ab12"),
        *attempt(wide, 0.2, 8, error='ConnectionError: <b>the server</b> went away & "left"', again=True),
        *attempt(wide, 18, 25, number=2, error="ConnectionError: timed out", again=True),
        *attempt(wide, 45, 58, number=3),
        Entry("mapped", 0.2, "score", data={"count": 25}),
    ]
    slots = [0.3, 0.3, 0.3, 0.3]
    chooser = random.Random(7)
    for index in range(25):
        slot = slots.index(min(slots))
        begin, end = slots[slot], slots[slot] + chooser.uniform(3, 9)
        slots[slot] = end + 0.05
        if index == 4:
            entries += attempt("score[4]", begin, end, error="flaky", again=True)
            entries += attempt("score[4]", end + 6, end + 9, number=2)
        else:
            failed = "ValueError: station has no readings\nsecond line" if index in (11, 17) else None
            entries += attempt(f"score[{index}]", begin, end, error=failed)
    entries += [
        *attempt("calibrate", 58.1, 71),
        state("decide_full", 50, "upstream_failed"),
        state("full_report", 71, "upstream_failed"),
        state("short_report", 50, "skipped"),
        state("publish", 71, "upstream_failed"),
        state("archive", 71, "upstream_failed"),
        *attempt("cleanup", 71.2, 74),
        Entry(
            "alert",
            74,
            "",
            data={"event": "failure", "channel": "slack", "message": "stations failed", "error": "no route to host"},
        ),
        ended(74.3, "failed"),
    ]
    return run_of(shape, sorted(entries, key=lambda entry: entry.at), run_id="2026-01-02T00-00-00-c0de")


def large(count: int = 300, levels: int = 14, seed: int = 1) -> RunRecord:
    """Many tasks in levels, on 16 slots, a few failed ones with what depends on them."""
    chooser = random.Random(seed)
    per_level = -(-count // levels)
    names = [f"step_{index:03}_{chooser.choice(['extract', 'clean', 'train', 'check'])}" for index in range(count)]
    parents: dict[str, list[str]] = {}
    for index, name in enumerate(names):
        level = index // per_level
        earlier = names[(level - 1) * per_level : level * per_level] if level else []
        far = names[: (level - 1) * per_level] if level > 1 and chooser.random() < 0.1 else []
        chosen = chooser.sample(earlier, min(len(earlier), chooser.choice([1, 1, 2])))
        parents[name] = [*chosen, *(chooser.sample(far, 1) if far else [])]
    shape = pipeline(*(task(name, after=" ".join(parents[name])) for name in names), name="large", deadline=4000.0)
    entries: list[Entry] = []
    slots = [0.0] * 16
    over: dict[str, float] = {}
    bad: set[str] = set()
    for name in names:
        ready = max((over[parent] for parent in parents[name]), default=0.0)
        if any(parent in bad for parent in parents[name]):
            bad.add(name)
            over[name] = ready
            entries.append(state(name, ready, "upstream_failed"))
            continue
        slot = slots.index(min(slots))
        begin = max(slots[slot], ready) + 0.01
        end = begin + chooser.lognormvariate(3, 0.8)
        error = "RuntimeError: no convergence" if chooser.random() < 0.02 else None
        if error:
            bad.add(name)
        entries += attempt(name, begin, end, error=error)
        slots[slot] = over[name] = end
    entries.append(ended(max(over.values()) + 0.1, "failed"))
    return run_of(shape, sorted(entries, key=lambda entry: entry.at))


def calling() -> RunRecord:
    """A pipeline run as a task, with a mapped task in its second attempt."""
    inner = mapped_pipeline(
        task("read"), in_map(task("scrub", after="read")), task("write", after="scrub"), name="inner"
    )
    call = task("cleaned", after="fetch", implementation=PipelineCall(pipeline="inner"))
    outer = pipeline(task("fetch"), call, command("report", "true", after="cleaned"), name="outer")
    program = Program(source="p.pipe", digest="0" * 64, pipelines={"outer": outer, "inner": inner}, own=("outer",))
    entries = [
        *attempt("fetch", 0, 1),
        state("cleaned", 1, "running", 1),
        *attempt("cleaned/read", 1, 2, error="busy"),
        state("cleaned/scrub", 2, "upstream_failed"),
        state("cleaned/write", 2, "upstream_failed"),
        state("cleaned", 2, "up_for_retry", 1),
        state("cleaned", 3, "running", 2),
        *attempt("cleaned@2/read", 3, 4),
        Entry("mapped", 4, "cleaned@2/scrub", data={"count": 2}),
        *attempt("cleaned@2/scrub[0]", 4, 6),
        *attempt("cleaned@2/scrub[1]", 4, 9),
        *attempt("cleaned@2/write", 9, 10),
        state("cleaned", 10, "success", 2),
        *attempt("report", 10, 11),
        ended(11),
    ]
    return run_of(program, entries, pipeline="outer")
