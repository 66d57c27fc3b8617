"""The table [tool.pipec] of pyproject.toml."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipec.diagnostics.model import Diagnostic
from pipec.settings import DEFAULTS, Settings, read_settings, settings_for
from pipec.syntax.source import Source


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(text: str) -> Settings:
    """The settings of a file of settings in the current folder."""
    Path("pyproject.toml").write_text(text, encoding="utf-8")
    return settings_for("p.pipe")


def test_all_settings(folder: Path) -> None:
    settings = written(
        """
[project]
name = "x"

[tool.pipec]
select = ["L0"]
ignore = ["L003"]
targets = ["airflow", "ir"]
strict = true
python-path = ["src", "../common"]

[tool.pipec.per-file-ignores]
"lib/*" = ["L001"]
"""
    )
    assert settings == Settings(
        file=folder / "pyproject.toml",
        select=("L0",),
        ignore=("L003",),
        targets=("airflow", "ir"),
        per_file_ignores=(("lib/*", ("L001",)),),
        strict=True,
        python_path=(folder / "src", folder / "../common"),
    )


def test_the_nearest_file_with_a_table_counts(folder: Path) -> None:
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[tool.pipec]\nstrict = true\n", encoding="utf-8")
    (inner / "pyproject.toml").write_text("[project]\nname = 'pipec-user'\n", encoding="utf-8")
    assert settings_for(inner / "p.pipe").file == folder / "pyproject.toml"
    (folder / "a" / "pyproject.toml").write_text("[tool.pipec]\n", encoding="utf-8")
    assert settings_for(inner / "p.pipe") == Settings(file=folder / "a" / "pyproject.toml")


def test_without_a_file_there_are_defaults(folder: Path) -> None:
    assert settings_for("p.pipe") == DEFAULTS
    assert read_settings("nothing.toml") is None


def test_a_file_that_changes_is_read_again(folder: Path) -> None:
    assert not written("[tool.pipec]\n").strict
    assert written("[tool.pipec]\nstrict = true\n").strict


@pytest.mark.parametrize(
    "text",
    [
        "[tool.pipec]\nstrict = true\n",
        "[ tool . 'pipec' ]\nstrict = true\n",
        "[tool]\npipec = { strict = true }\n",
        "[tool]\npipec.strict = true\n",
        "tool.pipec.strict = true\n",
        "tool = { pipec = { strict = true } }\n",
    ],
)
def test_the_table_may_be_written_as_toml_allows(text: str, folder: Path) -> None:
    assert written(text).strict


def test_other_tables_are_nothing_to_pipec(folder: Path) -> None:
    assert written("[project]\ndependencies = ['pipec']\n[tool.ruff]\nselect = 1\n") == DEFAULTS
    assert written("[tool]\nruff = 1\n") == DEFAULTS


FAULTS = {
    "not TOML": ("[tool.pipec]\nselect = [L001]\n", ["P0801 2:11 `pyproject.toml` is not TOML: invalid value"]),
    "a file that ends too early": (
        "[tool.pipec]\nselect = [",
        ["P0801 2:1 `pyproject.toml` is not TOML: invalid value"],
    ),
    "unknown key": ("[tool.pipec]\nselct = []\n", ["P0802 2:1 there is no setting `selct`"]),
    "unknown key in the table above": ("[tool]\npipec.targts = []\n", ["P0802 2:7 there is no setting `targts`"]),
    "no list": ('[tool.pipec]\nignore = "L001"\n', ["P0803 2:1 `ignore` needs a list of strings"]),
    "no strings": ("[tool.pipec]\nignore = [1]\n", ["P0803 2:1 `ignore` needs a list of strings"]),
    "no truth": ('[tool.pipec]\n\nstrict = "yes"\n', ["P0803 3:1 `strict` needs `true` or `false`"]),
    "no table": ("[tool.pipec]\nper-file-ignores = 1\n", ["P0803 2:1 `per-file-ignores` needs a table"]),
    "no table at all": ("tool.pipec = 1\n", ["P0803 1:6 `tool.pipec` needs a table"]),
    "unknown code": (
        '[tool.pipec]\nselect = [\n  "L001",\n  "L9",\n]\n',
        ["P0804 4:4 no code begins with `L9`"],
    ),
    "empty code": ('[tool.pipec]\nignore = [""]\n', ["P0804 2:12 no code begins with ``"]),
    "unknown code for some files": (
        "[tool.pipec.per-file-ignores]\n'*.pipe' = ['X1']\n",
        ["P0804 2:14 no code begins with `X1`"],
    ),
    "unknown target": (
        '[build-system]\nrequires = ["airflo"]\n[tool.pipec]\ntargets = ["airflo"]\n[tool.x]\nselct = 1\n',
        ["P0804 4:13 there is no target `airflo`"],
    ),
    "several": ("[tool.pipec]\nstrict = 1\nignored = []\n", ["P0802 3:1", "P0803 2:1"]),
    "an array of tables": ("[[tool.pipec]]\nstrict = true\n", ["P0803 1:8 `tool.pipec` needs a table"]),
}


@pytest.mark.parametrize(("text", "expected"), FAULTS.values(), ids=FAULTS)
def test_faults_are_told_at_their_place(text: str, expected: list[str], folder: Path) -> None:
    settings = written(text)
    told = []
    for one in settings.diagnostics:
        line, column = one.span.source.position(one.span.start)
        told.append(f"{one.code} {line}:{column} {one.message}")
    assert len(told) == len(expected)
    assert all(text.startswith(start) for text, start in zip(sorted(told), expected, strict=True)), told
    assert all(one.span.source.path == "pyproject.toml" for one in settings.diagnostics)


def test_a_misspelt_setting_is_told_with_the_nearest(folder: Path) -> None:
    [one] = written("[tool.pipec]\nselct = []\n").diagnostics
    assert one.help == "there is `select`"


def test_what_is_not_text_is_told(folder: Path) -> None:
    Path("pyproject.toml").write_bytes(b"[tool.pipec]\nselect = '\xff'\n")
    assert [one.message for one in settings_for("p.pipe").diagnostics] == ["`pyproject.toml` is not UTF-8 text"]


def test_the_rest_of_faulty_settings_holds(folder: Path) -> None:
    settings = written('[tool.pipec]\nstrict = 1\nignore = ["L001", "L999"]\n')
    assert (settings.strict, settings.ignore) == (False, ("L001",))


CHOSEN = [
    (Settings(), "L001 L002 P0301"),
    (Settings(select=("L001",)), "L001 P0301"),
    (Settings(ignore=("L001",)), "L002 P0301"),
    (Settings(select=("L",), ignore=("L00",)), "P0301"),
    (Settings(ignore=("P",)), "L001 L002 P0301"),
    (Settings(Path("pyproject.toml"), per_file_ignores=(("lib/*", ("L001",)),)), "L002 P0301"),
    (Settings(Path("pyproject.toml"), per_file_ignores=(("p.pipe", ("L",)),)), "P0301"),
    (Settings(Path("pyproject.toml"), per_file_ignores=(("other/*", ("L",)),)), "L001 L002 P0301"),
    (Settings(Path("lib/deep/pyproject.toml"), per_file_ignores=(("p.pipe", ("L001",)),)), "L002 P0301"),
    (Settings(Path("lib/deep/pyproject.toml"), per_file_ignores=(("lib/*", ("L001",)),)), "L001 L002 P0301"),
]


@pytest.mark.parametrize(("settings", "codes"), CHOSEN)
def test_what_is_chosen(settings: Settings, codes: str) -> None:
    span = Source(os.path.join("lib", "deep", "p.pipe"), "x").span(0, 1)
    found = [
        Diagnostic("L001", "warning", "", span),
        Diagnostic("L002", "warning", "", span),
        Diagnostic("P0301", "error", "", span),
    ]
    assert " ".join(one.code for one in settings.chosen(found)) == codes
