"""Pictures whose layout others do: Mermaid and Graphviz."""

from __future__ import annotations

import re

from pipec.analysis.plan import plan
from pipec.pictures.graphviz import dot
from pipec.pictures.mermaid import mermaid
from tests.analysis.builders import from_edges
from tests.pictures.samples import SHIP, read, renamed

SMALL = from_edges({'load["a"]': [], "b": [], "c": ['load["a"]', "b"]}, {'load["a"]': 2, "b": 1, "c": 1})


SHIP_FLOWCHART = """\
flowchart LR
  n0["fetch<br>10m"]
  n1["enough"]
  subgraph f2["map station in fetch.stations, at most 4 at once"]
    n2["calibrate<br>2m"]
  end
  subgraph f0["features"]
    n3["tabular<br>20m"]
    n4["images<br>35m"]
  end
  n5[["train \N{MULTIPLICATION SIGN} 6<br>40m"]]
  n6["select<br>1m"]
  n7{"good_enough"}
  n8["release"]
  n9["deploy<br>5m"]
  n10["tell<br>1m"]
  subgraph f1["finally"]
    n11["clean_up<br>1m"]
  end
  n0 ==> n1
  n0 -.-> n2
  n1 --> n2
  n1 --> n3
  n1 ==> n4
  n3 --> n5
  n4 ==> n5
  n2 --> n6
  n5 ==> n6
  n6 ==> n7
  n7 ==>|yes| n8
  n8 ==> n9
  n7 -->|no| n10
  n9 ~~~ n11
  classDef critical stroke:#d9520b,stroke-width:3px
  class n0,n1,n4,n5,n6,n7,n8,n9,n11 critical
  linkStyle 0,4,6,8,9,10,11 stroke:#d9520b
"""


STATEMENT = re.compile(
    r"""\ *(
        n\d+ ( \["[^"<>`%\\]*(<br>[^"<>`%\\]*)*"\] | \{"[^"<>`%\\]*(<br>[^"<>`%\\]*)*"\} )
      | subgraph\ f\d+\["[^"<>`%\\]*"\]
      | end
      | n\d+\ (==>|-->|-\.->|~~~)(\|yes\||\|no\|)?\ n\d+
      | classDef\ critical\ [\w:#,-]+
      | class\ n\d+(,n\d+)*\ critical
      | linkStyle\ \d+(,\d+)*\ stroke:\#\w+
    )""",
    re.VERBOSE,
)
"""The statements of Mermaid that are used, with nothing in quotes that could end a label or begin something else."""


def test_mermaid() -> None:
    assert mermaid(*read(SHIP)) == SHIP_FLOWCHART


def test_mermaid_quotes_what_users_wrote() -> None:
    nasty = renamed(*read(SHIP), '"]; end %%{init}%% `code` <script> & #35; \\ \n x')
    text = mermaid(*nasty)
    assert [line for line in text.splitlines()[1:] if not STATEMENT.fullmatch(line)] == []
    assert "#quot;]; end #37;#37;{init}#37;#37; #96;code#96; #lt;script#gt; #amp; #35;35; #92; <br> x" in text


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
