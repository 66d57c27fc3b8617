"""What is copied into DAG files: everything that is needed, and nothing else."""

from __future__ import annotations

import ast

import pytest
from pipec.backends.airflow.support import (
    _library,
    global_names,
    helper_names,
    names_used,
    sorted_imports,
    support_for,
)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(a, b=C):\n    return a + D", {"C", "D"}),
        ("def f(environment):\n    return environment", set()),
        ("def f():\n    import os\n    return os.sep", set()),
        ("def f() -> 'X':\n    return [g(i) for i in H]", {"g", "H"}),
        ("def f(a: T[U]) -> V:\n    return len(a)", {"T", "U", "V"}),
        ("class A(B):\n    def f(self):\n        def inner():\n            return C\n        return inner", {"B", "C"}),
    ],
)
def test_global_names(source: str, names: set[str]) -> None:
    assert global_names(source) == names


def test_names_in_strings_are_not_used() -> None:
    used = names_used("@a.b(c)\ndef f(d):\n    'from_json'\n    return e(to_text=1)")
    assert {"a", "c", "e"} <= used
    assert used.isdisjoint({"b", "from_json", "to_text"})
    assert "to_text" in names_used("f(f'{to_text(x)}')")


def test_every_definition_brings_all_it_needs() -> None:
    for name in _library().definitions:
        support = support_for({name})
        provided = {definition.name for definition in (*support.early, *support.late)} | {"TIMEZONE"}
        statements = ast.parse("\n".join(support.imports)).body
        provided.update(alias.asname or alias.name for node in statements for alias in getattr(node, "names", ()))
        assert name in provided
        needed = set().union(*(definition.needs for definition in (*support.early, *support.late)))
        assert needed <= provided | {"__file__"}, name


def test_only_what_is_needed_is_copied() -> None:
    support = support_for({"basename"})
    assert [definition.name for definition in support.late] == ["basename"]
    assert support.imports == ("import posixpath",)
    assert support_for({"print"}).imports == ()


def test_no_definition_comes_from_two_modules() -> None:
    assert not set(_library().definitions) & set(_library().imports)
    assert {"to_text", "run_program", "DAG", "timedelta"} <= helper_names()


def test_imports_stand_as_isort_has_them() -> None:
    assert sorted_imports(
        {
            "from airflow.sdk import task",
            "from airflow.sdk import DAG",
            "from airflow.sdk import Param",
            "import os",
            "from datetime import timedelta",
            "import datetime",
        }
    ) == [
        "import datetime",
        "import os",
        "from datetime import timedelta",
        "",
        "from airflow.sdk import DAG, Param, task",
    ]
