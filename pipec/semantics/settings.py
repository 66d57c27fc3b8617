"""The table of options, read from `pipec.grammar`: the language's vocabulary as data."""

from __future__ import annotations

import tomllib
from functools import cache

from pipec.frozen import Frozen
from pipec.grammar_files import read_grammar_file


class Setting(Frozen):
    """One option in the places it may stand. `names` are the bare names it may have, empty for other types."""

    name: str
    where: tuple[str, ...]
    type: str
    names: tuple[str, ...]
    doc: str
    since: str


@cache
def settings() -> tuple[Setting, ...]:
    """All options in the order of the table."""
    table = tomllib.loads(read_grammar_file("settings.toml"))
    return tuple(_setting(entry) for entry in table["setting"])


def _setting(entry: dict[str, object]) -> Setting:
    written = str(entry["type"])
    names: tuple[str, ...] = ()
    if written.startswith("name("):
        names = tuple(written.removeprefix("name(").removesuffix(")").split())
        written = "name"
    where = entry["where"]
    assert isinstance(where, list)
    return Setting(
        name=str(entry["name"]),
        where=tuple(str(place) for place in where),
        type=written,
        names=names,
        doc=str(entry["doc"]),
        since=str(entry["since"]),
    )


@cache
def settings_of(place: str) -> dict[str, Setting]:
    """The options that may stand in a place, by name."""
    return {setting.name: setting for setting in settings() if place in setting.where}


def places_of(name: str) -> list[str]:
    """Where an option of this name may stand."""
    return list(dict.fromkeys(place for setting in settings() if setting.name == name for place in setting.where))
