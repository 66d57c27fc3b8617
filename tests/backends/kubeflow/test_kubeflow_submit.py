"""`pipec submit --target kubeflow` with the client of the SDK, against a stand-in for the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.environments import environment
from tests.support.kubeflow import REQUIREMENTS, VERSION
from tests.support.kubeflow_server import StandIn, started

pytestmark = pytest.mark.engine

PIPELINE = """## Trains the model.
pipeline nightly_train(day: date = run.date, region: str = "eu", limit: int = 7) {
  schedule = cron("30 2 * * 1-5")
  owner = "ml"
  image = "alpine:3.20"
  task work(day, region, limit) = shell('echo "$day $region $limit"')
}
"""
TRIGGER = {"cron_schedule": {"cron": "0 30 2 * * 1-5"}}


@pytest.fixture(scope="module")
def packages() -> Path:
    """The packages of the SDK, which go before those of this environment."""
    python = environment(f"kubeflow-{VERSION}", REQUIREMENTS, newest=(3, 13))
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return python.parents[1] / "lib" / name / "site-packages"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the command runs, with `p.pipe`."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "p.pipe").write_text(PIPELINE, "utf-8")
    return here


@pytest.fixture
def server(tmp_path: Path, packages: Path) -> Iterator[StandIn]:
    with started(tmp_path, packages, states=["PENDING", "SUCCEEDED"]) as found:
        yield found


@dataclass(frozen=True)
class Pipec:
    """The command in a folder, with the packages of the SDK if there are any."""

    folder: Path
    packages: Path | None = None
    variables: dict[str, str] = field(default_factory=dict)

    def submit(self, *words: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KF_", "PIPEC_", "PYTHON"))}
        python_path = {"PYTHONPATH": str(self.packages)} if self.packages is not None else {}
        return subprocess.run(
            [sys.executable, "-P", "-m", "pipec", "submit", "p.pipe", "--target", "kubeflow", *words],
            cwd=self.folder,
            env={**kept, **python_path, "HOME": str(self.folder), **self.variables},
            capture_output=True,
            text=True,
            timeout=60,
        )


def submitted(folder: Path, server: StandIn, *words: str, **variables: str) -> str:
    """The output of a command that has to go well."""
    done = Pipec(folder, server.packages, variables).submit("--host", server.address, *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(folder: Path, server: StandIn, *words: str, **variables: str) -> tuple[int, str]:
    """The exit code and the message of one that has to fail."""
    done = Pipec(folder, server.packages, variables).submit("--host", server.address, *words)
    assert done.stderr.count("\n") == 1, done.stderr
    return done.returncode, done.stderr.removeprefix("error: ").rstrip("\n")


# --- one run -------------------------------------------------------------------------------------


def test_a_run_is_started_of_a_version_that_is_uploaded_once(folder: Path, server: StandIn) -> None:
    words = ["--param", "limit=9", "--param", "day=2026-01-31", "--run-name", "first", "--experiment", "tries"]
    lines = submitted(folder, server, *words).splitlines()
    (run,) = server.asked("POST", "/runs")
    assert run == {
        "display_name": "first",
        "experiment_id": "experiments-1",
        "pipeline_version_reference": {"pipeline_id": "pipelines-1", "pipeline_version_id": "versions-1"},
        "runtime_config": {"parameters": {"limit": 9, "day": "2026-01-31"}},
    }
    assert server.asked("POST", "/pipelines") == [{"name": "nightly-train", "display_name": "nightly-train"}]
    assert server.asked("POST", "/experiments") == [{"display_name": "tries", "namespace": ""}]
    assert lines[0] == "pipeline nightly-train: pipelines-1"
    assert lines[1].startswith("version nightly-train-")
    assert lines[1].endswith(": versions-1")
    assert lines[2:] == [
        f"  {server.address}/#/pipelines/details/pipelines-1/version/versions-1",
        "run first: runs-1",
        f"  {server.address}/#/runs/details/runs-1",
    ]

    again = submitted(folder, server, "--once")
    assert "versions-1, as it was" in again
    assert "run nightly-train 20" in again
    assert len(server.asked("POST", "/pipelines/upload_version")) == 1
    assert server.asked("POST", "/runs")[1]["runtime_config"] == {"parameters": {}}

    (folder / "p.pipe").write_text(PIPELINE.replace("echo", "printf"), "utf-8")
    submitted(folder, server)
    assert len(server.asked("POST", "/pipelines")) == 1
    assert len(server.asked("POST", "/pipelines/upload_version")) == 2
    assert server.asked("POST", "/runs")[2]["pipeline_version_reference"]["pipeline_version_id"] == "versions-2"


def test_what_is_uploaded_is_what_compile_writes(folder: Path, server: StandIn) -> None:
    submitted(folder, server)
    compiled = subprocess.run(
        [sys.executable, "-P", "-m", "pipec", "compile", "p.pipe", "--target", "kubeflow", "-o", "-"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert server.asked("POST", "/pipelines/upload_version") == [compiled.stdout]


def test_programs_that_are_inputs_of_a_large_pipeline_are_left_to_its_defaults(folder: Path, server: StandIn) -> None:
    tasks = "".join(f"  task work_{number}(limit) = shell('echo {number}')\n" for number in range(120))
    (folder / "p.pipe").write_text(PIPELINE.removesuffix("}\n") + tasks + "}\n", "utf-8")
    submitted(folder, server, "--param", "limit=9")
    submitted(folder, server, "--recurring")
    (uploaded,) = server.asked("POST", "/pipelines/upload_version")
    inputs = next(yaml.safe_load_all(uploaded))["root"]["inputDefinitions"]["parameters"]
    assert list(inputs) == ["day", "limit", "pipec-program", "region"]
    assert inputs["pipec-program"]["defaultValue"].startswith("# pipec: ")
    assert server.asked("POST", "/runs")[0]["runtime_config"] == {"parameters": {"limit": 9}}
    (recurring,) = server.asked("POST", "/recurringruns")
    assert recurring["runtime_config"] == {"parameters": {"region": "eu", "limit": 7}}


def test_wait_follows_the_run(folder: Path, server: StandIn) -> None:
    assert submitted(folder, server, "--wait").splitlines()[-1] == "succeeded"
    assert len(server.asked("GET", "/runs/runs-1")) == 2


@pytest.mark.parametrize(
    ("state", "message"),
    [("FAILED", "the run runs-1 has failed: load, work"), ("CANCELED", "the run runs-1 was canceled: load, work")],
)
def test_wait_fails_where_the_run_did(state: str, message: str, folder: Path, tmp_path: Path, packages: Path) -> None:
    with started(tmp_path, packages, states=[state], failed=["work", "load"]) as server:
        assert refused(folder, server, "--wait") == (1, message)


def test_namespaces_are_passed_on(folder: Path, server: StandIn) -> None:
    submitted(folder, server, "--namespace", "team")
    assert server.asked("POST", "/pipelines")[0]["namespace"] == "team"
    assert server.asked("POST", "/experiments") == [{"display_name": "Default", "namespace": "team"}]


# --- recurring runs ------------------------------------------------------------------------------


def test_a_recurring_run_is_made_and_left_as_it_is(folder: Path, server: StandIn) -> None:
    lines = submitted(folder, server, "--recurring", "--param", "limit=9").splitlines()
    (made,) = server.asked("POST", "/recurringruns")
    assert made == {
        "display_name": "nightly-train",
        "description": "Trains the model.",
        "experiment_id": "experiments-1",
        "mode": "ENABLE",
        "max_concurrency": 10,
        "no_catchup": True,
        "trigger": TRIGGER,
        "pipeline_version_reference": {"pipeline_id": "pipelines-1", "pipeline_version_id": "versions-1"},
        "runtime_config": {"parameters": {"region": "eu", "limit": 9}},
    }
    assert lines[-2:] == [
        "recurring run nightly-train: recurringruns-1",
        f"  {server.address}/#/recurringrun/details/recurringruns-1",
    ]
    assert server.asked("POST", "/runs") == []

    again = submitted(folder, server, "--recurring", "--param", "limit=9")
    assert "recurring run nightly-train: recurringruns-1, as it was" in again
    assert len(server.asked("POST", "/recurringruns")) == 1


def test_a_changed_recurring_run_takes_the_place_of_the_one_before(folder: Path, server: StandIn) -> None:
    submitted(folder, server, "--recurring")
    (folder / "p.pipe").write_text(PIPELINE.replace("30 2", "45 2"), "utf-8")
    assert "recurringruns-2, in place of the one before" in submitted(folder, server, "--recurring")
    changes = [
        (one["method"], one["path"].rpartition("v2beta1/")[2], (one["body"] or {}).get("mode"))
        for one in server.requests
        if "recurringruns" in one["path"] and one["method"] != "GET"
    ]
    assert changes == [
        ("POST", "recurringruns", "ENABLE"),
        ("POST", "recurringruns", "DISABLE"),
        ("DELETE", "recurringruns/recurringruns-1", None),
        ("POST", "recurringruns/recurringruns-2:enable", None),
    ]


def test_one_that_is_paused_stays_so(folder: Path, server: StandIn) -> None:
    (folder / "p.pipe").write_text(PIPELINE.replace("owner", "target kubeflow { enabled = false }\n  owner"), "utf-8")
    assert "recurringruns-1, paused" in submitted(folder, server, "--recurring")
    (folder / "p.pipe").write_text(PIPELINE.replace("30 2", "45 2"), "utf-8")
    assert "in place of the one before, paused as it was" in submitted(folder, server, "--recurring")
    assert server.asked("POST", "/recurringruns/recurringruns-2:enable") == []


# --- what would be sent --------------------------------------------------------------------------


@pytest.mark.parametrize("has_packages", [True, False])
def test_dry_run_shows_it_and_needs_no_server(has_packages: bool, folder: Path, packages: Path) -> None:
    done = Pipec(folder, packages if has_packages else None).submit("--dry-run", "--recurring")
    assert done.returncode == 0, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout)
    assert shown["pipeline"] == "nightly-train"
    assert shown["recurring_run"]["trigger"] == TRIGGER
    assert "run" not in shown


# --- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refuse", "message"),
    [
        ({"POST /runs": [403, "team may not"]}, "403 team may not; set PIPEC_KUBEFLOW_TOKEN"),
        ({"GET /healthz": [404, "no\nAPI"]}, "404 no API"),
        ({"POST /pipelines/upload_version": [500, "the disk is full"]}, "500 the disk is full"),
    ],
)
def test_a_refusal_of_the_server_is_one_line(
    refuse: dict[str, Any], message: str, folder: Path, tmp_path: Path, packages: Path
) -> None:
    with started(tmp_path, packages, refuse=refuse) as server:
        assert refused(folder, server) == (1, f"the server at {server.address} refused it: {message}")


def test_a_token_comes_from_the_environment_and_is_not_shown(folder: Path, tmp_path: Path, packages: Path) -> None:
    with started(tmp_path, packages, token="s3cret") as server:
        code, message = refused(folder, server, PIPEC_KUBEFLOW_TOKEN="other-s3cret")
        assert (code, "s3cret" in message) == (1, False)
        assert message.endswith("refused it: 401 who are you?; set PIPEC_KUBEFLOW_TOKEN")
        assert "s3cret" not in submitted(folder, server, PIPEC_KUBEFLOW_TOKEN="s3cret")
        token = tmp_path / "token"
        token.write_text("s3cret", "utf-8")
        submitted(folder, server, KF_PIPELINES_SA_TOKEN_PATH=str(token))


def test_what_the_client_cannot_read_is_told(folder: Path, server: StandIn) -> None:
    missing = folder / "missing"
    assert refused(folder, server, KF_PIPELINES_SA_TOKEN_PATH=str(missing)) == (
        2,
        f"cannot read {missing}, which KF_PIPELINES_SA_TOKEN_PATH names: No such file or directory",
    )
    settings = folder / ".config" / "kfp" / "context.json"
    settings.parent.mkdir(parents=True)
    settings.write_text("{", "utf-8")
    code, message = refused(folder, server)
    assert code == 2
    assert message.startswith("the client of Kubeflow cannot be used: ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--host", "http://127.0.0.1:9"], "cannot reach the server at http://127.0.0.1:9: "),
        ([], "which server? Give --host, or set KF_PIPELINES_ENDPOINT"),
        (["--host", "http://"], "`http://` is no address of a server, such as https://example.com"),
        (["--host", "https://me:s3cret@example.com"], "holds no user and password: set PIPEC_KUBEFLOW_TOKEN"),
        (["--recurring", "--wait"], "--wait is for one run"),
        (["--recurring", "--once"], "not allowed with argument"),
        (["--param", "limit=9007199254740993"], "`limit` cannot be given: 9007199254740993 has more digits"),
        (["--param", "region=[[RunUUID]]"], "`region` holds a macro of Kubeflow"),
        (["--param", "limit=many"], "limit"),
        (["--param", "limits=1"], "`limits` is no parameter of nightly_train"),
        (["--pipeline", "nightly"], "no pipeline `nightly`"),
    ],
)
def test_wrong_usage_is_told(words: list[str], message: str, folder: Path, packages: Path) -> None:
    done = Pipec(folder, packages).submit(*words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "s3cret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_client_it_is_said_how_to_get_it(folder: Path) -> None:
    done = Pipec(folder).submit("--host", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert "pip install 'pipec[kubeflow]'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_pipeline_without_schedule_has_no_recurring_run(folder: Path, packages: Path) -> None:
    (folder / "p.pipe").write_text(PIPELINE.replace('  schedule = cron("30 2 * * 1-5")\n', ""), "utf-8")
    done = Pipec(folder, packages).submit("--recurring", "--host", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert "has no schedule: leave --recurring out" in done.stderr


def test_a_pipeline_with_errors_is_not_sent(folder: Path, server: StandIn) -> None:
    (folder / "p.pipe").write_text(PIPELINE.replace("limit: int", "limit: intt"), "utf-8")
    done = Pipec(folder, server.packages).submit("--host", server.address)
    assert done.returncode == 1
    assert "intt" in done.stderr
    assert server.requests == []
