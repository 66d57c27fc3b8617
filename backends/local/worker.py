"""What runs a python task: `python -m pipec.backends.local.worker REQUEST RESPONSE` in a process of its own.

It reads what to call from the request, calls it, and writes outputs or failure as the response. What the task prints
goes to the standard streams, which are the attempt's log. Only the standard library and `pipec.runtime` are imported:
every attempt pays for it.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Coroutine
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

from pipec.runtime.values import OutputError, collect_outputs, from_json


def main(request_file: str, response_file: str) -> None:
    """Answer one request. Never raises what the task raised: that is the response."""
    request = json.loads(Path(request_file).read_text("utf-8"))
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    sys.path.insert(0, request["folder"])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [request["folder"], os.environ.get("PYTHONPATH")]))
    response = _answer(request)
    has_traceback = response.get("kind") == "error" and "exit_code" not in response
    if "message" in response and not has_traceback:
        print(f"pipec: {response['message']}", file=sys.stderr)
    sys.stdout.flush()
    written = Path(response_file + ".part")
    written.write_text(json.dumps(response), "utf-8")
    os.replace(written, response_file)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        inputs = {name: from_json(value, type_text) for name, (value, type_text) in request["inputs"].items()}
    except ValueError as error:
        return {"kind": "input", "message": str(error)}
    try:
        result = _function(request["module"], request["function"], request["folder"])(**inputs)
    except SystemExit as stop:
        return _exit(stop)
    except BaseException as error:
        _print_traceback(error)
        return {"kind": "error", "message": _describe(error), "exceptions": _class_names(error)}
    if isinstance(result, Coroutine):
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


def _exit(stop: SystemExit) -> dict[str, Any]:
    """A task that leaves by `sys.exit` gave no outputs, whatever the status: it failed."""
    if stop.code is None or isinstance(stop.code, int):
        status = stop.code or 0
        message = f"the task called sys.exit({status}) instead of returning"
    else:
        status = 1
        message = f"the task called sys.exit: {stop.code}"
    return {"kind": "error", "message": message, "exceptions": _class_names(stop), "exit_code": status}


def _describe(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _class_names(error: BaseException) -> list[str]:
    """Dotted names of the exception's class and its bases, nearest first."""
    return [f"{cls.__module__}.{cls.__qualname__}" for cls in type(error).__mro__ if cls is not object]


def _print_traceback(error: BaseException) -> None:
    """The traceback as the task's author knows it: from the function called, without this module's frames."""
    own: TracebackType | None = error.__traceback__
    while own is not None and own.tb_frame.f_code.co_filename.startswith(_OWN_FRAMES):
        own = own.tb_next
    traceback.print_exception(error.with_traceback(own))


_OWN_FRAMES = (__file__, import_module.__code__.co_filename, "<frozen importlib")
"""Files whose frames come before those of the task's code."""


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
