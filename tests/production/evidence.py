"""What is shown of an Airflow when a test has failed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

LINES = 25


def program_logs(logs: Path) -> str:
    """The last lines of each program."""
    return "\n".join(_tail(log) for log in sorted(logs.glob("*.log")))


def task_logs(logs: Path, dags: Iterable[str]) -> str:
    """The last lines of each attempt of each task of these DAGs."""
    return "\n".join(_tail(log) for dag in dags for log in sorted(logs.glob(f"dag_id={dag}/**/*.log")))


def _tail(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").splitlines()[-LINES:]
    return "\n".join([f"--- {log}", *map(_readable, lines)])


def _readable(line: str) -> str:
    """The event of a line in JSON, with the exception if there is one; another line as it is."""
    try:
        entry = json.loads(line)
        faults = [f"{fault['exc_type']}: {fault['exc_value']}" for fault in entry.get("error_detail", ())]
        return " | ".join([str(entry["event"]), *faults])
    except (ValueError, KeyError, TypeError, AttributeError):
        return line
