"""What a Python function takes, read from its definition."""

from __future__ import annotations

import ast

from pipec.frozen import Frozen
from pipec.references.modules import PythonModule
from pipec.references.resolving import Defined, dotted_name


class PythonParameter(Frozen):
    """A parameter. `has_default` is true where it may be left out."""

    name: str
    node: ast.arg
    has_default: bool
    default: ast.expr | None
    is_positional_only: bool = False


class Signature(Frozen):
    """The parameters of a function in order; `takes_any` where it has `**kwargs`."""

    module: PythonModule
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    parameters: tuple[PythonParameter, ...]
    takes_any: bool
    name: str
    is_plain: bool
    """Whether it is a function itself, and not the making of an object: what it returns is what the call gives."""

    @property
    def text(self) -> str:
        """How it is written, on one line."""
        text = f"{self.name}({ast.unparse(self.node.args)})"
        if isinstance(self.node, ast.Lambda) or self.node.returns is None or not self.is_plain:
            return text
        return f"{text} -> {ast.unparse(self.node.returns)}"

    def parameter(self, name: str) -> PythonParameter | None:
        return next((one for one in self.parameters if one.name == name), None)


def signature(defined: Defined) -> Signature | None:
    """How something is called by name; None where decorators, base classes or the like have a say in that."""
    node = defined.node
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            if not all(_keeps_signature(one, defined.module) for one in node.decorator_list):
                return None
            return _of_arguments(node, name, defined.module)
        case ast.Lambda():
            return _of_arguments(node, "lambda", defined.module)
        case ast.ClassDef():
            return _of_class(node, defined.module)


def _of_class(node: ast.ClassDef, module: PythonModule) -> Signature | None:
    has_others = node.decorator_list or node.keywords or node.bases
    methods = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.name in ("__init__", "__new__")]
    if has_others or len(methods) != 1 or methods[0].name != "__init__" or methods[0].decorator_list:
        return None
    return _of_arguments(methods[0], node.name, module, is_method=True)


def _of_arguments(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str, module: PythonModule, is_method: bool = False
) -> Signature:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    parameters = [
        PythonParameter(one.arg, one, default is not None, default, index < len(arguments.posonlyargs))
        for index, (one, default) in enumerate(zip(positional, defaults, strict=True))
    ]
    parameters = parameters[1:] if is_method else parameters
    parameters += [
        PythonParameter(one.arg, one, default is not None, default)
        for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    return Signature(module, node, tuple(parameters), arguments.kwarg is not None, name, not is_method)


_KEEPING = {
    "functools": {"cache", "lru_cache"},
    "typing": {"final", "no_type_check", "override"},
    "typing_extensions": {"deprecated", "final", "override"},
    "warnings": {"deprecated"},
    "torch": {"inference_mode", "no_grad"},
}
"""Decorators that change nothing of how a function is called and what it returns, by module."""


def _keeps_signature(decorator: ast.expr, module: PythonModule) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    source, _, last = (dotted_name(module, target) or "").rpartition(".")
    return last in _KEEPING.get(source, ())


def is_generator(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    """Whether calling the function only makes a generator: it has a `yield` of its own."""
    pending: list[ast.AST] = list(node.body) if not isinstance(node, ast.Lambda) else [node.body]
    while pending:
        one = pending.pop()
        if isinstance(one, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(one))
    return False
