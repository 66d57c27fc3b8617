"""Small projects in a folder, and what is said of them in lines that a table can hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipec.api import Loaded, load
from pipec.diagnostics.model import Diagnostic, Diagnostics
from pipec.references import check_project, check_references


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def loaded_file(path: Path) -> Loaded:
    loaded = load(path)
    assert loaded.program is not None, loaded.diagnostics.sorted()
    return loaded


def diagnostics_of(folder: Path, text: str, files: Mapping[str, str] | None = None, *path: Path) -> list[Diagnostic]:
    """What is said of a file `main.pipe` with this text and of the files beside it."""
    write(folder, {"main.pipe": text, **(files or {})})
    diagnostics = Diagnostics()
    check_references(loaded_file(folder / "main.pipe"), path, diagnostics)
    return diagnostics.sorted()


def project_diagnostics(folder: Path, files: Mapping[str, str]) -> list[Diagnostic]:
    write(folder, files)
    diagnostics = Diagnostics()
    check_project([loaded_file(folder / name) for name in files], diagnostics)
    return diagnostics.sorted()


def said(diagnostics: list[Diagnostic]) -> list[str]:
    """Each as `CODE "text of the place": message`, with the help behind a bar."""
    return [
        f"{one.code} [{one.span.text}] {one.message}" + (f" | {one.help}" if one.help else "") for one in diagnostics
    ]


def task(implementation: str, inputs: str = "", outputs: str = "", options: str = "") -> str:
    """A file with one task."""
    arrow = f" -> {outputs}" if outputs else ""
    body = f" {{ {options} }}" if options else ""
    return (
        f"pipeline p(day: date = run.date, rows: int = 1) {{\n  task t({inputs}){arrow} = {implementation}{body}\n}}\n"
    )
