"""Arbitrary text in every string of a pipeline is data to everyone it passes, and arrives as it is or is refused."""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import pipec
from pipec.compilation import check_target
from tests.backends.kubeflow.hostile_pipeline import (
    HOSTILE,
    KUBEFLOW_TEXTS,
    KUBEFLOW_WORDS,
    LINES,
    LINES_OF,
    OWN,
    PLACES,
    STEPS,
    pipeline_text,
)
from tests.backends.kubeflow.test_kubeflow_writing import assert_read_alike, readings
from tests.support.kubeflow import Kubeflow

UNPROTECTED = ("default", "key", "value", "json", "env", "container_argument")
"""Places of texts that stand in the specification as they are: what cannot is refused."""


def compiled(source: str) -> str:
    """The file of a pipeline. Raises CompileError where it is refused."""
    loaded = pipec.load(Path("hostile.pipe"), text=source)
    return next(file.text for file in pipec.compile(loaded, "kubeflow") if file.path == "hostile.yaml")


def texts_in(value: Any) -> Iterator[str]:
    """All texts of a document, keys too."""
    match value:
        case str():
            yield value
        case dict():
            for key, one in value.items():
                yield from texts_in(key)
                yield from texts_in(one)
        case list():
            for one in value:
                yield from texts_in(one)


def graph(dag: dict[str, Any]) -> dict[str, list[str]]:
    """What comes after what."""
    return {name: task.get("dependentTasks", []) for name, task in dag["tasks"].items()}


def structure(document: dict[str, Any]) -> Any:
    """What runs, and what comes after what."""
    dags = {name: graph(component["dag"]) for name, component in document["components"].items() if "dag" in component}
    executors = document["deploymentSpec"]["executors"]
    images = {name: one["container"]["image"] for name, one in executors.items()}
    return dags, images, graph(document["root"]["dag"])


HARMLESS = structure(readings(compiled(pipeline_text({}, {})))["strict"][0])
COMPUTED = structure(readings(compiled(pipeline_text({"item": "{{$"}, {})))["strict"][0])
"""The same pipeline where a task gives the list of a map: an item cannot stand in the specification as it is."""


@pytest.mark.engine
@given(
    texts=st.fixed_dictionaries(dict.fromkeys(PLACES, KUBEFLOW_TEXTS)),
    comments=st.fixed_dictionaries(dict.fromkeys(LINES_OF, LINES)),
)
def test_nobody_finds_anything_to_fill_in(texts: dict[str, str], comments: dict[str, str]) -> None:
    """But what this project put there itself; all readers see the same, and the pipeline is the same one."""
    for place in UNPROTECTED:
        try:
            compiled(pipeline_text({place: texts[place]}, {}))
        except pipec.CompileError:
            texts[place] = place
    file = compiled(pipeline_text(texts, comments))
    (document,) = readings(file)["strict"]
    assert_read_alike(file, document)
    assert structure(document) in (HARMLESS, COMPUTED)
    own = [text for text in texts_in(document) if "{{" in text]
    assert set(own) <= {"{{$}}"}
    for executor in document["deploymentSpec"]["executors"].values():
        words = [*executor["container"]["command"], *executor["container"]["args"]]
        if words[0] == "python3":
            assert not any("$$" in word or "$(" in word for word in words)


@pytest.mark.engine
@given(keys=st.tuples(KUBEFLOW_TEXTS, KUBEFLOW_TEXTS).filter(lambda keys: keys[0] != keys[1]))
def test_keys_of_a_loop_are_names_that_a_cluster_takes(keys: tuple[str, str]) -> None:
    (document,) = readings(compiled(pipeline_text({}, {}, keys)))["strict"]
    names = document["root"]["dag"]["tasks"].keys()
    assert len(names) == len(HARMLESS[2])
    assert all(name.replace("-", "").isalnum() and name.isascii() and name[0].isalpha() for name in names)


REFUSED = {
    "default": ("{{workflow.name}}", "{{$}}", "$$", "$(KFP_POD_NAME)", "a {{ b"),
    "value": ("{{workflow.name}}", "$$"),
    "key": ("{{workflow.name}}",),
    "json": ("{{workflow.name}}",),
    "env": ("{{workflow.name}}", "{{$.inputs.parameters['x']}}", "{{channel:task=;name=other;type=String;}}"),
    "container_argument": ("{{$}}", "{{=1+1}}", '{"Concat": ["a", "b"]}', ' {"IfPresent": {}}'),
}


@pytest.mark.parametrize(("place", "text"), [(place, text) for place, texts in REFUSED.items() for text in texts])
def test_what_cannot_be_protected_is_refused(place: str, text: str) -> None:
    loaded = pipec.load(Path("hostile.pipe"), text=pipeline_text({place: text}, {}))
    (error,) = check_target(loaded, "hostile", "kubeflow").sorted()
    assert error.code == "P0501"
    assert "put something else in place of" in error.message
    assert error.label is not None
    assert text.strip()[:20] in error.label or text[text.index("{{") :][:20] in error.label
    assert error.help is not None


SURE = {
    "default": ("[[RunUUID]]", "1e3", "08", "on", "~", "'''", "{ {", "$HOME", "{{"[:1]),
    "env": ("$$", "$$$", "$(GIVEN)", "$(KFP_POD_NAME)", "$(date)", "$$(GIVEN)", "[[RunUUID]]", "on", "$("),
}


@pytest.mark.parametrize(("place", "text"), [(place, text) for place, texts in SURE.items() for text in texts])
def test_what_can_is_not(place: str, text: str) -> None:
    compiled(pipeline_text({place: text}, {}))


def expected(texts: Mapping[str, str], keys: tuple[str, str]) -> dict[str, Any]:
    """What the tasks give, by name."""
    t = {name: texts.get(name, name) for name in PLACES}
    constant = {"value": t["constant"], "listed": [t["listed"]]}
    replaced = t["default"].replace(t["old"], "new") if t["old"] else None
    return {
        "constant": constant,
        "entries": {"table": {t["entry_key"]: t["entry"]}},
        "handed": {"value": constant},
        "given": {"text": t["default"], "table": {t["key"]: t["value"]}, "document": {"a": [t["json"]]}},
        "woven": {"value": t["around"] + t["default"] + t["after"], "replaced": replaced},
        "environment": t["env"],
        "script": t["script"],
        "program": t["argument"],
        "looped": [{"key": key} for key in keys],
        "mapped": [{"item": t["item"]}, {"item": "b"}],
    }


def given_by(run: Any) -> dict[str, Any]:
    """What the tasks of a run gave."""
    values = {path: task.outputs for path, task in run.tasks.items()}
    shown = {
        name: json.loads(values[name]["output"]) for name in ("constant", "entries", "handed", "given", "woven")
    } | {name: values[name]["output"] for name in ("environment", "script", "program")}
    many = {
        part: [
            json.loads(outputs["output"])
            for path, outputs in values.items()
            if part in path.rpartition("/")[2] and "output" in outputs
        ]
        for part in ("looped", "mapped")
    }
    return shown | many


def run_and_compare(kubeflow: Kubeflow, texts: dict[str, str], keys: tuple[str, str]) -> None:
    script = f'printf "%s\\n" {shlex.quote(texts["script"])} > "$PIPEC_OUTPUTS/output"'
    file = compiled(pipeline_text({**texts, "script": script}, {}, keys, image=False))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "steps.py").write_text(STEPS, "utf-8")
        run = kubeflow.run(file, folder=Path(folder))
    assert run.state == "SUCCESS", run
    found, wanted = given_by(run), expected(texts, keys)
    for name in ("looped", "mapped"):
        found[name].sort(key=repr)
        wanted[name].sort(key=repr)
    assert found == wanted


@pytest.mark.engine
@pytest.mark.parametrize("text", [text for text in OWN if text])
def test_each_text_arrives(kubeflow: Kubeflow, text: str) -> None:
    """In every place at once that takes it."""
    places: dict[str, str] = {}
    for place in PLACES:
        try:
            compiled(pipeline_text({place: text}, {}))
            places[place] = text
        except pipec.CompileError:
            assert place in UNPROTECTED
            places[place] = place
    run_and_compare(kubeflow, places, (text, "other"))


@pytest.mark.engine
@settings(max_examples=12, derandomize=True, phases=(Phase.explicit, Phase.generate))  # each takes some seconds
@given(
    texts=st.fixed_dictionaries(dict.fromkeys(PLACES, KUBEFLOW_WORDS.filter(bool))),
    keys=st.tuples(KUBEFLOW_WORDS, KUBEFLOW_WORDS).filter(lambda keys: keys[0] != keys[1]),
)
def test_texts_arrive(kubeflow: Kubeflow, texts: dict[str, str], keys: tuple[str, str]) -> None:
    for place in UNPROTECTED:
        try:
            compiled(pipeline_text({place: texts[place]}, {}))
        except pipec.CompileError:
            texts[place] = place
    run_and_compare(kubeflow, texts, keys)


MESSAGES = ("{{$}}", "{{workflow.name}}", "$(KFP_POD_NAME) $$", "it's \"\"\" ''' 1e3", *HOSTILE[:4])


@pytest.mark.engine
@pytest.mark.parametrize("message", MESSAGES)
def test_messages_of_requirements_are_told(kubeflow: Kubeflow, message: str) -> None:
    source = pipeline_text({"message": message, "script": "exit 0"}, {}, image=False).replace("!=", "==")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "steps.py").write_text(STEPS, "utf-8")
        run = kubeflow.run(compiled(source), folder=Path(folder))
    assert run.tasks["woven"].state == "FAILURE"
    assert f"requirement not met: {message}\n" in run.tasks["woven"].log
