"""What random texts are made of: the words of the grammar, and names, values and broken pieces to go with them."""

from __future__ import annotations

import random

from pipec.syntax.tables import tables

NAMES = ("a", "b", "load", "train", "x", "run", "lib", "model", "day", "rows", "python", "shell", "file", "cron", "len")
OPTIONS = ("retries", "timeout", "schedule", "defaults", "trigger_rule", "resources", "retry", "env", "tags", "message")
TYPES = ("int", "float", "str", "bool", "date", "list", "dict", "dataset", "json", "secret")
VALUES = {
    "INT": ("0", "1", "10_000", "99999999999999999999", "1__0"),
    "FLOAT": ("0.5", "1e-3", "1e999", "2.5E+300"),
    "DURATION": ("5m", "1h30m", "250ms", "30m1h", "99999999999w"),
    "SIZE": ("16Gi", "1.5Mi", "9999999999999Ti"),
    "DATE": ("2026-01-31", "2026-02-30", "0000-00-00", "9999-12-31"),
    "TEXT": (
        '"t"',
        '""',
        '"m:f"',
        '"a ${x} b"',
        '"${"',
        '"${}"',
        '"$${x}"',
        '"\\q\\u12"',
        '"${"${a}"}"',
        '"0 2 * * *"',
    ),
    "RAW_TEXT": ("'r'", "''", "'echo ${x}'"),
    "LONG_TEXT": ('"""a\n  ${b}"""', '""""""'),
    "LONG_RAW_TEXT": ("'''\n  set -e\n'''", "''''''"),
}
BROKEN = (
    '"', "'", '"""', "'''", "${", "}", "@", ";", "&&", "||", "!", "\\", "\0", "\ufeff", "\u2028", "é", "😀", "\r", "\t",
    "#", "##", "# pipec: ignore[P0101]", "1abc", "5min", "..", "=>", "===", "“", "\ud800", "\x1b[31m", "\v", "\x85",
)  # fmt: skip
WORDS = (*sorted(tables().keywords), *sorted(tables().signs))


def word(generator: random.Random) -> str:
    """A word of some kind, now and then a broken one."""
    chance = generator.random()
    if chance < 0.45:
        return generator.choice(WORDS)
    if chance < 0.65:
        return generator.choice(NAMES)
    if chance < 0.72:
        return generator.choice(OPTIONS)
    if chance < 0.78:
        return generator.choice(TYPES)
    if chance < 0.95:
        return generator.choice(VALUES[generator.choice(list(VALUES))])
    return generator.choice(BROKEN)


def name(generator: random.Random) -> str:
    """A name, an option or a type: where they stand is for the grammar to say."""
    return generator.choice((*NAMES, *NAMES, *OPTIONS, *TYPES))


def blank(generator: random.Random) -> str:
    """What stands between two words."""
    return generator.choice((" ", " ", " ", "\n", "\n  ", "", "\r\n", "  # note\n"))
