"""Expressions as Python source: how they look, and that they mean what the engine says."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipec.backends.airflow.expressions import ExpressionPrinter, Surroundings
from pipec.backends.airflow.layout import lay_out
from pipec.backends.airflow.names import name_pipeline
from pipec.backends.airflow.references import failing_part

from pipec.engine.evaluate import EvaluationError, Scope, evaluate, text_value
from pipec.ir.expressions import (
    BinaryOperation,
    ConditionalExpression,
    DictEntry,
    DictExpression,
    Expression,
    FunctionCall,
    IndexOperation,
    Interpolation,
    ListExpression,
    Operator,
    UnaryOperation,
)
from pipec.ir.model import Input
from pipec.runtime.functions import basename, env
from pipec.runtime.values import from_json, to_json, to_text
from tests.support.ir_builder import (
    binary,
    expression,
    literal,
    output,
    parameter,
    parameter_value,
    pipeline,
    run_value,
    task,
    type_named,
)

PIPELINE = pipeline(
    task("a", outputs={"rows": "int", "auc": "float", "name": "str", "day": "date", "all": "list[int]"}),
    task("b", outputs={"v": "str", "w": "int?"}),
    task("c", outputs="int"),
    task("print", outputs={"x": "int"}),
    parameters=(
        parameter("n"),
        parameter("x", "float"),
        parameter("s", "str"),
        parameter("o", "int?"),
        parameter("day", "date", run_value("date")),
        parameter("wait", "duration"),
        parameter("days", "list[date]"),
        parameter("any", "json"),
    ),
)
SURROUNDINGS = Surroundings(
    names=name_pipeline(PIPELINE, set(), set()),
    tasks={task.id: task for task in PIPELINE.tasks},
    parameters={parameter.name: parameter for parameter in PIPELINE.parameters},
)

ROWS, AUC, NAME, DAY = output("a.rows"), output("a.auc", "float"), output("a.name", "str"), output("a.day", "date")
V, W, C = output("b.v", "str?"), output("b.w", "int?"), output("c", "int?")
N, X, S, O = (parameter_value(name, type) for name, type in (("n", "int"), ("x", "float"), ("s", "str"), ("o", "int?")))  # noqa: E741
ANY = parameter_value("any", "json")


def call(function: str, *arguments: Any) -> FunctionCall:
    return FunctionCall(function=function, arguments=tuple(map(expression, arguments)), source=f"{function}(…)")


def negation(operand: Any) -> UnaryOperation:
    return UnaryOperation(operator="not", operand=expression(operand))


def minus(operand: Any) -> UnaryOperation:
    return UnaryOperation(operator="-", operand=expression(operand))


def choice(then: Any, condition: Any, otherwise: Any) -> ConditionalExpression:
    return ConditionalExpression(
        condition=expression(condition), then=expression(then), otherwise=expression(otherwise)
    )


def index(base: Any, key: Any) -> IndexOperation:
    return IndexOperation(base=expression(base), index=expression(key), source="base[key]")


def woven(*parts: Any) -> Interpolation:
    return Interpolation(parts=tuple(map(expression, parts)))


def listed(*items: Any) -> ListExpression:
    return ListExpression(items=tuple(map(expression, items)))


def mapped(**entries: Any) -> DictExpression:
    return DictExpression(entries=tuple(DictEntry(key=key, value=expression(item)) for key, item in entries.items()))


@pytest.mark.parametrize(
    ("tree", "source"),
    [
        (literal("it's"), '"it\'s"'),
        (literal(-1), "-1"),
        (literal(None), "None"),
        (literal("2026-01-02", "date"), "datetime.date(2026, 1, 2)"),
        (literal(5400, "duration"), "timedelta(minutes=90)"),
        (N, 'params["n"]'),
        (X, 'float(params["x"])'),
        (parameter_value("wait", "duration"), 'timedelta(seconds=params["wait"])'),
        (parameter_value("days", "list[date]"), 'from_json(params["days"], "list[date]")'),
        (parameter_value("day", "date"), "day_parameter(params, dag_run)"),
        (run_value("date"), "run_timestamp(dag_run).date()"),
        (run_value("attempt"), "ti.try_number"),
        (ROWS, 'a["rows"]'),
        (DAY, 'datetime.date.fromisoformat(a["day"])'),
        (output("print.x"), 'print_["x"]'),
        (V, 'b["v"] if b else None'),
        (output("a.day", "date?"), 'from_json(a["day"] if a else None, "date?")'),
        (C, "c"),
        (binary(V, "??", "new"), 'b["v"] if b else "new"'),
        (binary(C, "??", 0), "c if c is not None else 0"),
        (binary(O, "??", 0), 'value if (value := params["o"]) is not None else 0'),
        (
            binary(binary(O, "??", W), "??", 0),
            'value_2 if (value_2 := params["o"]) is not None else value if (value := b["w"] if b else None) is not None'
            " else 0",
        ),
        (binary(O, "??", None), 'params["o"]'),
        (binary(V, "==", None), '(b["v"] if b else None) is None'),
        (binary(None, "!=", C), "c is not None"),
        (negation(binary(C, "==", None)), "c is not None"),
        (negation(binary(ROWS, ">=", 1000)), 'a["rows"] < 1000'),
        (negation(binary(binary(X, "*", 2), ">", X)), 'not float(params["x"]) * 2 > float(params["x"])'),
        (negation(binary(S, "in", ["a"])), 'params["s"] not in ["a"]'),
        (binary(ANY, "==", True), 'params["any"] in (True,)'),
        (binary(binary(1, "+", N), "*", 2), '(1 + params["n"]) * 2'),
        (binary(1, "+", binary(N, "*", 2)), '1 + params["n"] * 2'),
        (binary(1, "-", binary(N, "-", 2)), '1 - (params["n"] - 2)'),
        (minus(binary(N, "*", 2)), '-(params["n"] * 2)'),
        (minus(literal(-1)), "--1"),
        (binary(binary(N, "<", 1), "==", binary(N, ">", 2)), '(params["n"] < 1) == (params["n"] > 2)'),
        (binary(negation(binary(N, "<", 1)), "or", literal(True)), 'params["n"] >= 1 or True'),
        (call("len", NAME), 'len(a["name"])'),
        (call("lower", binary(NAME, "+", "A")), '(a["name"] + "A").lower()'),
        (call("join", call("split", NAME, ","), ";"), '";".join(a["name"].split(","))'),
        (call("basename", NAME), 'basename(a["name"])'),
        (index(output("a.all", "list[int]"), 0), 'a["all"][0]'),
        (index(binary(listed(1), "+", listed(2)), 0), "([1] + [2])[0]"),
        (mapped(a=1, b=listed(N)), '{"a": 1, "b": [params["n"]]}'),
        (woven("only ", ROWS, " rows"), "f\"only {a['rows']} rows\""),
        (woven("{", NAME, "}"), "f\"{{{a['name']}}}\""),
        (woven("auc ", AUC), "f\"auc {to_text(a['auc'])}\""),
        (woven("v ", V), "f\"v {to_text(b['v'] if b else None)}\""),
        (woven("s", binary(V, "??", "it's")), '"".join(["s", to_text(b["v"] if b else "it\'s")])'),
        (woven("a", binary(O, "??", 1)), '"".join(["a", to_text(value if (value := params["o"]) is not None else 1)])'),
        (woven("plain"), '"plain"'),
    ],
)
def test_source(tree: Expression, source: str) -> None:
    assert ExpressionPrinter(SURROUNDINGS).source(tree) == source


@pytest.mark.parametrize(
    ("value", "type", "source"),
    [
        (ROWS, "int", 'a["rows"]'),
        (ROWS, "float", 'float(a["rows"])'),
        (AUC, "float", 'a["auc"]'),
        (literal(1), "float", "1.0"),
        (binary(ROWS, "/", 2), "float", 'a["rows"] / 2'),
        (binary(ROWS, "*", 2), "float", 'float(a["rows"] * 2)'),
        (binary(AUC, "*", 2), "float", 'a["auc"] * 2'),
        (W, "float?", 'from_json(b["w"] if b else None, "float?")'),
        (listed(AUC, AUC), "list[float]", '[a["auc"], a["auc"]]'),
        (listed(AUC, ROWS), "list[float]", 'from_json([a["auc"], a["rows"]], "list[float]")'),
        (DAY, "json", 'to_json(datetime.date.fromisoformat(a["day"]))'),
        (ROWS, "json", 'a["rows"]'),
    ],
)
def test_inputs_are_of_their_declared_type(value: Expression, type: str, source: str) -> None:
    given_input = Input(name="x", type=type_named(type), value=value)
    assert lay_out(ExpressionPrinter(SURROUNDINGS).input_node(given_input), 0) == source


@pytest.mark.parametrize(
    ("tree", "part"),
    [
        (BinaryOperation(operator="/", left=ROWS, right=N, source="a.rows / n"), "a.rows / n"),
        (binary(ROWS, "/", 2), None),
        (binary(ROWS, "%", 0), "binary"),
        (binary(ROWS, "+", N), None),
        (binary(ANY, "+", N), "binary"),
        (binary(ANY, "==", N), None),
        (woven("a", call("min", listed())), "min(…)"),
        (index([1], 0), "base[key]"),
    ],
)
def test_what_may_fail(tree: Expression, part: str | None) -> None:
    assert failing_part(tree) == part


# --- meaning -------------------------------------------------------------------------------------

INTEGERS = st.integers(-3, 3)


def either(*expressions: Expression) -> st.SearchStrategy[Expression]:
    return st.sampled_from(expressions)


def literals(values: st.SearchStrategy[Any], type: str) -> st.SearchStrategy[Expression]:
    return st.builds(literal, values, st.just(type))


LEAVES: dict[str, st.SearchStrategy[Expression]] = {
    "int": either(ROWS, N) | literals(INTEGERS, "int"),
    "float": either(AUC, X) | literals(st.sampled_from([0.5, -1.0, 0.0]), "float"),
    "str": either(NAME, S) | literals(st.sampled_from(["", "a", "{b}", "it's \"", "\\", "x,y", "é"]), "str"),
    "bool": literals(st.booleans(), "bool"),
    "date": either(DAY, parameter_value("day", "date"), literal("2026-01-02", "date")),
    "duration": either(parameter_value("wait", "duration"), literal(90, "duration")),
    "int?": either(W, C, O, literal(None)),
    "str?": either(V, literal(None)),
    "list[int]": either(output("a.all", "list[int]")) | literals(st.lists(INTEGERS), "list[int]"),
}


@cache
def sized(kind: str, depth: int) -> st.SearchStrategy[Expression]:
    """Expressions of a type, of at most this depth."""
    if depth == 0:
        return LEAVES[kind]

    def inner(of: str) -> st.SearchStrategy[Expression]:
        return sized(of, depth - 1)

    def operation(left: str, operators: list[Operator], right: str) -> st.SearchStrategy[Expression]:
        return st.builds(binary, inner(left), st.sampled_from(operators), inner(right), st.just("written"))

    def coalesced(of: str) -> st.SearchStrategy[Expression]:
        return st.builds(binary, inner(of + "?"), st.just("??"), inner(of))

    arithmetic: list[Operator] = ["+", "-", "*", "%"]
    orderings: list[Operator] = ["==", "!=", "<", "<=", ">", ">="]
    of_kind: dict[str, list[st.SearchStrategy[Expression]]] = {
        "int": [
            operation("int", arithmetic, "int"),
            coalesced("int"),
            st.builds(minus, inner("int")),
            st.builds(call, st.just("len"), inner("str")),
            st.builds(call, st.sampled_from(["min", "max", "sum"]), inner("list[int]")),
            st.builds(index, inner("list[int]"), inner("int")),
            st.builds(call, st.just("round"), inner("float")),
        ],
        "float": [operation("float", [*arithmetic, "/"], "float"), operation("int", ["/"], "int")],
        "str": [
            coalesced("str"),
            operation("str", ["+"], "str"),
            st.builds(woven, inner("str"), inner("int"), inner("float"), inner("bool"), inner("str?"), inner("date")),
            st.builds(call, st.sampled_from(["lower", "upper", "basename"]), inner("str")),
            st.builds(call, st.just("replace"), inner("str"), inner("str"), inner("str")),
            st.builds(lambda text, cut, glue: call("join", call("split", text, cut), glue), *[inner("str")] * 3),
            st.builds(call, st.just("format"), inner("float"), st.sampled_from([".2f", "d"])),
        ],
        "bool": [
            operation("int", orderings, "float"),
            operation("str", orderings, "str"),
            operation("date", orderings, "date"),
            operation("str", ["in", "not in"], "str"),
            operation("int", ["in", "not in"], "list[int]"),
            operation("bool", ["and", "or", "=="], "bool"),
            operation("int?", ["==", "!="], "int"),
            st.builds(binary, inner("str?"), st.sampled_from(["==", "!="]), st.none()),
            st.builds(negation, inner("bool")),
        ],
        "date": [operation("date", ["+", "-"], "duration")],
        "duration": [operation("duration", ["+", "-"], "duration"), operation("date", ["-"], "date")],
        "int?": [inner("int")],
        "str?": [inner("str")],
        "list[int]": [operation("list[int]", ["+"], "list[int]"), st.builds(listed, inner("int"), inner("int"))],
    }
    return st.one_of(LEAVES[kind], *of_kind[kind], st.builds(choice, inner(kind), inner("bool"), inner(kind)))


ANY_EXPRESSION = st.sampled_from(sorted(LEAVES)).flatmap(lambda kind: sized(kind, 3))
WORLDS = st.fixed_dictionaries(
    {
        "b": st.none() | st.fixed_dictionaries({"v": st.just("v1"), "w": st.none() | INTEGERS}),
        "c": st.none() | INTEGERS,
        "o": st.none() | INTEGERS,
        "day": st.none() | st.just("2026-02-01"),
    }
)
A = {"rows": 2, "auc": 0.25, "name": "n,{m}", "day": "2026-01-01", "all": [3, 0, -1]}
RUN_DATE = "2026-03-01"


def meant(tree: Expression, world: Mapping[str, Any], convert: Any = evaluate) -> Any:
    given_parameters = {"n": 1, "x": 2, "s": "S", "o": world["o"], "day": world["day"] or RUN_DATE, "wait": 90}
    outputs = {("a", name): value for name, value in A.items()} | {("c", "output"): world["c"]}
    outputs |= {("b", name): value for name, value in (world["b"] or {}).items()}
    return convert(tree, Scope(parameters=given_parameters, outputs=outputs, run={"date": RUN_DATE}))


def computed(source: str, world: Mapping[str, Any]) -> Any:
    """What a task function that returns the source gives."""
    surroundings: dict[str, Any] = {
        "datetime": datetime,
        "timedelta": datetime.timedelta,
        "to_text": to_text,
        "from_json": from_json,
        "to_json": to_json,
        "basename": basename,
        "env": env,
        "day_parameter": lambda params, dag_run: datetime.date.fromisoformat(params["day"] or RUN_DATE),
    }
    exec(f"def task(a, b, c, params, dag_run=None, ti=None):\n    return {source}", surroundings)
    params = {"n": 1, "x": 2, "s": "S", "o": world["o"], "day": world["day"], "wait": 90}
    return surroundings["task"](A, world["b"], world["c"], params)


@pytest.mark.filterwarnings("ignore:.is.* with a literal:SyntaxWarning")
@given(ANY_EXPRESSION, WORLDS)
def test_source_means_what_the_engine_says(tree: Expression, world: Mapping[str, Any]) -> None:
    source = ExpressionPrinter(SURROUNDINGS).source(tree)
    try:
        value = meant(tree, world)
    except EvaluationError:
        assert failing_part(tree) is not None
        with pytest.raises((ArithmeticError, ValueError, TypeError, LookupError)):
            computed(source, world)
    else:
        assert repr(computed(source, world)) == repr(value)


@pytest.mark.filterwarnings("ignore:.is.* with a literal:SyntaxWarning")
@given(ANY_EXPRESSION, WORLDS)
def test_text_means_what_the_engine_says(tree: Expression, world: Mapping[str, Any]) -> None:
    source = ExpressionPrinter(SURROUNDINGS).text_source(tree)
    try:
        value = meant(tree, world, text_value)
    except EvaluationError:
        return
    assert computed(source, world) == value


@pytest.mark.filterwarnings("ignore:.is.* with a literal:SyntaxWarning")
@given(sized("bool", 3), WORLDS)
def test_negation_means_what_the_engine_says(tree: Expression, world: Mapping[str, Any]) -> None:
    source = ExpressionPrinter(SURROUNDINGS).negated(tree)
    try:
        value = meant(negation(tree), world)
    except EvaluationError:
        return
    assert computed(source, world) == value
