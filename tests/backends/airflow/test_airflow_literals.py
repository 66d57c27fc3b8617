from __future__ import annotations

import ast
import inspect
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined
from pipec.backends.airflow.escape import bash_escape, jinja_escape
from pipec.backends.airflow.literals import (
    docstring,
    py,
    string_source,
    text_source,
    timedelta_source,
    typed_source,
)

from tests.support.ir_builder import type_named

HOSTILE = st.text(st.sampled_from("ab'\"\\\n\r {}%#$.sh\x00\u2028é🎉\ud800")) | st.text()


@given(HOSTILE)
@example('a"\nb"')
def test_strings_read_back(text: str) -> None:
    assert ast.literal_eval(string_source(text)) == text
    assert ast.literal_eval(text_source(text)) == text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | HOSTILE,
        lambda inner: st.lists(inner) | st.dictionaries(HOSTILE, inner),
    )
)
def test_values_read_back(value: Any) -> None:
    assert ast.literal_eval(py(value)) == value


def test_what_is_no_literal_is_refused() -> None:
    with pytest.raises(TypeError):
        py(object())


@given(HOSTILE)
def test_docstrings_read_back(text: str) -> None:
    shown = docstring(text, 4)
    if shown is not None:
        assert inspect.cleandoc(ast.literal_eval(shown)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", '"""plain"""'),
        ("two\n\nlines", '"""two\n\n    lines\n    """'),
        ('say "hi"', None),
        ("back\\slash", None),
        (" padded", None),
        ("", None),
    ],
)
def test_docstrings(text: str, shown: str | None) -> None:
    assert docstring(text, 4) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", '"plain"'),
        ("it's", '"it\'s"'),
        ('say "hi"', "'say \"hi\"'"),
        ("both ' and \"", '"both \' and \\""'),
        ("\n", '"\\n"'),
        ("a\nb", '"""\\\na\nb"""'),
        ('a\nb"', '"""\\\na\nb"\\\n"""'),
        ("a\nb\t", '"a\\nb\\t"'),
    ],
)
def test_text(text: str, shown: str) -> None:
    assert text_source(text) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "timedelta(seconds=0)"),
        (90, "timedelta(seconds=90)"),
        (120.0, "timedelta(minutes=2)"),
        (7200, "timedelta(hours=2)"),
        (172800, "timedelta(days=2)"),
        (0.25, "timedelta(seconds=0.25)"),
    ],
)
def test_durations(seconds: float, shown: str) -> None:
    assert timedelta_source(seconds) == shown


@pytest.mark.parametrize(
    ("value", "type", "native"),
    [
        ("2026-01-02", "date", date(2026, 1, 2)),
        ("2026-01-02T03:04:05+01:00", "datetime", datetime.fromisoformat("2026-01-02T03:04:05+01:00")),
        (90, "duration", timedelta(seconds=90)),
        (1, "float", 1.0),
        (["2026-01-02"], "list[date]", [date(2026, 1, 2)]),
        ({"a": 90}, "dict[str, duration]", {"a": timedelta(seconds=90)}),
        (None, "date?", None),
        ("2026-01-02", "str", "2026-01-02"),
        ({"a": [1, None, True]}, "json", {"a": [1, None, True]}),
    ],
)
def test_typed_values(value: Any, type: str, native: Any) -> None:
    import datetime as datetime_module

    shown = typed_source(value, type_named(type))
    evaluated = eval(shown, {"datetime": datetime_module, "timedelta": timedelta})
    assert evaluated == native
    assert repr(evaluated) == repr(native)


def rendered(template: str) -> str:
    """As Airflow renders a field that is no file name."""
    assert not template.endswith((".sh", ".bash"))
    return Environment(undefined=StrictUndefined).from_string(template).render()


@given(HOSTILE.filter(lambda text: text.isprintable() or "\n" in text))
@example("run.sh")
@example("{{ ds }}\r\n")
@example("{\r")
def test_jinja_gives_the_text_back(text: str) -> None:
    assert rendered(jinja_escape(text)) == text


@given(HOSTILE)
@example("a\nrun.sh")
@example("run.bash")
def test_scripts_get_at_most_a_blank_at_their_end(text: str) -> None:
    given = rendered(bash_escape(text))
    assert given == text or (text.endswith((".sh", ".bash")) and given.rstrip() == text)
    assert not given.endswith((".sh", ".bash"))
