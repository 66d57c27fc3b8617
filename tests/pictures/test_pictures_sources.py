"""Pictures whose layout others do: Mermaid and Graphviz."""

from __future__ import annotations

from pipec.analysis.plan import plan
from pipec.pictures.sources import dot, mermaid
from tests.analysis.builders import from_edges

SMALL = from_edges({'load["a"]': [], "b": [], "c": ['load["a"]', "b"]}, {'load["a"]': 2, "b": 1, "c": 1})


def test_mermaid() -> None:
    assert mermaid(plan(SMALL)) == (
        "flowchart LR\n"
        '  t0["load[#quot;a#quot;]<br>2s"]\n'
        '  t1["b<br>1s"]\n'
        '  t2["c<br>1s"]\n'
        "  t0 ==> t2\n"
        "  t1 --> t2\n"
        "  classDef critical stroke-width:3px\n"
        "  class t0,t2 critical\n"
    )


def test_dot() -> None:
    assert dot(plan(SMALL)) == (
        'digraph "p" {\n'
        "  rankdir=LR;\n"
        "  node [shape=box];\n"
        '  "load[\\"a\\"]" [label="load[\\"a\\"]\\n2s", penwidth=3];\n'
        '  "b" [label="b\\n1s"];\n'
        '  "c" [label="c\\n1s", penwidth=3];\n'
        '  "load[\\"a\\"]" -> "c" [penwidth=3];\n'
        '  "b" -> "c";\n'
        "}\n"
    )
