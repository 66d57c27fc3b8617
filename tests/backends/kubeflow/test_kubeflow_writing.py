"""Readers of YAML 1.1, of YAML 1.2, of Go and of nothing but what is surely the same everywhere see the same data."""

from __future__ import annotations

import io
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pipec.backends.kubeflow.specification import Specification
from pipec.backends.kubeflow.writing import document, to_yaml
from ruamel.yaml import YAML

from tests.backends.airflow.hostile import TEXTS
from tests.backends.kubeflow import go_yaml, strict_yaml

LOOKS_LIKE = (
    *("1e3", "1E5", "1e-3", "0e0", "08", "09", "0o17", "0x1f", "0b1", "1_000", "12:30:45", "0777", "-1", "+1", ".5"),
    *("on", "off", "yes", "No", "y", "n", "Y", "true", "FALSE", "null", "Null", "~", "", "=", "<<", ".inf", ".NaN"),
    *("2024-01-01", "2024-01-01T00:00:00Z", "- a", "a: b", "? a", "# a", "a #b", "&a", "*a", "!a", "!!str", "@a"),
    *("%a", "|", ">", "[a]", "{a: b}", "---", "...", "\ufeff", "\x85", "\u2028", "\x7f", "\ufffe", "\U0001f600"),
    *("{{$", "{{$}}", "{{$.inputs.parameters['x']}}", "{{channel:task=;name=other;type=String;}}", "[[RunUUID]]"),
)
"""Texts that one reader or another takes for something else where they are not in quotes."""

ANY_TEXT = st.one_of(st.sampled_from(LOOKS_LIKE), TEXTS)
VALUES = st.recursive(
    st.one_of(
        ANY_TEXT,
        st.booleans(),
        st.none(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(ANY_TEXT, inner, max_size=4)),
    max_leaves=12,
)


def readings(text: str) -> dict[str, list[Any]]:
    """The documents of a file as each reader has them."""
    newer = YAML(typ="safe", pure=True)
    return {
        "1.1": list(yaml.load_all(text, yaml.SafeLoader)),
        "1.2": list(newer.load_all(io.StringIO(text))),
        "strict": strict_yaml.read(text),
    }


def assert_read_alike(text: str, *data: Any) -> None:
    """Every reader has these documents; `repr` tells 1 from 1.0 and true."""
    for reader, found in readings(text).items():
        assert repr([_in_order(one) for one in found]) == repr([_in_order(one) for one in data]), reader
    found, written = go_yaml.read(text), go_yaml.with_doubles(list(data))
    assert repr(_in_order(go_yaml.with_doubles(found))) == repr(_in_order(written)), "Go"


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_order(value[key]) for key in sorted(value)}
    return [_in_order(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("text", LOOKS_LIKE)
def test_a_text_stays_a_text(text: str) -> None:
    data = {text: text, "list": [text, [text], {text: [text]}]}
    assert_read_alike(document(data), data)


@pytest.mark.engine
@given(data=st.dictionaries(ANY_TEXT, VALUES, min_size=1))
def test_any_data_is_read_alike(data: dict[str, Any]) -> None:
    assert_read_alike(document(data), data)


NUMBERS = {
    7.0: "7.0",
    0.25: "0.25",
    1e16: "1.0e+16",
    1.5e300: "1.5e+300",
    1e-7: "1.0e-07",
    -0.0: "-0.0",
    9007199254740992: "9007199254740992",
}


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers(number: float) -> None:
    text = document({"n": number})
    assert text == f'"n": {NUMBERS[number]}\n'
    assert_read_alike(text, {"n": number})


@pytest.mark.parametrize("length", [997, 998, 999, 1022, 5000])
def test_long_keys(length: int) -> None:
    data = {"a": {"k" * length: {"x": [1]}, "m": 2}, "l": [{"k" * length: "v", "z": {}}, [[], {"k" * length: [None]}]]}
    assert_read_alike(document(data), data)


def test_the_form() -> None:
    data = {"b": {"list": ["a", {"x": 1.0, "y": [True]}, ["n"]], "none": [], "empty": {}}, "a": "two\nlines"}
    specification = Specification(data, {"deploymentSpec": {"executors": {}}})
    assert to_yaml(specification, "One.\nTwo.") == (
        "# One.\n"
        "# Two.\n"
        '"a": "two\\nlines"\n'
        '"b":\n'
        '  "empty": {}\n'
        '  "list":\n'
        '  - "a"\n'
        '  - "x": 1.0\n'
        '    "y":\n'
        "    - true\n"
        '  - - "n"\n'
        '  "none": []\n'
        "---\n"
        '"platforms":\n'
        '  "kubernetes":\n'
        '    "deploymentSpec":\n'
        '      "executors": {}\n'
    )
    platform: dict[str, Any] = {"platforms": {"kubernetes": {"deploymentSpec": {"executors": {}}}}}
    assert_read_alike(to_yaml(specification, "One."), data, platform)


@pytest.mark.parametrize(
    "text", ["a: 1\n", '"a": b\n', '"a": 1e3\n', '"a": 1\n"a": 2\n', '"a": "\\x41"\n', '"a":\n', '"a": 1\n- "b"\n']
)
def test_the_strict_reader_takes_nothing_else(text: str) -> None:
    with pytest.raises(strict_yaml.StrictError):
        strict_yaml.read(text)
