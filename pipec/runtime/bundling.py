"""Programs for places that know nothing of this package: the text of what they need of its modules, in one file."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path


def bundle(modules: Sequence[str]) -> str:
    """The text of a program: of the modules, by their names, what the last statement of the last one needs.

    That is a call such as `sys.exit(main())`. Modules are read, not imported; what they import from this package has to
    be defined by another of them. Functions lose their documentation. Code that is given on a command line has no
    file, so it is told its name. Raises ValueError where something of this package is not defined.
    """
    library = _Library()
    for module in modules:
        _read(module, library)
    needed = _needed(library)
    missing = sorted(needed & library.borrowed - library.definitions.keys())
    if missing:
        raise ValueError(f"no module of the program defines {', '.join(missing)}")
    imports = sorted({statement for name, statement in library.imports.items() if name in needed})
    definitions = [source for name, (source, _) in library.definitions.items() if name in needed]
    first = ["from __future__ import annotations", *imports, '__file__ = "<string>"']
    return "\n".join([*first, *definitions, library.last, ""])


@dataclass(eq=False, repr=False, slots=True)
class _Library:
    """By name the import statements, and the definitions as text with the names they use; what is to be run last.

    `borrowed` are the names that are imported from this package.
    """

    imports: dict[str, str] = field(default_factory=dict)
    borrowed: set[str] = field(default_factory=set)
    definitions: dict[str, tuple[str, set[str]]] = field(default_factory=dict)
    last: str = ""


def _read(module: str, library: _Library) -> None:
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    text = Path(found.origin).read_text("utf-8")
    lines = text.splitlines()
    for node in ast.parse(text).body:
        match node:
            case ast.Import(names=names):
                library.imports.update({alias.name: f"import {alias.name}" for alias in names})
            case ast.ImportFrom(module=str(origin), names=names, level=0) if not origin.startswith(("pipec", "__")):
                library.imports.update({alias.name: f"from {origin} import {alias.name}" for alias in names})
            case ast.ImportFrom(module=origin, names=names) if origin != "__future__":
                library.borrowed |= {alias.name for alias in names}
            case (
                ast.FunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name))
            ):
                library.definitions[name] = (_undocumented(node, lines), _names(node))
            case ast.Expr(value=ast.Call()):
                library.last = "\n".join(lines[node.lineno - 1 : node.end_lineno])


def _undocumented(node: ast.stmt, lines: list[str]) -> str:
    """The text of a definition with its decorators; a function without its docstring."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
    shown = lines[first - 1 : node.end_lineno]
    match node:
        case ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str())) as doc, _, *_]):
            assert doc.end_lineno is not None
            del shown[doc.lineno - first : doc.end_lineno - first + 1]
    return "\n".join(shown)


def _needed(library: _Library) -> set[str]:
    needed: set[str] = set()
    pending = _names(ast.parse(library.last))
    while pending:
        name = pending.pop()
        if name not in needed:
            needed.add(name)
            pending |= library.definitions[name][1] if name in library.definitions else set()
    return needed


def _names(node: ast.AST) -> set[str]:
    """The names that running it needs: not those of types, which are never evaluated."""
    names: set[str] = set()
    pending = [node]
    while pending:
        match part := pending.pop():
            case ast.Name(id=name):
                names.add(name)
            case ast.arg():
                continue
            case ast.FunctionDef(args=arguments, body=body, decorator_list=decorators):
                pending += [arguments, *body, *decorators]
            case ast.AnnAssign(target=target, value=value):
                pending += [target, *([value] if value is not None else [])]
            case _:
                pending += ast.iter_child_nodes(part)
    return names
