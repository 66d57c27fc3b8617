"""The repository is laid out as pyproject.toml says, and as its readers were promised."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.packaging.layout import (
    PACKAGE_FOLDERS,
    PYPROJECT,
    ROOT,
    SETUPTOOLS,
    files_under,
    installed_name,
    is_ignored,
    shipped_files,
)

TOP_LEVEL = {
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "backends",
    "examples",
    "grammar",
    "pipec",
    "pyproject.toml",
    "tests",
    "uv.lock",
}
HIDDEN_TOP_LEVEL = {".ci", ".github", ".gitignore", ".pre-commit-hooks.yaml"}

DATA_PATTERNS = [
    "/".join((*package.split("."), pattern))
    for package, patterns in SETUPTOOLS["package-data"].items()
    for pattern in patterns
]

LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))


def test_every_package_is_listed() -> None:
    packages = {
        ".".join(PurePosixPath(installed_name(path)).parent.parts)
        for path in shipped_files()
        if path.name == "__init__.py"
    }
    assert sorted(packages) == sorted(SETUPTOOLS["packages"])


def test_every_python_file_is_in_a_package() -> None:
    lost = [path for path in shipped_files() if path.suffix == ".py" and not (path.parent / "__init__.py").exists()]
    assert lost == []


def test_every_data_file_is_listed() -> None:
    unlisted = [
        name
        for name in map(installed_name, shipped_files())
        if not name.endswith(".py") and not any(_matches(name, pattern) for pattern in DATA_PATTERNS)
    ]
    assert unlisted == []


def test_every_listed_data_pattern_matches_a_file() -> None:
    names = [installed_name(path) for path in shipped_files()]
    assert [pattern for pattern in DATA_PATTERNS if not any(_matches(name, pattern) for name in names)] == []


def test_the_top_level_is_the_one_given() -> None:
    visible = {entry.name for entry in ROOT.iterdir() if not entry.name.startswith(".") and not is_ignored(entry)}
    assert visible == TOP_LEVEL


@pytest.mark.parametrize("name", sorted(HIDDEN_TOP_LEVEL))
def test_hidden_files_are_there(name: str) -> None:
    assert (ROOT / name).exists()


def test_installing_shadows_no_other_package() -> None:
    assert {package.split(".")[0] for package in PACKAGE_FOLDERS} == {"pipec"}


def test_no_file_mentions_a_machine() -> None:
    """Neither the place of this checkout nor the home folder of anybody but the people of examples is written down."""
    a_machine = re.compile(r"(?<![\w.])/(?:(?:home|Users)/(?!anna\b|jovyan\b)\w|(?:root|work)/)\S*")
    found = {
        str(path.relative_to(ROOT)): match.group()
        for path in files_under(*TOP_LEVEL, *HIDDEN_TOP_LEVEL)
        if (match := a_machine.search(text := _text(path))) or (match := re.search(re.escape(f"{ROOT}{os.sep}"), text))
    }
    assert found == {}


def test_the_lock_holds_what_the_project_asks_for() -> None:
    """What `uv lock --check` says, without a network."""
    declared = {_key(Requirement(text), "") for text in PYPROJECT["project"]["dependencies"]} | {
        _key(Requirement(text), extra)
        for extra, texts in PYPROJECT["project"]["optional-dependencies"].items()
        for text in texts
    }
    (own,) = (package for package in LOCK["package"] if package["name"] == "pipec")
    locked = {
        (
            entry["name"],
            tuple(sorted(entry.get("extras", ()))),
            str(SpecifierSet(entry.get("specifier", ""))),
            entry.get("marker", "").removeprefix("extra == '").removesuffix("'"),
        )
        for entry in own["metadata"]["requires-dist"]
    }
    assert locked == declared


def test_the_lock_names_the_public_registry_only() -> None:
    sources = {source for package in LOCK["package"] for source in package["source"].items()}
    assert sources == {("registry", "https://pypi.org/simple"), ("editable", ".")}
    files = [file for package in LOCK["package"] for file in (package.get("sdist"), *package.get("wheels", ())) if file]
    assert [file["url"] for file in files if not file["url"].startswith("https://files.pythonhosted.org/")] == []
    assert [file["url"] for file in files if not file["hash"].startswith("sha256:")] == []


def _key(requirement: Requirement, extra: str) -> tuple[str, tuple[str, ...], str, str]:
    return requirement.name, tuple(sorted(requirement.extras)), str(requirement.specifier), extra


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _matches(name: str, pattern: str) -> bool:
    """As setuptools does: a star stays inside its folder."""
    return PurePosixPath(f"/{name}").match(f"/{pattern}")
