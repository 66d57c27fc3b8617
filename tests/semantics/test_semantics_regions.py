"""What loops, branches, groups, maps and `finally` become: each table is a body and its tasks as the IR has them."""

from __future__ import annotations

import pytest

from tests.semantics.support import found, good, lines, summary

LOOPS: dict[str, tuple[str, str]] = {
    "one instance a value, named by it": (
        """
        task extract -> { path: dataset } = python("m:f")
        for algorithm in ["rf", "gbm"] {
          task train(algorithm, data = extract.path) -> { auc: float } = python("m:f")
        }
        """,
        """
        extract
        train["rf"] <- extract | algorithm = "rf", data = extract.path
        train["gbm"] <- extract | algorithm = "gbm", data = extract.path
        """,
    ),
    "two variables are a grid, and inside an iteration names mean its own tasks": (
        """
        for a in ["rf", "gbm"], n in [1, 2] {
          task fit(a, n) -> float = python("m:f")
          task score(auc = fit) = python("m:f")
        }
        """,
        """
        fit["rf", 1] | a = "rf", n = 1
        score["rf", 1] <- fit["rf", 1] | auc = fit["rf", 1].output
        fit["rf", 2] | a = "rf", n = 2
        score["rf", 2] <- fit["rf", 2] | auc = fit["rf", 2].output
        fit["gbm", 1] | a = "gbm", n = 1
        score["gbm", 1] <- fit["gbm", 1] | auc = fit["gbm", 1].output
        fit["gbm", 2] | a = "gbm", n = 2
        score["gbm", 2] <- fit["gbm", 2] | auc = fit["gbm", 2].output
        """,
    ),
    "nested loops add their keys": (
        """
        for a in ["rf", "gbm"] {
          task train(a) -> float = python("m:f")
          for rate in [0.5] {
            task tune(rate, auc = train) -> float = python("m:f")
          }
          task best(aucs = tune[*]) = python("m:f")
        }
        """,
        """
        train["rf"] | a = "rf"
        tune["rf", 0.5] <- train["rf"] | rate = 0.5, auc = train["rf"].output
        best["rf"] <- tune["rf", 0.5] | aucs = [tune["rf", 0.5].output]
        train["gbm"] | a = "gbm"
        tune["gbm", 0.5] <- train["gbm"] | rate = 0.5, auc = train["gbm"].output
        best["gbm"] <- tune["gbm", 0.5] | aucs = [tune["gbm", 0.5].output]
        """,
    ),
    "from outside: all, one, a row, one of a grid": (
        """
        for a in ["rf", "gbm"], n in [1, 2] { task fit(n) -> float = python("m:f") }
        task all_of_them(v = fit[*]) = python("m:f")
        task row(v = fit["rf"][*]) = python("m:f")
        task one(v = fit["gbm", 2], w = fit["gbm"][2]) = python("m:f")
        """,
        """
        fit["rf", 1] | n = 1
        fit["rf", 2] | n = 2
        fit["gbm", 1] | n = 1
        fit["gbm", 2] | n = 2
        all_of_them <- fit["rf", 1], fit["rf", 2], fit["gbm", 1], fit["gbm", 2] \
| v = [fit["rf", 1].output, fit["rf", 2].output, fit["gbm", 1].output, fit["gbm", 2].output]
        row <- fit["rf", 1], fit["rf", 2] | v = [fit["rf", 1].output, fit["rf", 2].output]
        one <- fit["gbm", 2] | v = fit["gbm", 2].output, w = fit["gbm", 2].output
        """,
    ),
    "after a task of a loop is after every instance": (
        """
        for a in ["rf", "gbm"] { task train(a) = python("m:f") }
        task all_done after train
        task rf_done after train["rf"]
        """,
        """
        train["rf"] | a = "rf"
        train["gbm"] | a = "gbm"
        all_done <- train["rf"], train["gbm"]
        rf_done <- train["rf"]
        """,
    ),
    "keys are spelled as the language writes them": (
        """
        for v in [true] { task a }
        for v in [2026-01-31] { task b }
        for v in [90s, 250ms, 2w] { task c }
        for v in [512Mi, 2GB] { task d }
        for v in [-1, 0.5] { task e }
        for v in ["a\\"b", 'x${y}'] { task f }
        task end after a[true], b[2026-01-31], c[90s], d[512Mi], e[-1]
        """,
        """
        a[true]
        b[2026-01-31]
        c[1m30s]
        c[250ms]
        c[14d]
        d[512Mi]
        d[2GB]
        e[-1]
        e[0.5]
        f["a\\"b"]
        f["x$${y}"]
        end <- a[true], b[2026-01-31], c[1m30s], d[512Mi], e[-1]
        """,
    ),
    "a loop over nothing has no tasks, and all of them are an empty list": (
        """
        const none = []
        for a in none { task train(a) -> float = python("m:f") }
        task best(aucs = train[*]) after train = python("m:f")
        """,
        """
        best | aucs = []
        """,
    ),
    "consts of an iteration": (
        """
        for a in ["rf", "gbm"] {
          const label = "model ${a}"
          task train(label) = python("m:f") { }
        }
        """,
        """
        train["rf"] | label = "model rf"
        train["gbm"] | label = "model gbm"
        """,
    ),
}

BRANCHES: dict[str, tuple[str, str]] = {
    "roots of a branch wait for the decision, the rest for them": (
        """
        task z
        if n > 1 as big {
          task root
          task next after root
          task other after z
          task both after root, z
        }
        """,
        """
        z
        big
        root <- big
        next <- root
        other <- z, big
        both <- z, root
        """,
    ),
    "a decision depends on what it reads": (
        """
        task a -> int = python("m:f")
        if a > n { task b }
        """,
        """
        a
        decide_b <- a
        b <- decide_b
        """,
    ),
    "a join gets the decision and a rule that lets it run either way": (
        """
        if n > 1 as big { task a -> int = python("m:f") } else { task b -> int = python("m:f") }
        task c(x = a ?? 0, y = b ?? 0) = python("m:f")
        task d after a
        task e after c
        """,
        """
        big
        a <- big
        b <- big
        c none_failed_min_one_success <- big, a, b | x = a.output ?? 0, y = b.output ?? 0
        d none_failed_min_one_success <- big, a
        e <- c
        """,
    ),
    "a join with a rule of its own keeps it, and gets no decision": (
        """
        if n > 1 as big { task a -> int = python("m:f") } else { task b -> int = python("m:f") }
        task c(x = a ?? 0, y = b ?? 0) = python("m:f") { trigger_rule = none_failed }
        task d after a, b { trigger_rule = one_success }
        task e after a { trigger_rule = all_success }
        """,
        """
        big
        a <- big
        b <- big
        c none_failed <- a, b | x = a.output ?? 0, y = b.output ?? 0
        d one_success <- a, b
        e <- a
        """,
    ),
    "else if is a decision on the other side": (
        """
        if n > 1 { task a } else if n > 2 { task b } else { task c }
        task d after a, b, c
        """,
        """
        decide_a
        a <- decide_a
        decide_b <- decide_a
        b <- decide_b
        c <- decide_b
        d none_failed_min_one_success <- decide_a, a, decide_b, b, c
        """,
    ),
    "joins inside a branch wait for both decisions": (
        """
        if n > 1 as outer {
          task a
          if m > 1 as inner { task b } else { task c }
          task d after b, c
        }
        task e after d
        task f after b
        """,
        """
        outer
        a <- outer
        inner <- outer
        b <- inner
        c <- inner
        d none_failed_min_one_success <- outer, inner, b, c
        e none_failed_min_one_success <- outer, d
        f none_failed_min_one_success <- outer, inner, b
        """,
    ),
    "a branch in a loop is a decision an iteration": (
        """
        for x in [1, 2] {
          if n > x as big { task a(x) = python("m:f") }
          task b after a
        }
        task c after big
        """,
        """
        big[1]
        a[1] <- big[1] | x = 1
        b[1] none_failed_min_one_success <- big[1], a[1]
        big[2]
        a[2] <- big[2] | x = 2
        b[2] none_failed_min_one_success <- big[2], a[2]
        c <- big[1], big[2]
        """,
    ),
    "a condition known when compiling leaves only its branch": (
        """
        const big = true
        if big { task a } else { task b }
        task c after a
        """,
        """
        a
        c <- a
        """,
    ),
    "what is left out when compiling is as skipped": (
        """
        const fast = true
        if not fast { task check -> int = python("m:f") }
        task b(x = check ?? 1, none = check == null) after check = python("m:f")
        """,
        """
        b | x = 1, none = true
        """,
    ),
    "what is chosen when compiling may be guarded by ?? all the same": (
        """
        const fast = false
        if not fast { task check -> int = python("m:f") }
        task b(x = check ?? 1) = python("m:f")
        """,
        """
        check
        b <- check | x = check.output ?? 1
        """,
    ),
    "a branch only some iterations have": (
        """
        for a in ["rf", "gbm"] {
          if a == "gbm" { task gpu -> int = python("m:f") }
          task train(device = gpu ?? 0) = python("m:f")
        }
        task free(all = gpu[*]) = python("m:f")
        """,
        """
        train["rf"] | device = 0
        gpu["gbm"]
        train["gbm"] <- gpu["gbm"] | device = gpu["gbm"].output ?? 0
        free <- gpu["gbm"] | all = [gpu["gbm"].output]
        """,
    ),
    "the environment is not known when compiling": (
        """
        if env("STAGE", "dev") == "prod" { task a }
        """,
        """
        decide_a
        a <- decide_a
        """,
    ),
}

OTHER_REGIONS: dict[str, tuple[str, str]] = {
    "finally tasks run when all is done, and may be ordered": (
        """
        task a -> int = python("m:f")
        finally {
          task clean(id = run.id, v = a ?? 0) = python("m:f")
          task tell after clean
        }
        """,
        """
        a
        clean all_done <- a | id = run.id, v = a.output ?? 0
        tell all_done <- clean
        """,
    ),
    "a gate depends on what it requires, and on what its message says": (
        """
        task a -> int = python("m:f")
        task b -> int = python("m:f")
        gate ok { require a > 1 else "only ${b}" }
        task c after ok
        """,
        """
        a
        b
        ok <- a, b
        c <- ok
        """,
    ),
    "a task's requirement may read another task": (
        """
        task a -> int = python("m:f")
        task b -> { rows: int } = python("m:f") { require rows > a }
        """,
        """
        a
        b <- a
        """,
    ),
    "after a group, and order with groups, mean all tasks inside": (
        """
        task z
        group g {
          task a
          group h { task b }
        }
        task c after g
        task d after h
        order z -> g
        """,
        """
        z
        a <- z
        b <- z
        c <- a, b
        d <- b
        """,
    ),
    "order adds edges in bulk": (
        """
        task a task b task c task d
        order a -> [b, c] -> d
        """,
        """
        a
        b <- a
        c <- a
        d <- b, c
        """,
    ),
    "a map: tasks inside see the item, tasks outside the list": (
        """
        task find -> list[str] = python("m:f")
        map lot in find {
          task fetch(lot) -> { rows: int } = python("m:f")
          task load(rows = fetch.rows, lot) -> int = python("m:f")
        }
        task total(rows = fetch[*].rows, all = load[*]) = python("m:f")
        """,
        """
        find
        fetch <- find | lot = item of map_fetch
        load <- fetch | rows = fetch.rows, lot = item of map_fetch
        total <- fetch, load | rows = fetch[*].rows, all = load[*].output
        """,
    ),
    "a map in a map": (
        """
        task find -> list[list[int]] = python("m:f")
        map row in find {
          task a(row) -> int = python("m:f")
          map x in row { task b(x) -> int = python("m:f") }
          task c(v = b[*]) = python("m:f")
        }
        """,
        """
        find
        a <- find | row = item of map_a
        b <- find | x = item of map_b
        c <- b | v = b[*].output
        """,
    ),
    "approvals and waits are tasks": (
        """
        wait lots = file("/data/${run.date}/*.csv") { poll = 5s  on_timeout = skip }
        wait order_placed = message("orders")
        task a(x = order_placed) after lots = python("m:f")
        approval ship after a { message = "go?"  on_timeout = reject }
        task b after ship
        """,
        """
        lots
        order_placed
        a <- lots, order_placed | x = order_placed.output
        ship <- a
        b <- ship
        """,
    ),
    "an approval depends on what its message reads": (
        """
        task a -> float = python("m:f")
        approval ship { message = "auc ${a}?" }
        """,
        """
        a
        ship <- a
        """,
    ),
    "keywords may name inputs, outputs and tasks": (
        """
        task task(group = 1, order = 2, language = 3) -> { component: int, type: int } = python("m:f")
        task pipeline(x = task.component, y = task.type) = python("m:f")
        """,
        """
        task | group = 1, order = 2, language = 3
        pipeline <- task | x = task.component, y = task.type
        """,
    ),
}

_ALL = {**LOOPS, **BRANCHES, **OTHER_REGIONS}


@pytest.mark.parametrize(("body", "expected"), _ALL.values(), ids=_ALL.keys())
def test_tasks_of_a_body(body: str, expected: str) -> None:
    assert summary(good(f"pipeline p(n: int, m: int) {{ {body} }}")) == lines(expected)


def test_tasks_inside_a_region_say_so() -> None:
    pipeline = good("""pipeline p(n: int, xs: list[int]) {
      group g { group h { task a } }
      map x in xs { max_parallel = 3  task b(x) = python("m:f") }
      if n > 1 as big { if n > 2 as bigger { task c } else { task d } }
      finally { task e }
    }""")
    assert [(one.name, one.parent) for one in pipeline.groups] == [("g", None), ("h", "g")]
    assert pipeline.task("a").group == "h"
    (region,) = pipeline.maps
    assert (region.name, region.variable, str(region.item_type), region.max_parallel) == ("map_b", "x", "int", 3)
    assert pipeline.task("b").map == "map_b"
    assert [(side.decision, side.taken) for side in pipeline.task("c").branches] == [("big", True), ("bigger", True)]
    assert [(side.decision, side.taken) for side in pipeline.task("d").branches] == [("big", True), ("bigger", False)]
    assert [task.id for task in pipeline.tasks if task.is_finally] == ["e"]


def test_a_loop_variable_has_the_type_of_its_value() -> None:
    """So that what is unrolled fits literal unions, and a misfit is found in its iteration."""
    component = 'component train(a: "rf" | "gbm") = python("m:f")\n'
    assert len(good(component + 'pipeline p { for a in ["rf", "gbm"] { task t(a) = train } }').tasks) == 2
    wrong = component + 'pipeline p { for a in ["rf", "gmb"] { task t(a) = train } }'
    assert found(wrong) == [("P0201", 2, 46)]


def test_a_component_may_have_the_name_of_the_task_that_places_it() -> None:
    text = 'component train(a: str) = python("m:f")\npipeline p { for a in ["x", "y"] { task train(a) = train } }'
    assert [task.id for task in good(text).tasks] == ['train["x"]', 'train["y"]']


def test_a_faulty_loop_is_reported_once() -> None:
    text = """pipeline p(xs: list[int]) {
      for x in xs { task a(x) -> int = python("m:f") }
      task b(all = a[*], one = a[1]) after a = python("m:f")
    }"""
    assert found(text) == [("P0402", 2, 16)]


def test_both_branches_of_a_faulty_condition_are_looked_at() -> None:
    text = """pipeline p {
      if 1 / 0 > 1 { task a(x = b) = python("m:f") } else { task c(x = d) = python("m:f") }
    }"""
    assert [place[0] for place in found(text)] == ["P0209", "P0101", "P0101"]


def test_several_circles_are_all_reported_and_hide_nothing() -> None:
    text = """pipeline p {
      task a after b  task b after a
      task c after d  task d after c
      task e(x = 1 + "a") after a = python("m:f")
    }"""
    assert [place[0] for place in found(text)] == ["P0401", "P0401", "P0202"]
