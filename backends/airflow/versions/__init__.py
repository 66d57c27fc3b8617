"""The versions of Airflow that files are written for, and all that differs between them.

The backend writes for the newest. What an older one lacks or has by another name stands in a module of its own here.
"""

from __future__ import annotations

from collections.abc import Mapping

from .airflow_2_11 import AIRFLOW_2_11
from .version import Version

AIRFLOW_3_3 = Version("3.3")

VERSIONS: Mapping[str, Version] = {version.name: version for version in (AIRFLOW_3_3, AIRFLOW_2_11)}
"""By name, the default first."""


def version_named(name: str | None) -> Version:
    """The version of this name, the default for None. Raises KeyError for one that no files are written for."""
    return AIRFLOW_3_3 if name is None else VERSIONS[name]


__all__ = ["AIRFLOW_2_11", "AIRFLOW_3_3", "VERSIONS", "Version", "version_named"]
