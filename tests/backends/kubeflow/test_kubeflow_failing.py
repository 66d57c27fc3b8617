"""The warnings of what a failure does otherwise on a cluster, when checking and when compiling."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import pipec

SOURCE = """pipeline p {{
  target kubeflow {{ image = "steps:1" }}
  task build = shell("make"){build}
  finally {{
    task clean = shell("rm -rf scratch"){clean}
    task publish = shell("make publish")
  }}
}}
"""

IGNORED = "  # pipec: ignore[P0507]"


def found(targets: tuple[str, ...], **comments: str) -> list[str]:
    loaded = pipec.load("p.pipe", text=SOURCE.format(**{"build": "", "clean": "", **comments}))
    return [f"{one.code} {one.span.source.position(one.span.start)[0]}" for one in pipec.check(loaded, targets)]


@pytest.mark.parametrize(
    ("targets", "comments", "expected"),
    [
        (("kubeflow",), {}, ["P0507 5", "P0507 6"]),
        (("kubeflow",), {"clean": IGNORED}, ["P0507 6"]),
        (("kubeflow",), {"build": IGNORED}, ["L004 3", "P0507 5", "P0507 6"]),
        (("airflow", "kubeflow"), {"clean": IGNORED}, ["P0507 6"]),
        (("airflow",), {"clean": IGNORED}, []),
        ((), {"build": IGNORED}, []),
    ],
)
def test_check(targets: tuple[str, ...], comments: dict[str, str], expected: list[str]) -> None:
    assert found(targets, **comments) == expected


def test_compile(tmp_path: Path) -> None:
    file = tmp_path / "p.pipe"
    file.write_text(SOURCE.format(build="", clean=IGNORED), "utf-8")
    command = [sys.executable, "-m", "pipec", "compile", str(file), "--target", "kubeflow", "-o", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.count("warning[P0507]") == 1
    assert "task `publish` of finally" in done.stderr
    assert (tmp_path / "out" / "p.yaml").exists()


MAPS = """pipeline p {{
  target kubeflow {{ image = "steps:1" }}
  task before = shell("make")
  task other = shell("make other")
  map name in ["a", "b"] {{
    {inside}
  }}
  {after}
}}
"""


@pytest.mark.parametrize(
    ("inside", "after", "expected"),
    [
        ('task a(name) = shell("a")', "", None),
        ('task a(name) after before, other = shell("a")', "", None),
        ('task a(name) after before = shell("a")  task b(name) after a = shell("b")', "", None),
        ('task a(name) after before = shell("a")  task b(name) after other = shell("b")', "", ("before", "b")),
        ('task a(name) = shell("a")  task b(name) after a, other = shell("b")', "", ("other", "a")),
        ('task a(name) = shell("a")  task b(name) after a = shell("b")', 'task c after b = shell("c")', None),
        ('task a(name) = shell("a")  task b(name) after a = shell("b")', 'task c after a = shell("c")', ("b", "c")),
        (
            'task a(name) = shell("a")  map x in [1, 2] { task b(x) after a = shell("b") }',
            'task c after a = shell("c")',
            ("b", "c"),
        ),
    ],
)
def test_maps_begin_and_end_as_a_whole(inside: str, after: str, expected: tuple[str, str] | None) -> None:
    loaded = pipec.load("p.pipe", text=MAPS.format(inside=inside, after=after))
    messages = [one.message for one in pipec.check(loaded, ["kubeflow"]) if one.code == "P0508"]
    if expected is None:
        assert not messages
    else:
        failing, kept = expected
        (message,) = messages
        assert message.startswith("map over `name`: ")
        assert message.endswith(f": where `{failing}` fails, `{kept}` does not run")
