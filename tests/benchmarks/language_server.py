"""Measure how soon an editor learns what a keystroke did, and how long it waits for other answers.

Usage: python -m tests.benchmarks.language_server [--tasks N] [--keystrokes K]. Prints a table in markdown; see
README.md beside this file.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from tests.benchmarks.processes import run

LIMIT = 0.150
"""Seconds from a keystroke to its diagnostics, with 300 tasks."""

_WARM_UP = 20
_ROWS = ("diagnostics", "diagnostics: CPU", "completion", "hover", "semantic tokens")
_TYPED = "retry = { max: 3 }"


def source(tasks: int) -> str:
    """A pipeline of tasks that read each other's outputs and have options, a requirement and a text with code in it."""
    lines = ["pipeline large(day: date = run.date) {"]
    lines.append('  task task_0(day) -> { path: dataset, rows: int } = python("steps:first")')
    for number in range(1, tasks):
        before, earlier = f"task_{number - 1}", f"task_{max(number - 1 - number % 7, 0)}"
        lines += [
            f"  task task_{number}(data = {earlier}.path, rows = {before}.rows) -> {{ path: dataset, rows: int }}",
            '    = python("steps:further") {',
            "    timeout = 5m",
            '    require rows > 0 else "only ${rows} rows"',
            "  }",
        ]
    return "\n".join([*lines, "}", ""])


class _Editor:
    """Types into one document, and waits for what comes of it."""

    def __init__(self, client: LanguageClient, uri: str) -> None:
        self.client = client
        self.uri = uri
        self.version = 1
        self.awaited: dict[int | None, asyncio.Future[float]] = {}

    def publish(self, params: lsp.PublishDiagnosticsParams) -> None:
        future = self.awaited.pop(params.version, None)
        if future is not None:
            future.set_result(time.perf_counter())

    async def open(self, text: str) -> None:
        item = lsp.TextDocumentItem(self.uri, "pipec", self.version, text)
        future = self.awaited[self.version] = asyncio.get_running_loop().create_future()
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        await future

    async def keystroke(self, text: str) -> float:
        """Seconds from a change to the diagnostics of the text that it makes."""
        self.version += 1
        future = self.awaited[self.version] = asyncio.get_running_loop().create_future()
        identifier = lsp.VersionedTextDocumentIdentifier(self.version, self.uri)
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        began = time.perf_counter()
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))
        ended: float = await future
        return ended - began


async def _timed(answer: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    await answer()
    return time.perf_counter() - began


async def _measure(tasks: int, keystrokes: int, folder: Path) -> dict[str, list[float]]:
    """Seconds of everything, by what it is. Characters are typed into a task in the middle of the file."""
    client = LanguageClient("benchmark", "1")
    uri = (folder / "large.pipe").as_uri()
    editor = _Editor(client, uri)
    client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: editor.publish(params))
    await client.start_io(sys.executable, "-m", "pipec", "lsp")
    await client.initialize_async(lsp.InitializeParams(capabilities=lsp.ClientCapabilities(), root_uri=folder.as_uri()))
    client.initialized(lsp.InitializedParams())
    text = source(tasks)
    place = text.index("timeout", len(text) // 2)
    line, column = text.count("\n", 0, place), place - text.rfind("\n", 0, place) - 1
    document = lsp.TextDocumentIdentifier(uri)
    await editor.open(text)
    times: dict[str, list[float]] = {name: [] for name in _ROWS}
    server = psutil.Process(client._server.pid) if client._server is not None else psutil.Process()
    for number in range(_WARM_UP + keystrokes):
        typed = _TYPED[: 1 + number % len(_TYPED)]
        position = lsp.Position(line, column + len(typed))
        before = sum(server.cpu_times()[:2])
        took = {"diagnostics": await editor.keystroke(f"{text[:place]}{typed}\n    {text[place:]}")}
        took["diagnostics: CPU"] = sum(server.cpu_times()[:2]) - before
        completion, hover = lsp.CompletionParams(document, position), lsp.HoverParams(document, position)
        tokens = lsp.SemanticTokensParams(document)
        took["completion"] = await _timed(lambda asked=completion: client.text_document_completion_async(asked))  # type: ignore[misc]
        took["hover"] = await _timed(lambda asked=hover: client.text_document_hover_async(asked))  # type: ignore[misc]
        took["semantic tokens"] = await _timed(
            lambda asked=tokens: client.text_document_semantic_tokens_full_async(asked)  # type: ignore[misc]
        )
        if number >= _WARM_UP:
            for name, seconds in took.items():
                times[name].append(seconds)
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()  # type: ignore[no-untyped-call]
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=300)
    parser.add_argument("--keystrokes", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "project", "pipelines")  # checks look at files up to two folders above
        folder.mkdir(parents=True)
        times = asyncio.run(_measure(options.tasks, options.keystrokes, folder))
    print(f"{options.tasks} tasks, {len(source(options.tasks)) // 1000} kB, {options.keystrokes} keystrokes\n")
    print("| answer | p50 ms | p95 ms | most ms |\n| --- | --- | --- | --- |")
    for what, seconds in times.items():
        late = statistics.quantiles(seconds, n=20)[-1]
        print(f"| {what} | {statistics.median(seconds) * 1e3:.0f} | {late * 1e3:.0f} | {max(seconds) * 1e3:.0f} |")
    bare = [run([sys.executable, "-c", "pass"], folder=Path.cwd()).cost.cpu for _ in range(20)]
    print(f"\nbeside them: a Python that does nothing takes {statistics.median(bare) * 1e3:.0f} ms of CPU")
    late = statistics.quantiles(times["diagnostics"], n=20)[-1]
    if options.tasks <= 300:
        print(f"\np95 of diagnostics within {LIMIT * 1e3:.0f} ms: {'yes' if late <= LIMIT else 'no'}")


if __name__ == "__main__":
    main()
