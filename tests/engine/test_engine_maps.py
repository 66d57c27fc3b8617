"""Maps: how lists become instances, what becomes of these, and what is read of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import pytest

from pipec.engine.events import AttemptFailed, AttemptSucceeded, CancelRun, Failure, RetryDue, TaskMapped
from pipec.engine.trigger_rules import STARTS_EARLY, decide
from pipec.ir.model import TriggerRule
from tests.engine.driver import ENDED, ERROR, LETTERS, Outcome, first, last, played, written

Outcomes = Mapping[str, Sequence[Outcome]]


def gives(value: Any) -> list[Outcome]:
    """A task with one unnamed output."""
    return [{"output": value}]


# --- one map -------------------------------------------------------------------------------------

SCORES = """
pipeline p {
  task find -> list[str] = python("s:find")
  map path in find {
    task load(path) -> str = python("s:load") { retries = 1 }
    task score(data = load) -> float = python("s:score")
  }
  task best(scores = score[*]) = python("s:best") { trigger_rule = all_done }
  task all_good after score = python("s:all_good")
}
"""


@pytest.mark.parametrize(
    ("outcomes", "rows", "scores", "verdict"),
    [
        ({}, "find:S load:SSS score:SSS best:S all_good:S", [0.5, 0.5, 0.5], "success"),
        ({"score[1]": gives(0.9)}, "find:S load:SSS score:SSS best:S all_good:S", [0.5, 0.9, 0.5], "success"),
        ({"score[1]": [ERROR]}, "find:S load:SSS score:SFS best:S all_good:U", [0.5, None, 0.5], "failed"),
        ({"load[0]": [ERROR]}, "find:S load:FSS score:USS best:S all_good:U", [None, 0.5, 0.5], "failed"),
        ({"load[0]": [ERROR, {"output": "x"}]}, "find:S load:SSS score:SSS best:S all_good:S", [0.5] * 3, "success"),
        ({"find": gives([])}, "find:S load:- score:- best:S all_good:-", [], "success"),
        ({"find": [ERROR]}, "find:F load:U score:U best:S all_good:U", [], "failed"),
    ],
)
@pytest.mark.parametrize("choose", [first, last])
def test_a_list_from_a_task(outcomes: Outcomes, rows: str, scores: Any, verdict: str, choose: Any) -> None:
    usual = {"find": gives(["a", "b", "c"]), "load": gives("data"), "score": gives(0.5)}
    run = played(SCORES, usual | dict(outcomes), choose=choose)
    assert run.rows == rows
    assert run.inputs("best") == {"scores": scores}
    assert run.finish.state == verdict


def test_instances_have_their_item_and_their_own_attempts() -> None:
    run = written(SCORES, {"find": gives(["a", "b"]), "load[1]": [ERROR, {"output": "x"}]}).start()
    assert run.rows == "find:r load:. score:. best:. all_good:."
    commands = run.end("find")
    assert [command for command in commands if isinstance(command, TaskMapped)] == [
        TaskMapped("load", 2),
        TaskMapped("score", 2),
    ]
    assert run.rows == "find:S load:rr score:.. best:. all_good:."
    assert [run.inputs("load[0]"), run.inputs("load[1]")] == [{"path": "a"}, {"path": "b"}]
    run.end("load[1]")
    assert run.rows == "find:S load:rR score:.. best:. all_good:."
    run.end("load[1]", "load[1]")
    assert run.rows == "find:S load:rS score:.r best:. all_good:."
    assert run.inputs("score[1]") == {"data": "x"}
    assert [run.engine.attempts("load[0]"), run.engine.attempts("load[1]")] == [1, 2]
    assert run.engine.task("load[1]").id == "load"


def test_an_empty_list_is_not_told() -> None:
    run = played(SCORES, {"find": gives([])})
    assert run.mapped == []
    assert list(run.engine.states) == ["find", "load", "score", "best", "all_good"]


def test_a_null_result_keeps_its_place() -> None:
    text = """
    pipeline p(days: list[date]) {
      map day in days { task rows(day) -> int? = python("s:rows") }
      task total(rows = rows[*], first = rows[*][0]) = python("s:total")
    }
    """
    days = ["2026-01-01", "2026-01-02", "2026-01-03"]
    run = played(text, {"rows": gives(7), "rows[1]": gives(None)}, {"days": days})
    assert run.rows == "rows:SSS total:S"
    assert run.inputs("rows[2]") == {"day": "2026-01-03"}
    assert run.inputs("total") == {"rows": [7, None, 7], "first": 7}


@pytest.mark.parametrize(
    ("lists", "states"),
    [
        ([[1, 2], [3]], "find:S one:S work:S more:S even:S last:S"),
        ([[1, 2]], "find:S one:S work:F more:U even:F last:U"),
    ],
)
def test_a_list_that_cannot_be_computed(lists: Any, states: str) -> None:
    """What would run fails: `even` too, whose rule lets it run."""
    text = """
    pipeline p {
      task find -> list[list[int]] = python("s:find")
      task one = python("s:one")
      map n in find[1] {
        task work(n) = python("s:work") { retries = 3 }
        task more after work = python("s:more")
        task even after work = python("s:even") { trigger_rule = all_done }
      }
      task last after more = python("s:last")
    }
    """
    run = played(text, {"find": gives(lists)})
    assert run.rows == states
    if len(lists) == 1:
        message = "the list of the map: index 1 is outside a list of 1 in find[1]"
        assert run.failure("work") == Failure("input", message)
        assert run.started == ["find", "one"]


@pytest.mark.parametrize("skipped", [False, True])
def test_a_map_whose_source_was_skipped(skipped: bool) -> None:
    """Its tasks are skipped whatever their rules, and so is what needs them."""
    text = """
    pipeline p(flag: bool) {
      if flag {
        task find -> list[int] = python("s:find")
        map n in find {
          task work(n) = python("s:work")
          task always_after after work = python("s:even") { trigger_rule = all_done }
        }
      }
      task last after always_after = python("s:last")
      task all_success after work = python("s:last") { trigger_rule = all_success }
    }
    """
    run = played(text, {"find": gives([1, 2])}, {"flag": not skipped})
    rows = (
        "find:- work:- always_after:- last:S all_success:-"
        if skipped
        else "find:S work:SS always_after:SS last:S all_success:S"
    )
    assert run.rows.removeprefix("decide_find:S ") == rows


# --- trigger rules over instances ----------------------------------------------------------------

STATES: dict[str, Outcome] = {"S": gives([0])[0], "F": ERROR}
RULES = sorted(get_args(TriggerRule))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "mixture", ["S", "F", "SS", "SF", "FS", "FF", "SFS", "S-", "--", "F-", "S-F", "-SU", "UU-", "U"]
)
def test_every_rule_sees_the_instances_one_by_one(rule: TriggerRule, mixture: str) -> None:
    """As if each instance were a task of its own: skipped ones by an `if`, upstream_failed ones by what they read."""
    text = """
    pipeline p(items: list[str]) {
      map x in items {
        task before(x) = python("s:before")
        if x != "-" {
          task work(x) after before = python("s:work")
        }
      }
      task after_all after work = python("s:after_all") { trigger_rule = RULE }
    }
    """.replace("RULE", rule)
    ends: dict[str, list[Outcome]] = {}
    for number, letter in enumerate(mixture):
        if letter in "FU":
            ends[f"{'work' if letter == 'F' else 'before'}[{number}]"] = [ERROR]
    for choose in (first, last):
        run = played(text, ends, {"items": list(mixture)}, choose=choose)
        assert f" work:{mixture} " in run.rows
        names = {letter: state for state, letter in LETTERS.items()}
        expected = decide(rule, [names[letter] for letter in mixture])
        assert run.rows.endswith(f"after_all:{'S' if expected == 'run' else LETTERS[expected]}")  # type: ignore[index]


@pytest.mark.parametrize("rule", sorted(STARTS_EARLY))
def test_rules_that_start_early_do_so_with_one_instance(rule: TriggerRule) -> None:
    text = """
    pipeline p(items: list[int]) {
      map x in items { task work(x) = python("s:work") }
      task eager after work = python("s:eager") { trigger_rule = RULE }
    }
    """.replace("RULE", rule)
    run = written(text, parameters={"items": [1, 2, 3]}).start()
    assert ("eager" in run.started) is (rule == "always")
    run.send(AttemptFailed("work[1]", ERROR) if rule == "one_failed" else AttemptSucceeded("work[1]"))
    assert "eager" in run.started


def test_tasks_in_a_map_wait_for_tasks_outside() -> None:
    text = """
    pipeline p(items: list[int]) {
      task setup -> str = python("s:setup")
      task slow = python("s:slow")
      map x in items {
        task one(x, place = setup) = python("s:one")
        task two after one, slow = python("s:two")
        task any after one, slow = python("s:any") { trigger_rule = one_failed }
      }
    }
    """
    run = written(text, {"setup": gives("/tmp"), "slow": [ERROR]}, {"items": [1, 2]}).start()
    assert run.rows == "setup:r slow:r one:.. two:.. any:.."
    run.end("setup", "one[0]")
    assert run.inputs("one[1]") == {"x": 2, "place": "/tmp"}
    assert run.rows == "setup:S slow:r one:Sr two:.. any:.."
    run.end("slow")
    assert run.rows == "setup:S slow:F one:Sr two:UU any:rr"


# --- if and map ----------------------------------------------------------------------------------

IF_INSIDE = """
pipeline p(items: list[int]) {
  map x in items {
    task score(x) -> float = python("s:score")
    if score > 0.5 {
      task good(x) -> str = python("s:good")
    } else {
      task bad(x) = python("s:bad")
    }
    task either(label = good ?? "bad") after bad = python("s:either")
  }
  task collect(labels = good[*]) = python("s:collect")
  task strict after good = python("s:strict") { trigger_rule = all_success }
}
"""


@pytest.mark.parametrize(
    ("scores", "rows", "labels"),
    [
        ([0.9, 0.1], "score:SS decide_good:SS good:S- bad:-S either:SS collect:S strict:-", ["g", None]),
        ([0.9, 0.9], "score:SS decide_good:SS good:SS bad:-- either:SS collect:S strict:S", ["g", "g"]),
        ([0.1, None], "score:SF decide_good:SU good:-U bad:SU either:SU collect:U strict:U", None),
        ([0.1, 0.1], "score:SS decide_good:SS good:-- bad:SS either:SS collect:S strict:-", [None, None]),
    ],
)
def test_an_if_inside_a_map_decides_for_each_item(scores: Any, rows: str, labels: Any) -> None:
    ends: dict[str, list[Outcome]] = {
        f"score[{number}]": [ERROR] if score is None else gives(score) for number, score in enumerate(scores)
    }
    for choose in (first, last):
        run = played(IF_INSIDE, {**ends, "good": gives("g")}, {"items": [1, 2]}, choose=choose)
        assert run.rows == rows
        if labels is not None:
            assert run.inputs("collect") == {"labels": labels}
            wanted = [label or "bad" for label in labels]
            assert [run.inputs(f"either[{number}]")["label"] for number in range(2)] == wanted


@pytest.mark.parametrize(
    ("flag", "items", "rows", "gathered"),
    [
        (True, ["a", "b"], "decide_work:S work:SS more:SS other:- join:S", [1, 1]),
        (True, [], "decide_work:S work:- more:- other:- join:S", []),
        (False, ["a", "b"], "decide_work:S work:-- more:-- other:S join:S", [None, None]),
        (False, [], "decide_work:S work:- more:- other:S join:S", []),
    ],
)
def test_a_map_inside_an_if(flag: bool, items: list[str], rows: str, gathered: Any) -> None:
    text = """
    pipeline p(flag: bool, items: list[str]) {
      if flag {
        map x in items {
          task work(x) -> int = python("s:work")
          task more after work = python("s:more")
        }
      } else {
        task other = python("s:other")
      }
      task join(all = work[*]) after more, other = python("s:join")
    }
    """
    run = played(text, {"work": gives(1)}, {"flag": flag, "items": items})
    assert run.rows == rows
    assert run.inputs("join") == {"all": gathered}


# --- maps in maps and maps of maps ---------------------------------------------------------------

NESTED = """
pipeline p(lots: list[str]) {
  map lot in lots {
    task split(lot) -> list[int] = python("s:split")
    map wafer in split {
      task score(wafer, lot) -> int = python("s:score")
      task check after score, split = python("s:check")
    }
    task of_lot(scores = score[*]) -> int = python("s:of_lot") { trigger_rule = all_done }
  }
  task all(scores = score[*], lots = of_lot[*]) = python("s:all") { trigger_rule = all_done }
}
"""


def test_a_map_in_a_map() -> None:
    ends = {"split[0]": gives([1, 2]), "split[1]": gives([3, 4, 5]), "score": gives(1), "score[1][0]": gives(7)}
    for choose in (first, last):
        run = played(NESTED, ends | {"of_lot": gives(9)}, {"lots": ["x", "y"]}, choose=choose)
        assert run.rows == "split:SS score:SSSSS check:SSSSS of_lot:SS all:S"
        assert run.inputs("score[1][0]") == {"wafer": 3, "lot": "y"}
        assert [run.inputs("of_lot[0]"), run.inputs("of_lot[1]")] == [{"scores": [1, 1]}, {"scores": [7, 1, 1]}]
        assert run.inputs("all") == {"scores": [1, 1, 7, 1, 1], "lots": [9, 9]}
        assert set(run.mapped) == {
            *[(task, 2) for task in ("split", "score", "check", "of_lot")],
            *[(task, 2) for task in ("score[0]", "check[0]")],
            *[(task, 3) for task in ("score[1]", "check[1]")],
        }


@pytest.mark.parametrize(
    ("outcomes", "rows", "scores"),
    [
        ({"split[0]": gives([])}, "split:SS score:-S check:-S of_lot:SS all:S", [1]),
        ({"split[0]": [ERROR]}, "split:FS score:US check:US of_lot:SS all:S", [1]),
        (
            {"split[0]": gives([1, 2]), "score[0][1]": [ERROR]},
            "split:SS score:SFS check:SUS of_lot:SS all:S",
            [1, None, 1],
        ),
        ({"split": gives([])}, "split:SS score:-- check:-- of_lot:SS all:S", []),
    ],
)
def test_a_map_in_a_map_where_something_is_missing(outcomes: Outcomes, rows: str, scores: Any) -> None:
    usual = {"split": gives([3]), "score": gives(1), "of_lot": gives(9)}
    run = played(NESTED, usual | dict(outcomes), {"lots": ["x", "y"]})
    assert run.rows == rows
    assert run.inputs("all") == {"scores": scores, "lots": [9, 9]}


def test_the_outer_list_is_empty() -> None:
    run = played(NESTED, parameters={"lots": []})
    assert run.rows == "split:- score:- check:- of_lot:- all:S"
    assert run.inputs("all") == {"scores": [], "lots": []}


@pytest.mark.parametrize("choose", [first, last])
@pytest.mark.parametrize(("end", "row"), [(gives([7, 8]), "SSSS"), ([ERROR], "UU"), (gives([]), "--")])
def test_an_inner_list_from_outside_is_known_before_the_outer_one(choose: Any, end: list[Outcome], row: str) -> None:
    text = """
    pipeline p {
      task inner -> list[int] = python("s:inner")
      task before = python("s:before")
      task outer -> list[int] after before = python("s:outer")
      map x in outer {
        task a(x) = python("s:a")
        map y in inner { task b(x, y) = python("s:b") }
      }
    }
    """
    run = played(text, {"inner": end, "outer": gives([1, 2])}, choose=choose)
    assert run.rows == f"inner:{'F' if end == [ERROR] else 'S'} before:S outer:S a:SS b:{row}"


def test_three_maps_deep() -> None:
    text = """
    pipeline p(a: list[list[list[int]]]) {
      map x in a { map y in x { map z in y { task deep(z) -> int = python("s:deep") } } }
      task flat(all = deep[*]) = python("s:flat") { trigger_rule = all_done }
    }
    """
    cube = [[[1, 2], [3]], [], [[4], [], [5, 6]]]
    ends = {
        f"deep{index}": gives(value)
        for index, value in {
            "[0][0][0]": 1,
            "[0][0][1]": 2,
            "[0][1][0]": 3,
            "[2][0][0]": 4,
            "[2][2][0]": 5,
            "[2][2][1]": 6,
        }.items()
    }
    for choose in (first, last):
        run = played(text, ends, {"a": cube}, choose=choose)
        assert run.rows == "deep:SSS-S-SS flat:S"
        assert run.inputs("flat") == {"all": [1, 2, 3, 4, 5, 6]}


@pytest.mark.parametrize(
    ("items", "outcomes", "rows"),
    [
        ([1, 2, 3], {}, "first:SSS second:SSS end:S"),
        ([1, 2, 3], {"first[1]": [ERROR]}, "first:SFS second:U end:U"),
        ([1, 2, 3], {"second[1]": [ERROR]}, "first:SSS second:SFS end:U"),
        ([], {}, "first:- second:- end:-"),
    ],
)
def test_a_map_over_the_results_of_another(items: list[int], outcomes: Outcomes, rows: str) -> None:
    text = """
    pipeline p(items: list[int]) {
      map x in items { task first(x) -> int = python("s:first") }
      map y in first[*] { task second(y) = python("s:second") }
      task end after second = python("s:end")
    }
    """
    ends = {"first[0]": gives(7), "first[1]": gives(8), "first[2]": gives(9)} | dict(outcomes)
    run = played(text, ends, {"items": items})
    assert run.rows == rows
    if "second:SSS" in rows:
        assert [run.inputs(f"second[{number}]")["y"] for number in range(3)] == [7, 8, 9]


def test_two_maps_where_each_instance_needs_all_of_the_first() -> None:
    text = """
    pipeline p(items: list[int]) {
      map x in items { task first(x) = python("s:first") }
      map y in items { task second(y) = python("s:second") { trigger_rule = none_failed }  task third after second }
      order first -> second
    }
    """
    run = written(text, parameters={"items": [1, 2, 3]}).start()
    run.end("first[0]", "first[2]")
    assert run.rows == "first:SrS second:... third:..."
    run.end("first[1]")
    assert run.rows == "first:SSS second:rrr third:..."
    run.end("second[1]")
    assert run.rows == "first:SSS second:rSr third:.S."


def test_a_task_in_a_for_and_a_map() -> None:
    text = """
    pipeline p(items: list[int]) {
      for model in ["rf", "gbm"] {
        map x in items { task fit(x, model) -> float = python("s:fit") }
      }
      task rf(aucs = fit["rf"][*]) = python("s:rf")
      task both after fit = python("s:both")
    }
    """
    run = played(text, {'fit["rf"]': gives(0.5), 'fit["gbm"][1]': [ERROR]}, {"items": [1, 2]})
    assert run.rows == 'fit["rf"]:SS fit["gbm"]:SF rf:S both:U'
    assert run.inputs("rf") == {"aucs": [0.5, 0.5]}
    assert run.inputs('fit["gbm"][0]') == {"x": 1, "model": "gbm"}


# --- max_parallel --------------------------------------------------------------------------------

LIMITED = """
pipeline p(items: list[int]) {
  map x in items {
    max_parallel = 2
    task a(x) = python("s:a") { retries = 1 }
    task b after a = python("s:b")
  }
}
"""


def test_the_next_item_begins_when_all_of_one_is_final() -> None:
    run = written(LIMITED, {"a[1]": [Failure("output", "wrong")]}, {"items": [0, 1, 2, 3]}).start()
    assert run.rows == "a:rr.. b:...."
    run.end("a[0]")
    assert run.rows == "a:Sr.. b:r..."
    run.end("b[0]")
    assert run.rows == "a:Srr. b:S..."
    run.end("a[1]")
    assert run.rows == "a:SFrr b:SU.."
    run.go_on()
    assert run.rows == "a:SFSS b:SUSS"


def test_an_item_that_waits_for_a_retry_keeps_its_place() -> None:
    run = written(LIMITED, {"a[0]": [ERROR, {}]}, {"items": [0, 1, 2]}).start()
    run.end("a[0]")
    assert run.rows == "a:Rr. b:..."
    run.send(RetryDue("a[0]"))
    assert run.rows == "a:rr. b:..."


@pytest.mark.parametrize(
    ("inside", "rows"),
    [
        ('approval a { message = "item ${x}?" }', "a:r.."),
        ("task a(x) = inner", "a:r.. a/one:r"),
        ('wait a = file("/data/${x}")', "a:r.."),
    ],
)
def test_people_waits_and_pipelines_count_as_well(inside: str, rows: str) -> None:
    text = f"""
    pipeline inner(x: int) {{ task one(x) = python("s:one") }}
    pipeline p(items: list[int]) {{ map x in items {{ max_parallel = 1 {inside} }} }}
    """
    run = written(text, parameters={"items": [1, 2, 3]}, max_parallel=1).start()
    assert run.rows == rows
    assert run.go_on().rows.split()[0] == "a:SSS"


def test_max_parallel_of_nested_maps() -> None:
    text = """
    pipeline p(rows: list[list[int]]) {
      map row in rows {
        max_parallel = 2
        map x in row {
          max_parallel = 1
          task cell(x) = python("s:cell")
        }
        task end after cell = python("s:end")
      }
    }
    """
    run = written(text, parameters={"rows": [[1, 2], [3, 4], [5]]}).start()
    assert run.rows == "cell:r.r.. end:..."
    run.end("cell[0][0]", "cell[0][1]")
    assert run.rows == "cell:SSr.. end:r.."
    run.end("end[0]")
    assert run.rows == "cell:SSr.r end:S.."
    assert run.go_on().rows == "cell:SSSSS end:SSS"


def test_items_whose_tasks_are_skipped_hold_no_place() -> None:
    text = """
    pipeline p(items: list[int]) {
      map x in items {
        max_parallel = 1
        if x > 2 { task a(x) = python("s:a") }
      }
    }
    """
    run = written(text, parameters={"items": [1, 2, 3, 4]}).start()
    assert run.rows == "decide_a:SSSS a:--r."
    assert run.go_on().rows == "decide_a:SSSS a:--SS"


@pytest.mark.parametrize("choose", [first, last])
@pytest.mark.parametrize("limit", [1, 2])
def test_a_task_that_waits_for_all_items_holds_none_up(limit: int, choose: Any) -> None:
    """`rank` waits for `all`, which waits for `score` of every item: no item can wait for its `rank`."""
    text = f"""
    pipeline p(items: list[int]) {{
      map x in items {{
        max_parallel = {limit}
        task score(x) -> float = python("s:score")
        task store after score = python("s:store")
        task rank(best = all) = python("s:rank")
        task tell after rank = python("s:tell")
      }}
      task all(scores = score[*]) -> float = python("s:all")
    }}
    """
    run = written(text, parameters={"items": [1, 2, 3]}).start()
    assert run.rows.startswith("score:r.. store:..." if limit == 1 else "score:rr. store:...")
    run.end("score[0]", "store[0]")
    assert run.rows.startswith("score:Sr. store:S.." if limit == 1 else "score:Srr store:S..")
    assert run.go_on(choose).rows == "score:SSS store:SSS rank:SSS tell:SSS all:S"


# --- finally, the verdict, cancelling ------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "items", "seen", "verdict"),
    [
        ({}, [1, 2], [3, 3], "success"),
        ({"score[0]": [ERROR]}, [1, 2], [None, 3], "failed"),
        ({}, [], [], "success"),
    ],
)
def test_finally_reads_what_there_is(outcomes: Outcomes, items: Any, seen: Any, verdict: str) -> None:
    text = """
    pipeline p(items: list[int]) {
      map x in items { task score(x) -> int = python("s:score") }
      finally { task report(scores = score[*]) = python("s:report") }
    }
    """
    run = played(text, {"score": gives(3)} | dict(outcomes), {"items": items})
    assert run.inputs("report") == {"scores": seen}
    assert run.finish.state == verdict


def test_the_return_value_gathers_a_map() -> None:
    text = """
    pipeline p(items: list[int]) -> { all: list[int?] } {
      map x in items { task score(x) -> int = python("s:score") }
      return { all: score[*] }
    }
    """
    run = played(text, {"score": gives(3)}, {"items": [1, 2]})
    assert run.finish.returns == {"all": [3, 3]}


def test_cancelling_a_map_in_the_middle() -> None:
    run = written(LIMITED, {"a[0]": [ERROR]}, {"items": [0, 1, 2]}).start()
    run.end("a[0]")
    run.send(CancelRun())
    assert run.rows == "a:Fr- b:---"
    run.send(AttemptFailed("a[1]", ENDED))
    assert run.rows == "a:FF- b:---"
    assert run.finish.state == "failed"


@pytest.mark.parametrize("event", [AttemptSucceeded("find", {"output": ["a", "b"]}), AttemptFailed("find", ENDED)])
def test_no_map_begins_after_cancelling(event: Any) -> None:
    run = written(SCORES).start()
    run.send(CancelRun())
    run.send(event)
    assert run.mapped == []
    assert run.rows == f"find:{'S' if isinstance(event, AttemptSucceeded) else 'F'} load:- score:- best:- all_good:-"
    assert run.finish.state == "failed"
