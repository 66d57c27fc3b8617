"""Which texts bash cannot read. Bash itself is asked, with `-n`: it reads the text and executes nothing of it."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from functools import cache

from pipec.frozen import Frozen

_LONGEST_LOOK = 5.0
"""Seconds for all texts of a file; what is not looked at by then is not reported."""

_PLAIN_WORD = r"""(?:[\w./:=,@%+-]|\$\w+|\$\{\w+\}|"[^"`$\\!]*(?:\$\w+[^"`$\\!]*)*"|'[^']*')+"""
_PLAIN = re.compile(
    rf"\s*(?:#[^\n]*\s*)*{_PLAIN_WORD}(?:(?:[ \t]+|[ \t]*(?:&&|\|\|?|;)[ \t]*|[ \t]*\n\s*){_PLAIN_WORD})*;?\s*",
    re.ASCII,
)
"""Words, simply quoted or not, one command after the other: bash can read them if none of the words is its own."""
_RESERVED = re.compile(
    r"\b(?:if|then|else|elif|fi|case|esac|for|select|while|until|do|done|in|function|time|coproc)\b|\w+=\("
)


_MOST_ANSWERS = 10_000
_ANSWERS: dict[tuple[str, str], Finding | None] = {}
"""What a bash said of a text, None where it had nothing to say: an editor asks for the same texts again and again."""


class BashFault(Frozen):
    """What bash says of a text: at which line (from 1) and what, in its own words."""

    line: int
    reason: str


class OpenHereDocument(Frozen):
    """A here-document that begins at this line and is ended by the end of the text, since its word never comes."""

    line: int
    word: str


Finding = BashFault | OpenHereDocument


def bash_findings(texts: Sequence[str]) -> dict[str, Finding]:
    """What is wrong with texts, by text. Nothing where there is no bash of version 4 or later.

    All are read by one bash; only where it complains they are halved until it is known which of them it means.
    """
    doubtful = [text for text in dict.fromkeys(texts) if not is_plain(text) and "\0" not in text]
    if not doubtful:
        return {}
    import subprocess  # here and below: most files have no text to ask for
    from shutil import which

    bash = which("bash")
    if bash is None:
        return {}
    unknown = [text for text in doubtful if (bash, text) not in _ANSWERS]
    found: dict[str, Finding] = {}
    try:
        if unknown:
            _look(bash, unknown, found, time.monotonic() + _LONGEST_LOOK)
    except (OSError, subprocess.SubprocessError):
        return {}
    if len(_ANSWERS) > _MOST_ANSWERS:
        _ANSWERS.clear()
    _ANSWERS.update({(bash, text): found.get(text) for text in unknown})
    answers = {text: finding for text in doubtful if (finding := _ANSWERS.get((bash, text))) is not None}
    return answers if answers and _is_recent(bash) else {}


def is_plain(text: str) -> bool:
    """Whether a text consists of simple commands that bash can surely read."""
    return len(text) < 2_000 and _RESERVED.search(text) is None and _PLAIN.fullmatch(text) is not None


def _look(bash: str, texts: list[str], found: dict[str, Finding], deadline: float) -> None:
    if len(texts) == 1:
        finding = _finding(_complaints(bash, texts[0], deadline))
        if finding is not None and not _may_be_read(bash, texts[0], finding, deadline):
            found[texts[0]] = finding
    elif _complaints(bash, "".join(map(_apart, texts)), deadline):
        half = len(texts) // 2
        _look(bash, texts[:half], found, deadline)
        _look(bash, texts[half:], found, deadline)


def _apart(text: str) -> str:
    """A text so that what it leaves open does not go together with what the next one leaves open.

    Behind it stand strings. Where one is open already they are turned inside out, and bash meets the bracket.
    """
    return f"{{ :\n{text}\n\n}}\n: \");\" ');' '`);'\n"


def _complaints(bash: str, script: str, deadline: float, flags: Sequence[str] = ()) -> list[str]:
    """What bash writes of a script. Raises SubprocessError where the time is over."""
    import subprocess
    import tempfile

    with tempfile.TemporaryFile() as file:
        file.write(script.encode("utf-8", "replace"))
        file.seek(0)  # a file and not a pipe: of a pipe bash takes one byte at a time
        done = subprocess.run(
            [bash, "--norc", "--noprofile", *flags, "-n"],
            stdin=file,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={"LC_ALL": "C"},
            timeout=max(deadline - time.monotonic(), 0.01),
            check=False,
        )
    return done.stderr.decode("utf-8", "replace").splitlines()


_COMPLAINT = re.compile(r"[^:]*: line (\d+): (.*)")
_HERE_DOCUMENT = re.compile(r"warning: here-document at line (\d+) delimited by end-of-file \(wanted `(.*)'\)")


def _finding(complaints: list[str]) -> Finding | None:
    """The first error bash complains of, else its first warning of a here-document."""
    open_document: OpenHereDocument | None = None
    for complaint in complaints:
        match = _COMPLAINT.match(complaint)
        if match is None:
            continue
        warning = _HERE_DOCUMENT.match(match[2])
        if warning is None and not match[2].startswith("warning:"):
            return BashFault(int(match[1]), match[2])
        if warning is not None and open_document is None:
            open_document = OpenHereDocument(int(warning[1]), warning[2])
    return open_document


def _may_be_read(bash: str, text: str, finding: Finding, deadline: float) -> bool:
    """Whether bash never comes to the place, or reads it otherwise because of what it executed before."""
    before = text.split("\n")[: finding.line - 1]
    if any(re.match(r"(?:exit|exec)\b", line) for line in before):
        return True
    if re.search(r"\balias\b", text):
        return True
    return "extglob" in text and not _complaints(bash, text, deadline, ("-O", "extglob"))


@cache
def _is_recent(bash: str) -> bool:
    """Whether bash has the syntax of today: that of macOS is from 2007 and refuses what the others know."""
    import subprocess

    try:
        said = subprocess.run([bash, "--version"], capture_output=True, env={"LC_ALL": "C"}, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    match = re.search(rb"version (\d+)\.", said.stdout)
    return match is not None and int(match[1]) >= 4
