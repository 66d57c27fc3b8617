"""Every code that pipec reports: what it means, with a file that gives it and the same file mended.

Each code has a file of Markdown in `codes/`: a heading with its summary, what there is to say, and its examples as
blocks of code. The words after the language of a block say what it is:

    pipe bad                a whole file that gives this code
    pipe mended             the same file without fault
    LANGUAGE file=NAME      a file beside both, or with `bad` or `mended` in front of `file` beside that one

Further words after `bad` and `mended` say how the example is used, see `Example`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from pipec.diagnostics.model import Severity
from pipec.frozen import Frozen

EXAMPLE_FILE = "example.pipe"
"""The name of an example's own file, by which the files beside it import it."""

_FOLDER = Path(__file__).parent / "codes"

RETIRED: frozenset[str] = frozenset()
"""Codes that were reported once and are no more. They are never given to anything else."""

_BLOCK = re.compile(r"^```(?P<language>\w+)(?P<words>[^\n]*)\n(?P<text>.*?)^```$\n?", re.MULTILINE | re.DOTALL)


class Example(Frozen):
    """A whole file, and what is done with it.

    `files` lie beside it by their names. It is checked for `target` where there is one. With a `capacity` its fit into
    that is checked as well, and where it `is_run` the values given for its parameters are: `parameters` as texts, and
    those of `parameter_file`. `also` are codes that come with the one in question. The text stands in the file `times`
    times, in this `encoding`.
    """

    text: str
    files: Mapping[str, str]
    target: str | None = None
    capacity: str | None = None
    is_run: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    parameter_file: str | None = None
    also: frozenset[str] = frozenset()
    times: int = 1
    encoding: str = "utf-8"

    @property
    def command(self) -> str:
        """What a person types to see what is wrong with it."""
        if not self.is_run and self.capacity is None:
            target = f" --target {self.target}" if self.target else ""
            return f"pipec check {EXAMPLE_FILE}{target}"
        words = [f"pipec run {EXAMPLE_FILE}"]
        words += [f"--param {name}={value}" for name, value in self.parameters.items()]
        words += [f"--params {self.parameter_file}"] if self.parameter_file else []
        words += [f"--capacity {self.capacity}"] if self.capacity else []
        return " ".join(words)


class Explanation(Frozen):
    """What a code means: `summary` in one line, `text` in paragraphs of Markdown, an example that gives it and the
    same one mended."""

    code: str
    summary: str
    text: str
    bad: Example
    mended: Example

    @property
    def severity(self) -> Severity:
        return "warning" if self.code.startswith("L") else "error"


def codes() -> list[str]:
    """Every code, sorted. No file is read for it."""
    return sorted(path.stem for path in _FOLDER.glob("*.md"))


def catalogue() -> dict[str, str]:
    """Code to summary, sorted by code."""
    return {code: _summary(_text(code)) for code in codes()}


def summary(code: str) -> str:
    """The summary of a code in one line. Raises KeyError for one that is not known."""
    return _summary(_text(code))


def explained(code: str) -> Explanation:
    """All that is said of a code. Raises KeyError for one that is not known."""
    text = _text(code)
    files: dict[str, dict[str, str]] = {"bad": {}, "mended": {}}
    examples: dict[str, tuple[str, list[str]]] = {}
    for block in _BLOCK.finditer(text):
        words = block["words"].split()
        roles = [word for word in words if word in files]
        name = next((word.partition("=")[2] for word in words if word.startswith("file=")), None)
        if name is None:
            (role,) = roles
            examples[role] = block["text"], [word for word in words if word != role]
        else:
            for role in roles or files:
                files[role][name] = block["text"]
    prose = _BLOCK.sub("", text).split("\n", 1)[1]
    return Explanation(
        code,
        _summary(text),
        re.sub(r"\n{3,}", "\n\n", prose).strip(),
        _example(*examples["bad"], files["bad"]),
        _example(*examples["mended"], files["mended"]),
    )


def _text(code: str) -> str:
    """The file of a code. Raises KeyError."""
    if not re.fullmatch(r"[A-Z]\d+", code):  # a code may come from the command line, and is no path
        raise KeyError(code)
    try:
        return (_FOLDER / f"{code}.md").read_text("utf-8")
    except FileNotFoundError:
        raise KeyError(code) from None


def _summary(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")


def _example(text: str, words: list[str], files: Mapping[str, str]) -> Example:
    """An example from its text and the words that say how it is used. Raises ValueError for an unknown one."""
    settings: dict[str, str] = {}
    parameters: dict[str, str] = {}
    for word in words:
        key, _, value = word.partition("=")
        if key.startswith("param."):
            parameters[key.removeprefix("param.")] = value
        elif key in ("target", "capacity", "params", "run", "also", "times", "encoding"):
            settings[key] = value
        else:
            raise ValueError(f"an example says `{word}`, which means nothing")
    return Example(
        text,
        files,
        target=settings.get("target"),
        capacity=settings.get("capacity"),
        is_run="run" in settings or "params" in settings or bool(parameters),
        parameters=parameters,
        parameter_file=settings.get("params"),
        also=frozenset(settings.get("also", "").split(",")) - {""},
        times=int(settings.get("times", "1")),
        encoding=settings.get("encoding", "utf-8"),
    )
