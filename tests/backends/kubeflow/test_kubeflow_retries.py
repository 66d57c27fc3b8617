"""What is tried again, really run: failures of the code are, requirements that do not hold are not."""

from __future__ import annotations

from pathlib import Path

import pytest

import pipec
from tests.support.kubeflow import Kubeflow

pytestmark = pytest.mark.engine

SOURCE = """
pipeline p(log: str) {{
  image = "python:3.12"
  defaults = {{ retry: {{ max: 2, delay: 0s }} }}
  {task}
}}
"""

BEGIN = "printf x >> $log; n=$(wc -c < $log)"

CASES = {
    "a requirement that does not hold": (
        f"task t(log) -> int = shell('{BEGIN}; echo $n > $PIPEC_OUTPUTS/output') {{ require output > 9 }}",
        ("FAILURE", 1),
    ),
    "a requirement that holds after a failure": (
        f"task t(log) -> int = shell('{BEGIN}; [ $n = 3 ]; echo $n > $PIPEC_OUTPUTS/output; [ $n = 3 ]')"
        " { require output == 3 }",
        ("SUCCESS", 3),
    ),
    "code that fails": (f"task t(log) = shell('{BEGIN}; exit 1')", ("FAILURE", 3)),
    "code that fails, with a requirement": (
        f"task t(log) -> int = shell('{BEGIN}; exit 1') {{ require output > 9 }}",
        ("FAILURE", 3),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_attempts(case: str, kubeflow: Kubeflow, tmp_path: Path) -> None:
    task, expected = CASES[case]
    loaded = pipec.load(Path("test.pipe"), text=SOURCE.format(task=task))
    (file,) = pipec.compile(loaded, "kubeflow")
    log = tmp_path / "log"
    run = kubeflow.run(file.text, {"log": str(log)}, tmp_path)
    assert (run.state, len(log.read_text())) == expected, run


def test_a_gate_is_tried_once(kubeflow: Kubeflow, tmp_path: Path) -> None:
    source = SOURCE.format(task='gate g { require log == "other" }')
    (file,) = pipec.compile(pipec.load(Path("test.pipe"), text=source), "kubeflow")
    run = kubeflow.run(file.text, {"log": "this"}, tmp_path)
    assert (run.state, run.tasks["g"].attempts) == ("FAILURE", 1)
