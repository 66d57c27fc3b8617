"""The names that a module binds when it is imported, as far as its text tells."""

from __future__ import annotations

import ast

from pipec.frozen import Frozen


class ImportedName(Frozen):
    """`from module import name` in a line (from 1): `level` counts the dots of a relative import."""

    module: str
    level: int
    name: str
    line: int


class ImportedModule(Frozen):
    """`import module`, or `import package.module as name`."""

    module: str


Binding = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr | ImportedName | ImportedModule | None
"""What a name is bound to: its definition, the expression of an assignment, an import, None where nobody can tell."""


class Bindings(Frozen):
    """What every name is bound to, in source order; several where it is bound more than once.

    `stars` are the modules of which everything is imported. `is_dynamic` says that the module may make further names by
    means that its text does not show.
    """

    names: dict[str, list[Binding]]
    stars: tuple[ImportedName, ...]
    is_dynamic: bool

    def functions(self) -> list[str]:
        """The public functions and classes that are defined here."""
        definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return [
            name
            for name, bound in self.names.items()
            if not name.startswith("_") and isinstance(bound[-1], definitions)
        ]


def bindings_of(module: ast.Module) -> Bindings:
    """The names a module binds at its top, whichever way its conditions go."""
    collector = _Collector()
    collector.visit(module)
    return Bindings(collector.names, tuple(collector.stars), collector.is_dynamic)


_DYNAMIC_CALLS = frozenset({"globals", "vars", "locals", "setattr", "exec", "eval"})


class _Collector(ast.NodeVisitor):
    """Walks what runs when the module is imported; bodies of functions only for what they declare `global`."""

    def __init__(self) -> None:
        self.names: dict[str, list[Binding]] = {}
        self.stars: list[ImportedName] = []
        self.is_dynamic = False

    def _bind(self, name: str, binding: Binding) -> None:
        self.names.setdefault(name, []).append(binding)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._definition(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._definition(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._definition(node)

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self._bind(node.name, node)
        if node.name == "__getattr__" or any(ast.unparse(one).endswith("global_enum") for one in node.decorator_list):
            self.is_dynamic = True
        self._look_inside(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._look_inside(node)

    def _look_inside(self, node: ast.AST) -> None:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Global):
                for name in inner.names:
                    self._bind(name, None)
            self._notice(inner)

    def _notice(self, node: ast.AST) -> None:
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in _DYNAMIC_CALLS:
                self.is_dynamic = True
            case ast.Attribute(value=ast.Name(id="sys"), attr="modules"):
                self.is_dynamic = True
            case ast.Attribute(value=ast.Name(id="__all__")):  # it is extended by a method
                self._bind("__all__", None)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._bind(target.id, node.value)
            else:
                self.visit(target)
        self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is None:
            return
        if isinstance(node.target, ast.Name):
            self._bind(node.target.id, node.value)
        self.visit(node.value)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id, None)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            first = alias.name.partition(".")[0]
            self._bind(alias.asname or first, ImportedModule(alias.name if alias.asname else first))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            imported = ImportedName(node.module or "", node.level, alias.name, node.lineno)
            if alias.name == "*":
                self.stars.append(imported)
            else:
                self._bind(alias.asname or alias.name, imported)

    def generic_visit(self, node: ast.AST) -> None:
        self._notice(node)
        for attribute in ("name", "rest"):  # of `except … as name`, and of the patterns of `match`
            bound = getattr(node, attribute, None)
            if isinstance(bound, str) and not isinstance(node, ast.alias):
                self._bind(bound, None)
        super().generic_visit(node)
