"""What each construct of the language becomes: a table of texts and their trees, and the exactness of spans."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipec.diagnostics.model import Diagnostics
from pipec.syntax import tree
from pipec.syntax.parser import parse_expression
from pipec.syntax.source import Source
from pipec.syntax.tables import tables
from pipec.syntax.tokens import RESERVED
from tests.syntax.dump import children, dump, parsed, walk

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.pipe"))

ITEMS = [
    ("language 1", "(Language number=1)"),
    ('import "a.pipe" as b', '(Import path="a.pipe" alias=b)'),
    ("const c = 1", "(Const name=c value=1:int)"),
    ("type A = int", "(TypeAlias name=A type=int)"),
    ('component c = python("m:f")', '(Component name=c implementation=(call python "m:f"))'),
    (
        'component c(x: int = 1, y: "a" | "b") -> float = x',
        "(Component name=c parameters=[(Parameter name=x type=int default=1:int) (Parameter name=y type=(| "
        "'a' 'b'))] results=float implementation=x)",
    ),
    (
        "component c(x: int) -> { y: int } = f() { a = 1 require y on failure = g() target kfp { b = 2 } }",
        "(Component name=c parameters=[(Parameter name=x type=int)] results=[y:int] implementation=(call f) "
        "body=[(Option name=a value=1:int) (Require condition=y) (On events=[failure] value=(call g)) "
        "(TargetBlock target=kfp options=[(Option name=b value=2:int)])])",
    ),
    ("pipeline p { }", "(Pipeline name=p)"),
    (
        "pipeline p(x: int) -> { v: str? } { }",
        "(Pipeline name=p parameters=[(Parameter name=x type=int)] results=[v:(? str)])",
    ),
    (
        'test "t" for p { given a.b = 1 given c["k"] is failed expect a, b is skipped expect a.n == 2 seed = 1 }',
        '(Test title="t" pipeline=p body=[(Given subject=(. a b) value=1:int) (Given subject=(index c "k") '
        "state=failed) (Expect subjects=[a b] state=skipped) (Expect subjects=[(== (. a n) 2:int)]) (Option "
        "name=seed value=1:int)])",
    ),
]

STATEMENTS = [
    ("task a", "(Task name=a)"),
    ("task a(x, y = 1) -> dataset", "(Task name=a inputs=[x y=1:int] results=dataset)"),
    (
        'task a() -> { p: dataset, n: int, } after b, c["k"], g[0.1, 4] = python("m:f") { retries = 2 }',
        '(Task name=a results=[p:dataset n:int] after=[b (index c "k") (index g 0.1:float 4:int)] '
        'implementation=(call python "m:f") body=[(Option name=retries value=2:int)])',
    ),
    ("task a = train", "(Task name=a implementation=train)"),
    ("task a = lib.train", "(Task name=a implementation=(. lib train))"),
    ("task a = lib.fit(1, n = 2)", "(Task name=a implementation=(call (. lib fit) 1:int n=2:int))"),
    (
        'wait w after a = file("x") { poll = 60s }',
        '(Wait name=w after=[a] implementation=(call file "x") body=[(Option name=poll value=60:duration)])',
    ),
    (
        'gate q after a { require x else "no" require y }',
        '(Gate name=q after=[a] body=[(Require condition=x message="no") (Require condition=y)])',
    ),
    ("approval s", "(Approval name=s)"),
    ('approval s after a { message = "?" }', '(Approval name=s after=[a] body=[(Option name=message value="?")])'),
    ("if a { task b }", "(If condition=a then=[(Task name=b)])"),
    ("if a as n { task b } else { task c }", "(If condition=a name=n then=[(Task name=b)] otherwise=[(Task name=c)])"),
    (
        "if a { task b } else if c { task d } else { task e }",
        "(If condition=a then=[(Task name=b)] otherwise=[(If condition=c then=[(Task name=d)] "
        "otherwise=[(Task name=e)])])",
    ),
    ("for x in xs { task t }", "(For variables=[(LoopVariable name=x iterable=xs)] body=[(Task name=t)])"),
    (
        "for x in xs, y in [1, 2] { task t }",
        "(For variables=[(LoopVariable name=x iterable=xs) (LoopVariable name=y iterable=(list 1:int 2:int))] "
        "body=[(Task name=t)])",
    ),
    (
        "map x in xs { max_parallel = 3 task t }",
        "(Map variable=(LoopVariable name=x iterable=xs) body=[(Option name=max_parallel value=3:int) (Task name=t)])",
    ),
    ("group g { defaults = {} }", "(Group name=g body=[(Option name=defaults value=(map))])"),
    ('order a -> [b, c["k"],] -> d', '(Order links=[[a] [b (index c "k")] [d]])'),
    ("require a >= 1", "(Require condition=(>= a 1:int))"),
    ("finally { task z }", "(Finally body=[(Task name=z)])"),
    (
        'on failure, deadline = [slack("#a"), python("m:f")]',
        '(On events=[failure deadline] value=(list (call slack "#a") (call python "m:f")))',
    ),
    ('target airflow { pool = "w" }', '(TargetBlock target=airflow options=[(Option name=pool value="w")])'),
    ("return { v: a.v }", "(Return value=(map v=(. a v)))"),
    ("const c = 1", "(Const name=c value=1:int)"),
    ("const c: list[int] = [1]", "(Const name=c type=(list int) value=(list 1:int))"),
    ("trigger_rule = one_success", "(Option name=trigger_rule value=one_success)"),
]

EXPRESSIONS = [
    ("1 + 2 * 3", "(+ 1:int (* 2:int 3:int))"),
    ("1 - 2 - 3", "(- (- 1:int 2:int) 3:int)"),
    ("(1 + 2) * 3", "(* (+ 1:int 2:int) 3:int)"),
    ("a or b and not c == d", "(or a (and b (not (== c d))))"),
    ("not a not in b", "(not (not in a b))"),
    ("a ?? b ?? c", "(?? (?? a b) c)"),
    ("a ?? b or c", "(?? a (or b c))"),
    ("-a.b", "(- (. a b))"),
    ("- -1", "(- (- 1:int))"),
    ("a ? b : c ? d : e", "(?: a b (?: c d e))"),
    ('a[0].b[*].c("x", n = 1)(2)', '(call (call (. (splat (. (index a 0:int) b)) c) "x" n=1:int) 2:int)'),
    ("g[0.1, 4].auc", "(. (index g (list 0.1:float 4:int)) auc)"),
    ("a not in [1]", "(not in a (list 1:int))"),
    ("a % b / c", "(/ (% a b) c)"),
    ('{ a: 1, "b c": 2, }', "(map a=1:int b c=2:int)"),
    ("[1, 2,]", "(list 1:int 2:int)"),
    ("[]", "(list)"),
    ("{}", "(map)"),
    ("true", "True:bool"),
    ("false", "False:bool"),
    ("null", "None:null"),
    ("a != b", "(!= a b)"),
    ("a < b", "(< a b)"),
    ("a <= b", "(<= a b)"),
    ("a > b", "(> a b)"),
    ("a >= b", "(>= a b)"),
    ("a in b", "(in a b)"),
]

LITERALS = [
    ("10_000", "10000:int"),
    ("0.88", "0.88:float"),
    ("1e-3", "0.001:float"),
    ("1.5E+2", "150.0:float"),
    ("250ms", "0.25:duration"),
    ("30s", "30:duration"),
    ("5m", "300:duration"),
    ("1h30m", "5400:duration"),
    ("7d", "604800:duration"),
    ("2w", "1209600:duration"),
    ("500m", "30000:duration"),
    ("512Mi", "536870912:size"),
    ("1.5Gi", "1610612736:size"),
    ("2GB", "2000000000:size"),
    ("1Ki", "1024:size"),
    ("3TB", "3000000000000:size"),
    ("2026-01-01", "2026-01-01:date"),
]

TYPES = [
    ("int", "int"),
    ("lib.Algorithm", "lib.Algorithm"),
    ("list[int]", "(list int)"),
    ("dict[str, list[float]]", "(dict str (list float))"),
    ("\"a\" | 'b'", "(| 'a' 'b')"),
    ("int?", "(? int)"),
    ("(int | str)?", "(? (| int str))"),
    ("int | str?", "(| int (? str))"),
]


@pytest.mark.parametrize(("text", "expected"), ITEMS)
def test_items(text: str, expected: str) -> None:
    assert dump(parsed(text).items[0]) == expected


def statement(text: str) -> tree.Statement:
    pipeline = parsed(f"pipeline p {{ {text} }}").items[0]
    assert isinstance(pipeline, tree.Pipeline)
    assert len(pipeline.body) == 1
    return pipeline.body[0]


def value(text: str) -> tree.Expression:
    const = parsed(f"const x = {text}").items[0]
    assert isinstance(const, tree.Const)
    return const.value


@pytest.mark.parametrize(("text", "expected"), STATEMENTS)
def test_statements(text: str, expected: str) -> None:
    assert dump(statement(text)) == expected


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS)
def test_expressions(text: str, expected: str) -> None:
    assert dump(value(text)) == expected
    assert value(text).span.text == text


@pytest.mark.parametrize(("text", "expected"), LITERALS)
def test_literals(text: str, expected: str) -> None:
    assert dump(value(text)) == expected


@pytest.mark.parametrize(("text", "expected"), TYPES)
def test_types(text: str, expected: str) -> None:
    alias = parsed(f"type X = {text}").items[0]
    assert isinstance(alias, tree.TypeAlias)
    assert dump(alias.type) == expected
    assert alias.type.span.text == text


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_parse_with_exact_spans(path: Path) -> None:
    file = parsed(path.read_text())
    assert file.items
    for node in walk(file):
        check_span(node)


def check_span(node: tree.Node) -> None:
    """A child lies inside its parent; a name is where it says; an expression, taken out, parses to the same tree."""
    for child in children(node):
        assert node.span.start <= child.span.start <= child.span.end <= node.span.end
    match node:
        case tree.Name(text=text):
            assert node.span.text.strip("\"'") == text
        case tree.Text() | tree.NameReference() | tree.Literal() | tree.Binary() | tree.Call() | tree.Attribute():
            diagnostics = Diagnostics()
            again = parse_expression(Source("part", node.span.text), diagnostics)
            assert not diagnostics.found
            assert dump(again) == dump(node)
        case tree.Task() | tree.If() | tree.Order() | tree.Option() | tree.Gate() | tree.Wait() | tree.Approval():
            assert dump(statement(node.span.text)) == dump(node)
        case _:
            assert node.span.text == node.span.text.strip() or isinstance(node, tree.File)


SOFT = sorted(tables().keywords - RESERVED)


@pytest.mark.parametrize("word", SOFT)
def test_keywords_that_are_not_reserved_name_things(word: str) -> None:
    assert dump(statement(f"task t({word} = x.{word}, {word}) -> {{ {word}: int }} = f({word} = 1)")) == (
        f"(Task name=t inputs=[{word}=(. x {word}) {word}] results=[{word}:int] implementation=(call f {word}=1:int))"
    )
    assert dump(statement(f"{word} = {{ {word}: {word} }}")) == f"(Option name={word} value=(map {word}={word}))"
    assert dump(statement(f"task {word}")) == f"(Task name={word})"
    assert dump(statement(f"order {word} -> [{word}, a]")) == f"(Order links=[[{word}] [{word} a]])"
    parsed(f"pipeline {word}({word}: int = 1) {{ task a after {word} = f() {word} = 1 if a as {word} {{ task b }} }}")


def test_comments_blanks_and_a_byte_order_mark_mean_nothing() -> None:
    plain = parsed("pipeline p { task a task b }")
    spread = parsed("\ufeff# first\r\npipeline p # here\r\n{ task a\t#}\r\n\f task\n\nb\n}\n# last")
    assert dump(spread) == dump(plain)


def test_doc_comments_document_the_next_declaration() -> None:
    file = parsed(
        """
## One.
# not a doc comment
## Two.
pipeline p(
  day: date = run.date,   ## the day
  ## before
  x: int
  y: int    ## after
) {
  ## A task.
  task a
  #### a banner
  task b
  const n = 1  ## how many
}
""".replace("x: int\n", "x: int,\n")
    )
    pipeline = file.items[0]
    assert isinstance(pipeline, tree.Pipeline)
    assert pipeline.doc == "One.\nTwo."
    assert [parameter.doc for parameter in pipeline.parameters] == ["the day", "before", "after"]
    assert [getattr(s, "doc", None) for s in pipeline.body] == ["A task.", None, "how many"]


def test_a_value_from_the_command_line() -> None:
    diagnostics = Diagnostics()
    assert dump(parse_expression(Source("-D", '["a", 1h]'), diagnostics)) == '(list "a" 3600:duration)'
    assert not diagnostics.found
    for broken in ("", "1 +", "a b", "x = 1", "("):
        assert parse_expression(Source("-D", broken), diagnostics) is None
        assert diagnostics.has_errors
        diagnostics.found.clear()
