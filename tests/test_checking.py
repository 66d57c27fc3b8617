"""What the files of a project say of each other, and which files are of one project."""

from __future__ import annotations

from pathlib import Path

from pipec.api import load
from pipec.checking import check_together
from pipec.settings import Settings, settings_for

MAKES = 'pipeline makes { task t = shell("true") { produces = ["s3://lake/clean"] } }\n'
TAKES = 'pipeline takes {\n  schedule = asset("s3://lake/claen")\n  task t = shell("true")\n}\n'


def found(folder: Path, settings: Settings | None = None) -> list[str]:
    """The codes of what is found between all files below a folder, with the places."""
    files = [(load(file), settings or settings_for(file)) for file in sorted(folder.rglob("*.pipe"))]
    return [f"{Path(one.span.source.path).name} {one.code}" for one in check_together(files)]


def write(folder: Path, **files: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.pipe").write_text(text, "utf-8")


def test_a_misspelt_asset_of_another_file_is_found(tmp_path: Path) -> None:
    write(tmp_path, makes=MAKES, takes=TAKES)
    assert found(tmp_path) == ["takes.pipe L206"]


def test_comments_and_settings_leave_it_out(tmp_path: Path) -> None:
    write(tmp_path, makes=MAKES, takes=TAKES)
    assert found(tmp_path, Settings(ignore=("L2",))) == []
    write(tmp_path, takes=TAKES.replace('claen")', 'claen")  # pipec: ignore[L206]'))
    assert found(tmp_path) == []


def test_files_with_settings_of_their_own_are_another_project(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, makes=MAKES)
    assert found(tmp_path) == ["makes.pipe L209"]
    (tmp_path / "b" / "pyproject.toml").write_text("[tool.pipec]\nstrict = true\n", "utf-8")
    assert found(tmp_path) == []
