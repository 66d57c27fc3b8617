"""The functions, classes and imports that generated code needs: found by the names it uses, copied from their source.

Nothing copied is ever imported here: the text of the modules is read, so that compiling needs no Airflow.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pipec.frozen import Frozen

from .layout import LINE_LENGTH
from .pods.runner import RUN_PYTHON, runner_definition
from .versions import AIRFLOW_3_3, Version

_MODULES = (
    "pipec.backends.airflow.embedded",
    "pipec.backends.airflow.embedded_alerts",
    "pipec.backends.airflow.embedded_ids",
    "pipec.backends.airflow.embedded_environments",
    "pipec.backends.airflow.embedded_maps",
    "pipec.backends.airflow.embedded_notebooks",
    "pipec.backends.airflow.embedded_pods",
    "pipec.backends.airflow.embedded_queries",
    "pipec.backends.airflow.embedded_secrets",
    "pipec.backends.airflow.embedded_waits",
    "pipec.runtime.looks",
    "pipec.runtime.notices",
    "pipec.runtime.posting",
    "pipec.runtime.process",
    "pipec.runtime.functions",  # what Python has no method or function for
    "pipec.runtime.values",
)
"""Where copies come from; in a generated file the definitions stand in this order."""

_SPELLED_OUT = frozenset({"FUNCTIONS", "join", "lower", "replace", "split", "upper"})
"""Functions of expressions that are printed as methods of str, so that they are never copied."""

_GENERATED_IMPORTS = {
    "KubernetesPodOperator": ("from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator"),
    "SQLExecuteQueryOperator": ("from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator"),
    "Secret": "from airflow.providers.cncf.kubernetes.secret import Secret",
    "k8s": "from kubernetes.client import models as k8s",
    "BashOperator": "from airflow.providers.standard.operators.bash import BashOperator",
    "EmptyOperator": "from airflow.providers.standard.operators.empty import EmptyOperator",
    "DateTimeSensor": "from airflow.providers.standard.sensors.date_time import DateTimeSensor",
    "Asset": "from airflow.sdk import Asset",
    "AssetAll": "from airflow.sdk import AssetAll",
    "AssetAny": "from airflow.sdk import AssetAny",
    "AssetOrTimeSchedule": "from airflow.sdk import AssetOrTimeSchedule",
    "CronTriggerTimetable": "from airflow.sdk import CronTriggerTimetable",
    "DAG": "from airflow.sdk import DAG",
    "DeadlineAlert": "from airflow.sdk import DeadlineAlert",
    "DeadlineReference": "from airflow.sdk import DeadlineReference",
    "DeltaTriggerTimetable": "from airflow.sdk import DeltaTriggerTimetable",
    "MultipleCronTriggerTimetable": "from airflow.sdk import MultipleCronTriggerTimetable",
    "Param": "from airflow.sdk import Param",
    "SyncCallback": "from airflow.sdk import SyncCallback",
    "TaskGroup": "from airflow.sdk import TaskGroup",
    "task": "from airflow.sdk import task",
    "task_group": "from airflow.sdk import task_group",
    "AirflowFailException": "from airflow.sdk.exceptions import AirflowFailException",
    "Path": "from pathlib import Path",
    "ZoneInfo": "from zoneinfo import ZoneInfo",
    "contextlib": "import contextlib",
    "datetime": "import datetime",
    "timedelta": "from datetime import timedelta",
}
"""What the generated code itself may import, by the name it is used by."""

_INSTALLED = ("airflow", "kubernetes")
"""Modules that are no part of Python, and come with Airflow."""

MARK = "# Copied from pipec, so that this file needs Airflow alone."
"""The comment above the definitions that stand below the DAG."""

TIMEZONE = "TIMEZONE"
"""The name of the time zone of the schedule in a generated file."""

EARLY = frozenset(
    {
        "Alert",
        "Approval",
        "EmailAlert",
        "FOR_EVER",
        "LogAlert",
        "PagerdutyAlert",
        "PodOperator",
        "PythonAlert",
        "PythonPodOperator",
        "SPOT_PREFERENCES",
        "SPOT_TOLERATIONS",
        "RetriedPodOperator",
        "RetriedPythonPodOperator",
        "RetryOn",
        "SlackAlert",
        "Wait",
        "WaitForMessage",
        "WebhookAlert",
        "only_if",
        "retried_on",
    }
)
"""Definitions that are used while the file is loaded, so that they stand above the tasks."""


class Definition(Frozen):
    """A function, class or constant that can be copied."""

    name: str
    source: str

    @property
    def needs(self) -> frozenset[str]:
        """The global names it uses; found when it is copied, since few of all are."""
        return _needs(self)

    @property
    def is_constant(self) -> bool:
        return not self.source.startswith(("def ", "class ", "@"))


class Support(Frozen):
    """What a generated file needs around its tasks: import statements in order, and copied definitions.

    `early` stand above the tasks and `late` below the DAG.
    """

    imports: tuple[str, ...] = ()
    early: tuple[Definition, ...] = ()
    late: tuple[Definition, ...] = ()
    uses_timezone: bool = False


@dataclass(slots=True)
class _Library:
    definitions: dict[str, Definition] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)


def global_names(source: str) -> set[str]:
    """The names a piece of Python takes from its surroundings, builtins left out."""
    table = symtable.symtable(source, "generated", "exec")
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced() and not symbol.is_assigned()}
    tables = list(table.get_children())
    while tables:
        inner = tables.pop()
        names.update(symbol.get_name() for symbol in inner.get_symbols() if symbol.is_global())
        tables.extend(inner.get_children())
    names.update(_annotation_names(ast.parse(source)))
    return names - set(dir(builtins))


def _annotation_names(tree: ast.AST) -> set[str]:
    """Names in annotations, which scopes do not show where annotations are kept as text."""
    annotations = [
        annotation
        for node in ast.walk(tree)
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if isinstance(annotation, ast.AST)
    ]
    return {name.id for annotation in annotations for name in ast.walk(annotation) if isinstance(name, ast.Name)}


def helper_names(version: Version = AIRFLOW_3_3) -> Set[str]:
    """Every name that a copied definition or an import may have in a generated file."""
    library = _library(version.embedded)
    return {*library.definitions, *library.imports, *_GENERATED_IMPORTS, *version.places, TIMEZONE}


_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|"[^"\\\n]*(?:\\.[^"\\\n]*)*"' + r"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'", re.DOTALL
)
_FORMATTED = re.compile(r"""\bf["']""")
_ASSIGNED = re.compile(r"\n *\w+ = ")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?!\w|\s*=(?!=))")


def names_used(source: str) -> set[str]:
    """All names in a piece of generated code, whose own variables are never called like something it needs.

    Where no string holds code they are found without parsing, which matters for thousands of tasks.
    """
    if ("f'" in source or 'f"' in source) and _FORMATTED.search(source):
        return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    plain = _ASSIGNED.sub("\n", _STRING.sub("''", source))
    lines = set(plain.splitlines())  # many are alike, but for the texts in them and the names they give
    return set(_NAME.findall("\n".join(lines)))


def support_for(used: Set[str], version: Version = AIRFLOW_3_3) -> Support:
    """What generated code that uses these names needs, in an order that is always the same."""
    library = _library(version.embedded)
    needed = set(used)
    pending = list(used & library.definitions.keys())
    while pending:
        more = library.definitions[pending.pop()].needs - needed
        needed |= more
        pending.extend(more & library.definitions.keys())
    if TIMEZONE in needed:
        needed.add("ZoneInfo")
    available = {**library.imports, **_GENERATED_IMPORTS}
    statements = {version.import_of(name, available.get(name, "")) for name in needed & {*available, *version.places}}
    copied = [definition for name, definition in library.definitions.items() if name in needed]
    return Support(
        imports=tuple(sorted_imports(statements)),
        early=tuple(definition for definition in copied if definition.name in EARLY),
        late=tuple(definition for definition in copied if definition.name not in EARLY),
        uses_timezone=TIMEZONE in needed,
    )


def sorted_imports(statements: Iterable[str]) -> list[str]:
    """Import statements in three blocks (future, standard library, Airflow), with an empty line between."""
    plain = sorted(statement for statement in statements if statement.startswith("import "))
    members: dict[str, list[str]] = {}
    for statement in statements:
        if statement.startswith("from "):
            module, _, name = statement.removeprefix("from ").partition(" import ")
            members.setdefault(module, []).append(name)
    lines = {module: _import_line(module, _member_order(names)) for module, names in members.items()}
    future = [lines[module] for module in sorted(lines) if module == "__future__"]
    standard = [
        line for module, line in sorted(lines.items()) if module != "__future__" and not module.startswith(_INSTALLED)
    ]
    installed = [line for module, line in sorted(lines.items()) if module.startswith(_INSTALLED)]
    blocks = [block for block in (future, plain + standard, installed) if block]
    return [line for number, block in enumerate(blocks) for line in (["", *block] if number else block)]


def _import_line(module: str, names: list[str]) -> str:
    """One statement; a name a line where all are too long for one."""
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= LINE_LENGTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])


def _member_order(names: Iterable[str]) -> list[str]:
    """Constants, then classes, then functions, as isort has them."""
    return sorted(
        set(names), key=lambda name: (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2, name)
    )


@cache
def _library(embedded: str | None = None) -> _Library:
    """What can be copied and imported; the definitions of the module `embedded` stand for others of their names."""
    library = _Library()
    for module in (*_MODULES, *([embedded] if embedded is not None else [])):
        _read_module(module, library)
    _add(library, RUN_PYTHON, runner_definition())
    return library


def _read_module(module: str, library: _Library) -> None:
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    text = Path(found.origin).read_text("utf-8")
    lines = text.splitlines()
    body = ast.parse(text).body
    for position, node in enumerate(body):
        match node:
            case ast.Import(names=names):
                library.imports.update({alias.name: f"import {alias.name}" for alias in names})
            case ast.ImportFrom(module=origin, names=names, level=0) if origin and not origin.startswith(
                ("pipec", "__")
            ):
                library.imports.update({alias.name: f"from {origin} import {alias.name}" for alias in names})
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if name not in _SPELLED_OUT:
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                assert node.end_lineno is not None
                _add(library, name, "\n".join(lines[first - 1 : node.end_lineno]))
            case ast.Assign(targets=[ast.Name(id=name)]) if name != TIMEZONE and name not in _SPELLED_OUT:
                assert node.end_lineno is not None
                last = _end_of_comment(body, position) or node.end_lineno
                _add(library, name, "\n".join(lines[node.lineno - 1 : last]))


def _end_of_comment(body: list[ast.stmt], position: int) -> int | None:
    """The last line of the string that documents a constant."""
    following = body[position + 1] if position + 1 < len(body) else None
    is_comment = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
    return following.end_lineno if following is not None and is_comment else None


def _add(library: _Library, name: str, source: str) -> None:
    library.definitions[name] = Definition(name, source)


@cache
def _needs(definition: Definition) -> frozenset[str]:
    return frozenset(global_names(definition.source)) - {definition.name}
