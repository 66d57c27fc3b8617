"""What a name of a module stands for, followed through assignments, imports and star imports."""

from __future__ import annotations

import ast

from pipec.frozen import Frozen
from pipec.references.bindings import Binding, ImportedModule, ImportedName
from pipec.references.modules import Modules, PythonModule

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


class Defined(Frozen):
    """A function or class, and the module that it is written in."""

    module: PythonModule
    node: Definition


class NotCallable(Frozen):
    """A value that surely cannot be called: what it is in Python's words, and where it is written."""

    module: PythonModule
    node: ast.expr
    type: str


class Absent(Frozen):
    """The module surely has no such name."""


class Unknown(Frozen):
    """Nothing is sure."""


Resolved = Defined | NotCallable | Absent | Unknown

_DEEPEST = 20
"""Assignments and imports that are followed."""


def resolve(module: PythonModule, name: str, modules: Modules, depth: int = 0) -> Resolved:
    """What `name` is after `module` was imported."""
    if depth > _DEEPEST:
        return Unknown()
    bound = [one for one in module.bindings.names.get(name, ()) if not _is_overload(one)]
    if name in module.bindings.names:
        is_sure = len(bound) == 1 and not _is_hidden(module, name, bound[0], modules, depth)
        return _bound(module, bound[0], modules, depth) if is_sure else Unknown()
    for star in module.bindings.stars:
        found = _of_star(module, star, name, modules, depth)
        if not isinstance(found, Absent):
            return found
    if module.bindings.is_dynamic or (module.is_package and _is_submodule(module, name)):
        return Unknown()
    return Absent()


def dotted_name(module: PythonModule, node: ast.expr) -> str | None:
    """The whole name of what `b` stands for after `from a import b`, or `a.b` after `import a`: `a.b`; else None."""
    match node:
        case ast.Name(id=name):
            match module.bindings.names.get(name):
                case [ImportedName(module=source, level=0, name=original)]:
                    return f"{source}.{original}"
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            match module.bindings.names.get(name):
                case [ImportedModule(module=source)]:
                    return f"{source}.{attribute}"
    return None


def _bound(module: PythonModule, binding: Binding, modules: Modules, depth: int) -> Resolved:
    match binding:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
            return Defined(module, binding)
        case ast.Name(id=other):
            found = resolve(module, other, modules, depth + 1)
            return Unknown() if isinstance(found, Absent) else found  # it may be built into Python
        case ast.Constant(value=value):
            return NotCallable(module, binding, type(value).__name__)
        case ast.JoinedStr():
            return NotCallable(module, binding, "str")
        case ast.List() | ast.ListComp():
            return NotCallable(module, binding, "list")
        case ast.Dict() | ast.DictComp():
            return NotCallable(module, binding, "dict")
        case ImportedName():
            source = _source(module, binding, modules)
            found = resolve(source, binding.name, modules, depth + 1) if source is not None else Unknown()
            return Unknown() if isinstance(found, Absent) else found  # it may be a module
        case _:
            return Unknown()


def _is_hidden(module: PythonModule, name: str, binding: Binding, modules: Modules, depth: int) -> bool:
    """Whether a star import further down may bring another thing of this name."""
    line = getattr(binding, "lineno", 0) or getattr(binding, "line", 0)
    later = [star for star in module.bindings.stars if star.line > line]
    return any(not isinstance(_of_star(module, star, name, modules, depth), Absent) for star in later)


def _of_star(module: PythonModule, star: ImportedName, name: str, modules: Modules, depth: int) -> Resolved:
    source = _source(module, star, modules)
    if source is None or source is module:
        return Unknown()
    if name.startswith("_") or "__all__" in source.bindings.names:
        listed = _listed(source)
        if listed is None:
            return Unknown()
        if name not in listed:
            return Absent()
    return resolve(source, name, modules, depth + 1)


def _source(module: PythonModule, binding: ImportedName, modules: Modules) -> PythonModule | None:
    """The module that a name is imported from."""
    name = binding.module
    if binding.level:
        package = module.package.split(".") if module.package else []
        if binding.level > len(package):
            return None
        parts = package[: len(package) - binding.level + 1]
        name = ".".join([*parts, binding.module] if binding.module else parts)
    found = modules.find(name)
    return found if isinstance(found, PythonModule) else None


def _listed(module: PythonModule) -> list[str] | None:
    """What `__all__` lists; nothing where there is none, None where that cannot be told."""
    if "__all__" not in module.bindings.names:
        return []
    match module.bindings.names["__all__"]:
        case [ast.List(elts=items) | ast.Tuple(elts=items)]:
            texts = [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]
            return texts if len(texts) == len(items) else None
        case _:
            return None


def _is_overload(binding: Binding) -> bool:
    """Whether a definition only tells type checkers of a way to call the one that follows."""
    if not isinstance(binding, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return any(ast.unparse(one).rpartition(".")[2] == "overload" for one in binding.decorator_list)


def _is_submodule(module: PythonModule, name: str) -> bool:
    folder = module.path.parent
    return (folder / name).is_dir() or any(folder.glob(f"{name}.*"))
