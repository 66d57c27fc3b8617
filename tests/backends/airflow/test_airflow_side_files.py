"""What stands beside a DAG file: pools, packages and the note of what else has to be there."""

from __future__ import annotations

import json
import re
from importlib import import_module
from importlib.metadata import distributions, version
from importlib.resources import files
from pathlib import Path

import pytest
from pipec.backends.airflow.needs import PACKAGES
from pipec.backends.airflow.providers import CONNECTIONS, TESTED, imported, package_name, requirements
from pipec.backends.airflow.side_files import side_files

import pipec
from pipec.backend import CompileRequest
from tests.support.airflow import AirflowHome


def compiled(text: str, pipeline: str | None = None) -> dict[str, str]:
    """All files of a pipeline by name, that of the DAG among them."""
    return {
        file.path: file.text
        for file in pipec.compile(pipec.load(Path("p.pipe"), text=text), "airflow", pipeline=pipeline)
    }


def note(text: str, dag_file: str = "") -> str:
    """The note on a pipeline, as if its DAG file had this text: whatever of the language is compiled yet."""
    loaded = pipec.load(Path("p.pipe"), text=text)
    assert loaded.program is not None, [fault.message for fault in loaded.diagnostics.found]
    found = side_files(CompileRequest(loaded.program, loaded.pipeline().name), dag_file, "3.3")
    texts: dict[str, str] = {file.path: file.text for file in found}
    return texts.get("p_setup.md", "")


def section(text: str, title: str) -> list[str]:
    """The items of a section of a note."""
    _, _, rest = text.partition(f"## {title}\n")
    return [line.removeprefix("- ") for line in rest.partition("\n## ")[0].splitlines() if line.startswith("- ")]


# --- pools ---------------------------------------------------------------------------------------

TWO = """
pipeline one {
  task a = shell('true') { pool = "wafer" }
  task b = shell('true') { pool = "gpu"  target airflow { pool_slots = 3 } }
  task c = shell('true') { pool = "default_pool" }
  target airflow { pools = { spare: 2 } }
}
pipeline two {
  task a = shell('true')
  target airflow { pool = "wafer"  pools = { wafer: 8 } }
}
"""


def test_pools_have_the_slots_that_the_source_says() -> None:
    assert json.loads(compiled(TWO, "one")["one_pools.json"]) == {
        "gpu": {"slots": 3, "description": "For one", "include_deferred": False},
        "spare": {"slots": 2, "description": "For one", "include_deferred": False},
        "wafer": {"slots": 8, "description": "For one, two", "include_deferred": False},
    }
    assert json.loads(compiled(TWO, "two")["two_pools.json"]) == {
        "wafer": {"slots": 8, "description": "For one, two", "include_deferred": False},
    }


POOLS: dict[str, tuple[str, dict[str, int]]] = {
    "none": ("task a = shell('true')", {}),
    "one slot where nobody says how many": ("task a = shell('true') { pool = 'w' }", {"w": 1}),
    "the task's own pool counts": (
        "task a = shell('true') { pool = 'v'  target airflow { pool = 'w' } }\n  target airflow { pool = 'u' }",
        {"w": 1},
    ),
    "slots for the greediest task": (
        "task a = shell('true') { target airflow { pool_slots = 2 } }\n  task b = shell('true')\n"
        "  target airflow { pool = 'w'  pool_slots = 4 }",
        {"w": 4},
    ),
    "Airflow's own pool": ("task a = shell('true') { pool = 'default_pool' }", {}),
    "Airflow's own pool, declared": (
        "task a = shell('true')\n  target airflow { pools = { default_pool: 64 } }",
        {"default_pool": 64},
    ),
    "in a pipeline that is called": (
        "task a = inner\n}\npipeline inner {\n  task b = shell('true') { pool = 'w' }",
        {"w": 1},
    ),
}


@pytest.mark.parametrize("case", POOLS)
def test_pools(case: str) -> None:
    body, expected = POOLS[case]
    loaded = pipec.load(Path("p.pipe"), text=f"pipeline p {{\n  {body}\n}}")
    assert loaded.program is not None, [fault.message for fault in loaded.diagnostics.found]
    found = {file.path: file.text for file in side_files(CompileRequest(loaded.program, "p"), "", "3.3")}
    pools = json.loads(found.get("p_pools.json", "{}"))
    assert {name: pool["slots"] for name, pool in pools.items()} == expected


@pytest.mark.engine
def test_airflow_imports_the_pools(airflow: AirflowHome, tmp_path: Path) -> None:
    from airflow.models.pool import Pool

    file = tmp_path / "one_pools.json"
    file.write_text(compiled(TWO, "one")["one_pools.json"], "utf-8")
    names = {*json.loads(file.read_text("utf-8"))}
    try:
        imported_pools, failed = import_module("airflow.cli.commands.pool_command").pool_import_helper(str(file))
        assert (len(imported_pools), failed) == (3, [])
        assert {name: pool.slots for name in names if (pool := Pool.get_pool(name))} == {
            "gpu": 3,
            "spare": 2,
            "wafer": 8,
        }
    finally:
        for name in names:
            Pool.delete_pool(name)


# --- packages ------------------------------------------------------------------------------------


def test_packages_are_those_that_are_imported() -> None:
    assert compiled("pipeline p {\n  task a = shell('true')\n}")["p_requirements.txt"] == (
        "# What p_dag.py imports besides Airflow 3.3 itself, from the versions on that were tested.\n"
        f"apache-airflow-providers-standard>={TESTED['standard']}\n"
    )
    assert "p_requirements.txt" not in compiled("pipeline p {\n  task a = python('steps:run')\n}")


def test_what_a_script_says_is_no_import() -> None:
    text = """
    pipeline p {
      task a -> int = shell('''
    python - <<'END'
    from airflow.providers.nobody import nothing
    END
    ''')
    }
    """
    assert "from airflow.providers.nobody" in compiled(text)["p_dag.py"]
    assert "p_requirements.txt" not in compiled(text)


def test_imports_inside_of_functions_count() -> None:
    text = '''"""DAG."""

from airflow.providers.standard.operators.bash import BashOperator


def work():
    """from airflow.providers.nobody import nothing"""
    from airflow.providers.common.sql.hooks.sql import DbApiHook
    import airflow.providers.slack.hooks.slack
'''
    modules = imported(text)
    assert modules == {
        "airflow.providers.standard.operators.bash": {"BashOperator"},
        "airflow.providers.common.sql.hooks.sql": {"DbApiHook"},
        "airflow.providers.slack.hooks.slack": set(),
    }
    assert requirements(modules) == [
        f"apache-airflow-providers-common-sql>={TESTED['common.sql']}",
        f"apache-airflow-providers-slack>={TESTED['slack']}",
        f"apache-airflow-providers-standard>={TESTED['standard']}",
    ]


def test_every_provider_that_generated_files_may_import_is_known() -> None:
    sources = [path for path in Path(str(files("pipec.backends.airflow"))).rglob("*.py") if path.name != "providers.py"]
    modules = {
        name
        for path in sources
        for name in re.findall(r"\b(airflow\.providers\.(?:\w+\.)+\w+)", path.read_text("utf-8"))
    }
    assert "airflow.providers.standard.operators.bash" in modules
    assert requirements({name: set() for name in modules})


@pytest.mark.engine
def test_the_versions_are_those_that_are_tested_here() -> None:
    here = {distribution.name for distribution in distributions()}
    tested = {provider: version(package) for provider in TESTED if (package := package_name(provider)) in here}
    assert "standard" in tested
    assert tested == {provider: TESTED[provider] for provider in tested}
    others = [package.split(">=") for packages in PACKAGES.values() for package in packages]
    assert all(version(package).startswith(f"{tested}.") for package, tested in others if package in here)


# --- the note ------------------------------------------------------------------------------------

NEEDY = """
pipeline p {
  on failure = webhook(secret("chat_webhook"), headers = { "Authorization": secret("chat_token") })
  on success = python("ops.alerts:tell")
  task a = python("steps.fit:run") { env = { TOKEN: secret("registry-token"), MODE: "fast" }  queue = "big" }
  task b = image("busybox") { secrets = { KEY: secret("key") }  target airflow { kubernetes_conn_id = "training" } }
  task c = image("busybox") { target airflow { executor = "CeleryExecutor" } }
  task d = sql(file("queries/lots.sql"), conn = "warehouse")
  task g = notebook("reports/lots.ipynb")
  task e = inner
  wait w = python("checks:ready")
  wait x = object("s3://lots/${run.date}/*.csv")
  wait y = object("gs://lots/done")
  wait z = message("lots")
}
pipeline inner {
  task f = python("deeper:run")
  target airflow { queue = "small" }
}
"""


def test_the_note_names_what_has_to_be_there() -> None:
    dag_file = (
        "from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator\n"
        "from airflow.providers.slack.notifications.slack import SlackNotifier\n"
    )
    loaded = pipec.load(Path("p.pipe"), text=NEEDY)
    assert loaded.program is not None, [fault.message for fault in loaded.diagnostics.found]
    found = {file.path: file.text for file in side_files(CompileRequest(loaded.program, "p"), dag_file, "3.3")}
    text = found["p_setup.md"]
    assert text.startswith("# Setting up `p`\n\n`p_dag.py` needs the following of Airflow 3.3.")
    assert "pip install -r p_requirements.txt" in text
    packages = found["p_requirements.txt"].splitlines()[1:]
    assert [re.split("[>=]", package)[0] for package in packages] == [
        "apache-airflow-providers-cncf-kubernetes",
        "apache-airflow-providers-slack",
        "confluent-kafka",
        "ipykernel",
        "papermill",
    ]
    assert section(text, "Connections") == [
        "`kafka_default`: the Kafka servers that messages come from, in its extra",
        "`kubernetes_default`: the Kubernetes cluster that pods run in",
        "`slack_api_default`: Slack, for alerts: the token of an app that may write there",
        "`training`: the Kubernetes cluster that pods run in",
        "`warehouse`: the database that queries go to; the provider of its type has to be installed",
    ]
    assert section(text, "Variables") == ["`chat_token`", "`chat_webhook`", "`registry-token`"]
    assert section(text, "Kubernetes secrets") == ["`key`, its key `value`"]
    assert section(text, "Object stores") == ["`gs`", "`s3`"]
    assert section(text, "Python modules") == ["`checks`", "`deeper`", "`ops.alerts`", "`steps.fit`"]
    assert section(text, "Files") == ["`queries/lots.sql`", "`reports/lots.ipynb`"]
    assert section(text, "Queues") == ["`big`", "`small`"]
    assert section(text, "Executors") == ["`CeleryExecutor`"]
    assert "Pools" not in text


def test_the_note_tells_of_slots_that_nobody_said() -> None:
    text = note(
        "pipeline p {\n  task a = shell('true') { pool = 'b`ad |' }\n  target airflow { pools = { wafer: 8 } }\n}"
    )
    assert section(text, "Pools") == [
        "all of them: `airflow pools import p_pools.json`",
        "`` b`ad | ``: 1 slot, as the source does not say how many",
        "`wafer`: 8 slots",
    ]


def test_a_pipeline_that_needs_nothing_has_no_note() -> None:
    assert set(compiled("pipeline p {\n  task a\n}")) == {"p_dag.py", "p_requirements.txt"}
    assert set(compiled("pipeline p {\n  task a = python('steps:run')\n}")) == {"p_dag.py", "p_setup.md"}


def test_side_files_stand_beside_the_dag_file() -> None:
    written = pipec.compile(pipec.load(Path("p.pipe"), text=TWO), "airflow", pipeline="one")
    assert [(file.path, file.is_side) for file in written] == [
        ("one_dag.py", False),
        ("one_pools.json", True),
        ("one_requirements.txt", True),
        ("one_setup.md", True),
    ]


HOOKS = {
    "KubernetesPodOperator": "airflow.providers.cncf.kubernetes.hooks.kubernetes:KubernetesHook",
    "PagerdutyNotifier": "airflow.providers.pagerduty.hooks.pagerduty_events:PagerdutyEventsHook",
    "SlackNotifier": "airflow.providers.slack.hooks.slack:SlackHook",
    "SmtpNotifier": "airflow.providers.smtp.hooks.smtp:SmtpHook",
}


@pytest.mark.engine
@pytest.mark.parametrize("name", CONNECTIONS)
def test_the_connection_of_a_class_is_that_of_its_hook(name: str, airflow: AirflowHome) -> None:
    module, _, hook = HOOKS[name].partition(":")
    assert getattr(import_module(module), hook).default_conn_name == CONNECTIONS[name].id
