"""Versions of a DAG: compiling again makes one where the pipeline has changed, and only there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from tests.production.client import wait_for
from tests.production.scenario import Scenario
from tests.production.session import PARSE_SECONDS, Production

pytestmark = pytest.mark.engine

CHANGED = Scenario(
    """\
pipeline changed {
  task count -> int = python("changed_steps:count") {
    require output > 1
  }
}
""",
    "def count():\n    return 2\n",
)


def versions(production: Production) -> list[int]:
    found = production.client.get("dags", CHANGED.name, "dagVersions")["dag_versions"]
    return sorted(version["version_number"] for version in found)


def last_read(production: Production) -> datetime:
    return datetime.fromisoformat(production.client.get("dags", CHANGED.name)["last_parsed_time"])


def compile_again(production: Production, text: str) -> None:
    """Compile a new text, and wait until Airflow has read it."""
    for _ in range(2):  # the first reading may have begun before the file was written
        replace(CHANGED, text=text).write(production.installation.dags)
        written = datetime.now(UTC)
        wait_for(partial(read_after, production, written), "the changed file to be read", PARSE_SECONDS)


def read_after(production: Production, moment: datetime) -> bool:
    return last_read(production) > moment


def test_a_change_inside_of_a_task_function_is_a_version_and_a_comment_is_none(production: Production) -> None:
    run = production.run(CHANGED).wait()
    assert run.state == "success"
    compile_again(production, "# how many lots there are\n" + CHANGED.text)
    assert versions(production) == [1]
    compile_again(production, CHANGED.text.replace("output > 1", "output > 2"))
    assert versions(production) == [1, 2]
    assert production.trigger(CHANGED, "again", {}).wait().state == "failed"
    assert [version["version_number"] for version in run.details()["dag_versions"]] == [1]
