"""Programs that several tasks run, written once: as an input of the pipeline, which all of these tasks are given.

The default of the input is the text. In the container of a task a few lines find it in what Kubeflow gives the task,
and run it if it is the one that was compiled: an input of a run never becomes other code.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pipec.hashing import sha256

from .channels import TEXT
from .nodes import Dag, DagInput, Given, Node
from .requests import kind_of
from .shim.shielding import shielded

_LOADER = """# pipec: runs the program in the input {name}, if it is the one that this pipeline was compiled with
import hashlib, json, sys
program = json.loads(sys.argv[-1])["inputs"]["parameterValues"].get("{name}", "")
if hashlib.sha256(program.encode()).hexdigest() != "{digest}":
    sys.exit("{name} is not what this pipeline was compiled with: start the run without this parameter")
exec(program)"""

_ABOUT = "The program of pipec that tasks run. Leave it as it is: they run nothing else."


def common_programs(root: Dag) -> list[str]:
    """The programs that more than one task runs."""
    counts = Counter(text for node in _with_commands(root) for text in _programs(node))
    return [text for text, count in counts.items() if count > 1]


def share_programs(root: Dag, programs: list[str]) -> dict[str, dict[str, Any]]:
    """Write each of these programs once; the definitions of the new inputs of the root, by name."""
    names = _names(programs)
    for node in _with_commands(root):
        _use(node, names, root)
    for name in names.values():
        root.inputs[name] = TEXT
    return {name: {"defaultValue": text, "isOptional": True, "description": _ABOUT} for text, name in names.items()}


def _with_commands(root: Dag) -> list[Node]:
    return [node for node in root.inside() if node.executor is not None and node.executor["container"].get("command")]


def _names(texts: list[str]) -> dict[str, str]:
    """By text the name of its input, which no parameter of the language can have: `pipec-call`, `pipec-call-2`."""
    names: dict[str, str] = {}
    numbers: Counter[str] = Counter()
    for text in texts:
        kind = f"pipec-{kind_of(text)}"
        numbers[kind] += 1
        names[text] = kind if numbers[kind] == 1 else f"{kind}-{numbers[kind]}"
    return names


def _programs(node: Node) -> dict[str, None]:
    """The programs that a task runs: its own, and those of the tasks that it runs one after the other."""
    own = _own(node)
    texts = [] if own is None else [own, *(_chained(node)["programs"] if kind_of(own) == "steps" else [])]
    return dict.fromkeys(texts)


def _own(node: Node) -> str | None:
    assert node.executor is not None
    text: str = node.executor["container"]["command"][-1]
    return None if kind_of(text) is None else text


def _chained(node: Node) -> dict[str, Any]:
    """What the program of a chain is asked."""
    assert node.executor is not None
    asked: dict[str, Any] = json.loads(node.executor["container"]["args"][0])
    return asked


def _use(node: Node, names: Mapping[str, str], root: Dag) -> None:
    """Give the task the inputs with its programs, and what runs these in their place."""
    own = _own(node)
    if own is None:
        return
    assert node.executor is not None
    container = dict(node.executor["container"])
    for text in _programs(node):
        if text in names:
            node.inputs[names[text]] = Given(TEXT, DagInput(root, names[text]))
    if kind_of(own) == "steps":
        asked = _chained(node)
        for step in asked["steps"]:
            name = names.get(asked["programs"][step["program"]])
            step["given"].update({} if name is None else {name: name})
        asked["programs"] = [_loader(text, names) for text in asked["programs"]]
        container["args"] = [shielded(asked), *container["args"][1:]]
    container["command"] = [*container["command"][:-1], _loader(own, names)]
    node.executor = {**node.executor, "container": container}


def _loader(text: str, names: Mapping[str, str]) -> str:
    """What stands where a program was: the program itself where it is not shared."""
    if text not in names:
        return text
    return _LOADER.format(name=names[text], digest=sha256(text.encode()).hexdigest())
