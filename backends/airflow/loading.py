"""A program that loads a folder of DAG files with Airflow as a DAG processor would, and reports what came of it.

python -m pipec.backends.airflow.loading FOLDER REPORT

REPORT becomes a JSON list of findings, each with `severity`, `path` and `message`. Nothing is run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

_Finding = dict[str, str]


def load(folder: Path) -> list[_Finding]:
    """What Airflow finds in the DAG files of a folder, sorted by file."""
    bag = _dag_bag(folder)
    files = {path.name: path for path in sorted(folder.glob("*.py"))}
    loaded = {Path(dag.fileloc).name for dag in bag.dags.values()}
    broken = {Path(path).name: text for path, text in bag.import_errors.items()}
    findings = [_error(name, _last_line(text), _place(text, files[name])) for name, text in broken.items()]
    findings += [_error(name, "Airflow finds no DAG in it") for name in files if name not in loaded | broken.keys()]
    for dag in bag.dags.values():
        findings.extend(_faults(dag))
    for path, warnings in bag.captured_warnings.items():
        findings.extend(_warning(path, text) for text in warnings if text.startswith(f"{path}:"))
    shown = [{**finding, "message": finding["message"].replace(f"{folder}/", "")} for finding in findings]
    return sorted(shown, key=lambda finding: (finding["path"], finding["severity"], finding["message"]))


def _dag_bag(folder: Path) -> Any:
    try:
        module = import_module("airflow.dag_processing.dagbag")
    except ImportError:  # Airflow 2
        module = import_module("airflow.models.dagbag")
    return module.DagBag(dag_folder=str(folder))


def _faults(dag: Any) -> Iterator[_Finding]:
    """What is wrong with a DAG that was loaded: a DagBag neither checks nor serialises."""
    serialized_objects = import_module("airflow.serialization.serialized_objects")
    serialization = getattr(serialized_objects, "DagSerialization", None) or serialized_objects.SerializedDAG
    name = Path(dag.fileloc).name
    try:
        dag.validate()
        serialization.from_dict(serialization.to_dict(dag))
    except Exception as error:  # whatever it is, Airflow would not take the file
        yield _error(name, f"{type(error).__name__}: {error}")


def _error(name: str, message: str, place: str = "") -> _Finding:
    return {"severity": "error", "path": name, "message": message + place}


def _warning(path: str, text: str) -> _Finding:
    """What a file itself is warned of, `path:line: Category: words`; Airflow's own modules warn of themselves too."""
    return {"severity": "warning", "path": Path(path).name, "message": f"line {text.removeprefix(f'{path}:')}"}


def _last_line(traceback: str) -> str:
    """The exception that a traceback ends with; Airflow gives some errors without one."""
    lines = [line for line in traceback.strip().splitlines() if line.strip()]
    starts = [number for number, line in enumerate(lines) if not line.startswith(" ")]
    return "\n".join(lines[starts[-1] :]) if starts else "it cannot be loaded"


def _place(traceback: str, file: Path) -> str:
    """The line of the file itself that a traceback went through last."""
    numbers = [
        line.partition(", line ")[2].partition(",")[0]
        for line in traceback.splitlines()
        if line.strip().startswith("File ") and f'{file.name}"' in line
    ]
    if not numbers or not numbers[-1].isdigit():
        return ""
    number = int(numbers[-1])
    lines = file.read_text("utf-8").splitlines()
    text = lines[number - 1].strip() if number <= len(lines) else ""
    return f"\n  line {number}: {text}"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(load(Path(sys.argv[1]))), "utf-8")
