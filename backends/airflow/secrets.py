"""Secrets of tasks that run in workers: Variables of Airflow, asked for when the task runs.

In a pod they are keys of Kubernetes Secrets, see `pods`. They are never part of the file.
"""

from __future__ import annotations

from pipec.ir.model import Options, SecretReference

from .layout import Call, DictNode, Node
from .literals import py


def has_secrets(options: Options) -> bool:
    """Whether a task is given any secret."""
    if not options.env:
        return bool(options.secrets)
    return bool(options.secrets) or any(isinstance(value, SecretReference) for value in options.env.values())


def environment_node(options: Options) -> DictNode:
    """The environment variables of a task, text and secrets; empty where it has none of its own."""
    given = {**options.env, **options.secrets}
    return DictNode(tuple((py(name), _value(value)) for name, value in given.items()))


def _value(value: str | SecretReference) -> Node:
    if isinstance(value, SecretReference):
        return Call("secret_value", ((None, py(value.name)),))
    return py(value)
