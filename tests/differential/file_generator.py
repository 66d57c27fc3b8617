"""Random programs for runs of generated files: the same seed, the same text.

More than `generator` writes: values handed from task to task (with `??`, as lists of all items, of all instances),
outputs of several shapes, pipelines as tasks with branches, maps and a `finally` of their own, shell tasks, joins.
Approvals are left out, which nobody could answer; what Airflow refuses in a map is not written there.

Every task is given `me`, by which `file_plans` knows what it does: its name, behind that of the calls around it, with
the item or the key it is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.differential.generator import Generator

RULES_IN_MAPS = (
    "all_success",
    "none_failed",
    "none_failed_min_one_success",
    "none_skipped",
    "all_done",
    "one_failed",
)
MAIN = "random"

_NAMED = "{ n: int, seen: str }"
_FUNCTIONS = {"int": "number", "int?": "maybe", "str": "text", _NAMED: "named", "list[int]": "items"}


@dataclass(frozen=True, slots=True)
class Giver:
    """A name others may read: what it gives, the item of the map and whether it stands in a loop."""

    outputs: str
    item: str | None
    is_looped: bool

    def value(self, name: str, item: str | None) -> str | None:
        """An int or null, as a task for that item reads it; None where there is nothing it could read as one."""
        if self.item not in (None, item) or self.outputs not in ("int", "int?", _NAMED):
            return None
        field = ".n" if self.outputs == _NAMED else ""
        return f'{name}["a"]{field}' if self.is_looped else f"{name}{field}"

    def values(self, name: str, item: str | None, random: Random) -> str:
        """Anything that a task for that item may be given."""
        field = random.choice((".n", ".seen")) if self.outputs == _NAMED else ""
        is_list = self.item not in (None, item) or (self.is_looped and random.random() < 0.5)
        if self.is_looped and self.item not in (None, item):
            return f'{name}["b"][*]{field}'
        if is_list:
            return f"{name}[*]{field}"
        return f'{name}["b"]{field}' if self.is_looped else f"{name}{field}"


def random_program(random: Random) -> str:
    """A file: the pipeline `random` first, then up to two that are run as its tasks or as each other's."""
    parts: list[Part] = []
    for number in range(random.choice((0, 0, 1, 1, 2))):
        parts.append(_Pipeline(random, f"part{number}", tuple(parts), random.randint(2, 5)).part())
    size = random.randint(4, 9) if parts else random.randint(5, 11)
    main = _Pipeline(random, MAIN, tuple(parts), size).text()
    return main + "".join(part.text for part in parts)


@dataclass(frozen=True, slots=True)
class Part:
    """A pipeline that may be run as a task."""

    name: str
    text: str
    returns: str | None
    has_maps: bool


class _Pipeline(Generator):
    """Writes one pipeline; `parts` are those it may call."""

    def __init__(self, random: Random, name: str, parts: tuple[Part, ...], size: int) -> None:
        super().__init__(random, size)
        self.name = name
        self.parts = parts
        self.givers: dict[str, Giver] = {}
        self.has_maps = False
        self.is_looped = False
        if self.is_part:
            self.least_for_finally = 2

    @property
    def is_part(self) -> bool:
        return self.name != MAIN

    def part(self) -> Part:
        text = self.text()
        returns = None
        givers = {name: giver for name, giver in self.givers.items() if giver.value(name, None)}
        if givers and self._chance(0.8):
            name, giver = self.random.choice(list(givers.items()))
            value = giver.value(name, None)
            if self._chance(0.5):
                text, returns = _returning(text, "int", f"{value} ?? 7"), "int"
            else:
                others = [one for one in self.givers if self.givers[one].item is not None]
                shown = f"len({others[0]}[*])" if others else "level"
                fields = f'{{ n: {value} ?? 8, seen: "of ${{{shown}}}" }}'
                text, returns = _returning(text, _NAMED, fields), _NAMED
        return Part(self.name, text, returns, self.has_maps)

    def _header(self) -> str:
        path = "path: str, " if self.is_part else ""
        return f"pipeline {self.name}({path}level: int, list: list[int]) {{"

    # --- statements ------------------------------------------------------------------------------

    def _kinds(self, depth: int, item: str | None) -> list[str]:
        kinds = [kind for kind in super()._kinds(depth, item) if kind != "approval"]
        kinds += ["shell", "join"]
        if self._callable(item):
            kinds += ["call"] * 4
        return kinds

    def _callable(self, item: str | None) -> list[Part]:
        return [part for part in self.parts if item is None or not part.has_maps]

    def _further(self, kind: str, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        match kind:
            case "call":
                return self._call(seen, indent, in_branch, item)
            case "shell":
                return self._shell(seen, indent, in_branch, item)
            case _:
                return self._join(seen, indent, in_branch, item)

    def _call(self, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        self.left -= 2
        name = self._name("call")
        part = self.random.choice(self._callable(item))
        self.has_maps |= part.has_maps
        returns = f" -> {part.returns}" if part.returns else ""
        inputs = f"path = {self._me(name, item)}, level = {self._number(seen, item)}, list = {self._list(seen, item)}"
        rule = self._rule(in_branch, item)
        block = f" {{ {rule} }}" if rule else ""
        self.lines.append(f"{indent}task {name}({inputs}){returns}{self._after(seen)} = {part.name}{block}")
        self._gives(name, part.returns, item)
        return [name]

    def _shell(self, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        self.left -= 1
        name = self._name("sh")
        script, outputs = 'echo "$n" > "$PIPEC_OUTPUTS/output"', " -> int"
        match self.random.randrange(5):
            case 0:
                script, outputs = "exit 3", ""
            case 1:
                script, outputs = "true", ""
            case 2:
                script = 'test "$attempt" = 2 && echo "$n" > "$PIPEC_OUTPUTS/output"'
        inputs = f"(n = {self._number(seen, item)}, attempt = run.attempt)" if outputs else ""
        options = self._with_retry(self._rule(in_branch, item), "3")
        block = f" {{ {options} }}" if options else ""
        self.lines.append(f"{indent}task {name}{inputs}{outputs}{self._after(seen)} = shell('{script}'){block}")
        if outputs:
            self._gives(name, "int", item)
        return [name]

    def _wait(self, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        self.left -= 1
        name = self._name("wait")
        look, options = "is_there", "poll = 20ms"
        if self._chance(0.4):  # what never comes has timed out on every machine, however slow
            look, options = (
                "is_never",
                f"{options}  timeout = 10ms  on_timeout = {self.random.choice(('fail', 'skip'))}",
            )
        look = f'python("steps:{look}", me = {self._me(name, item)}, given = {self._number(seen, item)})'
        options = f"{options}  {self._rule(in_branch, item)}".strip()
        self.lines.append(f"{indent}wait {name}{self._after(seen)} = {look} {{ {options} }}")
        return [name]

    def _join(self, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        self.left -= 1
        name = self._name("join")
        rule = self._rule(in_branch, item)
        self.lines.append(f"{indent}task {name}{self._after(seen)}" + (f" {{ {rule} }}" if rule else ""))
        return [name]

    def _map(self, seen: list[str], indent: str, in_branch: bool) -> list[str]:
        self.maps += 1
        self.has_maps = True
        item = self._name("item")
        names: list[str] = []
        givers = [name for name in seen if self.givers.get(name) == Giver("list[int]", None, False)]
        match self.random.randrange(6):
            case 0:
                source = "list"
            case 1:
                source = self._list(seen, None)
            case 2 if givers:
                source = self.random.choice(givers)
            case _:
                source = self._name("found")
                self.left -= 1
                self._write_task(source, "list[int]", seen, indent, self._rule(in_branch, None), None)
                names.append(source)
        return [*names, *self._block(f"map {item} in {source}", seen, indent, in_branch, item)]

    def _for(self, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        self.is_looped = True
        names = super()._for(seen, indent, in_branch, item)
        self.is_looped = False
        return names

    def _looped(self, seen: list[str], indent: str, in_branch: bool, item: str | None) -> list[str]:
        if self._callable(item) and self._chance(0.3):
            return self._call(seen, indent, in_branch, item)
        return super()._looped(seen, indent, in_branch, item)

    def _condition(self, seen: list[str], item: str | None) -> str:
        operand = self.random.choice(self._operands(seen, item))
        return f"6 / {operand} > 1" if self._chance(0.1) else f"{operand} > {self.random.randint(0, 4)}"

    # --- tasks -----------------------------------------------------------------------------------

    def _named_task(self, seen: list[str], indent: str, options: str, item: str | None) -> str:
        self.left -= 1
        name = self._name("t")
        outputs = self.random.choice(("int", "int", "int?", _NAMED, "str", "list[int]"))
        self._write_task(name, outputs, seen, indent, options, item)
        return name

    def _write_task(
        self, name: str, outputs: str, seen: list[str], indent: str, options: str, item: str | None
    ) -> None:
        given = [f"me = {self._me(name, item)}", "attempt = run.attempt"]
        readable = [one for one in seen if one in self.givers]
        for number in range(min(len(readable), self.random.choice((0, 1, 1, 2, 2, 3)))):
            given.append(f"v{number} = {self._any(self.random.choice(readable), item)}")
        header = f"{indent}task {name}({', '.join(given)}) -> {outputs}{self._after(seen)}"
        block = f" {{ {options} }}" if options else ""
        self.lines.append(f'{header} = python("steps:{_FUNCTIONS[outputs]}"){block}')
        self._gives(name, outputs, item)

    def _gives(self, name: str, outputs: str | None, item: str | None) -> None:
        if outputs is not None:
            self.givers[name] = Giver(outputs, item, self.is_looped)

    def _me(self, name: str, item: str | None) -> str:
        place = "[${" + item + "}]" if item else ""
        key = ".${key}" if self.is_looped else ""
        path = "${path}/" if self.is_part else ""
        return f'"{path}{name}{key}{place}"'

    # --- expressions -----------------------------------------------------------------------------

    def _any(self, name: str, item: str | None) -> str:
        giver = self.givers[name]
        value = giver.values(name, item, self.random)
        if "[*]" in value or self._chance(0.25):
            return value
        match giver.outputs:
            case "str":
                return f'{value} ?? "none"'
            case "list[int]":
                return f"{value} ?? []"
            case _:
                return f"{value} ?? {'9' if not value.endswith('.seen') else 'none'.join(chr(34) * 2)}"

    def _operands(self, seen: list[str], item: str | None) -> list[str]:
        found = [(self.givers[name].value(name, item), name) for name in seen if name in self.givers]
        return ["level"] + [f"({value} ?? 0)" for value, _ in found if value][-3:] + ([item] * 2 if item else [])

    def _number(self, seen: list[str], item: str | None) -> str:
        operand = self.random.choice(self._operands(seen, item))
        return self.random.choice((operand, operand, f"{operand} + 1", f"6 % {operand}", "list[0]"))

    def _list(self, seen: list[str], item: str | None) -> str:
        lists = ["list", "list + [level]", "[level, 4]"]
        for name in seen:
            giver = self.givers.get(name)
            if giver == Giver("list[int]", None, False):
                lists.append(f"({name} ?? [])")
            elif giver == Giver("int", None, True):
                lists.append(f"{name}[*]")
        return self.random.choice(lists)

    def _rule(self, in_branch: bool, item: str | None) -> str:
        if item is not None:
            return f"trigger_rule = {self.random.choice(RULES_IN_MAPS)}" if self._chance(0.5) else ""
        return super()._rule(in_branch, item)


def _returning(text: str, returns: str, value: str) -> str:
    header, _, rest = text.partition(") {\n")
    return f"{header}) -> {returns} {{\n{rest[: -len('}' + chr(10))]}  return {value}\n}}\n"
