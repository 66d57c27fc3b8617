"""Random small pipelines as text, for running the same one on several engines: the same seed, the same text."""

from __future__ import annotations

from random import Random

RULES = (
    "all_success",
    "none_failed",
    "none_failed_min_one_success",
    "none_skipped",
    "all_done",
    "all_done_min_one_success",
    "all_failed",
    "all_skipped",
    "one_success",
    "one_failed",
    "one_done",
)

EAGER_RULES = ("one_success", "one_failed", "one_done")
"""Rules that start a task while others upstream still run: what it reads then is a matter of timing."""

TASK_CODE = '''"""What the tasks of random pipelines do."""


def add(**values: int) -> int:
    """Adds up what it is given, and one."""
    return sum(values.values()) + 1


def fail(**values: int) -> int:
    """Fails."""
    raise ValueError(f"meant to fail, given {values}")
'''


def random_pipeline(seed: int, name: str) -> str:
    """The text of a pipeline of up to twelve tasks: random edges, outcomes and rules, branches, maybe `finally`."""
    return _Generator(Random(seed), name).text()


class _Generator:
    def __init__(self, random: Random, name: str) -> None:
        self.random = random
        self.name = name
        self.count = 0
        self.lines: list[str] = []

    def text(self) -> str:
        self.lines.append(f"pipeline {self.name}(high: int = {self.random.choice((1, 9))}) {{")
        outside = [self._task([], "  ") for _ in range(self.random.randint(1, 2))]
        for _ in range(self.random.randint(2, 4)):
            if self.random.random() < 0.5:
                outside.extend(self._branch(outside, "  "))
            else:
                rule = self.random.choice(RULES) if self.random.random() < 0.6 else None
                outside.append(self._task(outside, "  ", rule))
        if self.random.random() < 0.4:
            self.lines.append("  finally {")
            first = self._task([], "    ")
            if self.random.random() < 0.5:
                self._task([first], "    ")
            self.lines.append("  }")
        self.lines.append("}")
        return "\n".join(self.lines) + "\n"

    def _branch(self, before: list[str], indent: str) -> list[str]:
        """An `if` on an earlier output or the parameter, with tasks on one or both sides."""
        earlier = self.random.choice(before) if before and self.random.random() < 0.5 else None
        value = f"({earlier} ?? 0)" if earlier else "high"
        name = f"choice_{self.count}"
        self.lines.append(f"{indent}if {value} > {self.random.choice((0, 3))} as {name} {{")
        inside = self._side(before, indent)
        if self.random.random() < 0.7:
            self.lines.append(f"{indent}}} else {{")
            inside += self._side(before, indent)
        self.lines.append(f"{indent}}}")
        return inside

    def _side(self, before: list[str], indent: str) -> list[str]:
        first = self._task([], indent + "  ")
        tasks = [first]
        if self.random.random() < 0.5:
            tasks.append(self._task([first], indent + "  "))
        if self.random.random() < 0.2 and len(indent) < 4:
            tasks.extend(self._branch([first], indent + "  "))
        del before
        return tasks

    def _task(self, before: list[str], indent: str, rule: str | None = None) -> str:
        name = f"t{self.count}"
        self.count += 1
        upstream = self.random.sample(before, min(len(before), self.random.randint(1, 3)))
        read = [one for one in upstream if self.random.random() < 0.6 and rule not in EAGER_RULES]
        inputs = ", ".join(f"{one} = {one} ?? 0" for one in read)
        after = ", ".join(one for one in upstream if one not in read)
        code = "fail" if self.random.random() < 0.25 else "add"
        header = f"{indent}task {name}" + (f"({inputs})" if inputs else "") + " -> int"
        header += f" after {after}" if after else ""
        options = f" {{ trigger_rule = {rule} }}" if rule else ""
        self.lines.append(f'{header} = python("random_steps:{code}"){options}')
        return name
