"""Calls of Python functions: whether they exist and take what they are given."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pipec.api import load
from pipec.diagnostics.model import Diagnostics
from pipec.references import check_references
from tests.references.support import diagnostics_of, said, task, write

_STEPS = """
import functools
import functools as ft
import typing
from functools import lru_cache

from helpers import shared, shared as other_name
from extras import *
from nowhere import lost

def train(data, rounds=3): return data
def strict(data, *, seed): return seed
def two(left, right): return left
def free(**anything): return anything
def by_position(data, /): return data
def by_position_and_more(data, /, **more): return data

@lru_cache(maxsize=None)
def cached(data): return data
@ft.cache
def cached_too(data): return data
@functools.wraps(train)
def wrapped(*a): return a

@typing.overload
def many(data: int): ...
@typing.overload
def many(data: str): ...
def many(data): return data

if typing.TYPE_CHECKING:
    def conditional(data): return data
else:
    def conditional(rows): return rows

try:
    def guarded(rows): return rows
except ImportError:
    pass

class Step:
    def __init__(self, data): self.data = data
class Derived(Step): pass

alias = train
small = lambda data: data
partial = functools.partial(train, 1)
table = {"train": train}
number = 3

def make():
    global made
    made = train

def _hidden(data): return data
async def later(): return 1
async def later_still(): yield 1
def stream(): yield 1
def with_inner_generator():
    def inner(): yield 1
    return list(inner())
"""
_FILES = {
    "steps.py": _STEPS,
    "helpers.py": "def shared(data): return data\n",
    "extras.py": "__all__ = ['starred']\ndef starred(data): return data\ndef unlisted(): return 1\n",
}


@pytest.mark.parametrize(
    "call",
    [
        ("train", "data = 1"),
        ("train", "data = 1, rounds = 2"),
        ("free", "a = 1, b = 2"),
        ("strict", "data = 1, seed = 2"),
        ("wrapped", "anything = 1"),
        ("many", "data = 1"),
        ("conditional", "whatever = 1"),
        ("guarded", "rows = 1"),
        ("Step", "data = 1"),
        ("Derived", "whatever = 1"),
        ("alias", "data = 1"),
        ("small", "data = 1"),
        ("partial", "whatever = 1"),
        ("made", "whatever = 1"),
        ("shared", "data = 1"),
        ("other_name", "data = 1"),
        ("starred", "data = 1"),
        ("lost", "whatever = 1"),
        ("cached", "data = 1"),
        ("cached_too", "data = 1"),
        ("_hidden", "data = 1"),
        ("with_inner_generator", ""),
    ],
    ids=lambda call: call[0],
)
def test_nothing_is_said_of_calls_that_work_or_may_work(tmp_path: Path, call: tuple[str, str]) -> None:
    assert said(diagnostics_of(tmp_path, task(f'python("steps:{call[0]}")', call[1]), _FILES)) == []


@pytest.mark.parametrize(
    ("function", "inputs", "expected"),
    [
        ("trian", "", ["P0701 [trian] the module `steps` has no function `trian` | there is `train`"]),
        ("unlisted", "", ["P0701 [unlisted] the module `steps` has no function `unlisted`"]),
        ("table", "", ["P0701 [table] `steps:table` is no function but dict"]),
        ("number", "", ["P0701 [number] `steps:number` is no function but int"]),
        (
            "train",
            "",
            [
                "P0702 [train] task `t` does not give `data`, which `steps:train` needs"
                " | add `data = …` to the inputs, or give the parameter a default"
            ],
        ),
        (
            "train",
            "data = 1, depth = 2",
            ["P0703 [depth = 2] `steps:train` takes no input `depth`"],
        ),
        (
            "strict",
            "data = 1, sed = 2",
            ["P0703 [sed = 2] `steps:strict` takes no input `sed` | there is `seed`"],
        ),
        (
            "strict",
            "data = 1, day",
            ["P0703 [day] `steps:strict` takes no input `day` | there is `seed`"],
        ),
        (
            "two",
            "day, rows",
            [
                "P0703 [day] `steps:two` takes no input `day`",
                "P0703 [rows] `steps:two` takes no input `rows`",
                *(
                    f"P0702 [two] task `t` does not give `{name}`, which `steps:two` needs"
                    f" | add `{name} = …` to the inputs, or give the parameter a default"
                    for name in ("left", "right")
                ),
            ],
        ),
        (
            "by_position",
            "data = 1",
            [
                "P0703 [data = 1] `steps:by_position` takes `data` by position only, and it is given by name"
                " | take the `/` out of its parameters"
            ],
        ),
        (
            "by_position_and_more",
            "rows",
            [
                "P0702 [by_position_and_more] task `t` does not give `data`, which `steps:by_position_and_more` needs"
                " | add `data = …` to the inputs, or give the parameter a default"
            ],
        ),
        ("cached", "dat = 1", ["P0703 [dat = 1] `steps:cached` takes no input `dat` | there is `data`"]),
        ("many", "date = 1", ["P0703 [date = 1] `steps:many` takes no input `date` | there is `data`"]),
        ("Step", "dta = 1", ["P0703 [dta = 1] `steps:Step` takes no input `dta` | there is `data`"]),
        ("small", "dta = 1", ["P0703 [dta = 1] `steps:small` takes no input `dta` | there is `data`"]),
        ("other_name", "dta = 1", ["P0703 [dta = 1] `steps:other_name` takes no input `dta` | there is `data`"]),
        ("starred", "dta = 1", ["P0703 [dta = 1] `steps:starred` takes no input `dta` | there is `data`"]),
        (
            "later",
            "",
            [
                "P0706 [later] `steps:later` is `async`: nothing would run the coroutine that it returns"
                " | call it from a plain function, and name that one"
            ],
        ),
        (
            "later_still",
            "",
            [
                "P0706 [later_still] `steps:later_still` is `async`: nothing would run the coroutine that it returns"
                " | call it from a plain function, and name that one"
            ],
        ),
        (
            "stream",
            "",
            [
                "P0706 [stream] `steps:stream` is a generator: nothing would run it"
                " | call it from a plain function, and name that one"
            ],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_calls_that_cannot_work(tmp_path: Path, function: str, inputs: str, expected: list[str]) -> None:
    assert said(diagnostics_of(tmp_path, task(f'python("steps:{function}")', inputs), _FILES)) == expected


def test_the_definition_is_shown(tmp_path: Path) -> None:
    files = {"steps.py": "# é\ndef train(dätä: str,\n          rounds: int = 3) -> None: ...\n"}
    [found] = diagnostics_of(tmp_path, task('python("steps:train")'), files)
    [label] = found.labels
    assert (label.span.source.path, label.span.text) == ((tmp_path / "steps.py").as_posix(), "dätä: str")
    assert found.notes == (f"`train(dätä: str, rounds: int=3) -> None` is at {tmp_path.as_posix()}/steps.py:2",)


def test_the_place_of_the_nearest_function_is_told(tmp_path: Path) -> None:
    [found] = diagnostics_of(tmp_path, task('python("steps:trian")'), {"steps.py": "\n\ndef train(): ...\n"})
    assert found.notes == (f"`train` is at {tmp_path.as_posix()}/steps.py:3",)


@pytest.mark.parametrize(
    "module",
    [
        "def __getattr__(name): return print",
        "globals()['f'] = print",
        "import sys\nsys.modules[__name__].f = print",
        "from nowhere import *",
        "exec('def f(): pass')",
        "def install():\n    setattr(install, 'f', 1)",
    ],
)
def test_nothing_is_said_of_modules_that_make_names_by_other_means(tmp_path: Path, module: str) -> None:
    assert said(diagnostics_of(tmp_path, task('python("steps:f")'), {"steps.py": module})) == []


@pytest.mark.parametrize(
    ("files", "module"),
    [
        ({"wafer/__init__.py": "", "wafer/steps.py": "def f(): ..."}, "wafer.steps"),
        ({"wafer/__init__.py": "from .steps import f", "wafer/steps.py": "def f(): ..."}, "wafer"),
        ({"wafer/__init__.py": "from .inner.deep import *", "wafer/inner/deep.py": "def f(): ..."}, "wafer"),
        (
            {"wafer/a/__init__.py": "from ..b import f", "wafer/__init__.py": "", "wafer/b.py": "def f(): ..."},
            "wafer.a",
        ),
        ({"space/steps.py": "def f(): ..."}, "space.steps"),
        ({"src/wafer/__init__.py": "", "src/wafer/steps.py": "def f(): ..."}, "wafer.steps"),
        ({"latin.py": "# -*- coding: latin-1 -*-\ndef f(): ..."}, "latin"),
    ],
)
def test_where_modules_are_found(tmp_path: Path, files: dict[str, str], module: str) -> None:
    assert said(diagnostics_of(tmp_path, task(f'python("{module}:f")'), files)) == []
    [found] = diagnostics_of(tmp_path, task(f'python("{module}:f")', "superfluous = 1"), files)
    assert found.code == "P0703"


def test_modules_are_found_in_the_folders_of_the_path(tmp_path: Path) -> None:
    files = {"elsewhere/steps.py": "def f(): ..."}
    text = task('python("steps:g")')
    assert [one.code for one in diagnostics_of(tmp_path, text, files)] == ["L202"]
    assert [one.code for one in diagnostics_of(tmp_path, text, files, tmp_path / "elsewhere")] == ["P0701"]


@pytest.mark.parametrize("importer", ["main.pipe", "daily/main.pipe"])
def test_modules_are_found_beside_a_file_that_imports_this_one(tmp_path: Path, importer: str) -> None:
    files = {f"{Path(importer).parent.as_posix()}/beside.py": "def f(): ..."}
    text = task('python("beside:g")')
    (tmp_path / "lib").mkdir()
    assert [one.code for one in diagnostics_of(tmp_path / "lib", text)] == ["L202"]
    importing = f'import "{"../" * importer.count("/")}lib/main.pipe" as lib\n'
    write(tmp_path, {importer: importing, **files})
    assert [one.code for one in diagnostics_of(tmp_path / "lib", text)] == ["P0701"]


def test_a_module_that_is_not_there(tmp_path: Path) -> None:
    text = 'pipeline p {\n  task a = python("steqs:f")\n  task b = python("steqs:g")\n}\n'
    [found] = diagnostics_of(tmp_path, text, {"steps.py": ""})
    assert said([found]) == ["L202 [steqs] there is no module `steqs` | there is `steps`"]
    assert found.notes == (f"looked for in {tmp_path.as_posix()}, and where Python looks",)


@pytest.mark.parametrize("option", ['image = "registry.example.com/a:1"', 'packages = ["wafer==1"]'])
def test_nothing_is_said_of_code_that_is_elsewhere(tmp_path: Path, option: str) -> None:
    assert said(diagnostics_of(tmp_path, task('python("wafer_lib:f")', options=option))) == []
    assert said(diagnostics_of(tmp_path, task('python("textwrap:no_such")', options=option))) == []
    mine = diagnostics_of(tmp_path, task('python("steps:g")', options=option), {"steps.py": "def f(): ..."})
    assert [one.code for one in mine] == ["P0701"]


def test_a_module_that_is_no_python(tmp_path: Path) -> None:
    [found] = diagnostics_of(tmp_path, task('python("steps:f")'), {"steps.py": "x = 1\ndef f(:\n"})
    assert said([found]) == ["P0704 [steps] the module `steps` is no Python: invalid syntax"]
    assert found.notes == (f"it is at {tmp_path.as_posix()}/steps.py:2",)


@pytest.mark.parametrize("content", ["x = '\\d'\ndef f(): ...", "(" * 10_000, "\0", "x = " + "-" * 100_000 + "1"])
def test_odd_modules_are_no_crash(tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = diagnostics_of(tmp_path, task('python("steps:f")'), {"steps.py": content})
    assert {one.code for one in found} <= {"P0704"}
    assert capsys.readouterr().err == ""


def test_modules_are_never_imported(tmp_path: Path) -> None:
    files = {"never_imported.py": "raise SystemExit(3)\ndef f(): ...", "pkg/__init__.py": "raise SystemExit(4)"}
    files["pkg/steps.py"] = "def f(): ..."
    for module in ("never_imported", "pkg.steps"):
        assert said(diagnostics_of(tmp_path, task(f'python("{module}:f")'), files)) == []
        assert module not in sys.modules


def test_a_component_is_reported_once_where_it_is_written(tmp_path: Path) -> None:
    text = (
        'import "lib.pipe" as lib\n'
        "pipeline p {\n"
        '  task a(data = "x") = lib.fit\n'
        '  for n in [1, 2] { task b(data = "x", round = n) = lib.fit }\n'
        "}\n"
    )
    lib = 'component fit(data: dataset, round: int = 1) = python("steps:train")\n'
    found = diagnostics_of(tmp_path, text, {"lib.pipe": lib, "steps.py": "def train(data, seed, depth): ..."})
    assert said(found) == [
        "P0703 [round: int = 1] `steps:train` takes no input `round`",
        "P0702 [train] component `fit` does not give `depth`, which `steps:train` needs"
        " | add `depth = …` to the inputs, or give the parameter a default",
        "P0702 [train] component `fit` does not give `seed`, which `steps:train` needs"
        " | add `seed = …` to the inputs, or give the parameter a default",
    ]
    assert {one.span.source.path for one in found} == {(tmp_path / "lib.pipe").as_posix()}


def test_predicates_of_waits(tmp_path: Path) -> None:
    steps = "def ready(day, within): return True\n"
    text = 'pipeline p {\n  wait w = python("steps:ready", day = run.date, withn = 2h)\n}\n'
    assert said(diagnostics_of(tmp_path, text, {"steps.py": steps})) == [
        "P0703 [ready] `steps:ready` takes no argument `withn` | there is `within`"
    ]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("event, pipeline, run_id, task, message, url", []),
        ("**facts", []),
        ("message, **others", []),
        (
            "event, message",
            [
                "P0703 [tell] `steps:tell` does not take `pipeline`, `run_id`, `task`, `url` of an alert"
                " | let it take `**others`"
            ],
        ),
        (
            "channel, **others",
            ["P0702 [tell] an alert does not give `channel`, which `steps:tell` needs | give the parameter a default"],
        ),
    ],
)
def test_functions_of_alerts(tmp_path: Path, parameters: str, expected: list[str]) -> None:
    text = "pipeline p {\n  task t = shell('true')\n  on failure = python(\"steps:tell\")\n}\n"
    assert said(diagnostics_of(tmp_path, text, {"steps.py": f"def tell({parameters}): ...\n"})) == expected


def test_a_pipe_nearby_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    os.mkfifo(tmp_path / "a.pipe")
    file = tmp_path / "lib" / "p.pipe"
    file.write_text('pipeline p { task a = python("nowhere:f") }\n', "utf-8")
    diagnostics = Diagnostics()
    check_references(load(file), [], diagnostics)
    assert [one.code for one in diagnostics.found] == ["L202"]
