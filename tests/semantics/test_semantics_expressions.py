"""Types, values and phases of expressions, as tables of what is written and what comes of it."""

from __future__ import annotations

import pytest

from pipec.ir.printout import expression_text
from pipec.semantics.typed import Phase
from tests.semantics.support import check, found, good

HEADER = """
type Mode = "dev" | "prod"
pipeline p(
  b: bool, i: int, f: float, s: str, d: date, t: datetime, u: duration, z: size, j: json, a: dataset, m: Mode,
  li: list[int], lf: list[float], ls: list[str], lb: list[bool], di: dict[str, int], oi: int?, os: str?,
) {
  task tip -> { n: int, name: str, o: float? } = python("m:f")
  task probe(value = ("""
FOOTER = """)) = python("m:f")
}
"""

TYPES: list[tuple[str, str]] = [
    # arithmetic
    ("i + i", "int"),
    ("i + f", "float"),
    ("i / i", "float"),
    ("i % i", "int"),
    ("-i", "int"),
    ("-u", "duration"),
    ("i * u", "duration"),
    ("u / u", "float"),
    ("u / 2", "duration"),
    ("d + u", "date"),
    ("d - d", "duration"),
    ("t - t", "duration"),
    ("t + u", "datetime"),
    ("z * 2", "size"),
    ("z / z", "float"),
    ("s + s", "str"),
    ('a + "/x"', "str"),
    ("li + lf", "list[float]"),
    ("i + s", "P0202"),
    ("s + i", "P0202"),
    ("d + d", "P0202"),
    ("d + i", "P0202"),
    ("b + b", "P0202"),
    ("s * 2", "P0202"),
    ("u * u", "P0202"),
    ("z + i", "P0202"),
    ("-s", "P0202"),
    ("-b", "P0202"),
    ("oi + 1", "P0203"),
    ("-oi", "P0203"),
    # logic and comparison
    ("b and b", "bool"),
    ("b or not b", "bool"),
    ("b and i", "P0202"),
    ("not i", "P0202"),
    ("i == f", "bool"),
    ("i == s", "P0202"),
    ("d == t", "P0202"),
    ('m == "dev"', "bool"),
    ("oi == null", "bool"),
    ("oi != 3", "bool"),
    ("i < f", "bool"),
    ("s < s", "bool"),
    ("d <= d", "bool"),
    ("u > 5m", "bool"),
    ("z >= 1Gi", "bool"),
    ("b < b", "P0202"),
    ("u > 5", "P0202"),
    ("oi < 3", "P0203"),
    ("li < li", "P0202"),
    ("i in li", "bool"),
    ("s in li", "P0202"),
    ("s not in ls", "bool"),
    ("s in s", "bool"),
    ("s in di", "bool"),
    ("i in i", "P0202"),
    # null
    ("oi ?? 0", "int"),
    ("oi ?? 0.5", "float"),
    ("oi ?? null", "int?"),
    ("oi ?? oi", "int?"),
    ('oi ?? "x"', "P0202"),
    ("os ?? a", "str"),
    # choice
    ("b ? i : f", "float"),
    ("b ? i : null", "int?"),
    ("b ? s : a", "str"),
    ("b ? i : s", "P0202"),
    ("i ? 1 : 2", "P0201"),
    # members
    ("li[0]", "int"),
    ("li[s]", "P0202"),
    ("di[s]", "int"),
    ("di.key", "int"),
    ("j.key[0].x", "json"),
    ("s[0]", "P0202"),
    ("i.x", "P0202"),
    ("oi.x", "P0203"),
    ("{ x: i, y: s }.y", "str"),
    ("{ x: i }.z", "P0206"),
    ("tip.n", "int"),
    ("tip.o", "float?"),
    ("tip.x", "P0206"),
    ("tip", "P0404"),
    # displays and text
    ("[i, f]", "list[float]"),
    ("[i, null]", "list[int?]"),
    ("[i, s]", "list[json]"),
    ('["a", "b"]', "list[str]"),
    ("[]", "list[json]"),
    ("{ x: i, y: s }", "{ x: int, y: str }"),
    ('"${i} ${d}"', "str"),
    ('"${oi}"', "P0203"),
    # functions
    ("len(li)", "int"),
    ("len(s)", "int"),
    ("len(di)", "int"),
    ("len(i)", "P0207"),
    ("min(li)", "int"),
    ("max(i, f)", "float"),
    ("max(i, s)", "P0207"),
    ("max(i)", "P0207"),
    ("max(u, 1h)", "duration"),
    ("sum(lf)", "float"),
    ("sum(ls)", "P0207"),
    ("any(lb)", "bool"),
    ("all(li)", "P0207"),
    ("round(f)", "int"),
    ("round(f, 2)", "float"),
    ("lower(s)", "str"),
    ("upper(i)", "P0207"),
    ('replace(s, "a", "b")', "str"),
    ('split(s, ",")', "list[str]"),
    ('join(ls, ",")', "str"),
    ('join(li, ",")', "P0207"),
    ('format(f, ".3f")', "str"),
    ('format(oi, "d")', "P0203"),
    ("basename(a)", "str"),
    ('env("HOME")', "str"),
    ('env("HOME", "/")', "str"),
    # facts of the run
    ("run.date", "date"),
    ("run.timestamp", "datetime"),
    ("run.interval_start", "datetime"),
    ("run.attempt", "int"),
    ("run.url", "str"),
]


@pytest.mark.parametrize(("written", "expected"), TYPES, ids=[written for written, _ in TYPES])
def test_type(written: str, expected: str) -> None:
    loaded = check(HEADER + written + FOOTER)
    if expected.startswith("P"):
        assert [diagnostic.code for diagnostic in loaded.diagnostics.sorted()] == [expected]
    else:
        assert [diagnostic.message for diagnostic in loaded.diagnostics.sorted()] == []
        assert loaded.program is not None
        (given,) = loaded.program.pipelines["p"].task("probe").inputs
        assert str(given.type) == expected


FOLDED: list[tuple[str, str]] = [
    ("7 % -3", "-2"),
    ("-7 % 3", "2"),
    ("-7 / 2", "-3.5"),
    ("6 / 2", "3.0"),
    ("round(0.5)", "0"),
    ("round(1.5)", "2"),
    ("round(2.5)", "2"),
    ("round(2.675, 2)", "2.67"),
    ("0.1 + 0.2", "0.30000000000000004"),
    ("1 == 1.0", "true"),
    ("2 + 3 * 4", "14"),
    ("(2 + 3) * 4", "20"),
    ("10 - 3 - 2", "5"),
    ("not 1 > 2", "true"),
    ("true or 1 / 0 > 1", "true"),
    ("false and 1 / 0 > 1", "false"),
    ("1 > 2 ? 1 : 2", "2"),
    ("null ?? 3", "3"),
    ('"a" < "b"', "true"),
    ('"b" in ["a", "b"]', "true"),
    ('"ell" in "hello"', "true"),
    ("[1, 2, 3][-1]", "3"),
    ("[1] + [2.5]", "[1, 2.5]"),
    ("{ a: 1 }.a", "1"),
    ('{ a: 1 }["a"]', "1"),
    ('"n = ${1 + 1}"', '"n = 2"'),
    ('"${true} ${[1, 2]} ${1.50}"', '"true [1, 2] 1.5"'),
    ("len([1, 2])", "2"),
    ('len("äöü")', "3"),
    ("min(3, 1.5)", "1.5"),
    ("max([1, 5, 3])", "5"),
    ("sum([1, 2])", "3"),
    ("any([false, true])", "true"),
    ("all([])", "P0207"),
    ('upper("straße")', '"STRASSE"'),
    ('split("a,b,", ",")', '["a", "b", ""]'),
    ('join(["a", "b"], "-")', '"a-b"'),
    ('format(3.14159, ".2f")', '"3.14"'),
    ('basename("s3://bucket/key.csv")', '"key.csv"'),
    ("2026-03-01 - 2026-02-28", "86400"),
    ("2026-02-28 + 1d", '"2026-03-01"'),
    ("1h30m + 30s", "5430"),
    ("1h / 30m", "2.0"),
    ("90m == 1h30m", "true"),
    ("1Gi == 1024Mi", "true"),
    ("2 * 512Mi", "1073741824"),
    ("1_000 + 1", "1001"),
    ("1 / 0", "P0209"),
    ("1 % 0", "P0209"),
    ("[1][5]", "P0209"),
    ('split("a", "")', "P0209"),
    ('format(1, "zz")', "P0209"),
]


@pytest.mark.parametrize(("written", "expected"), FOLDED, ids=[written for written, _ in FOLDED])
def test_what_is_known_when_compiling_is_computed(written: str, expected: str) -> None:
    text = f'pipeline p {{ task probe(value = ({written})) = python("m:f") }}'
    loaded = check(text)
    if expected.startswith("P0"):
        assert [diagnostic.code for diagnostic in loaded.diagnostics.sorted()] == [expected]
    else:
        assert loaded.program is not None, loaded.diagnostics.found
        (given,) = loaded.program.pipelines["p"].tasks[0].inputs
        assert given.value.kind == "literal"
        assert expression_text(given.value) == expected


PHASES: list[tuple[str, Phase]] = [
    ("2", Phase.COMPILE),
    ("k + 1", Phase.COMPILE),
    ('"${k}"', Phase.COMPILE),
    ("x", Phase.START),
    ("x + k", Phase.START),
    ("run.attempt", Phase.START),
    ('len(env("HOME", ""))', Phase.START),
    ("t", Phase.RUN),
    ("t + x", Phase.RUN),
    ("[t, 1][0]", Phase.RUN),
]


@pytest.mark.parametrize(("written", "phase"), PHASES, ids=[written for written, _ in PHASES])
def test_an_option_must_be_known_when_compiling(written: str, phase: Phase) -> None:
    text = f"""const k = 1
    pipeline p(x: int) {{
      task t -> int = python("m:f")
      task probe after t = shell('x') {{ priority = {written.replace('"${k}"', "k")} }}
    }}"""
    loaded = check(text)
    labels = [(diagnostic.code, diagnostic.label) for diagnostic in loaded.diagnostics.sorted()]
    match phase:
        case Phase.COMPILE:
            assert labels == []
        case Phase.START:
            assert labels == [("P0304", "known only when the run starts")]
        case Phase.RUN:
            assert labels == [("P0304", "known only in the run")]


ASSIGNABLE: list[tuple[str, str, bool]] = [
    ("int", "float", True),
    ("float", "int", False),
    ("int", "int?", True),
    ("int?", "int", False),
    ("int?", "float?", True),
    ("int", "str", False),
    ("bool", "int", False),
    ("date", "datetime", False),
    ("duration", "int", False),
    ("size", "int", False),
    ("dataset", "str", True),
    ("str", "dataset", False),
    ("dataset", "model", False),
    ("dataset", "file", False),
    ('"a"', '"a" | "b"', True),
    ('"a" | "b"', '"a"', False),
    ('"a" | "b"', "str", True),
    ("str", '"a" | "b"', False),
    ('("a" | "b")?', '("a" | "b" | "c")?', True),
    ("list[int]", "list[float]", True),
    ("list[int]", "list[int?]", True),
    ("list[int?]", "list[int]", False),
    ("list[int]", "int", False),
    ("dict[str, int]", "dict[str, float]", True),
    ("dict[str, int]", "list[int]", False),
    ("list[dict[str, int]]", "json", True),
    ("int?", "json", True),
    ("json", "int", False),
]


@pytest.mark.parametrize(("source", "target", "fits"), ASSIGNABLE)
def test_what_may_go_where(source: str, target: str, fits: bool) -> None:
    text = f"""component c(x: {target}) = python("m:f")
    pipeline p(v: {source}) {{ task t(x = v) = c }}"""
    codes = [place[0] for place in found(text)]
    assert codes == [] if fits else codes in (["P0201"], ["P0203"])


WRITTEN: list[tuple[str, str, bool]] = [
    ("{ a: 1, b: 2 }", "dict[str, float]", True),
    ('{ a: 1, b: "x" }', "dict[str, int]", False),
    ('{ a: 1, b: "x" }', "json", True),
    ("{}", "dict[str, int]", True),
    ("[]", "list[str]", True),
    ("[]", "list[list[int]]", True),
    ("[]", "list[str]?", True),
    ("[]", "int", False),
    ('"s3://x"', "dataset", True),
    ('"dev"', '"dev" | "prod"', True),
    ('"test"', '"dev" | "prod"', False),
    ("null", "int?", True),
    ("null", "int", False),
    ("[1, null]", "list[int?]", True),
    ("1", "json", True),
]


@pytest.mark.parametrize(("value", "target", "fits"), WRITTEN)
def test_where_a_written_value_may_go(value: str, target: str, fits: bool) -> None:
    text = f"""component c(x: {target}) = python("m:f")
    pipeline p {{ task t(x = {value}) = c }}"""
    codes = [place[0] for place in found(text)]
    assert codes == [] if fits else codes in (["P0201"], ["P0203"])


SECRETS: list[tuple[str, list[str]]] = [
    ("task t = shell('x') { env = { K: secret(\"k\") } }", []),
    ("task t = shell('x') { secrets = { K: secret(\"k\") } }", []),
    ("task t = shell('x') { secrets = { K: \"k\" } }", ["P0303"]),
    ('task t(x = secret("k")) = python("m:f")', ["P0210"]),
    ('task t(x = [secret("k")]) = python("m:f")', ["P0210"]),
    ('task t(x = { a: secret("k") }) = python("m:f")', ["P0210"]),
    ('task t(x = true ? secret("k") : secret("l")) = python("m:f")', ["P0210"]),
    ('task t(x = "a${secret(\'k\')}") = python("m:f")', ["P0210"]),
    ('task t = command(["x", secret("k")])', ["P0210"]),
    ('task t(x = secret("k")) = typed', ["P0210"]),
    ('task t(x = secret("k")) = loose', ["P0210"]),
    ("task t = shell('x') { pool = secret(\"k\") }", ["P0210"]),
    ("const k = secret(\"k\") task t = shell('x') { env = { K: k } }", []),
    ('const k = secret("k") task t(k) = python("m:f")', ["P0210"]),
    ('task t(x = secret("k") == "y") = python("m:f")', ["P0202"]),
    ('task t(x = secret(1)) = python("m:f")', ["P0207"]),
    ('target airflow { x = secret("k") } task t', ["P0210"]),
    ('on failure = slack(secret("k")) task t', ["P0210"]),
    ('task a return { x: secret("k") }', ["P0210"]),
]


@pytest.mark.parametrize(("body", "codes"), SECRETS, ids=[body for body, _ in SECRETS])
def test_secrets_go_to_env_and_secrets_alone(body: str, codes: list[str]) -> None:
    text = f"""component typed(x: str) = python("m:f")
    component loose(x: json) = python("m:f")
    pipeline p {{ {body} }}"""
    assert [place[0] for place in found(text)] == codes


def test_a_secret_is_never_in_the_ir_but_by_name() -> None:
    task = good("""pipeline p { task t = shell('x') { env = { A: "b", K: secret("vault/key") } } }""").task("t")
    assert task.options.model_dump(exclude_defaults=True)["env"] == {"A": "b", "K": {"name": "vault/key"}}
