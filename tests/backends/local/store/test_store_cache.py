"""When a task need not run again, and what is said of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pipec.backends.local.cache import CacheKey, Uncacheable, cache_key, explain, look_up, missing_outputs
from pipec.backends.local.fingerprint import ModuleSource, ModuleSources
from pipec.backends.local.store.records import CacheEntry
from pipec.backends.local.store.store import RunStore

from pipec.engine.events import StartAttempt
from pipec.ir.model import CommandLine, PythonFunction, SecretReference, ShellScript, Task
from tests.backends.local.store.samples import AT
from tests.support.ir_builder import decision, expression, record, task

PYTHON = PythonFunction(module="wafer.steps", function="train")
BASE = task("t", implementation=ShellScript(text="make"), outputs={"path": "file", "n": "int"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore.open(tmp_path / ".pipec")
    yield opened
    opened.close()


def key_of(
    folder: Path, built: Task, inputs: Mapping[str, Any] | None = None, arguments: tuple[str, ...] = ()
) -> CacheKey:
    found = cache_key(built, StartAttempt(built.id, 1, dict(inputs or {}), arguments), folder, ModuleSources(folder))
    assert isinstance(found, CacheKey), found
    return found


def with_options(built: Task, **options: Any) -> Task:
    changed: Task = built.model_copy(update={"options": built.options.model_copy(update=options)})
    return changed


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        (BASE.model_copy(update={"implementation": ShellScript(text="make all")}), "shell text"),
        (with_options(BASE, env={"MODE": "dev"}), "env MODE"),
        (with_options(BASE, env={"TOKEN": SecretReference(name="token")}), "env TOKEN"),
        (with_options(BASE, secrets={"KEY": SecretReference(name="key")}), "env KEY"),
        (with_options(BASE, working_dir="sub"), "working folder"),
        (task("t", implementation=ShellScript(text="make"), outputs={"path": "file", "n": "float"}), "outputs"),
        (task("t", implementation=ShellScript(text="make"), outputs="file"), "outputs"),
    ],
)
def test_what_goes_into_a_key(changed: Task, part: str, tmp_path: Path) -> None:
    before, now = key_of(tmp_path, BASE), key_of(tmp_path, changed)
    assert before.key != now.key
    differing = {name for name in {**before.parts, **now.parts} if before.parts.get(name) != now.parts.get(name)}
    assert differing == {part}


@pytest.mark.parametrize(
    "same",
    [
        BASE,
        BASE.model_copy(update={"id": "renamed", "name": "renamed"}),
        with_options(BASE, timeout=5.0, cache=True, tags=("x",)),
    ],
)
def test_what_does_not_go_into_a_key(same: Task, tmp_path: Path) -> None:
    assert key_of(tmp_path, same) == key_of(tmp_path, BASE)


def test_inputs_and_arguments_go_into_a_key(tmp_path: Path) -> None:
    line = task("t", implementation=CommandLine(arguments=(expression("ls"),)))
    keys = [
        key_of(tmp_path, BASE, {"day": "2026-01-01"}),
        key_of(tmp_path, BASE, {"day": "2026-01-02"}),
        key_of(tmp_path, BASE, {"day": "x" * 1000}),
        key_of(tmp_path, BASE, {"day": "x" * 1001}),
        key_of(tmp_path, BASE, {"day": 1}),
        key_of(tmp_path, BASE, {"day": True}),
        key_of(tmp_path, line, arguments=("ls",)),
        key_of(tmp_path, line, arguments=("ls", "-l")),
        key_of(tmp_path / "elsewhere", BASE),
    ]
    assert len({key.key for key in keys}) == len(keys)


def test_a_secret_is_known_by_its_name_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "s3cret")
    key = key_of(tmp_path, with_options(BASE, env={"TOKEN": SecretReference(name="token")}))
    assert key.parts["env TOKEN"] == '{"secret": "token"}'
    assert "s3cret" not in str(key)


def test_the_source_of_the_module_goes_into_a_key(tmp_path: Path) -> None:
    built = task("t", implementation=PYTHON)
    write(tmp_path, {"wafer/__init__.py": "raise SystemExit", "wafer/steps.py": "def train(): 1"})
    before = key_of(tmp_path, built)
    write(tmp_path, {"wafer/steps.py": "def train(): 2"})
    now = key_of(tmp_path, built)
    entry = CacheEntry(before.key, before.parts, "p", "t", "r", AT, {})
    assert explain(now.parts, entry) == ["the source of wafer/steps.py has changed"]
    assert "wafer" not in sys.modules


@pytest.mark.parametrize(
    ("built", "reason"),
    [
        (task("t", implementation=PYTHON), "there is no module wafer.steps in "),
        (task("t", implementation=PythonFunction(module="time", function="time")), "the module time has no file"),
        (decision("d", True), "a task of the kind decision always runs"),
    ],
)
def test_what_has_no_key(built: Task, reason: str, tmp_path: Path) -> None:
    found = cache_key(built, StartAttempt("t", 1, {}), tmp_path, ModuleSources(tmp_path))
    assert isinstance(found, Uncacheable)
    assert found.reason.startswith(reason)


# --- modules -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "module", "path"),
    [
        ({"steps.py": "x"}, "steps", "steps.py"),
        ({"pkg/__init__.py": "x"}, "pkg", "pkg/__init__.py"),
        ({"pkg/__init__.py": "", "pkg/a/__init__.py": "", "pkg/a/b.py": "x"}, "pkg.a.b", "pkg/a/b.py"),
        ({"space/deep/steps.py": "x"}, "space.deep.steps", "space/deep/steps.py"),
        ({"json/__init__.py": "x", "json/steps.py": "x"}, "json.steps", "json/steps.py"),
        ({"broken.py": "def ("}, "broken", "broken.py"),
    ],
)
def test_modules_are_found_without_importing_them(
    files: dict[str, str], module: str, path: str, tmp_path: Path
) -> None:
    write(tmp_path, files)
    found = ModuleSources(tmp_path).find(module)
    assert isinstance(found, ModuleSource)
    assert found.path == path
    assert len(found.digest) == 64


def test_modules_are_found_where_python_looks(tmp_path: Path) -> None:
    for module in ("json.decoder", "pipec.engine.events", "email"):
        found = ModuleSources(tmp_path).find(module)
        assert isinstance(found, ModuleSource), found


@pytest.mark.parametrize("module", ["steps.inner", "nothing", "space.nothing", "space"])
def test_modules_that_are_not_there(module: str, tmp_path: Path) -> None:
    write(tmp_path, {"steps.py": "", "space/x.py": ""})
    assert isinstance(ModuleSources(tmp_path).find(module), str)


# --- lookups -------------------------------------------------------------------------------------


def entry_of(key: CacheKey, **facts: Any) -> CacheEntry:
    given = {"pipeline": "p", "task": "t", "run_id": "earlier", "stored_at": AT, "outputs": {"path": "out.csv", "n": 1}}
    return CacheEntry(key.key, key.parts, **{**given, **facts})


def test_the_tables_of_the_cache(store: RunStore) -> None:
    old = CacheEntry("k1", {"a": "1"}, "p", "t", "r1", AT, {"n": [1, "\ud800"]})
    new = replace(old, key="k2", run_id="r2", stored_at=AT + 10)
    for entry in (old, new, replace(old, key="k3", task="other")):
        store.cache_store(entry)
    assert store.cache_lookup("k1") == old
    assert store.cache_lookup("k1", AT) == old
    assert store.cache_lookup("k1", AT + 1) is None
    assert store.cache_lookup("nothing") is None
    assert store.cache_latest("p", "t") == new
    assert store.cache_latest("other", "t") is None
    again = replace(old, run_id="r3", stored_at=AT + 20)
    store.cache_store(again)
    assert store.cache_lookup("k1") == store.cache_latest("p", "t") == again


@pytest.mark.parametrize(
    ("cache", "now", "inputs", "file", "reasons"),
    [
        (True, AT + 1e9, {"day": "2026-01-01"}, "out.csv", ["nothing has changed since run earlier"]),
        (3600.0, AT + 3600, {"day": "2026-01-01"}, "out.csv", ["nothing has changed since run earlier"]),
        (3600.0, AT + 3601, {"day": "2026-01-01"}, "out.csv", ["older than 1h"]),
        (True, AT, {"day": "2026-01-01"}, "other.csv", ["outputs no longer there: out.csv"]),
        (True, AT, {"day": "2026-01-02"}, "out.csv", ["input day was 2026-01-01 and is 2026-01-02"]),
        (True, AT, {"day": "d" * 99}, "out.csv", ["input day has changed"]),
        (True, AT, {"to": 1}, "out.csv", ["input to is new", "input day is gone"]),
    ],
)
def test_hits_and_misses_say_why(
    cache: bool | float,
    now: float,
    inputs: dict[str, Any],
    file: str,
    reasons: list[str],
    store: RunStore,
    tmp_path: Path,
) -> None:
    entry = entry_of(key_of(tmp_path, BASE, {"day": "2026-01-01"}))
    store.cache_store(entry)
    (tmp_path / file).write_text("")
    built = with_options(BASE, cache=cache)
    verdict = look_up(store, "p", built, "t", key_of(tmp_path, built, inputs), tmp_path, now)
    assert sorted(verdict.reasons) == sorted(reasons)
    assert verdict.hit == (entry if reasons[0].startswith("nothing") else None)


def test_the_first_time_and_what_is_never_cached(store: RunStore, tmp_path: Path) -> None:
    built = with_options(BASE, cache=True)
    assert look_up(store, "p", built, "t", key_of(tmp_path, built), tmp_path, AT).reasons == ("never run before",)
    assert look_up(store, "p", built, "t", Uncacheable("because"), tmp_path, AT).reasons == ("because",)


@pytest.mark.parametrize(
    ("type_text", "value", "missing"),
    [
        ("file", "out.csv", []),
        ("file", "gone.csv", ["gone.csv"]),
        ("dir", ".", []),
        ("model", "{folder}/sub/out.csv", []),
        ("dataset", "file://{folder}/sub/out.csv", []),
        ("dataset", "file://{folder}/sub/with%20space", []),
        ("dataset", "file:///nowhere/x", ["file:///nowhere/x"]),
        ("metrics", "s3://bucket/x", []),
        ("file?", None, []),
        ("file?", "gone.csv", ["gone.csv"]),
        ("list[file]", ["out.csv", "gone.csv"], ["gone.csv"]),
        ("dict[str, file]", {"a": "gone.csv"}, ["gone.csv"]),
        ("str", "gone.csv", []),
    ],
)
def test_local_outputs_must_still_be_there(type_text: str, value: Any, missing: list[str], tmp_path: Path) -> None:
    write(tmp_path, {"sub/out.csv": "", "sub/with space": ""})
    built = with_options(task("t", outputs={"x": type_text}), working_dir="sub")
    given = value.format(folder=tmp_path) if isinstance(value, str) else value
    assert missing_outputs(built, {"x": given}, tmp_path) == missing


def test_local_outputs_in_a_record(tmp_path: Path) -> None:
    built = task("t", outputs={"x": "file"})
    output = built.outputs[0].model_copy(update={"type": record(a="file", b="int")})
    built = built.model_copy(update={"outputs": (output,)})
    assert missing_outputs(built, {"x": {"a": "gone.csv", "b": 1}}, tmp_path) == ["gone.csv"]
