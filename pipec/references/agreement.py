"""Whether the annotations of a function agree with the types of what it is given and of what it is to return."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from pipec.diagnostics.model import Diagnostics, Label
from pipec.ir.types import Type
from pipec.references.annotations import Union, accepts, provides, read_annotation
from pipec.references.calls import Call
from pipec.references.modules import Modules, PythonModule
from pipec.references.resolving import Defined, dotted_name, resolve
from pipec.references.signatures import Signature


def check_agreement(call: Call, found: Signature, modules: Modules, diagnostics: Diagnostics) -> None:
    """Reports annotations that contradict the file; those that are not simple say nothing."""
    for parameter in found.parameters:
        given = call.inputs.get(parameter.name)
        annotation = parameter.node.annotation
        if given is None or annotation is None or parameter.is_positional_only:
            continue
        if not accepts(read_annotation(annotation, found.module), given):
            diagnostics.warning(
                "L201",
                f"`{parameter.name}` is {given}, `{call.module}:{call.function}` takes {ast.unparse(annotation)}",
                call.places.get(parameter.name, call.span),
                labels=(Label(found.module.span_of(parameter.node), "annotated here"),),
            )
    if found.is_plain and not isinstance(found.node, ast.Lambda) and found.node.returns is not None and call.outputs:
        _check_returned(call, found.node.returns, found.module, modules, diagnostics)


# --- what is returned ----------------------------------------------------------------------------


def _check_returned(
    call: Call, annotation: ast.expr, module: PythonModule, modules: Modules, diagnostics: Diagnostics
) -> None:
    read = read_annotation(annotation, module)
    if call.single:
        wrong = [] if provides(read, call.outputs["output"]) else [f"the output is {call.outputs['output']}"]
    else:
        wrong = _wrong_outputs(call.outputs, read)
        wrong = wrong or _wrong_fields(call.outputs, _fields(annotation, module, modules))
    if wrong:
        diagnostics.warning(
            "L201",
            f"`{call.module}:{call.function}` returns {ast.unparse(annotation)}, but {wrong[0]}",
            call.span,
            labels=(Label(module.span_of(annotation), "annotated here"),),
        )


def _wrong_outputs(outputs: Mapping[str, Type], read: Union) -> list[str]:
    """What is wrong with an annotation for several outputs, which are returned as a dict or a dataclass."""
    if read is None:
        return []
    if any(member.name not in ("dict", "mapping") for member in read):
        return [f"the outputs are a dict with {', '.join(outputs)}"]
    return [
        f"the output `{name}` is {type}"
        for member in read
        if len(member.inner) == 2
        for name, type in outputs.items()
        if not provides(member.inner[1], type)
    ]


def _wrong_fields(outputs: Mapping[str, Type], fields: Mapping[str, Union] | None) -> list[str]:
    """What is wrong with the fields of a dataclass or TypedDict for several outputs."""
    if fields is None:
        return []
    wrong = [f"it has no `{name}`, which is an output" for name in outputs if name not in fields]
    wrong += [f"its `{name}` is no output" for name in fields if name not in outputs]
    return wrong or [
        f"the output `{name}` is {type}" for name, type in outputs.items() if not provides(fields[name], type)
    ]


def _fields(annotation: ast.expr, module: PythonModule, modules: Modules) -> Mapping[str, Union] | None:
    """The annotated fields of a simple dataclass or TypedDict, None for all else."""
    name = _class_name(annotation)
    found = resolve(module, name, modules) if name is not None else None
    if not isinstance(found, Defined) or not isinstance(found.node, ast.ClassDef):
        return None
    node, place = found.node, found.module
    is_dataclass = not node.bases and len(node.decorator_list) == 1 and _is_dataclass(node.decorator_list[0], place)
    bases = [dotted_name(place, base) for base in node.bases]
    is_typed = bases in (["typing.TypedDict"], ["typing_extensions.TypedDict"]) and not node.decorator_list
    if not (is_dataclass or is_typed) or node.keywords:
        return None
    fields: dict[str, Union] = {}
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=field), annotation=type):
                if "ClassVar" in ast.unparse(type) or "InitVar" in ast.unparse(type) or "Required" in ast.unparse(type):
                    return None
                fields[field] = read_annotation(type, place)
    return fields


def _class_name(annotation: ast.expr) -> str | None:
    match annotation:
        case ast.Name(id=name):
            return name
        case ast.Constant(value=str() as text) if text.isidentifier():
            return text
        case _:
            return None


def _is_dataclass(decorator: ast.expr, module: PythonModule) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return dotted_name(module, target) == "dataclasses.dataclass"
