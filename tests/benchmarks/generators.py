"""Other generators: how each is told the same graph of tasks that run `echo`, and how it is started."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.compile_scale import commands

Graph = dict[str, list[str]]
"""Task to its upstream tasks; every task stands behind those."""

_ROOT = Path(__file__).resolve().parents[2]
_RUNNERS = "tests.benchmarks.runners"


@dataclass(frozen=True, slots=True)
class Job:
    """A process to start in the folder, and the file that it writes; it writes to stdout where that is None."""

    words: list[str]
    output: Path | None


@dataclass(frozen=True, slots=True)
class Generator:
    """A row of the table. `peer` is what must be installed for it, None for what this environment has.

    `prepare` writes a graph into a folder for the Python that is named. More tasks than `most` take it too long.
    """

    name: str
    prepare: Callable[[Path, Graph, Path], Job]
    peer: str | None = None
    most: int | None = None


def _own(command: str, output: str) -> Callable[[Path, Graph, Path], Job]:
    def prepare(folder: Path, graph: Graph, python: Path) -> Job:
        return Job(commands(folder, graph)[command], folder / output)

    return prepare


def _hera(folder: Path, graph: Graph, python: Path) -> Job:
    lines = [
        "from hera.workflows import DAG, Container, Workflow",
        "with Workflow(generate_name='scale-', entrypoint='d') as w:",
        "    c = Container(name='c', image='busybox', command=['echo'])",
        "    with DAG(name='d'):",
        *(f"        {task} = c(name='{task}')" for task in graph),
        *(f"        [{', '.join(upstream)}] >> {task}" for task, upstream in graph.items() if upstream),
        "open('scale.yaml', 'w').write(w.to_yaml())",
        "",
    ]
    (folder / "definition.py").write_text("\n".join(lines), "utf-8")
    return Job([str(python), "definition.py"], folder / "scale.yaml")


def _kedro(folder: Path, graph: Graph, python: Path) -> Job:
    package = folder / "src" / "scale"
    for inner in (package, folder / "conf" / "base", folder / "conf" / "local"):
        inner.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(_KEDRO_PROJECT, "utf-8")
    for empty in (package / "__init__.py", package / "settings.py", folder / "conf" / "base" / "catalog.yml"):
        empty.touch()
    nodes = [
        f"        node(nothing, {[f'of_{one}' for one in upstream] or None!r}, 'of_{task}', name='{task}'),"
        for task, upstream in graph.items()
    ]
    lines = [*_KEDRO_REGISTRY, *nodes, "    ])}", ""]
    (package / "pipeline_registry.py").write_text("\n".join(lines), "utf-8")
    program = str(python.with_name("kedro"))
    return Job([program, "airflow", "create", "--target-dir=dags"], folder / "dags" / "scale_dag.py")


_KEDRO_PROJECT = """\
[project]
name = "scale"
version = "0.1"

[tool.kedro]
package_name = "scale"
project_name = "scale"
kedro_init_version = "1.7.0"
source_dir = "src"
"""

_KEDRO_REGISTRY = [
    "from kedro.pipeline import Pipeline, node",
    "def nothing(*given):",
    "    return 0",
    "def register_pipelines():",
    "    return {'__default__': Pipeline([",
]


def _boundary_layer(folder: Path, graph: Graph, python: Path) -> Job:
    lines = ["name: scale", "dag_args:", "  schedule_interval: '@daily'"]
    lines += ["default_task_args:", "  owner: nobody", "  start_date: '2026-01-01'", "operators:"]
    for task, upstream in graph.items():
        lines += [f"- name: {task}", "  type: bash", "  properties:", f"    bash_command: echo {task}"]
        lines += ["  upstream_dependencies:", *(f"  - {one}" for one in upstream)] if upstream else []
    (folder / "scale.yaml").write_text("\n".join([*lines, ""]), "utf-8")
    return Job([str(python.with_name("boundary-layer")), "build-dag", "scale.yaml"], None)


def _dag_factory(folder: Path, graph: Graph, python: Path) -> Job:
    lines = ["scale:", "  default_args:", "    owner: nobody"]
    lines += ["  start_date: 2026-01-01", "  schedule: null", "  tasks:"]
    for task, upstream in graph.items():
        lines += [f"    - task_id: {task}", f"      operator: {_BASH_OPERATOR}", f"      bash_command: echo {task}"]
        lines += [f"      dependencies: [{', '.join(upstream)}]"] if upstream else []
    (folder / "scale.yml").write_text("\n".join([*lines, ""]), "utf-8")
    load = "load_yaml_dags(globals_dict=globals(), config_filepath=str(Path(__file__).with_name('scale.yml')))"
    text = f"from pathlib import Path\n\nfrom dagfactory import load_yaml_dags\n\n{load}\n"
    (folder / "dag.py").write_text(text, "utf-8")
    return Job([str(python), "-m", f"{_RUNNERS}.dag_factory_load", str(folder / "dag.py")], None)


_BASH_OPERATOR = "airflow.providers.standard.operators.bash.BashOperator"


def _elyra(folder: Path, graph: Graph, python: Path) -> Job:
    write_elyra(folder, graph)
    output = folder / "scale.py"
    return Job([str(python), "-m", f"{_RUNNERS}.elyra_export", "scale.pipeline", str(output)], output)


def write_elyra(folder: Path, graph: Graph) -> None:
    """The graph as `scale.pipeline`, of tasks that run a program that does nothing."""
    (folder / "nothing.py").touch()
    nodes = [_elyra_node(task, upstream) for task, upstream in graph.items()]
    properties = {"name": "scale", "runtime": "Generic", "pipeline_defaults": {}}
    data = {"name": "scale", "ui_data": {"comments": []}, "version": 8, "runtime_type": None, "properties": properties}
    document = {
        "doc_type": "pipeline",
        "version": "3.0",
        "json_schema": "http://api.dataplatform.ibm.com/schemas/common-pipeline/pipeline-flow/pipeline-flow-v3-schema.json",
        "id": "scale",
        "primary_pipeline": "primary",
        "pipelines": [{"id": "primary", "nodes": nodes, "app_data": data, "runtime_ref": ""}],
        "schemas": [],
    }
    (folder / "scale.pipeline").write_text(json.dumps(document), "utf-8")


_ELYRA_LISTS = (
    "dependencies",
    "outputs",
    "env_vars",
    "kubernetes_secrets",
    "kubernetes_tolerations",
    "kubernetes_pod_labels",
    "kubernetes_pod_annotations",
    "mounted_volumes",
)


def _elyra_node(task: str, upstream: list[str]) -> dict[str, object]:
    given = {"filename": "nothing.py", "runtime_image": "library/python:3.11", "include_subdirectories": False}
    links = [{"id": f"{task}-{one}", "node_id_ref": one, "port_id_ref": "outPort"} for one in upstream]
    shown = {"label": task, "ui_data": {"label": task, "x_pos": 0, "y_pos": 0}}
    return {
        "id": task,
        "type": "execution_node",
        "op": "execute-python-node",
        "app_data": {"component_parameters": {**given, **{name: [] for name in _ELYRA_LISTS}}, **shown},
        "inputs": [{"id": "inPort", "app_data": {}, "links": links}],
        "outputs": [{"id": "outPort", "app_data": {}}],
    }


def environment(home: Path) -> dict[str, str]:
    """The environment in which generators keep what they keep below one folder, and send nothing out."""
    return {
        "PYTHONPATH": str(_ROOT),
        "HOME": str(home),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "600",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "DO_NOT_TRACK": "1",
        "JUPYTER_DATA_DIR": str(home / "jupyter"),
    }


FLOOR = Generator("floor: a line a task", _own("floor", "floor.py"))
PIPEC = Generator("**pipec compile**", _own("compile", "airflow/scale_dag.py"))

ALL = [
    FLOOR,
    PIPEC,
    Generator("hera, to Argo YAML", _hera, peer="hera"),
    Generator("kedro-airflow, `create`", _kedro, peer="kedro-airflow"),
    Generator("boundary-layer, `build-dag`", _boundary_layer, peer="boundary-layer"),
    Generator("dag-factory, load by Airflow", _dag_factory, peer="dag-factory"),
    Generator("Elyra, export to Airflow", _elyra, peer="elyra", most=1_000),
]
