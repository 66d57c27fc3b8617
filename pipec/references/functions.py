"""Whether the Python functions that a program calls exist, take what they are given and give what is declared."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipec.diagnostics.model import Diagnostics, Label
from pipec.references.agreement import check_agreement
from pipec.references.calls import Call, python_calls
from pipec.references.modules import BrokenModule, MissingModule, Modules, PythonModule
from pipec.references.resolving import Absent, Defined, NotCallable, resolve
from pipec.references.signatures import Signature, is_generator, signature
from pipec.syntax.source import Span

if TYPE_CHECKING:
    from pipec.api import Loaded
    from pipec.references.writing import Writing


def check_functions(loaded: Loaded, writing: Writing, python_path: Sequence[Path], diagnostics: Diagnostics) -> None:
    """Reports calls of Python functions that cannot do what the file says. Where nothing is sure, nothing is said."""
    main = loaded.sources[loaded.program.source] if loaded.program is not None else None
    shown = Path(main.path).parent if main is not None else loaded.folder
    modules = Modules(loaded.path, shown, python_path)
    unusable = set[str]()
    for call in python_calls(loaded, writing):
        if call.module not in unusable and not _check_call(call, modules, diagnostics):
            unusable.add(call.module)


def _check_call(call: Call, modules: Modules, diagnostics: Diagnostics) -> bool:
    """Checks one call. False where its module was reported: once is enough for all calls of the module."""
    match modules.find(call.module):
        case PythonModule() as module if module.is_own or not call.is_elsewhere:
            _check_function(call, module, modules, diagnostics)
            return True
        case BrokenModule() as broken if not call.is_elsewhere:
            diagnostics.error(
                "P0704",
                f"the module `{call.module}` is no Python: {broken.message}",
                _module_span(call),
                notes=(f"it is at {broken.shown}:{broken.line}",),
            )
        case MissingModule() as missing if not call.is_elsewhere:
            diagnostics.warning(
                "L202",
                f"there is no module `{call.module}`",
                _module_span(call),
                notes=(f"looked for in {' and '.join(missing.places)}, and where Python looks",),
                help=f"there is `{missing.near}`" if missing.near else "name more folders with `python-path`",
            )
        case _:
            return True
    return False


def _check_function(call: Call, module: PythonModule, modules: Modules, diagnostics: Diagnostics) -> None:
    match resolve(module, call.function, modules):
        case Absent():
            _report_absent(call, module, diagnostics)
        case NotCallable(module=place, node=node, type=type):
            diagnostics.error(
                "P0701",
                f"`{call.module}:{call.function}` is no function but {type}",
                _function_span(call),
                notes=(f"it is at {place.place(node)}",),
            )
        case Defined() as defined:
            found = signature(defined)
            if found is not None and _runs_when_called(call, found, diagnostics):
                _check_arguments(call, found, diagnostics)
                check_agreement(call, found, modules, diagnostics)
        case _:
            pass


def _report_absent(call: Call, module: PythonModule, diagnostics: Diagnostics) -> None:
    from pipec.diagnostics.suggest import nearest

    known = module.bindings.functions()
    near = nearest(call.function, known)
    if near is not None:
        node = module.bindings.names[near][-1]
        assert isinstance(node, ast.stmt)
        notes = (f"`{near}` is at {module.place(node)}",)
    else:
        notes = (f"{module.shown} has: {', '.join(known) or 'no functions'}",)
    diagnostics.error(
        "P0701",
        f"the module `{call.module}` has no function `{call.function}`",
        _function_span(call),
        help=f"there is `{near}`" if near is not None else None,
        notes=notes,
    )


def _runs_when_called(call: Call, found: Signature, diagnostics: Diagnostics) -> bool:
    """Reports a function whose body does not run when it is called."""
    if isinstance(found.node, ast.AsyncFunctionDef):
        what = "is `async`: nothing would run the coroutine that it returns"
    elif found.is_plain and is_generator(found.node):
        what = "is a generator: nothing would run it"
    else:
        return True
    diagnostics.error(
        "P0706",
        f"`{call.module}:{call.function}` {what}",
        _function_span(call),
        notes=(_defined_at(found),),
        help="call it from a plain function, and name that one",
    )
    return False


def _check_arguments(call: Call, found: Signature, diagnostics: Diagnostics) -> None:
    from pipec.diagnostics.suggest import nearest

    by_name = {one.name for one in found.parameters if not one.is_positional_only}
    missing = [
        one for one in found.parameters
        if not one.has_default and (one.is_positional_only or one.name not in call.inputs)
    ]  # fmt: skip
    superfluous = [] if found.takes_any else [name for name in call.inputs if name not in by_name]
    if superfluous and call.what == "value":
        _report_facts(call, found, superfluous, diagnostics)
        superfluous = []
    for name in superfluous:
        near: str | None = None
        if found.parameter(name) is not None:
            what = f"takes `{name}` by position only, and it is given by name"
            help: str | None = "take the `/` out of its parameters"
        else:
            open_names = [one.name for one in missing if one.name not in call.inputs]
            is_renamed = len(superfluous) == len(open_names) == 1
            near = open_names[0] if is_renamed else nearest(name, open_names)
            what = f"takes no {call.what} `{name}`"
            help = f"there is `{near}`" if near else _habit(name)
        diagnostics.error(
            "P0703",
            f"`{call.module}:{call.function}` {what}",
            call.places.get(name, _function_span(call)),
            notes=(_defined_at(found),),
            help=help,
        )
        missing = [one for one in missing if one.name not in (name, near)]
    for parameter in missing:
        diagnostics.error(
            "P0702",
            f"{call.subject} does not give `{parameter.name}`, which `{call.module}:{call.function}` needs",
            _function_span(call),
            labels=(Label(found.module.span_of(parameter.node), "needed here"),),
            notes=(_defined_at(found),),
            help=_how_to_give(call, parameter.name),
        )


def _habit(name: str) -> str | None:
    """What is meant by an input that has the name of something else, such as `after`."""
    from pipec.semantics.habits import meant_by_input

    return meant_by_input(name)


def _report_facts(call: Call, found: Signature, superfluous: list[str], diagnostics: Diagnostics) -> None:
    """The function of an alert is given the same by every alert: it has to take all of it."""
    diagnostics.error(
        "P0703",
        f"`{call.module}:{call.function}` does not take {', '.join(f'`{name}`' for name in superfluous)} of an alert",
        _function_span(call),
        notes=(_defined_at(found), f"an alert gives {', '.join(call.inputs)}"),
        help="let it take `**others`",
    )


def _how_to_give(call: Call, name: str) -> str:
    match call.what:
        case "input":
            return f"add `{name} = …` to the inputs, or give the parameter a default"
        case "argument":
            return f"add `{name} = …` to its arguments, or give the parameter a default"
        case _:
            return "give the parameter a default"


def _defined_at(found: Signature) -> str:
    return f"`{found.text}` is at {found.module.place(found.node)}"


def _module_span(call: Call) -> Span:
    return Span(call.span.source, call.span.start, call.span.start + len(call.module)) if _is_text(call) else call.span


def _function_span(call: Call) -> Span:
    return Span(call.span.source, call.span.end - len(call.function), call.span.end) if _is_text(call) else call.span


def _is_text(call: Call) -> bool:
    """Whether the place of a call is its text alone and not something around it."""
    return call.span.text == f"{call.module}:{call.function}"
