"""Implementations: `python(…)`, `shell(…)` and the others, each checked and turned into its IR form."""

from __future__ import annotations

from dataclasses import dataclass

from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import correction, hint
from pipec.ir.expressions import Expression, Interpolation, LiteralValue
from pipec.ir.model import (
    CommandLine,
    ContainerImage,
    Implementation,
    NotebookFile,
    PythonFunction,
    ShellScript,
    SqlQuery,
)
from pipec.ir.types import SECRET, STR, ListType, LiteralUnion, ScalarType
from pipec.semantics.arguments import called_name, report_no_function, split_arguments
from pipec.semantics.excerpts import excerpt
from pipec.semantics.expressions import Checker
from pipec.semantics.headers import CONSTRUCTORS
from pipec.semantics.references import function_reference
from pipec.semantics.types import is_text, may_be_null
from pipec.syntax import tree

FORMS: dict[str, str] = {
    "python": 'python("module:function")',
    "shell": "shell('text')",
    "command": 'command(["program", "argument"])',
    "image": 'image("repository:tag", command = […], args = […])',
    "notebook": 'notebook("path.ipynb")',
    "sql": 'sql("select …", conn = "…") or sql(file("query.sql"), conn = "…")',
}
"""How each implementation is written."""


@dataclass(eq=False, repr=False)
class ConstructorReader:
    """Reads the implementation of one task; `checker` types what it computes in the run."""

    diagnostics: Diagnostics
    checker: Checker

    def read(self, node: tree.Expression) -> Implementation | None:
        """The implementation a constructor call means, None where it is faulty."""
        if not isinstance(node, tree.Call):
            return None
        name = called_name(node) or excerpt(node.function.span)
        match name:
            case "python":
                return self._python(node)
            case "shell":
                return self._shell(node)
            case "command":
                return self._command(node)
            case "image":
                return self._image(node)
            case "notebook":
                return self._notebook(node)
            case "sql":
                return self._sql(node)
        from pipec.semantics.habits import fix_of_operator, meant_by_operator  # here: a file without faults has none

        operator = meant_by_operator(name)
        self.diagnostics.error(
            "P0307",
            f"`{name}` is no implementation",
            node.function.span,
            help=operator or hint(name, CONSTRUCTORS, f"write {', '.join(FORMS.values())}"),
            fix=fix_of_operator(node) if operator else correction(node.function.span, name, CONSTRUCTORS),
        )
        return None

    # --- each of them ----------------------------------------------------------------------------

    def _python(self, node: tree.Call) -> Implementation | None:
        text = self._only_text(node, "python")
        if text is None:
            return None
        reference = function_reference(text)
        if reference is None:
            report_no_function(text, node.arguments[0].span, self.diagnostics)
            return None
        return PythonFunction(module=reference.module, function=reference.function)

    def _shell(self, node: tree.Call) -> Implementation | None:
        text = self._only_text(node, "shell")
        return ShellScript(text=text) if text is not None else None

    def _notebook(self, node: tree.Call) -> Implementation | None:
        text = self._only_text(node, "notebook")
        return NotebookFile(path=text) if text is not None else None

    def _command(self, node: tree.Call) -> Implementation | None:
        if len(node.arguments) != 1 or node.arguments[0].name is not None:
            self._wrong(node, "command")
            return None
        arguments = self._arguments(node.arguments[0].value)
        if arguments is None:
            return None
        if not arguments:
            self.diagnostics.error("P0308", "`command` needs a program", node.arguments[0].span)
            return None
        return CommandLine(arguments=arguments)

    def _image(self, node: tree.Call) -> Implementation | None:
        positional, named = split_arguments(node)
        if len(positional) != 1 or not set(named) <= {"command", "args"}:
            self._wrong(node, "image")
            return None
        image = self.checker.check_as(positional[0], STR, "the image")
        parts = {key: self._arguments(value) for key, value in named.items()}
        if image is None or None in parts.values():
            return None
        return ContainerImage(
            image=image.expression, command=parts.get("command") or (), arguments=parts.get("args") or ()
        )

    def _sql(self, node: tree.Call) -> Implementation | None:
        positional, named = split_arguments(node)
        if len(positional) != 1 or not set(named) <= {"conn"}:
            self._wrong(node, "sql")
            return None
        connection: str | None = None
        if "conn" in named:
            connection = self._plain(named["conn"], "the connection")
            if connection is None:
                return None
        match positional[0]:
            case tree.Text() as text:
                query = self._script(text, "sql")
                return SqlQuery(text=query, connection=connection) if query is not None else None
            case tree.Call(function=tree.NameReference(name="file"), arguments=(tree.Argument(value=path),)):
                file = self._plain(path, "the file")
                return SqlQuery(file=file, connection=connection) if file is not None else None
            case _:
                self._wrong(node, "sql")
                return None

    # --- arguments -------------------------------------------------------------------------------

    def _only_text(self, node: tree.Call, name: str) -> str | None:
        match node.arguments:
            case (tree.Argument(name=None, value=tree.Text() as text),):
                return self._script(text, name)
            case _:
                self._wrong(node, name)
                return None

    def _script(self, text: tree.Text, name: str) -> str | None:
        """A text that is never interpolated."""
        plain = text.plain
        if plain is not None:
            return plain
        part = next(part for part in text.parts if not isinstance(part, str))
        is_code = name in ("shell", "sql")
        from pipec.semantics.own_inputs import never_interpolated  # here, because a file without faults has none

        help, fix = "write the text in single quotes", None
        if is_code:
            help, fix = never_interpolated(text, name, self.checker)
        self.diagnostics.error(
            "P0306" if is_code else "P0308",
            f"the text of `{name}` is never interpolated",
            part.span,
            label="a value would become code here" if is_code else "",
            help=help,
            fix=fix,
        )
        return None

    def _plain(self, node: tree.Expression, what: str) -> str | None:
        if self.checker.check_as(node, STR, what) is None:
            return None
        literal = self.checker.constant(node, what)
        return str(literal.value) if literal is not None else None

    def _arguments(self, node: tree.Expression) -> tuple[Expression, ...] | None:
        """The elements of a command line, each one argument in its text form."""
        if not isinstance(node, tree.ListDisplay):
            typed = self.checker.check_as(node, ListType(element=STR), "a command line")
            if typed is None:
                return None
            literal = self.checker.constant(node, "a command line")
            if literal is None:
                return None
            return tuple(LiteralValue(value=value, type=STR) for value in literal.value)
        arguments: list[Expression] = []
        sound = True
        for item in node.items:
            typed = self.checker.check(item)
            if typed is None:
                sound = False
            elif isinstance(typed.type, ScalarType | LiteralUnion) and typed.type != SECRET:
                text = is_text(typed.type)
                arguments.append(typed.expression if text else Interpolation(parts=(typed.expression,)))
            elif may_be_null(typed.type):
                self.checker.possibly_null(typed, "an argument of a command line needs a value")
                sound = False
            else:
                self.checker.require_type(typed, STR, "an argument of a command line")
                sound = False
        return tuple(arguments) if sound else None

    def _wrong(self, node: tree.Call, name: str) -> None:
        help = f"write {FORMS[name]}"
        given = [one.name.text for one in node.arguments if one.name is not None]
        if name in ("python", "shell") and given and len(node.arguments) > len(given):
            help += f", and give inputs to the task: `task NAME({given[0]} = …)`"
        self.diagnostics.error("P0308", f"`{name}` is not called like this", node.span, help=help)
