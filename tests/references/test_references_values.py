"""Images, schedules, and files beside the pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.references.support import diagnostics_of, said, task

_DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("python:3.12", None),
        ("registry.example.com/team/train:2.1.0", None),
        ("registry.example.com:5000/team/train:v2", None),
        ("localhost/train:1", None),
        ("[::1]:5000/train:1", None),
        (f"train@{_DIGEST}", None),
        (f"registry.example.com/train:1@{_DIGEST}", None),
        ("python", "L205"),
        ("python:latest", "L205"),
        ("registry.example.com:5000/train", "L205"),
        ("registry.example.com/a__b-c.d/train", "L205"),
        ("Train:1", "P0707"),
        ("Team/train:1", "P0707"),
        ("https://registry.example.com/train:1", "P0707"),
        ("train:", "P0707"),
        ("train :1", "P0707"),
        ("a//b:1", "P0707"),
        ("train@sha256:12", "P0707"),
        ("", "P0707"),
    ],
)
def test_names_of_images(tmp_path: Path, image: str, expected: str | None) -> None:
    for text in (task(f'image("{image}")'), task("shell('true')", options=f'image = "{image}"')):
        found = diagnostics_of(tmp_path, text)
        assert [one.code for one in found] == ([expected] if expected else [])
        assert all(one.span.text == f'"{image}"' for one in found)


def test_an_image_of_many_tasks_is_reported_where_it_is_written(tmp_path: Path) -> None:
    text = (
        "const base = \"train\"\n"
        "pipeline p {\n"
        "  defaults = { image: base }\n"
        "  task a = shell('true')\n"
        "  task b = shell('true')\n"
        '  task c = shell(\'true\') { image = "${base}:1" }\n'
        "}\n"
    )  # fmt: skip
    [found] = diagnostics_of(tmp_path, text)
    assert said([found]) == [
        'L205 ["train"] the image `train` has no tag: what runs may differ from day to day'
        " | name a version, `train:1.0.0`, or a digest, `@sha256:…`"
    ]
    assert found.span.source.position(found.span.start) == (1, 14)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 0 * * *", None),
        ("0 0 28 * *", None),
        ("0 0 1,31 * *", None),
        ("0 0 L * *", None),
        ("30 5 * * *", None),
        ("0 0 31 1,3 *", None),
        ("0 0 31 * 1", None),
        ("@monthly", None),
        ("0 0 31 2 *", "never fires: no day 31 in February | `L` is the last day of a month: `0 0 L 2 *`"),
        (
            "0 0 31 4,jun *",
            "never fires: no day 31 in April and June | `L` is the last day of a month: `0 0 L 4,jun *`",
        ),
        ("0 0 30-31 2 *", "never fires: no day 30 in February | `L` is the last day of a month: `0 0 L 2 *`"),
        ("0 0 29 2 *", "fires in leap years only | `L` is the last day of a month: `0 0 L 2 *`"),
        (
            "0 0 31 * *",
            "does not fire in every month: no day 31 in February, April, June, September and November"
            " | `L` is the last day of a month: `0 0 L * *`",
        ),
        (
            "0 0 29 */1 *",
            "does not fire in every month: no day 29 in February, which has one in leap years only"
            " | `L` is the last day of a month: `0 0 L */1 *`",
        ),
    ],
)
def test_days_that_months_do_not_have(tmp_path: Path, expression: str, expected: str | None) -> None:
    text = f'pipeline p {{\n  schedule = cron("{expression}") or asset("a")\n  task t = shell(\'true\')\n}}\n'
    lines = said(diagnostics_of(tmp_path, text))
    assert lines == ([f'L204 ["{expression}"] `{expression}` {expected}'] if expected else [])


@pytest.mark.parametrize(
    ("implementation", "expected"),
    [
        ('notebook("report.ipynb")', []),
        ('notebook("reprot.ipynb")', ["there is no file `reprot.ipynb` | there is `report.ipynb`"]),
        ('notebook("nothing.ipynb")', ["there is no file `nothing.ipynb`"]),
        ('notebook("/opt/nothing.ipynb")', []),
        ('sql(file("sql/total.sql"), conn = "c")', []),
        ('sql(file("sql/totals.sql"), conn = "c")', ["there is no file `sql/totals.sql` | there is `sql/total.sql`"]),
        ('sql("select 1", conn = "c")', []),
        ("shell('python fetch_data.py --day 1')", []),
        ("shell('python fetch_dat.py --day 1')", ["there is no file `fetch_dat.py` | there is `fetch_data.py`"]),
        ("shell('./bin/laod_all.sh')", ["there is no file `./bin/laod_all.sh` | there is `bin/load_all.sh`"]),
        ("shell('python other.py')", []),
        ("shell('python step_2.py')", []),
        ("shell('cd bin; python fetch_dat.py')", []),
        ("shell('python fetch_dat.py') { working_dir = \"bin\" }", []),
        ("shell('python fetch_dat.py') { image = \"repo:1\" }", []),
    ],
)
def test_files_that_are_not_there(tmp_path: Path, implementation: str, expected: list[str]) -> None:
    files = dict.fromkeys(["report.ipynb", "sql/total.sql", "fetch_data.py", "bin/load_all.sh", "step_1.py"], "")
    found = diagnostics_of(tmp_path, task(implementation), files)
    assert [line.partition("] ")[2] for line in said(found)] == expected
    assert {one.code for one in found} <= {"L211"}
