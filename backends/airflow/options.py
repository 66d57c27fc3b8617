"""What `target airflow { … }` may set: options of Airflow that tune and do not change what a pipeline means.

The names come from Airflow itself, see `known_options`; what may not be set says so with a way out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipec.backend import TargetOption, TargetOptions

from . import known_options
from .escape import jinja_escape
from .refused_options import REFUSED

if TYPE_CHECKING:
    from pipec.ir.model import Pipeline, Task

_OWN = frozenset({"map_index_template", "task_display_name"})
"""Options of one task, which mean nothing for all of them."""

TASK_DEFAULTS = frozenset(known_options.TASK.keys() - _OWN)
"""Options of tasks that a pipeline may set for all of its tasks."""

KUBERNETES_OPTIONS = known_options.CONTAINER
"""Options of tasks that run in a container image; a pipeline may set them for all of those."""

DAG_OPTIONS = frozenset(known_options.DAG)
"""Options of a pipeline that are arguments of `DAG`."""

POOLS = "pools"
"""The option of a pipeline that says how many slots its pools have; it is of pipec's own."""

_POOLS = TargetOption((dict,), "how many slots each pool has, for the list of pools to import", items=(int,), minimum=1)

_PYTHON_ONLY = "it takes Python objects, which a pipeline cannot hold: leave it out"

OPTIONS = TargetOptions(
    pipeline={
        **known_options.DAG,
        **{name: option for name, option in known_options.TASK.items() if name in TASK_DEFAULTS},
        **KUBERNETES_OPTIONS,
        POOLS: _POOLS,
    },
    task=known_options.TASK,
    container=KUBERNETES_OPTIONS,
    refused={**dict.fromkeys(sorted(known_options.PYTHON_ONLY), _PYTHON_ONLY), **REFUSED},
)


def kubernetes_arguments(pipeline: Pipeline, task: Task) -> dict[str, Any]:
    """What a pipeline and a task in a container image say of its pod, by option; the task has the last word.

    Text in fields that Airflow renders is escaped, so that it arrives as it was written.
    """
    said = {**pipeline.targets.get("airflow", {}), **task.targets.get("airflow", {})}
    chosen = {name: said[name] for name in KUBERNETES_OPTIONS if name in said}
    return {name: _escaped(value) if name in known_options.TEMPLATED else value for name, value in chosen.items()}


def _escaped(value: Any) -> Any:
    match value:
        case str():
            return jinja_escape(value)
        case dict():
            return {key: _escaped(item) for key, item in value.items()}
        case list() | tuple():
            return [_escaped(item) for item in value]
        case _:
            return value
