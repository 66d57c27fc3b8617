"""Which task of one side is which of the other, and what is told of families, edges and pipelines."""

from __future__ import annotations

import pytest

from pipec.comparison.effects import rows
from pipec.comparison.matching import match_tasks
from pipec.comparison.model import PipelineChange, TaskChange
from pipec.comparison.summary import summary
from tests.comparison.cases import compared, program_of

CHAIN = """\
pipeline p {
  task read -> { rows: int } = python("steps:one")
  task fit(rows = read.rows) -> { auc: float } = python("steps:two")
  task tell(auc = fit.auc) = shell('mail "$auc"')
}
"""

RENAMES = {
    "a task of its own": ([("read", "load")], {"read": "load"}),
    "neighbours at once": ([("read", "load"), ("fit", "train")], {"read": "load", "fit": "train"}),
    "all of them": ([("read", "a"), ("fit", "b"), ("tell", "c")], {"read": "a", "fit": "b", "tell": "c"}),
    "names that change places": ([("read", "x"), ("fit", "read"), ("x", "fit")], {}),
    "renamed and changed a little": ([("fit", "train"), ("float", "str")], {"fit": "train"}),
    "another task at the same place": ([("fit", "train"), ("steps:two", "lib.models:boost")], {}),
    "other work with the same inputs": ([("tell", "post"), ("""shell('mail "$auc"')""", "python('web:put')")], {}),
}


@pytest.mark.parametrize("case", RENAMES)
def test_renames_are_known_by_structure(case: str) -> None:
    replacements, expected = RENAMES[case]
    text = CHAIN
    for old, new in replacements:
        text = text.replace(old, new)
    found = match_tasks(program_of(CHAIN).pipelines["p"], program_of(text).pipelines["p"])
    assert {old: new for old, new in found.items() if old != new} == expected


def only(old: str, new: str) -> PipelineChange:
    (pipeline,) = compared(old, new).pipelines
    return pipeline


def told(pipeline: PipelineChange) -> list[tuple[str, tuple[str, ...]]]:
    return [(task.kind, task.labels) for task in pipeline.tasks]


# --- families ------------------------------------------------------------------------------------

GRID = """\
pipeline p {
  for x in [LIST] {
    task prepare = python("steps:prepare")
    task train(x) after prepare = python("steps:train") { timeout = 1h }
  }
}
"""


def grid(text: str, values: str) -> str:
    return text.replace("LIST", values)


FAMILIES = {
    "changed alike": (GRID.replace("1h", "2h"), "1, 2, 3", [("changed", ("train[*]",))]),
    "an instance more": (GRID, "1, 2, 3, 4", [("added", ("prepare[4]",)), ("added", ("train[4]",))]),
    "an instance less": (GRID, "1, 3", [("removed", ("prepare[2]",)), ("removed", ("train[2]",))]),
    "one changed": (GRID.replace("1h", "x == 2 ? 2h : 1h"), "1, 2, 3", [("changed", ("train[2]",))]),
    "renamed": (GRID.replace("task train", "task fit"), "1, 2, 3", [("renamed", ("fit[*]",))]),
    "renamed, and one more": (
        GRID.replace("task train", "task fit"),
        "1, 2, 3, 4",
        [("added", ("prepare[4]",)), ("added", ("fit[4]",)), ("renamed", ("fit[*]",))],
    ),
    "each in its own way": (
        GRID.replace("1h", "x == 2 ? 2h : x == 1 ? 3h : 4h"),
        "1, 2, 3",
        [("changed", ("train[1]",)), ("changed", ("train[2]",)), ("changed", ("train[3]",))],
    ),
}


@pytest.mark.parametrize("case", FAMILIES)
def test_instances_are_told_together(case: str) -> None:
    text, values, expected = FAMILIES[case]
    assert told(only(grid(GRID, "1, 2, 3"), grid(text, values))) == expected


def test_many_instances_that_differ_are_one_entry() -> None:
    values = ", ".join(map(str, range(36)))
    other = GRID.replace("timeout = 1h", "timeout = 1h + x * 1m")
    (task,) = only(grid(GRID, values), grid(other, values)).tasks
    assert (task.labels, len(task.new)) == (("35 of 36 train[*]",), 35)
    (change,) = task.changes
    assert (change.field, change.old, change.new, change.varies) == ("timeout", "1h", "1h1m, 1h2m, 1h3m, …", True)


def test_edges_of_families_are_one() -> None:
    (edge,) = only(grid(GRID, "1, 2, 3"), grid(GRID.replace(" after prepare", ""), "1, 2, 3")).edges
    assert (edge.kind, edge.label, len(edge.edges), edge.has_effect) == ("removed", "prepare[*] -> train[*]", 3, True)


# --- edges ---------------------------------------------------------------------------------------

THREE = "pipeline p { task a = shell('1')  task b = shell('2')  task c = shell('3')  ORDER }"


def test_an_edge_that_others_make_superfluous_means_nothing() -> None:
    old, new = (THREE.replace("ORDER", order) for order in ("order a -> b -> c", "order a -> b -> c  order a -> c"))
    found = compared(old, new)
    ((edge,),) = (pipeline.edges for pipeline in found.pipelines)
    assert (edge.label, edge.has_effect, found.has_effect) == ("a -> c", False, False)
    assert summary(found) == "no change of meaning (redundant edges)"


def test_an_edge_that_was_superfluous_until_now_means_something() -> None:
    old, new = (THREE.replace("ORDER", order) for order in ("order a -> b -> c  order a -> c", "order a -> c"))
    found = compared(old, new)
    assert [(edge.label, edge.has_effect) for edge in only(old, new).edges] == [("a -> b", True), ("b -> c", True)]
    assert found.has_effect


# --- names that follow ---------------------------------------------------------------------------


def test_a_decision_that_is_named_for_its_first_task_is_no_rename_of_its_own() -> None:
    text = "pipeline p(x: bool = true) { if x { task ship = shell('s') } }"
    assert told(only(text, text.replace("task ship", "task send"))) == [("renamed", ("send",))]


def test_a_map_is_named_for_its_first_task() -> None:
    inside = "map x in xs { task score(x) -> int = shell('s') }  task all(v = score[*]) = shell('t')"
    text = f"pipeline p(xs: list[int] = [1]) {{ {inside} }}"
    other = text.replace("score", "rate")
    assert (told(only(text, other)), only(text, other).things) == ([("renamed", ("rate",))], ())


def test_groups_are_known_by_what_is_in_them() -> None:
    text = "pipeline p { group g { task a = shell('1')  task b = shell('2') } }"
    pipeline = only(text, text.replace("group g", "group h"))
    assert [(thing.what, thing.kind, thing.old, thing.new) for thing in pipeline.things] == [
        ("group", "renamed", "g", "h")
    ]
    assert pipeline.tasks == ()


def test_pipelines_are_known_by_what_is_in_them() -> None:
    pipeline = only(CHAIN, CHAIN.replace("pipeline p", "pipeline q"))
    assert (pipeline.kind, pipeline.old, pipeline.new, pipeline.tasks) == ("renamed", "p", "q", ())
    kinds = [one.kind for one in compared(CHAIN, "pipeline q { task other = shell('x') }").pipelines]
    assert kinds == ["added", "removed"]


# --- what means nothing --------------------------------------------------------------------------

FORM = {
    "a const": (
        "const n = 3\npipeline p { task a(n = n) = shell('x') }",
        "const m = 3\npipeline p { task a(n = m) = shell('x') }",
    ),
    "a const in its place": (
        "const n = 3\npipeline p { task a(n = n) = shell('x') }",
        "pipeline p { task a(n = 3) = shell('x') }",
    ),
    "a component": (
        "component c = shell('x')\npipeline p { task a = c }",
        "component d = shell('x')\npipeline p { task a = d }",
    ),
    "order of statements": (
        "pipeline p { tags = ['b', 'a']  task a = shell('x')  task b after a = shell('y') }",
        "pipeline p { task b after a = shell('y')  task a = shell('x')  tags = ['a', 'b'] }",
    ),
    "defaults": (
        "pipeline p { defaults = { timeout: 1h }  task a = shell('x') }",
        "pipeline p { task a = shell('x') { timeout = 60m } }",
    ),
    "alerts of several events": (
        'pipeline p { task a = shell("x")  on failure, success = slack("#a") }',
        'pipeline p { task a = shell("x")  on success = slack("#a")  on failure = slack("#a") }',
    ),
    "the name of a map's variable": (
        "pipeline p(xs: list[int] = [1]) { map x in xs { task a(i = x) = shell('x') } }",
        "pipeline p(xs: list[int] = [1]) { map y in xs { task a(i = y) = shell('x') } }",
    ),
}


@pytest.mark.parametrize("case", FORM)
def test_other_words_for_the_same(case: str) -> None:
    assert compared(*FORM[case]).is_empty


def test_documentation_is_told_and_means_nothing() -> None:
    found = compared(CHAIN, CHAIN.replace("  task fit", "  ## Fit.\n  task fit"))
    assert not found.has_effect
    assert summary(found) == "no change of meaning (documentation)"


def test_a_task_that_is_renamed_keeps_its_slack() -> None:
    side = "task x = shell('x') { estimate = 10m }  task y = shell('y') { estimate = 1h }"
    pipeline = only(f"pipeline p {{ {side} }}", f"pipeline p {{ {side.replace('x =', 'z =').replace('1h', '30m')} }}")
    assert pipeline.times is not None
    assert [(one.old, one.new, one.old_slack, one.new_slack) for one in pipeline.times.slack] == [
        ("x", "z", 3000.0, 1200.0)
    ]
    assert isinstance(pipeline.tasks[0], TaskChange)


def test_a_pipeline_takes_longer_because_one_that_it_runs_does() -> None:
    text = """\
        pipeline part { task a = shell('a') { estimate = 10m } }
        pipeline whole { task b = part  task c after b = shell('c') { estimate = 5m } }
        pipeline alone { task d = shell('d') { estimate = 1m } }
    """
    found = compared(text, text.replace("10m", "20m"))
    assert [(one.name, one.kind, one.has_effect) for one in found.pipelines] == [
        ("part", "changed", True),
        ("whole", "unchanged", False),
    ]
    assert summary(found) == (
        "1 task changed; critical path of part 10m → 20m (+10m); critical path of whole 15m → 25m (+10m)"
    )


def test_the_worst_estimates_are_compared_where_they_have_a_spread() -> None:
    text = "pipeline p { task a = shell('a') { estimate = { min: 1m, likely: 2m, max: 3m } } }"
    times = only(text, text.replace("max: 3m", "max: 1h")).times
    assert times is not None
    assert [(row.name, row.old, row.new, row.difference) for row in rows(times)] == [
        ("critical path", "2m", "2m", ""),
        ("critical path at most", "3m", "1h", "+57m"),
        ("total work", "2m", "2m", ""),
    ]
