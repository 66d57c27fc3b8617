"""The engine's trigger rules beside those of the installed Airflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from pipec.engine.states import State
from pipec.engine.trigger_rules import decide
from pipec.ir.model import TriggerRule

STATES: dict[str, State] = {
    "S": "success",
    "F": "failed",
    "K": "skipped",
    "U": "upstream_failed",
    "p": "pending",
}


@pytest.mark.engine
def test_trigger_rules_are_those_of_airflow(tmp_path: Path) -> None:
    """In all cells, final or not, but one: Airflow's all_success skips while a failure may still come."""
    rules = get_args(TriggerRule)
    asked = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("airflow_rules.py")), *rules],
        env=os.environ | {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    airflow = json.loads(asked.stdout.splitlines()[-1])
    for rule in rules:
        assert len(airflow[rule]) == 5 + 25 + 125
        for letters, said in airflow[rule].items():
            races = rule == "all_success" and "K" in letters and "p" in letters and not {"F", "U"} & set(letters)
            expected = "wait" if races else said
            assert decide(rule, [STATES[letter] for letter in letters]) == expected, f"{rule} over {letters}"
