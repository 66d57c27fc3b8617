"""What a project says about its checks, in the table `[tool.pipec]` of its pyproject.toml.

[tool.pipec]
select = ["L1"]                # only warnings whose code begins so; default: all
ignore = ["L103"]              # none of those whose code begins so
targets = ["airflow"]          # what these targets cannot express is an error; or "all"
strict = true                  # warnings fail the check
python-path = ["src"]          # where the code of tasks is looked for, from the folder of this file

[tool.pipec.per-file-ignores]
"examples/*" = ["L101"]        # `*` stands for any text, `/` included
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from pipec.diagnostics.model import Diagnostic
from pipec.frozen import Frozen

FILE_NAME = "pyproject.toml"


class Settings(Frozen):
    """The settings of a project; `file` is where they stand, None for the defaults.

    `select`, `ignore` and `per_file_ignores` hold beginnings of codes, the last with patterns of paths below the folder
    of `file`. `python_path` are absolute folders. `diagnostics` are the faults of the settings themselves.
    """

    file: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    strict: bool = False
    python_path: tuple[Path, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def chosen(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The diagnostics that are asked for: every error, and of the warnings those selected and not ignored."""
        return [one for one in diagnostics if one.severity == "error" or self._wants(one)]

    def _wants(self, warning: Diagnostic) -> bool:
        code = warning.code
        if (self.select and not code.startswith(self.select)) or code.startswith(self.ignore):
            return False
        return not any(
            code.startswith(codes) and self._is_for(pattern, warning.span.source.path)
            for pattern, codes in self.per_file_ignores
        )

    def _is_for(self, pattern: str, path: str) -> bool:
        from fnmatch import fnmatchcase

        if self.file is None:
            return False
        relative = Path(os.path.relpath(path, self.file.parent)).as_posix()
        return fnmatchcase(relative, pattern) or ("/" not in pattern and fnmatchcase(Path(path).name, pattern))


DEFAULTS = Settings()


def settings_for(path: Path | str) -> Settings:
    """The settings for a file: of the nearest pyproject.toml in its folder or above that has a table `tool.pipec`."""
    folder = os.path.dirname(os.path.abspath(path))
    while True:
        settings = read_settings(os.path.join(folder, FILE_NAME))
        above = os.path.dirname(folder)
        if settings is not None:
            return settings
        if above == folder:
            return DEFAULTS
        folder = above


def read_settings(file: Path | str) -> Settings | None:
    """The settings in a TOML file; None where there is no such file or nothing about pipec in it."""
    absolute = os.path.abspath(file)
    try:
        status = os.stat(absolute)
    except OSError:
        return None
    return _read(absolute, os.getcwd(), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _read(file: str, folder: str, changed: int, size: int) -> Settings | None:
    """As `read_settings`; a file that changed has another time or size. Paths in faults are relative to `folder`."""
    path = Path(file)
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if not _may_have_table(content):
        return None
    from pipec.settings_file import parse_settings

    relative = os.path.relpath(file, folder)
    return parse_settings(path, file if relative.startswith("..") else Path(relative).as_posix(), content)


def _may_have_table(content: bytes) -> bool:
    """Whether a table for pipec may stand in TOML: reading all of it takes longer than a check, and many have none."""
    bare = content.translate(None, b" \t\"'")
    return any(written in bare for written in (b"tool.pipec", b"[tool]", b"tool="))
