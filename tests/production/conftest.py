"""A real Airflow for the session, with the scenarios of all test modules that are run."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from tests.production.evidence import program_logs, task_logs
from tests.production.installation import running_airflow
from tests.production.scenario import scenarios_of
from tests.production.session import Production, write_all


@pytest.fixture(scope="session")
def production(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """Airflow as it runs in production, in which all runs that tests of this session need were submitted."""
    modules = {item.module for item in request.session.items if isinstance(item, pytest.Function)}
    scenarios = scenarios_of(modules)
    home = tmp_path_factory.mktemp("production")
    (home / "dags").mkdir()
    problems = write_all(scenarios, home / "dags")
    with running_airflow(home) as installation:
        production = Production(installation, problems)
        production.submit(scenarios)
        yield production


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the logs of Airflow with a test that failed."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        match item.funcargs.get("production"):
            case Production(installation=installation):
                dags = [scenario.name for scenario in scenarios_of([item.module])]
                report.sections.append(("logs of the tasks", task_logs(installation.logs, dags)))
                report.sections.append(("logs of Airflow", program_logs(installation.logs)))
    return report
