"""A real Airflow on this machine: API server, scheduler and DAG processor with a database of their own.

There is no triggerer: what pipec writes needs none.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.production.client import Client, wait_for
from tests.production.database import running_postgres
from tests.production.processes import Programs, free_port

START_SECONDS = 180.0


class CommandError(Exception):
    """A command of Airflow failed; the message holds what it wrote."""


@dataclass(frozen=True, slots=True)
class Installation:
    """An Airflow that runs. `dags` is its folder of DAG files, `logs` what its programs and tasks write.

    `notes` is a folder for what the code of tasks and callbacks writes: they find it in `PRODUCTION_NOTES`.
    """

    dags: Path
    logs: Path
    notes: Path
    client: Client
    environment: Mapping[str, str]

    def command(self, *arguments: str) -> str:
        """What `airflow <arguments>` writes. Raises CommandError where it fails."""
        command = [sys.executable, "-m", "airflow", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=self.environment)
        if done.returncode:
            raise CommandError(f"airflow {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout


@contextlib.contextmanager
def running_airflow(home: Path) -> Iterator[Installation]:
    """Start Airflow in an empty folder, and stop it afterwards. The DAG files may already be in `home / "dags"`."""
    for folder in ("dags", "logs", "notes"):
        (home / folder).mkdir(exist_ok=True)
    with running_postgres() as database:
        port = free_port()
        environment = _environment(home, port, database)
        client = Client(f"http://127.0.0.1:{port}")
        installation = Installation(home / "dags", home / "logs", home / "notes", client, environment)
        installation.command("db", "migrate")
        with _running_programs(installation, port):
            yield installation


@contextlib.contextmanager
def _running_programs(installation: Installation, port: int) -> Iterator[None]:
    programs = Programs(installation.logs, installation.environment)
    try:
        programs.start("api-server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1")
        programs.start("dag-processor")
        _wait_until_healthy(installation.client, programs, "metadatabase", "dag_processor")
        # Not sooner: it starts runs that are due as soon as it is up, and their tasks fail where no API server answers.
        programs.start("scheduler", "--skip-serve-logs")
        _wait_until_healthy(installation.client, programs, "scheduler")
        yield
    finally:
        programs.stop()


def _wait_until_healthy(client: Client, programs: Programs, *components: str) -> None:
    def healthy() -> bool:
        assert not programs.ended(), f"Airflow did not start: {programs.ended()}"
        return client.healthy(*components)

    wait_for(healthy, f"{' and '.join(components)} to start", START_SECONDS)


def _environment(home: Path, port: int, database: str) -> Mapping[str, str]:
    """The variables of the programs: nothing of another Airflow, and quick to notice what changes."""
    address = f"http://127.0.0.1:{port}"
    settings = {
        "API__BASE_URL": address,
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__DAGS_FOLDER": str(home / "dags"),
        "CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__PARALLELISM": "8",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "2",
        "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{database}",
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+asyncpg://{database}",
        "SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "SCHEDULER__TRIGGER_TIMEOUT_CHECK_INTERVAL": "1",
    }
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "PIPEC_"))},
        **{f"AIRFLOW__{name}": value for name, value in settings.items()},
        "AIRFLOW_CONN_FS_DEFAULT": "fs:///",
        "AIRFLOW_HOME": str(home),
        "NO_PROXY": "127.0.0.1",
        "PRODUCTION_NOTES": str(home / "notes"),
        "no_proxy": "127.0.0.1",
    }
