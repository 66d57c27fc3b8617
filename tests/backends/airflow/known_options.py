"""Writes the list of options that `target airflow { … }` may set, and its page of the manual.

python -m tests.backends.airflow.known_options 3.3.json 2.11.json     from what `option_facts` says of each Airflow
python -m tests.backends.airflow.known_options                        the page alone
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.backends.airflow.option_facts import CLASSES, VERSIONS

DATA = Path(__file__).parents[3] / "backends" / "airflow" / "known_options.py"

_HEADER = '''\
"""What Airflow's own classes can be told in terms of JSON: made by `tests.backends.airflow.known_options`.

DAG holds parameters of `DAG`, TASK those of `BaseOperator`, CONTAINER what `KubernetesPodOperator` adds. What pipec
sets itself is left out. Airflow renders those in TEMPLATED with Jinja; those in PYTHON_ONLY take no JSON at all.
"""

from __future__ import annotations

from pipec.backend import TargetOption
'''


def merged(collections: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
    """By table and name the facts with `versions`; those of the first collection that knows an option count."""
    tables: dict[str, dict[str, dict[str, Any]]] = {table: {} for table in CLASSES}
    for collection in collections:
        for table in CLASSES:
            for name, facts in collection[table].items():
                version = collection["version"]
                if version in VERSIONS.get(name, (version,)):
                    tables[table].setdefault(name, {**facts, "versions": []})["versions"].append(version)
    return tables


def source(collections: Sequence[Mapping[str, Any]], refused: Container[str]) -> str:
    """The text of the list, but for its layout; names in `refused` are left out."""
    blocks = [_HEADER]
    versions = [collection["version"] for collection in collections]
    offered: dict[str, dict[str, Any]] = {}
    python_only: set[str] = set()
    for table, options in merged(collections).items():
        kept = {name: facts for name, facts in sorted(options.items()) if name not in refused}
        python_only.update(name for name, facts in kept.items() if not facts["types"])
        shown = {name: facts for name, facts in kept.items() if facts["types"]}
        entries = "".join(f"    {json.dumps(name)}: {_entry(facts, versions)},\n" for name, facts in shown.items())
        blocks.append(f"{table} = {{\n{entries}}}\n")
        offered |= shown
    templated = sorted(name for name, facts in offered.items() if facts["is_templated"])
    blocks.append(f"TEMPLATED = frozenset({json.dumps(templated)})\n")
    blocks.append(f"PYTHON_ONLY = frozenset({json.dumps(sorted(python_only))})\n")
    return "\n".join(blocks)


def _entry(facts: Mapping[str, Any], versions: Sequence[str]) -> str:
    arguments = [_tuple(_PYTHON[one] for one in facts["types"]), json.dumps(facts["doc"])]
    if facts["item"]:
        arguments.append(f"items=({facts['item']},)")
    if facts["choices"]:
        arguments.append(f"choices={_tuple(map(json.dumps, facts['choices']))}")
    if facts["minimum"] is not None:
        arguments.append(f"minimum={facts['minimum']}")
    if facts["links"]:
        arguments.append("links=True")
    if facts["versions"] != versions:
        arguments.append(f"versions={_tuple(map(json.dumps, facts['versions']))}")
    return f"TargetOption({', '.join(arguments)})"


_PYTHON = {name: name for name in ("str", "int", "float", "bool", "dict", "list")} | {"null": "type(None)"}


def _tuple(members: Iterable[str]) -> str:
    shown = list(members)
    return f"({', '.join(shown)}{',' if len(shown) == 1 else ''})"


# --- the manual ----------------------------------------------------------------------------------

MANUAL = DATA.with_name("options.md")

_OPENING = """\
# Options of `target airflow { … }`

They tune what Airflow does and never change what a pipeline means. The names are Airflow's own, and the list is made
from Airflow itself. A misspelt name is an error with the nearest one; what the language says itself, such as `retries`,
is an error that shows how. What one version of Airflow alone has is marked with it. Durations are seconds: `5m` is 300.
"""

_SECTIONS = {
    "pipeline": "In a pipeline, for the DAG",
    "task": "In a task, or in a pipeline for all of its tasks",
    "container": "In a task that runs in a container image, or in a pipeline for all of those",
}


def manual() -> str:
    """The page of the manual on the options."""
    from pipec.backends.airflow.options import OPTIONS, TASK_DEFAULTS

    elsewhere = {**OPTIONS.container, **dict.fromkeys(TASK_DEFAULTS)}
    tables = {
        "pipeline": {name: option for name, option in OPTIONS.pipeline.items() if name not in elsewhere},
        "task": OPTIONS.task,
        "container": OPTIONS.container,
    }
    lines = [_OPENING]
    for table, options in tables.items():
        lines.extend([f"## {_SECTIONS[table]}\n", "| option | value | what it does |", "|---|---|---|"])
        for name, option in sorted(options.items()):
            alone = "" if table != "task" or name in TASK_DEFAULTS else " (in a task only)"
            lines.append(f"| `{name}` | {_values(option)} | {option.doc}{alone} |")
        lines.append("")
    return "\n".join(lines)


def _values(option: Any) -> str:
    """What an option may be, in the words of the language."""
    names = {str: "text", int: "int", float: "number", bool: "bool", dict: "map", list: "list", type(None): "`null`"}
    of = f" of {' or '.join(names[one] for one in option.items)}" if option.items else ""
    shown = [names[one] + (of if one in (dict, list) else "") for one in option.types]
    if option.choices:
        shown = [f"`{choice}`" for choice in option.choices] + [one for one in shown if one.startswith("list")]
    least = f", at least {option.minimum}" if option.minimum is not None else ""
    versions = f" (Airflow {', '.join(option.versions)})" if option.versions else ""
    return f"{', '.join(shown)}{least}{versions}"


def main(files: Sequence[str]) -> None:
    """Writes the list and its page of the manual; without files the page alone."""
    if files:
        from pipec.backends.airflow.refused_options import REFUSED

        DATA.write_text(source([json.loads(Path(file).read_text("utf-8")) for file in files], REFUSED), "utf-8")
        subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(DATA)], check=True)
        subprocess.run([sys.executable, "-m", "tests.backends.airflow.known_options"], check=True)  # of the new list
    else:
        MANUAL.write_text(manual(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
