"""The page of the target: its tables are made from the code, and what it says of names and texts is so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from pipec.backends.kubeflow.capabilities import CAPABILITIES
from pipec.backends.kubeflow.options import OPTIONS
from pipec.backends.kubeflow.setting import HELPER_IMAGE

from pipec.analysis.feature_names import FEATURES
from pipec.api import compile, load
from pipec.backend import TargetOption

PAGE = Path(str(files("pipec.backends.kubeflow") / "README.md"))
_TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false", list: "list", dict: "map"}
_SUPPORT = {"native": "yes", "emulated": "in another way", "no": "no"}


def capability_table() -> Iterator[str]:
    yield "| | offered | how, or why not and what to do |"
    yield "|---|---|---|"
    for feature, title in FEATURES.items():
        known = CAPABILITIES[feature]
        said = "; ".join(text for text in (known.reason, known.way_out) if text)
        yield f"| {title} | {_SUPPORT[known.support]} | {said.replace('|', chr(92) + '|')} |"


def option_table() -> Iterator[str]:
    yield "| option | in | value | what it does |"
    yield "|---|---|---|---|"
    for name in sorted({*OPTIONS.pipeline, *OPTIONS.task, *OPTIONS.container}):
        places: dict[str, Mapping[str, TargetOption]] = {
            "pipeline": OPTIONS.pipeline,
            "task": {**OPTIONS.task, **OPTIONS.container},
        }
        there = {place: options[name] for place, options in places.items() if name in options}
        for option in dict.fromkeys(map(id, there.values())):
            same = {place: one for place, one in there.items() if id(one) == option}
            yield f"| `{name}` | {', '.join(same)} | {_described(next(iter(same.values())))} |"


def _described(option: TargetOption) -> str:
    value = " or ".join(_TYPES[type] for type in option.types)
    choices = f": {', '.join(option.choices)}" if option.choices else ""
    return f"{value}{choices} | {option.doc}"


def filled(text: str) -> str:
    """The page with its tables as they are now."""
    for name, lines in (("capabilities", capability_table()), ("options", option_table())):
        before, start, rest = text.partition(f"<!-- generated: {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        assert end, name
        text = "\n".join([before + start + next(lines), *lines, end + after])
    return text


def test_the_tables_are_those_of_the_code(golden: Callable[[Path, str], None]) -> None:
    golden(PAGE, filled(PAGE.read_text("utf-8")))


def test_what_it_says_is_so() -> None:
    page = PAGE.read_text("utf-8")
    assert f"`{HELPER_IMAGE}` if not set" in page
    loaded = load(
        "p.pipe",
        text='## in {{ two }}\npipeline p {\n  target kubeflow { image = "steps:1" }\n'
        '  task train_model -> str = python("steps:f")\n'
        '  for name in ["rf"] { task train(x = train_model.output) = python("steps:f") }\n}\n',
    )
    (file,) = compile(loaded, "kubeflow")
    for name in ("comp-train-model", "exec-train-model", "train--rf"):
        assert f'"{name}"' in file.text
        assert f"`{name}`" in page
    assert '"description": "in { { two }}' in file.text
