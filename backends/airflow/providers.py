"""What generated files import of Airflow's providers: the packages to install and the connections they go by."""

from __future__ import annotations

import ast
import re

from pipec.frozen import Frozen

_PREFIX = "airflow.providers."

TESTED = {
    "cncf.kubernetes": "10.25.0",
    "common.compat": "1.23.0",
    "common.io": "1.11.0",
    "common.sql": "2.4.0",
    "http": "6.3.0",
    "pagerduty": "5.3.1",
    "slack": "9.11.1",
    "smtp": "3.2.0",
    "standard": "1.21.0",
}
"""Providers by the part of their module's name behind `airflow.providers.`, and the version that was tested."""


class Connection(Frozen):
    """A connection of Airflow: its id, and what it leads to."""

    id: str
    purpose: str


CONNECTIONS = {
    "KubernetesPodOperator": Connection("kubernetes_default", "the Kubernetes cluster that pods run in"),
    "PagerdutyNotifier": Connection(
        "pagerduty_events_default",
        "PagerDuty, for alerts; a service has its own in `pagerduty_events_` and its name, if there is one",
    ),
    "SlackNotifier": Connection("slack_api_default", "Slack, for alerts: the token of an app that may write there"),
    "SmtpNotifier": Connection("smtp_default", "the mail server, for alerts, with the address that mail comes from"),
}
"""Connections by the class that goes by them where it is told no other."""

_IMPORT = re.compile(rf"^[ \t]*(?:from|import) +{re.escape(_PREFIX)}", re.MULTILINE)


def imported(text: str) -> dict[str, set[str]]:
    """The modules of providers that a DAG file imports, each with the names it takes from there."""
    ends = [text.find(end) for end in ("\n\n\n", "\nwith DAG(")]
    head = text[: min((end for end in ends if end >= 0), default=len(text))]
    found: dict[str, set[str]] = {}
    for part in (head, text[len(head) + 1 :]):
        if _PREFIX not in part or not _IMPORT.search(part):
            continue  # most files import at the top alone, and reading all of a long file takes its time
        for node in ast.walk(ast.parse(part)):
            match node:
                case ast.ImportFrom(module=str(module), names=names) if module.startswith(_PREFIX):
                    found.setdefault(module, set()).update(alias.name for alias in names)
                case ast.Import(names=names):
                    for alias in names:
                        if alias.name.startswith(_PREFIX):
                            found.setdefault(alias.name, set())
    return found


def requirements(modules: dict[str, set[str]]) -> list[str]:
    """The packages with the modules, in order of their names, each from the version on that was tested."""
    return sorted(f"{package_name(provider)}>={TESTED[provider]}" for provider in {_provider(one) for one in modules})


def package_name(provider: str) -> str:
    """The package of a provider: `cncf.kubernetes` is `apache-airflow-providers-cncf-kubernetes`."""
    return f"apache-airflow-providers-{provider.replace('.', '-')}"


def _provider(module: str) -> str:
    """The provider a module belongs to. Raises KeyError for one that no generated file imports."""
    inside = module.removeprefix(_PREFIX)
    for provider in TESTED:
        if inside == provider or inside.startswith(f"{provider}."):
            return provider
    raise KeyError(module)


def default_connections(modules: dict[str, set[str]]) -> list[Connection]:
    """What the classes that are imported go by, in order of the ids."""
    classes = {name for names in modules.values() for name in names}
    return sorted((CONNECTIONS[name] for name in classes & CONNECTIONS.keys()), key=lambda connection: connection.id)
