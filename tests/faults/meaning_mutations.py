"""Kinds of faults that only the meaning shows: names, types, options, inputs, the graph.

Every edit is a fault by construction: misspelt words are words that the example does not hold and the language does
not know, values go only where the language wants another type, and edges are added only against existing ones.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from pipec.semantics.settings import settings, settings_of
from pipec.syntax import tree
from pipec.syntax.source import Span
from pipec.syntax.tables import tables
from tests.faults.edits import Edit, Example, Mutation, misspelt
from tests.syntax.dump import walk

OTHER_TYPE = {
    "int": '"many"',
    "float": '"many"',
    "bool": '"yes"',
    "str": "3",
    "duration": "16Gi",
    "size": "5m",
    "date": "5m",
    "list[str]": "7",
}
CHOICES = frozenset(name for setting in settings() for name in setting.names)
FUNCTIONS = frozenset({"python", "shell", "command", "image", "notebook", "sql", "cron", "every", "secret"})


def _name_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    """A name read in an expression, in a string too; not those of functions, trigger rules and the like."""
    bare = {id(node.value) for node in example.nodes if isinstance(node, tree.Option)}
    called = {id(node.function) for node in example.nodes if isinstance(node, tree.Call)}
    for node in example.nodes:
        if isinstance(node, tree.NameReference) and id(node) not in bare | called and node.name != "run":
            yield _misspell(example, node.span, generator)


def _output_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    """An output of a task that has several."""
    tasks = {task.name for pipeline in example.pipelines for task in pipeline.tasks if not task.single_output}
    for node in example.nodes:
        if isinstance(node, tree.Attribute):
            base = node.base.base if isinstance(node.base, tree.Splat | tree.Index) else node.base
            if isinstance(base, tree.NameReference) and base.name in tasks:
                yield _misspell(example, node.name.span, generator)


def _run_field_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    for node in example.nodes:
        if isinstance(node, tree.Attribute) and isinstance(node.base, tree.NameReference) and node.base.name == "run":
            yield _misspell(example, node.name.span, generator)


def _reference_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    """A task after `after` or in `order`."""
    for node in example.nodes:
        if isinstance(node, tree.Reference):
            yield _misspell(example, node.name.span, generator)


def _option_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    known = frozenset(setting.name for setting in settings())
    for option in _options(example):
        yield _misspell(example, option.name.span, generator, known)


def _option_key_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    """A key of a map option that has fixed keys."""
    for option in _options(example):
        if option.name.text in ("retry", "resources", "defaults") and isinstance(option.value, tree.MapDisplay):
            for entry in option.value.entries:
                yield _misspell(example, entry.key.span, generator)


def _option_of_wrong_type(example: Example, _: random.Random) -> Iterator[Edit]:
    types = {setting.name: setting.type for setting in settings() if len(_types_of(setting.name)) == 1}
    for option in _options(example):
        if (put := OTHER_TYPE.get(types.get(option.name.text, ""))) is not None:
            yield Edit(option.value.span.start, option.value.span.end, put)


def _unit_confused(example: Example, _: random.Random) -> Iterator[Edit]:
    """A size for a duration and the other way round, in options."""
    for option in _options(example):
        if option.name.text == "estimate":
            continue
        for node in walk(option.value):
            if isinstance(node, tree.Literal) and node.kind in ("duration", "size"):
                yield Edit(node.span.start, node.span.end, OTHER_TYPE[node.kind])


def _default_of_wrong_type(example: Example, _: random.Random) -> Iterator[Edit]:
    for node in example.nodes:
        if isinstance(node, tree.Parameter) and node.default is not None and isinstance(node.type, tree.NamedType):
            put = OTHER_TYPE.get(node.type.span.text)
            if put is not None:
                yield Edit(node.default.span.start, node.default.span.end, put)


def _compared_with_wrong_type(example: Example, _: random.Random) -> Iterator[Edit]:
    for node in example.nodes:
        match node:
            case tree.Binary(operator="<" | "<=" | ">" | ">=", right=tree.Literal(span=span)):
                yield Edit(span.start, span.end, '"high"')


def _type_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    known = frozenset({"bool", "int", "float", "str", "date", "json", "file", "dir", "model", "list", "dict", "size"})
    for node in example.nodes:
        if isinstance(node, tree.NamedType):
            yield _misspell(example, node.parts[-1].span, generator, known)


def _implementation_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    """A constructor or a component."""
    for node in example.nodes:
        if isinstance(node, tree.Task) and node.implementation is not None:
            match node.implementation:
                case tree.Call(function=function):
                    yield _misspell(example, function.span, generator, FUNCTIONS)
                case tree.Attribute(name=name):
                    yield _misspell(example, name.span, generator)
                case component:
                    yield _misspell(example, component.span, generator, FUNCTIONS)


def _function_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    implementations = {id(getattr(node, "implementation", None)) for node in example.nodes}
    for node in example.nodes:
        if isinstance(node, tree.Call) and id(node) not in implementations:
            yield _misspell(example, node.function.span, generator, FUNCTIONS)


def _python_without_function(example: Example, _: random.Random) -> Iterator[Edit]:
    """The text of `python` lacks its `:function`."""
    for node in example.nodes:
        match node:
            case tree.Call(function=tree.NameReference(name="python"), arguments=(tree.Argument(value=text), *_)):
                colon = text.span.text.index(":")
                yield Edit(text.span.start + colon, text.span.end - 1, "")


def _input_dropped(example: Example, _: random.Random) -> Iterator[Edit]:
    """An input that the component of the same file needs."""
    needed = {
        node.name.text: {parameter.name.text for parameter in node.parameters if parameter.default is None}
        for node in example.nodes
        if isinstance(node, tree.Component)
    }
    for node in example.nodes:
        if isinstance(node, tree.Task) and isinstance(node.implementation, tree.NameReference):
            for binding in node.inputs:
                if binding.name.text in needed.get(node.implementation.name, ()):
                    yield _without(example, binding)


def _input_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    """An input with a default misspelt is one that the component does not have."""
    optional = {
        node.name.text: {parameter.name.text for parameter in node.parameters if parameter.default is not None}
        for node in example.nodes
        if isinstance(node, tree.Component)
    }
    for node in example.nodes:
        if isinstance(node, tree.Task) and isinstance(node.implementation, tree.NameReference):
            for binding in node.inputs:
                if binding.value is not None and binding.name.text in optional.get(node.implementation.name, ()):
                    yield _misspell(example, binding.name.span, generator)


def _task_twice(example: Example, _: random.Random) -> Iterator[Edit]:
    for node in example.nodes:
        if isinstance(node, tree.Task | tree.Gate | tree.Wait | tree.Approval):
            indent = _indent(example, node.span.start)
            yield Edit(node.span.end, node.span.end, f"\n{indent}{node.span.text}")


def _option_twice(example: Example, _: random.Random) -> Iterator[Edit]:
    for option in _options(example):
        indent = _indent(example, option.span.start)
        yield Edit(option.span.end, option.span.end, f"\n{indent}{option.span.text}")


def _cycle(example: Example, generator: random.Random) -> Iterator[Edit]:
    """A task that waits for one that already waits for it."""
    for pipeline in example.pipelines:
        plain = {task.id for task in pipeline.tasks if not task.keys and task.map is None and not task.is_finally}
        above = {task.id: [one for one in task.upstream if one in plain] for task in pipeline.tasks if task.id in plain}
        for node in example.nodes:
            if not isinstance(node, tree.Task) or node.name.text not in plain:
                continue
            waiting = [task for task, upstream in above.items() if node.name.text in upstream]
            declared = [one for one in waiting if _is_declared(example, one)]
            if declared:
                place = _end_of_header(node)
                put = f", {generator.choice(declared)}" if node.after else f" after {generator.choice(declared)}"
                yield Edit(place, place, put)


def _misplaced_option(example: Example, _: random.Random) -> Iterator[Edit]:
    """An option of tasks in a block that has none."""
    for node in example.nodes:
        body = node.then if isinstance(node, tree.If) else node.body if isinstance(node, tree.For) else ()
        if body:
            indent = _indent(example, body[0].span.start)
            yield Edit(body[0].span.end, body[0].span.end, f"\n{indent}retries = 2")


def _value_in_shell(example: Example, _: random.Random) -> Iterator[Edit]:
    for node in example.nodes:
        match node:
            case tree.Call(function=tree.NameReference(name="shell"), arguments=(tree.Argument(value=text),)):
                if "\n" not in text.span.text:
                    yield Edit(text.span.start, text.span.end, '"echo ${run.id}"')


def _returned_key_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    for pipeline in example.file.items:
        if isinstance(pipeline, tree.Pipeline) and pipeline.results is not None and pipeline.results.fields:
            for statement in pipeline.body:
                if isinstance(statement, tree.Return) and isinstance(statement.value, tree.MapDisplay):
                    for entry in statement.value.entries:
                        yield _misspell(example, entry.key.span, generator)


def _event_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    for node in example.nodes:
        if isinstance(node, tree.On):
            yield _misspell(example, node.events[0].span, generator)


def _choice_misspelt(example: Example, generator: random.Random) -> Iterator[Edit]:
    """A trigger rule or what an `on_timeout` does."""
    for option in _options(example):
        if option.name.text in ("trigger_rule", "on_timeout"):
            yield _misspell(example, option.value.span, generator, CHOICES)


def _literal_outside_union(example: Example, generator: random.Random) -> Iterator[Edit]:
    """A text where a union of texts is wanted: an input of a component of the same file."""
    unions = {
        (node.name.text, parameter.name.text)
        for node in example.nodes
        if isinstance(node, tree.Component)
        for parameter in node.parameters
        if isinstance(parameter.type, tree.UnionType)
    }
    for node in example.nodes:
        if isinstance(node, tree.Task) and isinstance(node.implementation, tree.NameReference):
            for binding in node.inputs:
                if isinstance(binding.value, tree.Text) and (node.implementation.name, binding.name.text) in unions:
                    yield Edit(binding.value.span.start, binding.value.span.end, '"neither"')


# --- what they are made of -----------------------------------------------------------------------


def _options(example: Example) -> Iterator[tree.Option]:
    """The options of the language; those of targets are looked at when one is chosen."""
    of_targets = {id(option) for node in example.nodes if isinstance(node, tree.TargetBlock) for option in node.options}
    for node in example.nodes:
        if isinstance(node, tree.Option) and id(node) not in of_targets:
            yield node


def _types_of(name: str) -> set[str]:
    return {setting.type for setting in settings() if setting.name == name}


def _misspell(example: Example, span: Span, generator: random.Random, known: frozenset[str] = frozenset()) -> Edit:
    taken = known | example.words | tables().keywords | frozenset(settings_of("task"))
    return Edit(span.start, span.end, misspelt(span.text, generator, taken))


def _indent(example: Example, offset: int) -> str:
    line = example.text[example.text.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip())]


def _without(example: Example, binding: tree.Binding) -> Edit:
    """An input taken out with the comma after it."""
    end = binding.span.end
    while example.text[end] in ", ":
        end += 1
    return Edit(binding.span.start, end, "")


def _is_declared(example: Example, name: str) -> bool:
    return any(isinstance(node, tree.Task | tree.Gate) and node.name.text == name for node in example.nodes)


def _end_of_header(node: tree.Task) -> int:
    """Where the header of a task ends, before its implementation."""
    if node.after:
        return node.after[-1].span.end
    if node.results is not None:
        return node.results.span.end
    if node.inputs:
        text = node.span.source.text
        return text.index(")", node.inputs[-1].span.end) + 1
    return node.name.span.end


MEANING: dict[str, Mutation] = {
    "name misspelt": _name_misspelt,
    "output misspelt": _output_misspelt,
    "fact of the run misspelt": _run_field_misspelt,
    "task in after or order misspelt": _reference_misspelt,
    "option misspelt": _option_misspelt,
    "key of an option misspelt": _option_key_misspelt,
    "option of another type": _option_of_wrong_type,
    "unit confused": _unit_confused,
    "default of another type": _default_of_wrong_type,
    "compared with another type": _compared_with_wrong_type,
    "type misspelt": _type_misspelt,
    "implementation misspelt": _implementation_misspelt,
    "function misspelt": _function_misspelt,
    "python without function": _python_without_function,
    "input dropped": _input_dropped,
    "input misspelt": _input_misspelt,
    "task twice": _task_twice,
    "option twice": _option_twice,
    "circle": _cycle,
    "option misplaced": _misplaced_option,
    "value in a shell text": _value_in_shell,
    "returned key misspelt": _returned_key_misspelt,
    "event misspelt": _event_misspelt,
    "choice misspelt": _choice_misspelt,
    "text outside a union": _literal_outside_union,
}
