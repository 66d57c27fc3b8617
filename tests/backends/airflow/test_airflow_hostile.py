"""Arbitrary text in every string of a pipeline changes no structure of the generated file, and arrives as it is."""

from __future__ import annotations

import ast
import inspect
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import pipec
from tests.backends.airflow.hostile import COMMENTED, LINES, STEPS, TEXTS, WORDS, WRITTEN, pipeline_text, texts_of
from tests.conformance.both import dag_file, run_both
from tests.support.airflow import AirflowHome

VALIDATED = ("address", "url", "cause", "channel", "subject", "header", "service")
"""Places of texts that the checker looks into: what cannot be meant is refused."""

FREE = tuple(name for name in WRITTEN if name not in VALIDATED)


def generated(texts: Mapping[str, str], comments: Mapping[str, str], keys: tuple[str, str] = ("a", "b")) -> str:
    """The DAG file of the pipeline with these texts. Raises CompileError where one of them is refused."""
    loaded = pipec.load(Path("hostile.pipe"), text=pipeline_text(texts, comments, keys))
    return next(file.text for file in pipec.compile(loaded, "airflow") if file.path.endswith("_dag.py"))


class _WithoutTexts(ast.NodeTransformer):
    """Leaves of texts nothing but that there is one, and of documentation nothing; maybe of names which are the same.

    Documentation is a docstring where it can be, else an argument.
    """

    def __init__(self, renames: bool) -> None:
        self.renames = renames
        self.names: dict[str, str] = {}

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        self.generic_visit(node)
        return ast.JoinedStr([part for part in node.values if not isinstance(part, ast.Constant)])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call):
                decorator.keywords = [one for one in decorator.keywords if one.arg != "doc_md"]
        node.decorator_list = [
            one.func if isinstance(one, ast.Call) and not (one.args or one.keywords) else one
            for one in node.decorator_list
        ]
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.Name:
        number = f"name_{len(self.names)}"
        return ast.Name(self.names.setdefault(node.id, number)) if self.renames else node


def structure(text: str, renames: bool = False) -> str:
    """All of a file but its texts."""
    return ast.dump(_WithoutTexts(renames).visit(ast.parse(text)))


HARMLESS = generated({}, {})


@pytest.mark.engine
@given(
    texts=texts_of(TEXTS, FREE),
    comments=texts_of(LINES, COMMENTED),
)
def test_no_text_changes_the_structure_of_the_file(texts: dict[str, str], comments: dict[str, str]) -> None:
    assert structure(generated(texts, comments)) == structure(HARMLESS)


@pytest.mark.engine
@given(place=st.sampled_from(VALIDATED), text=TEXTS, around=st.sampled_from(("", "https://example.com/", "#", "a@b.")))
def test_a_text_that_is_not_refused_changes_nothing_either(place: str, text: str, around: str) -> None:
    try:
        file = generated({place: f"{around}{text}"}, {})
    except pipec.CompileError:
        return
    assert structure(file) == structure(HARMLESS)


@pytest.mark.engine
@given(keys=st.tuples(TEXTS, TEXTS).filter(lambda keys: keys[0] != keys[1]))
def test_keys_of_a_loop_change_nothing_but_names(keys: tuple[str, str]) -> None:
    assert structure(generated({}, {}, keys), renames=True) == structure(HARMLESS, renames=True)


@pytest.mark.engine
@settings(max_examples=16, derandomize=True, phases=(Phase.explicit, Phase.generate))  # each takes a second or two
@given(
    texts=texts_of(WORDS, FREE),
    comments=texts_of(LINES, COMMENTED),
    keys=st.tuples(WORDS, WORDS).filter(lambda keys: keys[0] != keys[1]),
)
def test_texts_arrive(
    airflow: AirflowHome, texts: dict[str, str], comments: dict[str, str], keys: tuple[str, str]
) -> None:
    """In the tasks that are given them and in what Airflow shows."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "written"
        programs = {
            "script": f"printf %s {shlex.quote(texts['script'])} > {written}",
            "program": 'printf "%s\\n" "$1$2" > "$PIPEC_OUTPUTS/output"',
        }
        (Path(folder) / "steps.py").write_text(STEPS, "utf-8")
        loaded = pipec.load(Path(folder) / "hostile.pipe", text=pipeline_text({**texts, **programs}, comments, keys))
        (dag,) = airflow.load(dag_file(loaded, "hostile"), {"steps.py": STEPS}).values()

        _, run = run_both(loaded, "hostile", {"steps.py": STEPS}, airflow, Path(folder) / "store", {})

        assert run.state == "success", run.states
        assert {name: run.values[name] for name in run.values if name in given_to_tasks(texts)} == given_to_tasks(texts)
        assert sorted(run.values[name] for name in run.values if name.startswith("looped")) == sorted(keys)
        assert written.read_bytes().decode() == texts["script"]
        assert shown_by(dag) == shown(texts, comments)


def given_to_tasks(texts: Mapping[str, str]) -> dict[str, Any]:
    """What the tasks return that are given these texts."""
    t = texts
    woven = t["around"] + t["default"] + t["after"]
    return {
        "constant": t["constant"] + t["env"] + t["default_env"],
        "composite": {"a": [t["in_list"]], t["entry_key"]: t["entry"]},
        "around": woven,
        "given": {
            "text": t["default"],
            "list": [t["listed"], "b"],
            "table": {t["key"]: t["value"]},
            "document": {"a": [t["json"]], t["key"]: None},
            "choice": t["choice"],
        },
        "chosen": {"plain": t["choice"], "listed": [t["choice"], "]"], "maybe": t["choice"], "more": 1},
        "environment": t["env"],
        "program": t["argument"] + woven,
        "computed": {
            "replaced": t["default"].replace(t["old"], t["new"]),
            "first": t["default"].split(t["separator"])[0],
            "joined": t["separator"].join([t["listed"], "b"]),
            "variable": t["fallback"],
            "same": t["default"] == t["condition"],
        },
        "mapped[0]": {"value": t["listed"], "more": t["constant"]},
        "mapped[1]": {"value": "b", "more": t["constant"]},
    }


def shown(texts: Mapping[str, str], comments: Mapping[str, str]) -> dict[str, Any]:
    """What Airflow shows, and goes by, of a pipeline with these texts; documentation of tasks as Python reads it."""
    docs = {name: inspect.cleandoc(text) for name, text in comments.items()}
    return {
        "description": comments["pipeline"],
        "doc": comments["pipeline"],
        "parameter": comments["parameter"],
        "tags": {texts["tag"]},
        "owner": texts["owner"],
        "display": texts["display"],
        "link": f"https://example.com/{texts['owner_link']}",
        "group": comments["group"],
        "task": inspect.cleandoc(f"{comments['task']}\n\nTags: {texts['task_tag']}"),
        "component": docs["component"],
        "gate": docs["gate"],
        "item": docs["item"],
        "task_display": texts["task_display"],
        "pool": texts["pool"],
        "queue": texts["queue"],
    }


def shown_by(dag: Any) -> dict[str, Any]:
    """The same of a DAG that Airflow loaded."""
    constant = dag.get_task("constant")
    return {
        "description": dag.description,
        "doc": dag.doc_md.rpartition("\n\nGenerated by ")[0],
        "parameter": dag.params.get_param("text").description,
        "tags": dag.tags,
        "owner": constant.owner,
        "display": dag.dag_display_name,
        "link": dag.owner_links["ml"],
        "group": dag.task_group.children["strings"].tooltip,
        "task": inspect.cleandoc(constant.doc_md),
        "component": dag.get_task("documented").doc_md,
        "gate": dag.get_task("checked").doc_md,
        "item": dag.get_task("mapped").doc_md,
        "task_display": constant.task_display_name,
        "pool": constant.pool,
        "queue": constant.queue,
    }
