"""Names of the language on Airflow: ids of tasks and groups, and Python identifiers for them.

An id is the task's name; the keys of a `for` instance follow it after dots, `train.rf`. A byte of a key that is no
letter, digit or underscore becomes `-` and its two hexadecimal digits: `grid[0.1, 4]` is `grid.0-2e1.4`. The names
that generated code adds hold a `-` that no digits follow, so they are never those of a task.
"""

from __future__ import annotations

import builtins
import hashlib
import json
import keyword
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from pipec.frozen import Frozen
from pipec.ir.model import Pipeline, Task

from .embedded_ids import encode, id_with_keys

if TYPE_CHECKING:
    from .loops import Loop

MAX_ID_LENGTH = 250
VERDICT_ID = "finally-verdict"

_CONTEXT_KEYS = frozenset(
    {
        "asset_events",
        "asset_state_store",
        "conn",
        "conf",
        "context",
        "dag",
        "dag_run",
        "data_interval_end",
        "data_interval_start",
        "ds",
        "ds_nodash",
        "exception",
        "expanded_ti_count",
        "inlet_events",
        "inlets",
        "logical_date",
        "macros",
        "map_index_template",
        "outlet_events",
        "outlets",
        "params",
        "partition_date",
        "partition_key",
        "prev_data_interval_end_success",
        "prev_data_interval_start_success",
        "prev_end_date_success",
        "prev_start_date_success",
        "reason",
        "run_id",
        "start_date",
        "task",
        "task_instance",
        "task_instance_key_str",
        "task_reschedule_count",
        "task_state_store",
        "templates_dict",
        "test_mode",
        "ti",
        "triggering_asset_events",
        "triggering_dataset_events",
        "try_number",
        "ts",
        "ts_nodash",
        "ts_nodash_with_tz",
        "var",
    }
)
_LOCAL_NAMES = frozenset({"failed", "one", "outputs", "result", "value"})
_NOT_IN_NAMES = re.compile(r"\W", re.ASCII)
_WALRUS_NAME = re.compile(r"value_\d+")
_AMBIGUOUS = frozenset({"l", "I", "O"})
_ALWAYS_TAKEN = _CONTEXT_KEYS | _LOCAL_NAMES | _AMBIGUOUS | frozenset(dir(builtins)) | frozenset(keyword.kwlist)


def base_id(task: Task) -> str:
    """The Airflow id of a task that shares it with no other."""
    return id_with_keys(task.name, task.keys) if task.keys else task.name


def airflow_ids(tasks: Iterable[Task]) -> dict[str, str]:
    """The Airflow id of every task by its id in the IR.

    Of keys that differ in their type alone, such as 4 and "4", the text has its quotes.
    """
    bases = [(task, base_id(task)) for task in tasks]
    counts = Counter(id for _, id in bases)
    ids: dict[str, str] = {}
    for task, id in bases:
        if counts[id] > 1:
            id = ".".join([task.name, *(encode(json.dumps(key)) for key in task.keys)])
        if len(id) > MAX_ID_LENGTH:
            id = f"{id[:200]}--{hashlib.sha256(id.encode()).hexdigest()[:32]}"
        ids[task.id] = id
    return ids


@dataclass(slots=True)
class Identifiers:
    """Hands out Python identifiers, each once."""

    taken: set[str] = field(default_factory=set)

    def take(self, wanted: str) -> str:
        """`wanted` as an identifier, with an underscore or a number where that is taken or reserved."""
        name = _NOT_IN_NAMES.sub("_", wanted)
        if self._is_taken(name):
            name = next(one for one in _variants(name) if not self._is_taken(one))
        self.taken.add(name)
        return name

    def _is_taken(self, name: str) -> bool:
        return name in self.taken or name in _ALWAYS_TAKEN or _WALRUS_NAME.fullmatch(name) is not None


def _variants(base: str) -> Iterator[str]:
    """The name with an underscore, then with numbers from 2."""
    yield base + "_"
    yield from (f"{base}_{number}" for number in count(2))


class Names(Frozen):
    """What everything of a pipeline is called in its DAG file; tasks by id, groups and parameters by name.

    `functions` holds the names of the task functions, which are also those of parameters through which other tasks
    read their outputs; `variables` what stands for the tasks where they are wired. `items` are the variables of maps,
    `map_ids` and `map_functions` their task groups, `field_functions` compute what templates of a task ask for; `loops`
    are the functions that instances of a loop share, `families` what all of them together are read as, and
    `check_functions` check the outputs of operators.
    """

    ids: dict[str, str]
    functions: dict[str, str]
    variables: dict[str, str]
    group_ids: dict[str, str]
    group_variables: dict[str, str]
    default_functions: dict[str, str]
    items: dict[str, str]
    map_ids: dict[str, str]
    map_functions: dict[str, str]
    field_functions: dict[str, str]
    loops: dict[str, str]
    check_functions: dict[str, str]
    families: dict[tuple[str, ...], str]


def name_pipeline(pipeline: Pipeline, operators: Set[str], reserved: Set[str], loops: Sequence[Loop] = ()) -> Names:
    """Names for a pipeline. `operators` are the ids of tasks without a function, `reserved` names of helpers."""
    ids = airflow_ids(pipeline.tasks)
    identifiers = Identifiers(set(reserved))
    functions = {task.id: identifiers.take(ids[task.id]) for task in pipeline.tasks}
    variables = {
        task.id: functions[task.id] if task.id in operators else identifiers.take(functions[task.id] + "_task")
        for task in pipeline.tasks
    }
    used_ids = set(ids.values())
    group_ids = {group.name: _free_id(encode(group.name), "group", used_ids) for group in pipeline.groups}
    group_variables = {group.name: identifiers.take(f"{group.name}_group") for group in pipeline.groups}
    default_functions = {
        parameter.name: identifiers.take(f"{parameter.name}_parameter") for parameter in pipeline.parameters
    }
    items = {region.name: identifiers.take(region.variable) for region in pipeline.maps}
    map_ids = {region.name: _free_id(encode(region.name), "group", used_ids) for region in pipeline.maps}
    map_functions = {region.name: identifiers.take(map_ids[region.name]) for region in pipeline.maps}
    loop_functions = {loop.name: identifiers.take(loop.name) for loop in loops}
    for loop in loops:
        inside = Identifiers(set(reserved))
        items.update((loop.item(name), inside.take(name)) for name in loop.inputs)
    field_functions = {task.id: identifiers.take(functions[task.id] + "_fields") for task in pipeline.tasks}
    check_functions = {
        task.id: identifiers.take(functions[task.id] + "_requirements")
        for task in pipeline.tasks
        if task.id in operators and task.requirements
    }
    return Names(
        ids,
        functions,
        variables,
        group_ids,
        group_variables,
        default_functions,
        items,
        map_ids,
        map_functions,
        field_functions,
        loop_functions,
        check_functions,
        {ids: loop_functions.get(name) or identifiers.take(name) for name, ids in _families(pipeline).items()},
    )


def _families(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """The instances of each loop of more than one, by name."""
    found: dict[str, tuple[str, ...]] = {}
    for task in pipeline.tasks:
        if task.keys and task.map is None:
            found[task.name] = (*found.get(task.name, ()), task.id)
    return {name: ids for name, ids in found.items() if len(ids) > 1}


def _free_id(wanted: str, kind: str, used: set[str]) -> str:
    """An id of a task group, which shares its names with tasks."""
    id = f"{wanted}-{kind}" if wanted in used else wanted
    used.add(id)
    return id
