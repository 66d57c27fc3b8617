"""What generated DAG files hold a copy of where tasks in workers are given secrets."""

from __future__ import annotations

from airflow.sdk import Variable
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.log import mask_secret


def secret_value(name: str) -> str:
    """A secret: the Variable of this name, wherever Airflow has it from. Logs show it as asterisks."""
    value = Variable.get(name, None)
    if value is None:
        raise AirflowFailException(f"there is no Variable {name!r}, which is to hold a secret")
    mask_secret(value)
    return str(value)
