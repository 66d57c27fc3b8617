"""Asks the installed Airflow what its trigger rules say: `python airflow_rules.py RULE…` prints JSON.

For every rule and every set of up to three upstream states (letters as in `test_engine_trigger_rules`, p for pending)
it prints what Airflow does with the task: run, wait, skipped or upstream_failed. Run as a program of its own, so that
Airflow finds the settings it reads when it is imported.
"""

from __future__ import annotations

import itertools
import json
import sys
from types import SimpleNamespace
from typing import Any

LETTERS = {"S": "success", "F": "failed", "K": "skipped", "U": "upstream_failed"}


def ask(rule: str, letters: str) -> str:
    """What Airflow's scheduler does with a task of this rule over these upstream states."""
    from airflow.task.trigger_rule import TriggerRule
    from airflow.ti_deps.deps.trigger_rule_dep import TriggerRuleDep
    from airflow.utils.state import TaskInstanceState

    upstream = [
        SimpleNamespace(task_id=f"u{number}", is_setup=False, get_needs_expansion=lambda: False)
        for number in range(len(letters))
    ]
    finished = [
        SimpleNamespace(task_id=found.task_id, task=found, map_index=-1, state=TaskInstanceState(LETTERS[letter]))
        for found, letter in zip(upstream, letters, strict=True)
        if letter in LETTERS
    ]
    task = SimpleNamespace(
        trigger_rule=TriggerRule(rule),
        upstream_list=upstream,
        upstream_task_ids={found.task_id for found in upstream},
        is_teardown=False,
        get_upstreams_only_setups=list,
        get_closest_mapped_task_group=lambda: None,
    )
    new_states: list[Any] = []

    def set_state(state: Any, session: Any) -> bool:
        new_states.append(state)
        return True

    instance = SimpleNamespace(
        task=task,
        map_index=-1,
        get_dagrun=lambda session: None,
        set_state=set_state,
    )
    context = SimpleNamespace(
        flag_upstream_failed=True,
        wait_for_past_depends_before_skipping=False,
        ensure_finished_tis=lambda run, session: finished,
    )
    dependency: Any = TriggerRuleDep()
    statuses = list(dependency._get_dep_statuses(instance, context, session=SimpleNamespace()))
    if new_states:
        return str(new_states[-1].value)
    return "run" if all(status.passed for status in statuses) else "wait"


def main() -> None:
    sets = ["".join(letters) for size in (1, 2, 3) for letters in itertools.product("SFKUp", repeat=size)]
    print(json.dumps({rule: {letters: ask(rule, letters) for letters in sets} for rule in sys.argv[1:]}))


if __name__ == "__main__":
    main()
