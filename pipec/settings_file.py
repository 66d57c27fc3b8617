"""The table `[tool.pipec]` of a TOML file, read with every fault of it at its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import hint
from pipec.settings import Settings
from pipec.syntax.source import Source, Span

NOT_TOML, UNKNOWN_KEY, WRONG_VALUE, UNKNOWN_NAME = "P0801", "P0802", "P0803", "P0804"

_Value = TypeVar("_Value")

_TABLE = "tool.pipec"
_IGNORES = "per-file-ignores"
_KEYS = ("select", "ignore", "targets", _IGNORES, "strict", "python-path")


def parse_settings(file: Path, shown: str, content: bytes) -> Settings | None:
    """The settings in the content of a file that people know as `shown`; None where it has no table for pipec.

    What is wrong is left out of them and reported in their `diagnostics`.
    """
    diagnostics = Diagnostics()
    source = Source(shown, content.decode("utf-8", "replace"))
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        diagnostics.error(NOT_TOML, f"`{file.name}` is not UTF-8 text", source.span(0, 0))
        return Settings(file, diagnostics=tuple(diagnostics.found))
    except tomllib.TOMLDecodeError as error:
        reason, span = _fault(source, str(error))
        diagnostics.error(NOT_TOML, f"`{file.name}` is not TOML: {reason}", span)
        return Settings(file, diagnostics=tuple(diagnostics.found))
    tools = document.get("tool", {})
    if not isinstance(tools, dict) or "pipec" not in tools:
        return None
    reader = _Reader(_Places(source), diagnostics)
    table = reader.table(tools["pipec"], _TABLE)
    reader.check_keys(table)
    return Settings(
        file,
        select=reader.codes(table.get("select", []), "select"),
        ignore=reader.codes(table.get("ignore", []), "ignore"),
        targets=reader.targets(table.get("targets", [])),
        per_file_ignores=tuple(
            (pattern, reader.codes(codes, pattern))
            for pattern, codes in reader.table(table.get(_IGNORES, {}), _IGNORES).items()
        ),
        strict=reader.boolean(table.get("strict", False), "strict"),
        python_path=tuple(file.parent / folder for folder in reader.texts(table.get("python-path", []), "python-path")),
        diagnostics=tuple(diagnostics.found),
    )


def _fault(source: Source, message: str) -> tuple[str, Span]:
    """What the reader of TOML says, and the place it says it of."""
    reason, _, place = message.partition(" (at ")
    found = re.match(r"line (\d+), column (\d+)", place)
    line, column = (int(found[1]), int(found[2])) if found else (source.line_count, 1)
    offset = sum(len(text) + 1 for text in source.text.split("\n")[: line - 1]) + column - 1
    offset = min(offset, len(source.text))
    return reason[:1].lower() + reason[1:], source.span(offset, offset)


class _Reader:
    """Takes values of the expected kind, and reports the others."""

    def __init__(self, places: _Places, diagnostics: Diagnostics) -> None:
        self.places = places
        self.diagnostics = diagnostics

    def check_keys(self, table: Mapping[str, Any]) -> None:
        for key in table:
            if key not in _KEYS:
                self.diagnostics.error(
                    UNKNOWN_KEY,
                    f"there is no setting `{key}`",
                    self.places.key(key),
                    help=hint(key, _KEYS, f"settings: {', '.join(_KEYS)}"),
                )

    def table(self, value: Any, key: str) -> Mapping[str, Any]:
        return value if isinstance(value, dict) else self._wrong(key, "a table", {})

    def boolean(self, value: Any, key: str) -> bool:
        return value if isinstance(value, bool) else self._wrong(key, "`true` or `false`", False)

    def texts(self, value: Any, key: str) -> list[str]:
        if isinstance(value, list) and all(isinstance(text, str) for text in value):
            return value
        return self._wrong(key, "a list of strings", [])

    def codes(self, value: Any, key: str) -> tuple[str, ...]:
        """Beginnings of codes that there are."""
        from pipec.diagnostics.catalogue import codes

        def is_known(text: str) -> bool:
            return bool(text) and any(code.startswith(text) for code in codes())

        return self._known(value, key, is_known, "no code begins with", codes())

    def targets(self, value: Any) -> tuple[str, ...]:
        if value == []:
            return ()  # without a look for backends
        from pipec.backend import target_names

        known = ["all", *target_names()]
        return self._known(value, "targets", known.__contains__, "there is no target", known)

    def _known(
        self, value: Any, key: str, is_known: Callable[[str], bool], what: str, names: Iterable[str]
    ) -> tuple[str, ...]:
        texts = self.texts(value, key)
        for text in texts:
            if not is_known(text):
                span = self.places.value(key, text)
                self.diagnostics.error(UNKNOWN_NAME, f"{what} `{text}`", span, help=hint(text, names))
        return tuple(filter(is_known, texts))

    def _wrong(self, key: str, needed: str, instead: _Value) -> _Value:
        self.diagnostics.error(WRONG_VALUE, f"`{key}` needs {needed}", self.places.key(key))
        return instead


class _Places:
    """Where the keys and values of the table stand: the reader of TOML does not say, so they are looked for."""

    def __init__(self, source: Source) -> None:
        self.source = source
        head = re.search(r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*pipec\b", source.text, re.MULTILINE)
        self.start = head.start() if head else 0
        after = re.compile(r"^[ \t]*\[(?![ \t]*tool[ \t]*\.[ \t]*pipec\b)[^\n,]*\][ \t]*(?:#.*)?$", re.MULTILINE)
        end = after.search(source.text, head.end() if head else len(source.text))
        self.end = end.start() if end else len(source.text)

    def key(self, key: str) -> Span:
        """The place of a key or of the header of its table; of the table of pipec where it is not found."""
        name = re.escape(key.rpartition(".")[2])
        written = re.compile(rf"""^[^#\n]*?(?<![\w-])(["']?)(?P<key>{name})\1[ \t]*[=\]]""", re.MULTILINE)
        found = written.search(self.source.text, self.start, self.end)
        if found is not None:
            return self.source.span(*found.span("key"))
        place = self.source.text.find("pipec", self.start)
        return self.source.span(place, place + len("pipec"))

    def value(self, key: str, text: str) -> Span:
        """The place of a string after a key; that of the key where it is not found as it is."""
        place = self.key(key)
        found = re.compile(rf"""["']({re.escape(text)})["']""").search(self.source.text, place.end, self.end)
        return place if found is None else self.source.span(*found.span(1))
