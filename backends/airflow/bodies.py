"""The bodies of task functions."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipec.ir.expressions import Expression, LiteralValue
from pipec.ir.model import CommandLine, Decision, NotebookFile, PythonFunction, Requirement, ShellScript, SqlQuery, Task

from .calls import notebook_call, packages_call, query_call
from .expressions import ExpressionPrinter, Surroundings
from .layout import LINE_LENGTH, Call, DictNode, ListNode, Node, Subscript, Writer, one_line
from .literals import py, text_source
from .names import Identifiers
from .references import failing_part
from .secrets import environment_node
from .synthetic import GivenValues, MapItems


@dataclass(slots=True)
class BodyBuilder:
    """Writes the body of one task's function.

    `parameters` are the names of the function's parameters, `pulled` the statements that ask for further values,
    `sides` the ids that a decision returns when it is true and when it is false; None where it is no branch operator.
    """

    task: Task
    surroundings: Surroundings
    parameters: tuple[str, ...]
    reserved: frozenset[str]
    pulled: tuple[str, ...] = ()
    sides: tuple[list[str], list[str]] | None = None
    printer: ExpressionPrinter = field(init=False)
    writer: Writer = field(init=False)
    identifiers: Identifiers = field(init=False)

    def __post_init__(self) -> None:
        self.printer = ExpressionPrinter(self.surroundings)
        self.writer = Writer(indent=4)
        self.identifiers = Identifiers({*self.reserved, *self.parameters})

    def build(self) -> str:
        """The statements, four columns in."""
        for statement in self.pulled:
            self.writer.line(statement)
        implementation: Any = self.task.implementation
        match implementation:
            case PythonFunction() as function if self.task.options.packages:
                self._give(packages_call(function, self.task, *self._given()), is_collected=True)
            case PythonFunction() as function:
                self._python(function)
            case ShellScript(text=text):
                self._program(ListNode((py("bash"), py("-c"), text_source(text))))
            case CommandLine(arguments=arguments):
                self._program(self._command(arguments))
            case NotebookFile(path=path):
                self._give(notebook_call(path, self.task, *self._given()), is_collected=True)
            case SqlQuery() as query:
                self._give(query_call(query, *self._given(), self.task.single_output), is_collected=True)
            case Decision(condition=condition):
                self._decision(condition)
            case GivenValues():
                self._values()
            case MapItems():
                self._items()
            case _:
                self._requirements()
        return self.writer.text

    def fields(self, texts: Mapping[str, Expression], inputs: Iterable[str] = ()) -> str:
        """The body of a function that gives the text of these expressions by key, and that of these inputs by name."""
        for statement in self.pulled:
            self.writer.line(statement)
        wanted = set(inputs)
        entries: list[tuple[str, Node]] = [
            (py(name), Call("to_text", ((None, value),))) for name, value in self.inputs() if name in wanted
        ]
        for key, expression in texts.items():
            written = failing_part(expression)
            shown = self.printer.text_node(expression)
            entries.append((py(key), shown if written is None else self._computed(key, shown, written)))
        self.writer.statement(DictNode(tuple(entries)), "return ")
        return self.writer.text

    def requirements(self) -> str:
        """The body of a function that is given the outputs of the task and checks them."""
        for statement in self.pulled:
            self.writer.line(statement)
        self._requirements()
        return self.writer.text

    # --- kinds of tasks ------------------------------------------------------------------------------

    def _python(self, function: PythonFunction) -> None:
        called = self._import(function)
        inputs = self.inputs()
        plain = [(name, value) for name, value in inputs if not keyword.iskeyword(name)]
        others = tuple((py(name), value) for name, value in inputs if keyword.iskeyword(name))
        arguments: list[tuple[str | None, Node]] = [*plain]
        if others:
            arguments.append((None, Call("**dict", ((None, DictNode(others)),))))
        writer, outer = self.writer, self.writer
        contexts = self._contexts()
        shown = [one_line(context) for context in contexts]
        line = f"with {', '.join(one for one in shown if one is not None)}:"
        if contexts and None not in shown and writer.indent + len(line) <= LINE_LENGTH:
            writer.line(line)
            self.writer = writer.nested()
        else:
            for context in contexts:
                self.writer.statement(context, "with ", ":")
                self.writer = self.writer.nested()
        self._give(Call(called, tuple(arguments)), is_collected=False)
        self.writer = outer

    def _contexts(self) -> list[Node]:
        options = self.task.options
        contexts: list[Node] = []
        if options.env or options.secrets:
            contexts.append(Call("extra_environment", ((None, environment_node(options)),)))
        if options.working_dir:
            contexts.append(f"contextlib.chdir(Path(__file__).parent / {py(options.working_dir)})")
        return contexts

    def _import(self, function: PythonFunction) -> str:
        """Import the user's module in the body; the expression that the function is called by."""
        package, _, module = function.module.rpartition(".")
        alias = self.identifiers.take(module)
        renamed = f" as {alias}" if alias != module else ""
        self.writer.line(f"from {package} import {module}{renamed}" if package else f"import {module}{renamed}")
        self.writer.line()
        return f"{alias}.{function.function}"

    def _program(self, arguments: Node) -> None:
        options = self.task.options
        given: list[tuple[str | None, Node]] = [(None, arguments)]
        if self.task.inputs:
            entries = tuple((py(name), value) for name, value in self.inputs())
            given.append(("inputs", DictNode(entries)))
        if self.task.outputs:
            given.append(("outputs", self._output_types()))
        if options.env or options.secrets:
            given.append(("env", environment_node(options)))
        if options.working_dir:
            given.append(("working_dir", py(options.working_dir)))
        self._give(Call("run_program", tuple(given)), is_collected=True)

    def _command(self, arguments: tuple[Expression, ...]) -> Node:
        shown: list[Node] = []
        for number, argument in enumerate(arguments):
            written = failing_part(argument)
            if written is None:
                shown.append(self._text(argument))
            else:
                shown.append(self._computed(f"argument_{number}", self._text(argument), written))
        return ListNode(tuple(shown))

    def _text(self, argument: Expression) -> str:
        if isinstance(argument, LiteralValue) and isinstance(argument.value, str):
            return text_source(argument.value)
        return self.printer.text_source(argument)

    def _decision(self, condition: Expression) -> None:
        written = failing_part(condition)
        shown = self.printer.source(condition)
        if written is not None:
            shown = self._computed("chosen", shown, written)
        if self.sides is None:
            self.writer.line(f"return {shown}")
            return
        self.writer.line(f"if {shown}:")
        taken, other = self.sides
        self.writer.nested().statement(ListNode(tuple(map(py, taken))), "return ")
        self.writer.statement(ListNode(tuple(map(py, other))), "return ")

    def _values(self) -> None:
        """Inputs that are the outputs, in JSON form and of exactly their types."""
        entries = tuple((py(name), value) for name, value in self.inputs())
        types = self._output_types()
        given: list[tuple[str | None, Node]] = [(None, DictNode(entries)), (None, types), ("single", "False")]
        self.writer.line('with never_retried("values"):')
        writer = self.writer.nested()
        writer.statement(Call("collect_outputs", tuple(given)), "outputs = ")
        if self.task.requirements:
            self._requirements()
        self._return_outputs()

    def _items(self) -> None:
        (given,) = self.task.inputs
        shown = Call("to_json", ((None, self.printer.input_node(given)),))
        written = failing_part(given.value)
        writer = self.writer
        if written is not None:
            writer.line(f"with never_retried({py(written)}):")
            writer = writer.nested()
        writer.statement(shown, "return ")

    # --- values in and out ---------------------------------------------------------------------------

    def inputs(self) -> list[tuple[str, Node]]:
        """The values of the inputs by name, after statements that compute what may fail."""
        inputs: list[tuple[str, Node]] = []
        for given in self.task.inputs:
            shown = self.printer.input_node(given)
            written = failing_part(given.value)
            inputs.append((given.name, shown if written is None else self._computed(given.name, shown, written)))
        return inputs

    def _computed(self, name: str, shown: Node, written: str) -> str:
        """Compute what may fail in a statement of its own; the variable that holds it."""
        variable = self.identifiers.take(name)
        self.writer.line(f"with never_retried({py(written)}):")
        self.writer.nested().statement(shown, f"{variable} = ")
        return variable

    def _given(self) -> tuple[DictNode | None, DictNode | None]:
        """The values of the inputs and the types of the outputs by name, where there are any."""
        inputs = DictNode(tuple((py(name), value) for name, value in self.inputs())) if self.task.inputs else None
        return inputs, self._output_types() if self.task.outputs else None

    def _output_types(self) -> DictNode:
        return DictNode(tuple((py(output.name), py(str(output.type))) for output in self.task.outputs))

    def _give(self, call: Call, is_collected: bool) -> None:
        """Return the outputs of a call after the task's own requirements; `is_collected` when it gives them by name."""
        task = self.task
        retries = task.options.retry is not None and task.options.retry.max > 0
        if not task.outputs and not task.requirements:
            self.writer.statement(call)
            return
        collected = call
        if not is_collected:
            result: Node = call
            if retries:
                self.writer.statement(call, "result = ")
                result = "result"
            single: Node = py(task.single_output)
            collected = Call("collect_outputs", ((None, result), (None, self._output_types()), ("single", single)))
        writer = self.writer
        if retries and not is_collected:
            self.writer.line('with never_retried("outputs"):')
            writer = self.writer.nested()
        if not task.requirements:
            returned = Subscript(collected, py(task.outputs[0].name)) if task.single_output else collected
            writer.statement(returned, "return ")
            return
        writer.statement(collected, "outputs = ")
        self._requirements()
        if task.outputs:
            self._return_outputs()

    def _return_outputs(self) -> None:
        shown = f"outputs[{py(self.task.outputs[0].name)}]" if self.task.single_output else "outputs"
        self.writer.line(f"return {shown}")

    def _requirements(self) -> None:
        if not self.task.requirements:
            self.writer.line("return None")
            return
        self.writer.line("failed = []")
        for requirement in self.task.requirements:
            self._requirement(requirement)
        self.writer.line("if failed:")
        self.writer.nested().line('raise AirflowFailException("; ".join(failed))')

    def _requirement(self, requirement: Requirement) -> None:
        writer = self.writer
        computed = [part for part in (requirement.condition, requirement.message) if part is not None]
        if any(failing_part(part) is not None for part in computed):
            writer.line(f"with never_retried({py(requirement.source)}):")
            writer = writer.nested()
        writer.line(f"if {self.printer.negated(requirement.condition)}:")
        message = py(requirement.source)
        if requirement.message is not None:
            message = self.printer.text_source(requirement.message)
        writer.nested().statement(Call("failed.append", ((None, message),)))
