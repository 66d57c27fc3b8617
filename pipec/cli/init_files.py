"""The files of a new project: templates with its name in them, and what its pipeline compiles to."""

from __future__ import annotations

import re
from pathlib import Path

from pipec import __version__
from pipec.backend import OutputFile

_TEMPLATES = Path(__file__).parent / "templates" / "init"
_PIPELINE = "pipelines/@name@.pipe"
_PLACES = {
    "pipeline.pipe": _PIPELINE,
    "steps.py": "pipelines/@name@_steps.py",
    "test_steps.py": "tests/test_@name@_steps.py",
    "test_pipelines.py": "tests/test_pipelines.py",
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "gitignore": ".gitignore",
    "pre-commit-config.yaml": ".pre-commit-config.yaml",
    "github.yml": ".github/workflows/pipelines.yml",
    "gitlab-ci.yml": ".gitlab-ci.yml",
}
"""Template to place in the project. A word between two `@` stands for a value, in both."""


def project_files(name: str, target: str) -> list[OutputFile]:
    """All files of a project whose pipeline has this name, compiled for a target; paths are relative to its folder."""
    values = {"name": name, "target": target, "version": __version__}
    files = {
        _filled(place, values): _filled((_TEMPLATES / f"{template}.template").read_text("utf-8"), values)
        for template, place in _PLACES.items()
    }
    source = _filled(_PIPELINE, values)
    return [OutputFile(path, text) for path, text in files.items()] + _compiled(source, files[source], target)


def _filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"@([a-z]+)@", lambda found: values[found[1]], text)


def _compiled(source: str, text: str, target: str) -> list[OutputFile]:
    """What the pipeline compiles to, beside it, as `pipec compile` in the folder of the project gives it."""
    from pipec.api import compile, load

    folder = Path(source).parent
    return [
        OutputFile((folder / file.path).as_posix(), file.text, file.is_side)
        for file in compile(load(source, text=text), target)
    ]
