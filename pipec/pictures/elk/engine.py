"""Runs the layout kernel in an embedded JavaScript engine, without network, disk or clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

Layout = Callable[[dict[str, Any]], dict[str, Any]]
MISSING = "pictures need an extra: pip install 'pipec[pictures]'"

# The kernel thinks that it is a web worker: messages go in by `onmessage` and come out by `postMessage`.
_WORKER = """
var self = this, answer = null;
self.postMessage = function (message) { answer = message; };
var setTimeout = function (call) { call(); };
"""
_ASK = """
function place(graph) {
  answer = null;
  self.onmessage({ data: { id: 1, cmd: 'layout', graph: graph, layoutOptions: {}, options: {} } });
  return JSON.stringify(answer);
}
"""


class NoPictureError(Exception):
    """There can be no picture; the message says why and what to do."""


class MissingExtraError(NoPictureError):
    """The packages of the extra `pictures` are not installed; the message says how to install them."""


class LayoutError(Exception):
    """The kernel refused a graph: a bug in what draws."""


@contextmanager
def layout_kernel() -> Iterator[Layout]:
    """A function from a graph in the JSON of ELK to the same with coordinates. Raises MissingExtraError.

    The engine is closed in the end: one that is left to the end of the program may keep it from ending.
    """
    try:
        from py_mini_racer import MiniRacer
    except ImportError as error:
        raise MissingExtraError(MISSING) from error
    with MiniRacer() as engine:
        engine.eval(_WORKER + _ASK)
        engine.eval(files("pipec.pictures.elk").joinpath("elk-worker.min.js").read_text("utf-8"))
        engine.eval("self.onmessage({ data: { id: 0, cmd: 'register', algorithms: ['layered'] } })")

        def layout(graph: dict[str, Any]) -> dict[str, Any]:
            answer = json.loads(str(engine.eval(f"place({json.dumps(graph)})")))
            if answer is None or "error" in answer:
                raise LayoutError(f"the layout failed: {json.dumps((answer or {}).get('error'))}")
            laid_out: dict[str, Any] = answer["data"]
            return laid_out

        yield layout
