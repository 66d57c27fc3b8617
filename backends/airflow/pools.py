"""The pools that a pipeline takes slots of, as `airflow pools import` reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pipec.frozen import Frozen
from pipec.ir.model import Pipeline, Program, Task
from pipec.ir.traverse import called_pipelines

from .options import POOLS

_ALWAYS_THERE = "default_pool"


class Pool(Frozen):
    """A pool with its slots; `is_declared` where the source says how many, `users` are pipelines of the source."""

    name: str
    slots: int
    is_declared: bool
    users: tuple[str, ...]


def pools_of(program: Program, pipeline_key: str) -> list[Pool]:
    """The pools that a pipeline and those it calls use or declare, in order of their names.

    All pipelines of a program agree on a pool: it has the slots that one of them declares, the most where several do,
    and else as many as the task that takes the most of them needs. `default_pool` is Airflow's own: it is there with
    as many slots as its administrators like, unless the source declares it.
    """
    keys = set(called_pipelines(program, pipeline_key))
    wanted = {name for key in keys for name in [*_declared(program.pipelines[key]), *_taken(program.pipelines[key])]}
    pools = (_pool(program, name) for name in sorted(wanted))
    return [pool for pool in pools if pool.is_declared or pool.name != _ALWAYS_THERE]


def pools_json(pools: list[Pool]) -> str:
    """The file for `airflow pools import`."""
    entries = {
        pool.name: {
            "slots": pool.slots,
            "description": f"For {', '.join(pool.users)}",
            "include_deferred": False,
        }
        for pool in pools
    }
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def _pool(program: Program, name: str) -> Pool:
    declared: list[int] = []
    taken = [1]
    users = []
    for key, pipeline in program.pipelines.items():
        slots, most = _declared(pipeline).get(name), _taken(pipeline).get(name)
        declared.extend([] if slots is None else [slots])
        taken.extend([] if most is None else [most])
        if slots is not None or most is not None:
            users.append(key)
    return Pool(name, max(declared or taken), bool(declared), tuple(users))


def _declared(pipeline: Pipeline) -> dict[str, int]:
    return dict(pipeline.targets.get("airflow", {}).get(POOLS, {}))


def _taken(pipeline: Pipeline) -> dict[str, int]:
    """The most slots that a single task takes, by pool."""
    most: dict[str, int] = {}
    for name, slots in _uses(pipeline):
        most[name] = max(slots, most.get(name, 1))
    return most


def _uses(pipeline: Pipeline) -> Iterator[tuple[str, int]]:
    shared = pipeline.targets.get("airflow", {})
    for task in pipeline.tasks:
        own = task.targets.get("airflow", {})
        name = _pool_name(task) or shared.get("pool")
        if name is not None:
            yield name, own.get("pool_slots", shared.get("pool_slots", 1))


def _pool_name(task: Task) -> str | None:
    name: str | None = task.targets.get("airflow", {}).get("pool", task.options.pool)
    return name
