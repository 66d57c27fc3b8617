"""Write a small pipeline that works, with the code of its tasks, tests and jobs for CI, to start from.

pipec init                        into this folder, named as the folder
pipec init churn                  into the folder churn, which is made if need be
pipec init . --name churn         into this folder, by another name

Nothing is overwritten: where a file is in the way, nothing is written.
"""

from __future__ import annotations

import os
import re
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from pipec.cli import UsageError

TARGETS = ("airflow",)
"""The targets that a project can be written for."""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default=".", metavar="DIR", help="where to write; default: this folder")
    parser.add_argument("--name", metavar="NAME", help="the name of the pipeline; default: that of the folder")
    parser.add_argument("--target", choices=TARGETS, default="airflow", help="what to compile for; default: airflow")


def execute(arguments: Namespace) -> int:
    from pipec.cli.compile_writing import write_all
    from pipec.cli.init_files import project_files

    folder = Path(arguments.folder)
    name = _given_name(arguments.name) if arguments.name is not None else _name_of(folder)
    files = project_files(name, arguments.target)
    _check_free(folder, [file.path for file in files])
    for path in write_all(files, folder):
        print(path)
    print(_next_steps(folder, name, arguments.target), file=sys.stderr)
    return 0


def _given_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(f"`{name}` cannot be a name: names are small letters, digits and `_`, starting with a letter")
    if _has_a_meaning(name):
        raise UsageError(f"`{name}` cannot be a name: it is a word of the language")
    return name


def _name_of(folder: Path) -> str:
    """The name that a folder gives: `Churn-Model 2` is `churn_model_2`."""
    own = Path(os.path.abspath(folder)).name
    name = re.sub(r"[^a-z0-9]+", "_", own.lower()).strip("_")
    if not name[:1].isalpha() or _has_a_meaning(name):
        raise UsageError(f"the folder `{own}` gives no name for a pipeline: choose one with `--name`")
    return name


def _has_a_meaning(name: str) -> bool:
    """Whether the language has a meaning for the word that the pipeline needs: `run` would hide the run's values."""
    from pipec.syntax.tokens import RESERVED

    return name == "run" or name in RESERVED


def _check_free(folder: Path, paths: list[str]) -> None:
    """Raises UsageError, with all that is in the way, where a file of the project would replace something."""
    in_the_way = dict.fromkeys(found for path in paths for found in _existing(folder, path))
    if in_the_way:
        names = "".join(f"\n  {path}" for path in in_the_way)
        raise UsageError(f"nothing was written, these are in the way:{names}\n  help: choose another folder")


def _existing(folder: Path, path: str) -> list[Path]:
    """What is where a file, or a folder around it, should be."""
    target = folder / path
    inside = [above for above in reversed(target.parents) if above.is_relative_to(folder) and above != folder]
    blocked = [above for above in inside if os.path.lexists(above) and not above.is_dir()]
    return blocked[:1] or ([target] if os.path.lexists(target) else [])


def _next_steps(folder: Path, name: str, target: str) -> str:
    import shlex

    file = f"pipelines/{name}.pipe"
    steps = {
        f"pipec run {file}": "run it here",
        "pip install --group dev && pytest": "run its tests",
        f"pipec compile {file} --target {target} -o pipelines": "after a change: compile it again",
    }
    width = max(map(len, steps))
    lines = [f"  {command:<{width}}  {what}" for command, what in steps.items()]
    if folder != Path("."):
        lines.insert(0, f"  cd {shlex.quote(str(folder))}")
    return "\n".join(["", "next:", *lines])
