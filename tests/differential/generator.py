"""Random pipelines as text and what their tasks do: the same seed, the same case.

Up to twelve tasks with random edges, trigger rules, branches in branches, joins, gates, waits and approvals that are
skipped, retries, groups, `for`, `map` with tasks of its own and an `if` inside, and `finally`.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import get_args

from pipec.engine.trigger_rules import STARTS_EARLY
from pipec.ir.model import Pipeline, Task, TriggerRule
from pipec.ir.types import ListType
from tests.differential.plans import MOST_ITEMS, Case, Ending, Plan, instance_id, load

MOST_TASKS = 12
RULES: tuple[str, ...] = get_args(TriggerRule)

_IN_EVERY_BRANCH = ("all_success", "none_failed", "none_skipped", "all_done", "one_failed")


def random_case(seed: int, accepts: Callable[[Case], bool] = lambda case: True) -> Case:
    """The first of the random cases of a seed that has no faults and is accepted."""
    number = 0
    while True:
        random = Random(f"{seed}/{number}")
        text = Generator(random, random.randint(4, MOST_TASKS)).text()
        pipeline = load(text)
        if pipeline is not None and len(pipeline.tasks) <= MOST_TASKS:
            case = Case(text, pipeline, random_plan(pipeline, random))
            if accepts(case):
                return case
        number += 1


def random_plan(pipeline: Pipeline, random: Random) -> Plan:
    """Endings and values for every instance there can be."""
    failing = random.choice((0.1, 0.2, 0.4))
    endings: dict[str, tuple[Ending, ...]] = {}
    values: dict[str, object] = {}
    for task in pipeline.tasks:
        for index in range(MOST_ITEMS) if task.map else (-1,):
            instance = instance_id(task.id, index)
            endings[instance] = _endings(task, random, failing)
            values[instance] = _value(task, random)
    parameters: dict[str, object] = {"level": random.randint(0, 5)}
    parameters["list"] = [random.randint(0, 5) for _ in range(random.randint(0, MOST_ITEMS))]
    return Plan(endings, values, parameters)


def _endings(task: Task, random: Random, failing: float) -> tuple[Ending, ...]:
    if task.implementation.kind in ("wait", "approval"):
        return (random.choice(("success", "skip", "skip")),)
    attempts: list[Ending] = []
    while random.random() < failing and len(attempts) < 3:
        attempts.append(random.choice(("error", "busy")))
    if not attempts or random.random() < 0.4:
        attempts.append("success")
    return tuple(attempts)


def _value(task: Task, random: Random) -> object:
    if task.outputs and isinstance(task.outputs[0].type, ListType):
        length = random.choice((0, 1, 2, 2, 3, 3))
        return [random.randint(0, 5) for _ in range(length)]
    return random.randint(0, 5)


class Generator:
    """Writes one pipeline of about `size` tasks; every statement is a line, or a block whose braces end lines."""

    def __init__(self, random: Random, size: int) -> None:
        self.random = random
        self.left = size
        self.count = 0
        self.lines: list[str] = []
        self.maps = 0
        self.least_for_finally = 4

    def text(self) -> str:
        """The whole pipeline."""
        self.lines.append(self._header())
        has_finally = self.left > self.least_for_finally and self._chance(0.3)
        self.left -= 2 * has_finally
        names: list[str] = []
        while self.left > 0:
            names += self._statement(names, "  ", in_branch=False, item=None)
        if has_finally:
            self._finally(names)
        self.lines.append("}")
        return "\n".join(self.lines) + "\n"

    def _header(self) -> str:
        return "pipeline random(level: int, list: list[int]) {"

    # --- statements ------------------------------------------------------------------------------

    def _statement(self, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        """Write a statement that may depend on the tasks seen before; the names it adds to them."""
        match self.random.choice(self._kinds(len(indent) // 2, item)):
            case "if":
                return self._if(seen, indent, item)
            case "map":
                return self._map(seen, indent, in_branch)
            case "group":
                return self._block(f"group {self._name('group')}", seen, indent, in_branch, item)
            case "for":
                return self._for(seen, indent, in_branch, item)
            case "gate":
                return self._gate(seen, indent, in_branch, item)
            case "wait":
                return self._wait(seen, indent, in_branch, item)
            case "approval":
                return self._approval(seen, indent, in_branch, item)
            case "task":
                return [self._task(seen, indent, in_branch, item)]
            case kind:
                return self._further(kind, seen, indent, in_branch, item)

    def _kinds(self, depth: int, item: str | None) -> list[str]:
        """The kinds of statements that may stand here, the likely ones more than once."""
        kinds = ["task"] * 9 + ["gate", "wait"]
        if depth < 4 and self.left >= 2:
            kinds += ["if"] * 2 + ["group"]
        if item is None and self.maps < 2 and self.left >= 2:
            kinds += ["map"] * (4 if self.maps == 0 else 1)
        if item is None:
            kinds.append("approval")
        if self.left >= 2:
            kinds.append("for")
        return kinds

    def _further(self, kind: str, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        """Write a statement of a kind that only a generator of more kinds knows."""
        raise ValueError(f"no such kind of statement: {kind}")

    def _block(self, header: str, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        self.lines.append(f"{indent}{header} {{")
        names: list[str] = []
        for _ in range(self.random.randint(1, 3)):
            if self.left > 0 or not names:
                names += self._statement([*seen, *names], indent + "  ", in_branch, item)
        self.lines.append(f"{indent}}}")
        return names

    def _if(self, seen: list[str], indent: str, item: str | None) -> list[str]:
        self.left -= 1
        name = self._name("choice")
        names = self._branch(f"if {self._condition(seen, item)} as {name}", seen, indent, item)
        if self._chance(0.3) and self.left >= 2:
            self.left -= 1
            names += self._branch(f"else if {self._condition(seen, item)}", seen, indent, item)
        if self._chance(0.7) and self.left > 0:
            names += self._branch("else", seen, indent, item)
        self.lines.append(f"{indent}}}")
        return [*names, name] if self._chance(0.1) else names

    def _branch(self, header: str, seen: list[str], indent: str, item: str | None) -> list[str]:
        start = f"{indent}}} " if header.startswith("else") else indent
        self.lines.append(f"{start}{header} {{")
        outside = seen if self._chance(0.3) else []
        names: list[str] = []
        for _ in range(self.random.choice((1, 1, 2, 2, 3))):
            if self.left > 0 or not names:
                names += self._statement([*outside, *names], indent + "  ", True, item)
        return names

    def _map(self, seen: list[str], indent: str, in_branch: bool) -> list[str]:
        self.maps += 1
        item = self._name("item")
        if self._chance(0.15):
            source = "list"
        else:
            source = self._name("found")
            self.left -= 1
            self.lines.append(f'{indent}task {source} -> list[int]{self._after(seen)} = python("steps:{source}")')
        inside = self._block(f"map {item} in {source}", seen, indent, in_branch, item)
        return inside if source == "list" else [source, *inside]

    def _for(self, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        self.left -= 1
        self.lines.append(f'{indent}for key in ["a", "b"] {{')
        names = self._looped(seen, indent + "  ", in_branch, item)
        self.lines.append(f"{indent}}}")
        return names

    def _looped(self, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        return [self._task(seen, indent, in_branch, item)]

    def _finally(self, seen: list[str]) -> None:
        self.lines.append("  finally {")
        first = self._named_task([], "    ", "", None)
        if self._chance(0.5):
            self._named_task([first, *self.random.sample(seen, min(1, len(seen)))], "    ", "", None)
        self.lines.append("  }")

    # --- tasks -----------------------------------------------------------------------------------

    def _task(self, seen: list[str], indent: str, in_branch: bool, item: str | None) -> str:
        options = self._with_retry(self._rule(in_branch, item), '"ConnectionError"')
        return self._named_task(seen, indent, options, item)

    def _with_retry(self, options: str, cause: str) -> str:
        if not self._chance(0.25):
            return options
        causes = f", on: [{cause}]" if self._chance(0.5) else ""
        return f"{options}  retry = {{ max: {self.random.randint(1, 2)}{causes} }}".strip()

    def _named_task(self, seen: list[str], indent: str, options: str, item: str | None) -> str:
        self.left -= 1
        name = self._name("t")
        block = f" {{ {options} }}" if options else ""
        self.lines.append(f'{indent}task {name} -> int{self._after(seen)} = python("steps:{name}"){block}')
        return name

    def _gate(self, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        self.left -= 1
        name = self._name("gate")
        rule = self._rule(in_branch, item)
        starts_early = rule.endswith(tuple(STARTS_EARLY))  # then timing decides what it reads of tasks
        condition = self._condition([] if starts_early else seen, item)
        require = f"require {condition}  " if self._chance(0.6) else ""
        self.lines.append(f"{indent}gate {name}{self._after(seen)} {{ {require}{rule} }}")
        return [name]

    def _wait(self, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        self.left -= 1
        name = self._name("wait")
        options = f"timeout = 1m  on_timeout = skip  {self._rule(in_branch, item)}".strip()
        self.lines.append(f'{indent}wait {name}{self._after(seen)} = file("/data/{name}") {{ {options} }}')
        return [name]

    def _approval(self, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        self.left -= 1
        name = self._name("ask")
        self.lines.append(f"{indent}approval {name}{self._after(seen)} {{ {self._rule(in_branch, item)} }}")
        return [name]

    # --- parts of statements ---------------------------------------------------------------------

    def _after(self, seen: list[str]) -> str:
        chosen = self.random.sample(seen, min(len(seen), self.random.choice((0, 1, 1, 2, 2, 2, 3, 3))))
        return f" after {', '.join(chosen)}" if chosen else ""

    def _rule(self, in_branch: bool, item: str | None) -> str:
        if self._chance(0.3):
            return ""
        rules = [rule for rule in RULES if item is None or rule != "always"]
        if in_branch and self._chance(0.6):
            rules = list(_IN_EVERY_BRANCH)
        return f"trigger_rule = {self.random.choice(rules)}"

    def _condition(self, seen: list[str], item: str | None) -> str:
        tasks = [name for name in seen if name.startswith("t")]
        operands = ["level"] + [f"({name} ?? 0)" for name in tasks[-3:]] + ([item] * 3 if item else [])
        operand = self.random.choice(operands)
        if self._chance(0.1):
            return f"6 / {operand} > 1"
        return f"{operand} > {self.random.randint(0, 4)}"

    def _name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability
