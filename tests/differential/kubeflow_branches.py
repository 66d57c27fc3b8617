"""Random programs of decisions in decisions, with joins of what their sides give: the same seed, the same text."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from pipec.compilation import check_target
from tests.differential.file_cases import FileCase, load_program
from tests.differential.file_generator import MAIN


def branches_case(seed: int) -> FileCase:
    """The first random case of a seed that Kubeflow can express."""
    number = 0
    while True:
        random = Random(f"kubeflow/branches/{seed}/{number}")
        text = _Generator(random).program()
        loaded = load_program(text)
        if loaded is not None and loaded.program is not None and not check_target(loaded, MAIN, "kubeflow").has_errors:
            items = [random.randint(0, 5) for _ in range(random.randint(0, 3))]
            calm = {task.name for task in loaded.program.pipelines[MAIN].tasks} if random.random() < 0.7 else ()
            parameters = {"level": random.randint(0, 5), "list": items}
            return FileCase(text, f"kubeflow/branches/{seed}/{number}", parameters, calm)
        number += 1


@dataclass
class _Generator:
    random: Random
    lines: list[str] = field(default_factory=list)
    count: int = 0

    def program(self) -> str:
        self._block(["level"], 0, self.random.randint(2, 4))
        body = "\n".join(self.lines)
        head = '  target kubeflow { image = "registry.example.com/steps:1" }'
        return f"pipeline {MAIN}(level: int, list: list[int]) {{\n{head}\n{body}\n}}\n"

    def _block(self, numbers: list[str], depth: int, size: int) -> list[str]:
        """Write some steps, which read `numbers`: the numbers that are there after them."""
        inside: list[str] = []
        for _ in range(size):
            if depth < 3 and self.random.random() < 0.55:
                inside += self._decision([*numbers, *inside], depth)
            elif self.random.random() < 0.12:
                self._map([*numbers, *inside], depth)
            else:
                read = inside if inside and self.random.random() < 0.8 else self._some([*numbers, *inside])
                inside.append(self._task(read, depth))
        return inside

    def _decision(self, numbers: list[str], depth: int) -> list[str]:
        """An `if`, perhaps with others behind it: the numbers of what joins it."""
        self._line(depth, f"if {self._condition(numbers)} as {self._name('d')} {{")
        sides = [self._block(numbers, depth + 1, self.random.randint(1, 2))]
        while self.random.random() < 0.25:
            self._line(depth, f"}} else if {self._condition(numbers)} {{")
            sides.append(self._block(numbers, depth + 1, self.random.randint(1, 2)))
        has_else = self.random.random() < 0.8
        if has_else:
            self._line(depth, "} else {")
            sides.append(self._block(numbers, depth + 1, self.random.randint(1, 2)))
        self._line(depth, "}")
        return self._join(sides, depth) if all(sides) else []

    def _join(self, sides: list[list[str]], depth: int) -> list[str]:
        last = [side[-1] for side in sides]
        chance = self.random.random()
        if chance < 0.55:
            return [self._task([f"{' ?? '.join(last)} ?? 9"], depth)]
        if chance < 0.65:
            return [self._task([f"({' ?? '.join(last)} ?? 0) + 1", *self._some(["level", *sides[0][:-1]])], depth)]
        if chance < 0.75:
            return [self._task(["level"], depth, f" after {', '.join(last)}", "trigger_rule = none_failed")]
        if chance < 0.8:
            return [self._task([f"{last[0]} ?? 3"], depth)]
        return []

    def _map(self, numbers: list[str], depth: int) -> None:
        self._line(depth, f"map item in {self.random.choice(('list', '[1, 2]'))} {{")
        self._task([*self._some(numbers), "item"], depth + 1)
        self._line(depth, "}")

    def _task(self, values: list[str], depth: int, after: str = "", options: str = "") -> str:
        name = self._name("t")
        given = "".join(f", v{place} = {value}" for place, value in enumerate(values))
        block = f" {{ {options} }}" if options else ""
        head = f'task {name}(me = "{name}", attempt = 1{given}) -> int{after}'
        self._line(depth, f'{head} = python("steps:number"){block}')
        return name

    def _condition(self, numbers: list[str]) -> str:
        number = self.random.choice(numbers)
        first = f"{number} {self.random.choice(('>', '<=', '==', '!='))} {self.random.randint(0, 4)}"
        if self.random.random() < 0.2:
            return f"{first} {self.random.choice(('and', 'or'))} not ({self.random.choice(numbers)} > level)"
        return first

    def _some(self, numbers: list[str]) -> list[str]:
        return self.random.sample(numbers, min(len(numbers), self.random.randint(0, 2)))

    def _name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def _line(self, depth: int, text: str) -> None:
        self.lines.append(f"{'  ' * (depth + 1)}{text}")
