"""The tables of the manual that are made from the code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, combinations
from textwrap import indent
from typing import get_args

from pipec.analysis.assumptions import Assumptions
from pipec.analysis.critical_path import EstimateKind
from pipec.analysis.given import GivenValues, items_given, sides_given
from pipec.analysis.plan import plan
from pipec.analysis.plan_text import plan_text
from pipec.api import diff as compare
from pipec.api import load, simulate
from pipec.backend import load_backend
from pipec.cli.compile_optimising import shown
from pipec.comparison.text import comparison_text
from pipec.compilation import compile_to, optimisations_of
from pipec.diagnostics.catalogue import catalogue
from pipec.engine.states import State
from pipec.engine.trigger_rules import Decided, decide
from pipec.ir.model import TriggerRule
from pipec.ir.types import (
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    JSON,
    SIZE,
    STR,
    DictType,
    ListType,
    Type,
)
from pipec.optimisation.optimiser import OPTIMISATIONS, Optimiser
from pipec.pictures.terminal import graph_text
from pipec.semantics.operators import binary_type
from pipec.semantics.settings import Setting, settings
from pipec.simulation.text import simulation_text
from tests.grammar.manual import blocks, manual_text, table

RULES: tuple[TriggerRule, ...] = get_args(TriggerRule)

_FAILURES: dict[str, tuple[State, ...]] = {
    "": ("failed", "upstream_failed"),
    ", some of them `failed`": ("failed",),
    ", all of them `upstream_failed`": ("upstream_failed",),
}
"""What "failed" may stand for in a column, with what a rule that tells them apart has to say of it."""

_MIXTURES: dict[str, tuple[str, ...]] = {
    "success": ("success",),
    "skipped": ("skipped",),
    "failed": ("failed",),
    "success and skipped": ("success", "skipped"),
    "success and failed": ("success", "failed"),
    "skipped and failed": ("skipped", "failed"),
    "all three": ("success", "skipped", "failed"),
}

_ARITHMETIC_TYPES: dict[str, Type] = {
    "int": INT,
    "float": FLOAT,
    "duration": DURATION,
    "size": SIZE,
    "date": DATE,
    "datetime": DATETIME,
    "str": STR,
    "list": ListType(element=STR),
    "dict": DictType(value=STR),
    "bool": BOOL,
    "json": JSON,
}


def tables() -> dict[str, str]:
    """Every generated table by the name in its mark."""
    return {
        "arithmetic": arithmetic(),
        "options": options(),
        "trigger_rules": trigger_rules(),
        "early_decisions": early_decisions(),
        "plan": planned(GivenValues()),
        "plan_given": planned(GivenValues(outputs={("train", "auc"): 0.7}), "max"),
        "simulation": simulation([4], runs=200),
        "slots": simulation(range(1, 7), runs=50),
        "codes": codes(),
        "diff": diff(),
        "graph": graph(),
        "optimisations": optimisations(),
        "optimised": optimised(),
    }


def graph() -> str:
    """The graph of the example of pictures, in characters."""
    [example] = [block for block in blocks(manual_text()) if "pipeline ship_model" in block.text]
    loaded = load("ship_model.pipe", text=example.text)
    assert loaded.program is not None
    drawn = loaded.program.pipelines["ship_model"]
    return indent(graph_text(drawn, plan(drawn, program=loaded.program)), "    ")


# --- optimisations -------------------------------------------------------------------------------


def optimisations() -> str:
    """A row an optimisation, in the order in which they are applied."""
    targets = ["airflow", "kubeflow", "ir"]
    offered = {target: optimisations_of(load_backend(target)) for target in targets}
    words = {True: "on", False: "off", None: "-"}
    rows = [
        [f"`{name}`", doc, *(words[offered[target].get(name)] for target in targets)]
        for name, doc in OPTIMISATIONS.items()
    ]
    return table(["name", "does", *(f"`{target}`" for target in targets)], rows)


def optimised() -> str:
    """What `--explain` says of the example."""
    [example] = [block for block in blocks(manual_text()) if block.file == "nightly.pipe"]
    lines: list[str] = []
    for target, further in (("kubeflow", {"fuse"}), ("airflow", set())):
        loaded = load("nightly.pipe", text=example.text)
        offered = optimisations_of(load_backend(target))
        optimiser = Optimiser({*Optimiser.by_default(offered).chosen, *further}, explains=True)
        assert compile_to(loaded, "nightly", target, optimiser=optimiser)
        lines.extend(shown(optimiser, [loaded.pipeline("nightly")]))
        lines.append("")
    return "".join(f"    {line}".rstrip() + "\n" for line in lines[:-1])


# --- trigger rules -------------------------------------------------------------------------------


def trigger_rules() -> str:
    """A row a rule; two where `failed` and `upstream_failed` make a difference."""
    head = ["upstream:", *(f"all {name}" if " " not in name else name for name in _MIXTURES)]
    return table(head, [row for rule in RULES for row in _rule_rows(rule)])


def _rule_rows(rule: TriggerRule) -> list[list[str]]:
    rows = {note: _results(rule, failures) for note, failures in _FAILURES.items()}
    alike = len({tuple(row) for row in rows.values()}) == 1
    return [[f"`{rule}`{note}", *row] for note, row in rows.items() if alike == (note == "")]


def _results(rule: TriggerRule, failures: tuple[State, ...]) -> list[str]:
    """What becomes of a task for every mixture, the failures in it being of these states."""
    return [_shown(decide(rule, _states(mixture, failures))) for mixture in _MIXTURES.values()]


def _states(mixture: Iterable[str], failures: tuple[State, ...]) -> list[State]:
    plain: dict[str, tuple[State, ...]] = {"success": ("success",), "skipped": ("skipped",), "failed": failures}
    return list(chain.from_iterable(plain[name] for name in mixture))


def _shown(decided: Decided) -> str:
    return "**runs**" if decided == "run" else decided


def early_decisions() -> str:
    """What one final upstream task decides while another is pending."""
    states: tuple[State, ...] = ("success", "failed", "upstream_failed", "skipped")
    rows = []
    for rule in RULES:
        decided = {state: decide(rule, [state, "pending"]) for state in states}
        if decide(rule, ["pending"]) == "wait" and set(decided.values()) != {"wait"}:
            rows.append([f"`{rule}`", *("" if one == "wait" else _shown(one) for one in decided.values())])
    return table(["as soon as one is:", *states], rows)


def all_mixtures() -> list[tuple[State, ...]]:
    """Every set of final states that upstream tasks may have."""
    states: tuple[State, ...] = ("success", "failed", "skipped", "upstream_failed")
    return [mixture for size in range(1, 5) for mixture in combinations(states, size)]


# --- arithmetic ----------------------------------------------------------------------------------


def arithmetic() -> str:
    """A row a type of the left side: what each operator takes on the right, and gives."""
    operators = ("+", "-", "*", "/", "%")
    rows = []
    for name, left in _ARITHMETIC_TYPES.items():
        cells = [_right_sides(operator, left) for operator in operators]
        if any(cells):
            rows.append([f"`{name}`", *cells])
    return table(["left side", *(f"`{operator}`" for operator in operators)], rows)


def _right_sides(operator: str, left: Type) -> str:
    """The types of the right side, gathered by what they give."""
    gives: dict[str, list[str]] = {}
    for name, right in _ARITHMETIC_TYPES.items():
        result = binary_type(operator, left, right)
        if result is not None:
            given = next(name for name, type in _ARITHMETIC_TYPES.items() if type == result)
            gives.setdefault(given, []).append(name)
    return "; ".join(f"{', '.join(rights)} → {result}" for result, rights in gives.items())


# --- plans ---------------------------------------------------------------------------------------


def planned(given: GivenValues, kind: EstimateKind = "likely") -> str:
    """What `pipec plan` prints of the example in its section, with ten items."""
    [example] = [block for block in blocks(manual_text()) if block.text.startswith("pipeline nightly(min_auc")]
    pipeline = load("nightly.pipe", text=example.program).pipeline()
    given = replace(given, items={region.name: 10 for region in pipeline.maps})
    sides = sides_given(pipeline, given)
    known = Assumptions(sides=sides, items=items_given(pipeline, given, sides))
    return indent(plan_text(plan(pipeline, known, kind=kind)), "    ")


# --- simulation ----------------------------------------------------------------------------------


def simulation(slots: Sequence[int], runs: int) -> str:
    """What `pipec simulate` prints of the example in its section."""
    [example] = [block for block in blocks(manual_text()) if block.text.startswith("pipeline retrain(")]
    found = simulate(
        load("retrain.pipe", text=example.program),
        date=datetime(2026, 1, 31, 2, tzinfo=UTC),
        runs=runs,
        slots=slots,
        items={"shard": 12},
        delays={"ship": "10m"},
    )
    return indent(simulation_text(found), "    ")


# --- options and codes ---------------------------------------------------------------------------


def options() -> str:
    rows = [[f"`{one.name}`", ", ".join(one.where), _option_type(one), one.doc, one.since] for one in settings()]
    return table(["option", "where", "type", "meaning", "since"], rows)


def _option_type(setting: Setting) -> str:
    if setting.names:
        return "one of " + ", ".join(f"`{name}`" for name in setting.names)
    own = {
        "schedule": "a [schedule](#schedules)",
        "retry": "a [map](#retries-and-timeouts)",
        "resources": "a map",
        "estimate": "`duration` or a map",
        "env": "a map",
        "secrets": "a map",
        "volumes": "a map, or a list of them",
        "cache": "`bool` or `duration`",
        "defaults": "a map of options",
        "text": "`str`, known in the run",
    }
    return own.get(setting.type, f"`{setting.type}`")


def codes() -> str:
    rows = [[f"[`{code}`](diagnostics.md#{code.lower()})", meaning] for code, meaning in catalogue().items()]
    return table(["code", "meaning"], rows)


# --- diff ----------------------------------------------------------------------------------------


def diff() -> str:
    """What `pipec diff` prints of the two versions in the manual."""
    texts = {block.file: block.text for block in blocks(manual_text())}
    sides = [load(f"{name}.pipe", text=texts[f"diff/{name}.pipe"]) for name in ("before", "after")]
    return f"```text\n{comparison_text(compare(*sides), color=False)}```\n"
