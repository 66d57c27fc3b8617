"""What the files of a project say of each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.references.support import project_diagnostics, said


def produces(name: str, *uris: str, schedule: str = "") -> str:
    written = ", ".join(f'"{uri}"' for uri in uris)
    return f"pipeline {name} {{\n  {schedule}\n  task load = shell('true') {{ produces = [{written}] }}\n}}\n"


def waits(name: str, condition: str) -> str:
    return f"pipeline {name} {{\n  wait w = {condition}\n}}\n"


@pytest.mark.parametrize(
    ("wanted", "produced", "expected"),
    [
        ("s3://lake/lots", "s3://lake/lots", None),
        ("s3://lake/lot", "s3://lake/lots", "s3://lake/lots"),
        ("s3://lake/lots_v2", "s3://lake/lots_v1", None),
        ("s3://elsewhere/orders", "s3://lake/lots", None),
    ],
)
def test_assets_that_nobody_produces(tmp_path: Path, wanted: str, produced: str, expected: str | None) -> None:
    for consumer in (waits("b", f'asset("{wanted}")'), produces("b", "x", schedule=f'schedule = asset("{wanted}")')):
        found = project_diagnostics(tmp_path, {"a.pipe": produces("a", produced), "b.pipe": consumer})
        lines = [line.partition("] ")[2] for line in said(found)]
        message = f"nothing of the project produces the asset `{wanted}` | there is `{expected}`"
        assert lines == ([message] if expected else [])
        assert {one.code for one in found} <= {"L206"}


def test_an_asset_with_readers_of_its_own_is_no_misspelling(tmp_path: Path) -> None:
    files = {
        "a.pipe": produces("a", "s3://lake/lots_a"),
        "b.pipe": waits("b", 'asset("s3://lake/lots_a")'),
        "c.pipe": waits("c", 'asset("s3://lake/lots_b")'),
    }
    assert said(project_diagnostics(tmp_path, files)) == []


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("etl.load", None),
        ('etl.train["rf", 2]', None),
        ("billing.load", None),
        ("etl.laod", "the pipeline `etl` has no task `laod`: `w` would wait in vain | there is `load`"),
        ("etl.export", "the pipeline `etl` has no task `export`: `w` would wait in vain"),
        (
            "etl.train",
            'the pipeline `etl` has no task `train`: `w` would wait in vain | there is `train["rf", 2]`',
        ),
        ("elt.load", "the project has no pipeline `elt`: `w` would wait in vain | there is `etl`"),
    ],
)
def test_tasks_of_other_pipelines(tmp_path: Path, reference: str, expected: str | None) -> None:
    etl = (
        "pipeline etl {\n  task load = shell('true')\n"
        "  for name in [\"rf\"], depth in [2] { task train(name, depth) = shell('true') }\n}\n"
    )
    found = project_diagnostics(tmp_path, {"etl.pipe": etl, "b.pipe": waits("b", f"task('{reference}')")})
    assert [line.partition("] ")[2] for line in said(found)] == ([expected] if expected else [])
    assert {one.code for one in found} <= {"L207"}


def test_pipelines_that_start_each_other(tmp_path: Path) -> None:
    files = {
        "a.pipe": produces("a", "x", schedule='schedule = cron("@daily") or asset("z")'),
        "b.pipe": produces("b", "y", schedule='schedule = asset("x")'),
        "c.pipe": produces("c", "z", schedule='schedule = asset("y")'),
        "d.pipe": produces("d", "q", schedule='schedule = asset("q")'),
        "e.pipe": produces("e", "r", schedule='schedule = asset("x")'),
    }
    found = project_diagnostics(tmp_path, files)
    assert said(found) == [
        "L208 [schedule] pipelines start each other in a circle: a -> b -> c -> a"
        " | end it: let one of them run by a cron schedule",
        "L208 [schedule] pipelines start each other in a circle: d -> d"
        " | end it: let one of them run by a cron schedule",
    ]
    assert [len(one.labels) for one in found] == [2, 0]


def test_what_a_pipeline_produces_through_another(tmp_path: Path) -> None:
    lib = produces("inner", "x")
    outer = 'import "lib.pipe" as lib\npipeline outer {\n  schedule = asset("x")\n  task call = lib.inner\n}\n'
    found = project_diagnostics(tmp_path, {"lib.pipe": lib, "outer.pipe": outer})
    assert [one.message for one in found] == ["pipelines start each other in a circle: outer -> outer"]


def test_two_pipelines_of_one_name(tmp_path: Path) -> None:
    files = {"a.pipe": produces("etl", "x"), "b.pipe": produces("etl", "y"), "c.pipe": produces("other", "z")}
    [found] = project_diagnostics(tmp_path, files)
    assert said([found]) == [
        "L209 [etl] there are two pipelines `etl`: on one engine the one would replace the other"
        " | give one of them another name"
    ]
    assert (found.span.source.path, found.labels[0].span.source.path) == (
        (tmp_path / "b.pipe").as_posix(),
        (tmp_path / "a.pipe").as_posix(),
    )
