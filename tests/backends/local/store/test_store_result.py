"""The result of a run, as `pipec run --json` prints it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pipec.backends.local.result import RunResult, result_of
from pipec.backends.local.store.records import Entry, RunRecord

from pipec.ir.model import Pipeline, PipelineCall
from tests.backends.local.store.samples import AT, attempt, ended, state
from tests.support.ir_builder import pipeline, task

SCHEMA = json.loads((Path(__file__).parents[4] / "grammar" / "run.schema.json").read_text("utf-8"))
FOLDER = Path("/store/runs/r")


def result(shape: Pipeline, *entries: Entry) -> dict[str, Any]:
    """The document of a run, checked against the published schema."""
    record = RunRecord("r", "p", "p.pipe", "", {"x": 1}, {}, AT)
    for entry in entries:
        record.apply(entry)
    document: dict[str, Any] = json.loads(result_of(record, shape, FOLDER).json_text())
    Draft202012Validator(SCHEMA).validate(document)
    RunResult.model_validate(document)
    return document


def states(document: dict[str, Any]) -> dict[str, str]:
    return {name: one["state"] for name, one in document["tasks"].items()}


def test_a_run_that_is_over() -> None:
    document = result(pipeline(task("b"), task("a")), *attempt("a", outputs={"n": 1}), ended(at=AT + 9.5, returns=3))
    assert list(document["tasks"]) == ["b", "a"]
    ran, waited = document["tasks"]["a"], document["tasks"]["b"]
    assert {key: document[key] for key in document if key != "tasks"} == {
        "run_id": "r",
        "pipeline": "p",
        "state": "success",
        "interrupted": False,
        "resumed": False,
        "started_at": "2026-01-02T00:00:00.000000+00:00",
        "ended_at": "2026-01-02T00:00:09.500000+00:00",
        "duration_s": 9.5,
        "parameters": {"x": 1},
        "returns": 3,
        "error": None,
    }
    assert ran == {
        "state": "success",
        "attempts": 1,
        "started_at": "2026-01-02T00:00:01.000000+00:00",
        "ended_at": "2026-01-02T00:00:03.000000+00:00",
        "duration_s": 2.0,
        "outputs": {"n": 1},
        "error": None,
        "log": "/store/runs/r/a/1.log",
        "restored": False,
        "cached_from": None,
        "index": None,
        "instances": None,
    }
    assert (waited["state"], waited["attempts"], waited["started_at"], waited["log"]) == ("pending", 0, None, None)


def test_attempts_add_up() -> None:
    entries = [*attempt("a", 1, "failed"), *attempt("a", 2, "failed"), ended("failed", error="no return")]
    document = result(pipeline(task("a")), *entries)
    one = document["tasks"]["a"]
    assert (one["attempts"], one["duration_s"], one["error"]) == (2, 4.0, "it broke")
    assert one["log"] == "/store/runs/r/a/2.log"
    assert document["error"] == "no return"


def test_a_mapped_task_holds_its_instances() -> None:
    entries = [
        Entry("mapped", AT, "a", data={"count": 2}),
        Entry("mapped", AT, "a[1]", data={"count": 2}),
        *attempt("a[1][1]", state="failed"),
        *attempt("a[0]", outputs={"n": 1}),
        *attempt("a[1][0]"),
        *attempt("b"),
    ]
    document = result(pipeline(task("a"), task("b")), *entries)
    assert list(document["tasks"]) == ["a", "b"]
    summed = document["tasks"]["a"]
    assert (summed["state"], summed["attempts"], summed["duration_s"], summed["index"]) == ("failed", 3, 6.0, None)
    assert summed["error"] == "1 of 3 instances failed, the first with: it broke"
    assert [one["index"] for one in summed["instances"]] == [[0], [1, 0], [1, 1]]
    assert [one["state"] for one in summed["instances"]] == ["success", "success", "failed"]
    assert summed["instances"][0]["outputs"] == {"n": 1}


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], "pending"),
        ([state("a[0]", "success")], "running"),
        ([state("a[0]", "success"), state("a[1]", "skipped")], "success"),
        ([state("a[0]", "upstream_failed"), state("a[1]", "success")], "upstream_failed"),
    ],
)
def test_the_state_of_a_mapped_task(entries: list[Entry], expected: str) -> None:
    document = result(pipeline(task("a")), Entry("mapped", AT, "a", data={"count": 2}), *entries)
    assert states(document) == {"a": expected}


def test_tasks_of_called_pipelines_follow_their_task() -> None:
    call = task('c["a/b"]', implementation=PipelineCall(pipeline="clean"))
    entries = [
        state("last", "pending"),
        state('c["a/b"]', "running"),
        *attempt('c["a/b"]/scrub'),
        Entry("mapped", AT, 'c["a/b"]/score', data={"count": 1}),
        *attempt('c["a/b"]/score[0]'),
        *attempt('c["a/b"]@2/scrub'),
        state('c["a/b"]@2/deeper/x', "skipped"),
    ]
    document = result(pipeline(call, task("last")), *entries)
    assert states(document) == {
        'c["a/b"]': "running",
        'c["a/b"]/scrub': "success",
        'c["a/b"]/score': "success",
        'c["a/b"]@2/scrub': "success",
        'c["a/b"]@2/deeper/x': "skipped",
        "last": "pending",
    }


def test_instances_of_a_called_pipeline_in_a_map() -> None:
    call = task("c", implementation=PipelineCall(pipeline="clean"))
    entries = [Entry("mapped", AT, "c", data={"count": 1}), *attempt("c[0]/scrub"), state("c[0]", "success")]
    document = result(pipeline(call, task("last")), *entries)
    assert list(document["tasks"]) == ["c", "c[0]/scrub", "last"]
    assert len(document["tasks"]["c"]["instances"]) == 1


def test_a_resumed_run() -> None:
    entries = [
        *attempt("a"),
        Entry("mapped", AT, "m", data={"count": 2}),
        *attempt("m[1]"),
        Entry("resumed", AT + 100, data={"changes": []}),
        state("a", "success", restored=True),
        Entry("mapped", AT, "m", data={"count": 1}),
        state("m[0]", "success", restored=True),
        ended(at=AT + 102),
    ]
    document = result(pipeline(task("a"), task("m")), *entries)
    assert (document["resumed"], document["duration_s"]) == (True, 2.0)
    assert states(document) == {"a": "success", "m": "success"}
    assert [document["tasks"][name]["restored"] for name in ("a", "m")] == [True, True]
    assert len(document["tasks"]["m"]["instances"]) == 1


def test_outputs_from_the_cache_name_the_run_they_are_of() -> None:
    entries = attempt("a")
    entries[2].data["cached_from"] = "earlier"
    assert result(pipeline(task("a")), *entries)["tasks"]["a"]["cached_from"] == "earlier"


def test_a_run_that_was_killed() -> None:
    record = RunRecord("r", "p", "p.pipe", "", {}, {}, AT)
    for entry in [*attempt("a"), *attempt("b")[:2]]:
        record.apply(entry)
    record.mark_killed()
    found = result_of(record, pipeline(task("a"), task("b")), FOLDER)
    assert (found.state, found.ended_at, found.duration_s) == ("killed", None, 3.0)
    assert found.tasks["b"].ended_at is None
