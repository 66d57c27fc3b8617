"""What is read from the text of modules against what Python makes of them when it imports them."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from pipec.references.modules import Modules, PythonModule
from pipec.references.resolving import Absent, Defined, NotCallable, resolve
from pipec.references.signatures import is_generator, signature

_MODULES = [
    "argparse", "ast", "asyncio.tasks", "base64", "bisect", "calendar", "collections", "contextlib", "copy", "csv",
    "dataclasses", "datetime", "decimal", "difflib", "email.utils", "enum", "fractions", "functools", "glob", "hashlib",
    "heapq", "html", "http.client", "inspect", "io", "json", "json.decoder", "locale", "logging", "logging.config",
    "mimetypes", "operator", "os", "os.path", "pathlib", "pickle", "platform", "posixpath", "pprint", "queue", "random",
    "re", "shlex", "shutil", "signal", "socket", "sqlite3", "statistics", "string", "subprocess", "tempfile",
    "textwrap", "threading", "tokenize", "traceback", "types", "typing", "unittest", "unittest.mock", "urllib.parse",
    "urllib.request", "uuid", "warnings", "weakref", "xml.etree.ElementTree", "zipfile", "zoneinfo",
    "croniter", "jinja2", "networkx", "pydantic", "lark", "pytest", "hypothesis",
]  # fmt: skip


def _compare(module: ModuleType, read: PythonModule, modules: Modules, name: str) -> str | None:
    """What was read wrongly of a name, None where nothing was."""
    value = getattr(module, name)
    match resolve(read, name, modules):
        case Absent():
            return f"{module.__name__}.{name} is there"
        case NotCallable() if callable(value):
            return f"{module.__name__}.{name} can be called"
        case Defined() as defined:
            found = signature(defined)
            if found is None or not callable(value):
                return None
            if found.is_plain and inspect.isgeneratorfunction(value) != is_generator(found.node):
                return f"{module.__name__}.{name}: one of the two is a generator"
            return _compare_signatures(value, {one.name: one.has_default for one in found.parameters}, found.text)
        case _:
            return None


def _compare_signatures(value: object, read: dict[str, bool], text: str) -> str | None:
    try:
        real = inspect.signature(value, follow_wrapped=False) if callable(value) else None
    except (TypeError, ValueError):
        return None
    if real is None or inspect.isclass(value):
        return None
    expected = {
        one.name: one.default is not inspect.Parameter.empty
        for one in real.parameters.values()
        if one.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    }
    return None if expected == read else f"{text}: {expected}"


@pytest.mark.engine
@pytest.mark.parametrize("name", _MODULES)
def test_what_is_read_is_what_python_makes_of_it(name: str, tmp_path: Path) -> None:
    module = import_module(name)
    modules = Modules(tmp_path / "main.pipe", tmp_path, ())
    read = modules.find(name)
    if not isinstance(read, PythonModule):
        return
    lost = set(read.bindings.names) - set(vars(module))
    wrong = [_compare(module, read, modules, one) for one in vars(module) if not one.startswith(("_", "@"))]
    assert [one for one in wrong if one is not None] == []
    assert read.bindings.is_dynamic or not lost & set(getattr(module, "__all__", ()))


def test_some_of_them_are_read() -> None:
    modules = Modules(Path("/nowhere/main.pipe"), Path("/nowhere"), ())
    read = modules.find("textwrap")
    assert isinstance(read, PythonModule)
    assert read.bindings.functions() == ["TextWrapper", "wrap", "fill", "shorten", "dedent", "indent"]
