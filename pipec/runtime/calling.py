"""Calling the function of a python task with inputs in JSON form, for outputs in JSON form or a failure."""

from __future__ import annotations

import traceback
from collections.abc import Coroutine, Mapping
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

from pipec.runtime.values import OutputError, collect_outputs, from_json

Answer = dict[str, Any]


def answer_to(request: Mapping[str, Any]) -> Answer:
    """Call the function of `module`; it is looked for in `folder` first, which leads `sys.path` already.

    `inputs` are pairs of value and type by name, `outputs` types by name. The answer has `outputs`, or the `kind` and
    `message` of the failure; of an error the names of its class and their bases as `exceptions`, and its `traceback`,
    of `sys.exit` its `exit_code` instead. Never raises what the task raised.
    """
    try:
        inputs = {name: from_json(value, type_text) for name, (value, type_text) in request["inputs"].items()}
    except ValueError as error:
        return {"kind": "input", "message": str(error)}
    try:
        result = _function(request["module"], request["function"], request["folder"])(**inputs)
    except SystemExit as stop:
        return _exit(stop)
    except BaseException as error:
        return {
            "kind": "error",
            "message": _describe(error),
            "exceptions": _class_names(error),
            "traceback": _traceback(error),
        }
    if isinstance(result, Coroutine):
        result.close()
        return {"kind": "output", "message": "the function is `async`: it returned a coroutine, which nothing ran"}
    try:
        return {"outputs": collect_outputs(result, request["outputs"], request["single_output"])}
    except OutputError as error:
        return {"kind": "output", "message": str(error)}


def _function(module: str, path: str, folder: str) -> Any:
    """What is to be called. Raises what importing raises, and AttributeError saying where the module was found."""
    try:
        found: Any = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise ModuleNotFoundError(f"{error}, in {folder} or where Python looks", name=error.name) from None
    for name in path.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise AttributeError(_no_such_function(import_module(module), path, folder)) from None
    if not callable(found):
        raise TypeError(f"{module}:{path} is no function but {type(found).__name__}")
    return found


def _no_such_function(module: Any, path: str, folder: str) -> str:
    """Why there is no function, with the file that was meant where Python's own module of that name hides it."""
    place = getattr(module, "__file__", None)
    message = f"the module {module.__name__} ({place or 'built into Python'}) has no function {path}"
    beside = Path(folder, *module.__name__.split(".")).with_suffix(".py")
    if beside.exists() and (place is None or not beside.samefile(place)):
        message += f"; it hides {beside}: give that file another name"
    return message


def _exit(stop: SystemExit) -> Answer:
    """A task that leaves by `sys.exit` gave no outputs, whatever the status: it failed."""
    if stop.code is None or isinstance(stop.code, int):
        status = stop.code or 0
        message = f"the task called sys.exit({status}) instead of returning"
    else:
        status = 1
        message = f"the task called sys.exit: {stop.code}"
    return {"kind": "error", "message": message, "exceptions": _class_names(stop), "exit_code": status}


def _describe(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _class_names(error: BaseException) -> list[str]:
    """Dotted names of the exception's class and its bases, nearest first."""
    return [f"{cls.__module__}.{cls.__qualname__}" for cls in type(error).__mro__ if cls is not object]


def _traceback(error: BaseException) -> str:
    """The traceback as the task's author knows it: from the function called, without this module's frames."""
    own: TracebackType | None = error.__traceback__
    while own is not None and own.tb_frame.f_code.co_filename.startswith(_OWN_FRAMES):
        own = own.tb_next
    return "".join(traceback.format_exception(error.with_traceback(own)))


_OWN_FRAMES = (__file__, import_module.__code__.co_filename, "<frozen importlib")
"""Files whose frames come before those of the task's code."""
