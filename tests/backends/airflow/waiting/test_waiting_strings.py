"""Hostile strings in waits and approvals: each arrives as written, and none changes the structure of the file."""

from __future__ import annotations

import ast
import glob
import json
from pathlib import Path

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backends.airflow.compiling import compile_text
from tests.backends.airflow.hostile import HOSTILE, TEXTS, quoted
from tests.backends.airflow.waiting.answering import answers
from tests.support.airflow import AirflowHome

PLACES = {
    "glob": "wait it = file(%s)",
    "topic": "wait it = message(%s)",
    "servers": 'wait it = message("orders", servers = %s)',
    "group": 'wait it = message("orders", group = %s)',
    "key": 'wait it = message("orders", key = %s)',
    "argument": 'wait it = python("steps:is_there", value = %s)',
    "message": "approval it { message = %s }",
    "approver": "approval it { approvers = [%s] }",
}
"""What takes a text."""


def dag_file(place: str, text: str) -> str:
    """The part above the copies of the DAG file of a pipeline with a text in one place."""
    return compile_text(f"pipeline p {{ {PLACES[place] % quoted(text)} }}").partition("# Copied from pipec")[0]


def literals(source: str) -> list[object]:
    """All literals of a file, in order."""
    return [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]


def shape(source: str) -> str:
    """The structure of a file, whatever its literals are."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.value = None
    return ast.dump(tree)


@settings(max_examples=30)
@given(st.sampled_from(sorted(PLACES)), TEXTS)
def test_a_text_is_one_literal_and_the_file_is_otherwise_the_same(place: str, text: str) -> None:
    source, plain = dag_file(place, text), dag_file(place, "text")
    assert shape(source) == shape(plain)
    differing = [ours for ours, theirs in zip(literals(source), literals(plain), strict=True) if theirs == "text"]
    assert differing
    assert {_rendered(str(one)) if place == "message" else one for one in differing} == {text}


def _rendered(template: str) -> str:
    return jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False).from_string(template).render()


STEPS = """
import json, pathlib

TEXTS = json.loads(pathlib.Path(__file__).with_name("texts.json").read_text("utf-8"))

def is_the_same(value, number):
    assert value == TEXTS[number]
    return True
"""


@pytest.mark.engine
def test_texts_arrive_in_predicates_paths_and_questions(airflow: AirflowHome, tmp_path: Path) -> None:
    waits = []
    for number, text in enumerate(HOSTILE):
        options = "{ poll = 1s  timeout = 1s }"
        call = f'python("steps:is_the_same", value = {quoted(text)}, number = {number})'
        waits.append(f"wait same_{number} = {call} {options}")
        name = text.replace("/", "|")
        (tmp_path / name).write_text("")
        waits.append(f"wait path_{number} = file({quoted(glob.escape(str(tmp_path / name)))}) {options}")
    questions = {f"ask_{number}": text for number, text in enumerate(HOSTILE)}
    waits += [f"approval {name} {{ message = {quoted(text)} }}" for name, text in questions.items()]
    source = "pipeline p {\n" + "\n".join(waits) + "\n}"
    with answers(dict.fromkeys(questions, "Approve")) as requests:
        run = airflow.run(compile_text(source), {"steps.py": STEPS, "texts.json": json.dumps(HOSTILE)})
    assert {name: state for name, state in run.states.items() if state != "success"} == {}
    assert sorted(request["subject"] for request in requests) == sorted(HOSTILE)
