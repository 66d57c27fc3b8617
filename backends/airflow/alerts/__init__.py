"""Alerts and deadlines, as arguments of `DAG(…)` and of tasks."""

from .arguments import dag_arguments, task_arguments

__all__ = ["dag_arguments", "task_arguments"]
