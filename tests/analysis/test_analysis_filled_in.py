"""Which texts an engine would look into, and at what in them."""

from __future__ import annotations

import pytest

from pipec.analysis.filled_in import texts_filled_in
from pipec.api import load

FOUND = {
    'p(a: str = "x {{ y }} z") { task t = shell("true") }': [("parameter `a`", "{{ y }} z")],
    'p(a: list[str] = ["$(HOME)", "b"]) { task t = shell("true") }': [("parameter `a`", "$(HOME)")],
    'p(a: dict[str, str] = { "$$": "{{" }) { task t = shell("true") }': [
        ("parameter `a`", "$$"),
        ("parameter `a`", "{{"),
    ],
    'p(a: str = "{ { $HOME {x}", b: int = 1, c: str) { task t = shell("true") }': [],
    'p { task t = shell("true") { env = { A: "{{x}}", B: "$(x)" } } }': [("task `t`", "{{x}}")],
    'p { task t = shell("echo {{x}} $$") { image = "a" } }': [],
    'p { task t(x = "{{x}}") = command(["echo", "{{x}}"]) }': [],
    'p { task t = image("a", command = ["{{=1}}"], args = ["$(x)", "b"]) }': [("task `t`", "{{=1}}")],
    """p { task t = image("a", args = ['{"Concat": []}', '{"Conc": []}']) }""": [("task `t`", '{"Concat": []}')],
    'p(d: str) { task t = image("a", args = ["{{x}}-${d}"]) }': [("task `t`", "{{x}}-")],
}


@pytest.mark.parametrize("source", FOUND)
def test_what_is_found(source: str) -> None:
    loaded = load("p.pipe", text=f"pipeline {source}\n")
    assert loaded.program is not None, [one.message for one in loaded.diagnostics.found]
    found = list(texts_filled_in(loaded.program.pipelines["p"]))
    assert [(one.subject, one.shown) for one in found] == FOUND[source]


def test_a_long_text_is_cut() -> None:
    loaded = load("p.pipe", text=f'pipeline p(a: str = "{{{{{"x" * 90}") {{ task t = shell("true") }}\n')
    assert loaded.program is not None
    (found,) = texts_filled_in(loaded.program.pipelines["p"])
    assert found.shown == "{{" + "x" * 38
    assert loaded.span_of(found.location).source.path == "p.pipe"
