"""Runs the generated file of a program in a real Airflow, and the program here, and says what differs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.conformance.both import dag_file, differing
from tests.differential.file_cases import FileCase, in_folder, is_for_airflow, load_program, run_here
from tests.differential.file_generator import MAIN
from tests.differential.shrink import smaller_texts, smallest_of
from tests.support.airflow import AirflowHome, AirflowRun


def compare_file(case: FileCase, airflow: AirflowHome) -> list[str]:
    """What the generated file did otherwise in `dag.test()` than `pipec run`, or why it does not load."""
    with in_folder(case) as (loaded, folder):
        local = run_here(case, loaded, folder)
        try:
            remote = airflow.run(dag_file(loaded, MAIN), {"steps.py": case.steps}, case.parameters)
        except AssertionError as error:
            return [f"the file does not load: {error}"]
        found = list(differing(loaded, MAIN, local, remote))
        return [one for one in found if not _is_left_out(one, remote)]


def _is_left_out(difference: str, remote: AirflowRun) -> bool:
    """Whether it is about an instance that Airflow 3.3.2 leaves undone in a run that failed.

    Where the first item of a map fails just when its last tasks get their instances, Airflow takes the run to be over:
    `DagRun.task_instance_scheduling_decisions` does not count the new instances among those that are unfinished.
    """
    instance = difference.partition(":")[0]
    return remote.state == "failed" and instance.endswith("]") and remote.states.get(instance) == "None"


def smallest(case: FileCase, still: Callable[[FileCase], bool]) -> FileCase:
    """The smallest case found by leaving out parts of the text, one after the other, and failures of tasks."""
    return smallest_of(case, still, _smaller)


def _smaller(case: FileCase) -> Iterator[FileCase]:
    for text in smaller_texts(case.text):
        loaded = load_program(text)
        if loaded is not None and is_for_airflow(loaded):
            yield replace(case, text=text)
    for task in re.findall(r'me = "(\w+)"', case.text):
        if task not in case.calm:
            yield replace(case, calm=[*case.calm, task])
