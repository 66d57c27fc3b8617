"""Texts as Kubernetes writes them, and texts that Kubernetes leaves alone."""

from __future__ import annotations

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipec.backends.airflow.pods.escape import AT_RUN_TIME, container_escape, kubernetes_escape

from pipec.analysis.pods import Toleration, secret_key, toleration
from pipec.analysis.quantities import cores, memory
from tests.backends.airflow.pods.cluster import expanded

TEXTS = st.text(st.one_of(st.sampled_from("$(){}%#A\n\r"), st.characters()))


@given(TEXTS)
def test_kubernetes_gives_the_text_back(text: str) -> None:
    variables = {"A": "WRONG", "": "WRONG"}
    assert expanded(kubernetes_escape(text), variables) == text
    assert expanded(jinja2.Environment().from_string(container_escape(text)).render(), variables) == text
    late = jinja2.Environment().from_string("{{ value" + AT_RUN_TIME + " }}").render(value=text)
    assert expanded(late, variables) == text


def test_what_begins_nothing_is_not_escaped() -> None:
    assert kubernetes_escape("$HOME ${HOME} $") == "$HOME ${HOME} $"
    assert kubernetes_escape("$(date)") == "$$(date)"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (32 << 30, "32Gi"),
        (1536 << 20, "1536Mi"),
        (1 << 40, "1Ti"),
        (1 << 10, "1Ki"),
        (1_500_000_000, "1500000000"),
        (1, "1"),
    ],
)
def test_memory(size: int, text: str) -> None:
    assert memory(size) == text


@pytest.mark.parametrize(
    ("number", "text"), [(8.0, "8"), (0.5, "500m"), (1.25, "1250m"), (0.1, "100m"), (0.0001, "1m"), (0.3, "300m")]
)
def test_cores(number: float, text: str) -> None:
    assert cores(number) == text


def test_tolerations() -> None:
    assert toleration("a=b:NoSchedule") == Toleration(key="a", value="b", effect="NoSchedule")
    assert toleration("example.com/a:NoExecute") == Toleration(key="example.com/a", effect="NoExecute")
    assert toleration("a=:PreferNoSchedule") == Toleration(key="a", value="", effect="PreferNoSchedule")
    assert toleration("a") == Toleration(key="a")


def test_secrets() -> None:
    assert (secret_key("a").secret, secret_key("a").key) == ("a", "value")
    assert (secret_key("a/b.c").secret, secret_key("a/b.c").key) == ("a", "b.c")
