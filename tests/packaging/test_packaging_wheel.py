"""The wheel holds the whole of pipec and works where nothing but its dependencies is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.packaging.layout import PACKAGE_FOLDERS, PYPROJECT, ROOT, installed_name, shipped_files

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the sources, since setuptools leaves its scaffolding beside them."""
    sources = tmp_path_factory.mktemp("sources")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    for folder in PACKAGE_FOLDERS.values():
        shutil.copytree(ROOT / folder, sources / folder, ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path_factory.mktemp("wheel")
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(target), str(sources))
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of an environment with the wheel and what it declares to need, and nothing else.

    The dependencies are copied from this environment: no network is asked, and their versions are the locked ones.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    paths = sysconfig.get_paths(scheme="venv", vars={"base": str(folder), "platbase": str(folder)})
    for distribution in _needed(PYPROJECT["project"]["dependencies"]):
        _copy(distribution, Path(paths["purelib"]))
    python = Path(paths["scripts"]) / ("python.exe" if os.name == "nt" else "python")
    _pip("--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    _pip("--python", str(python), "check")
    return Path(paths["scripts"])


def test_the_wheel_holds_every_file_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    assert sorted(names) == sorted(installed_name(path) for path in shipped_files())


def test_the_wheel_has_one_import_name(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    version = PYPROJECT["project"]["version"]
    assert tops == {"pipec", f"pipec-{version}.dist-info"}


def test_the_wheel_carries_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (licence,) = (name for name in archive.namelist() if name.endswith("/licenses/LICENSE"))
        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()


def test_the_installed_command_knows_its_version(installed: Path, tmp_path: Path) -> None:
    assert PYPROJECT["project"]["version"] in _run(installed / "pipec", "--version", cwd=tmp_path)


def test_the_installed_command_compiles(installed: Path, tmp_path: Path) -> None:
    """Outside the checkout, with an example's file alone."""
    shutil.copy(ROOT / "examples" / "complete_ml_pipeline" / "pipeline.pipe", tmp_path)
    code = _run(installed / "pipec", "compile", "pipeline.pipe", "--target", "airflow", "-o", "-", cwd=tmp_path)
    compile(code, "complete_ml_pipeline.py", "exec")
    assert "complete_ml_pipeline" in code


def _pip(*arguments: str) -> None:
    """Run this environment's pip. Fails the test with what pip said."""
    _run(sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments, cwd=ROOT)


def _run(*command: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    process = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def _needed(requirements: list[str]) -> list[metadata.Distribution]:
    """The distributions that these requirements bring in, each once."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(_names(requirements))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = metadata.distribution(name)
            waiting.extend(_names(found[name].requires or []))
    return list(found.values())


def _names(requirements: list[str]) -> Iterator[str]:
    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield re.sub(r"[-_.]+", "-", requirement.name).lower()


def _copy(distribution: metadata.Distribution, target: Path) -> None:
    for file in distribution.files or ():
        if ".." not in file.parts and file.suffix != ".pyc":  # scripts lie outside site-packages
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(file.locate()), target / file)
