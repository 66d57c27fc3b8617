"""Generated files with pods, queries, notebooks and secrets, as people read them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.backends.airflow.compiling import compile_text

PIPELINE = """
    pipeline training(day: date = run.date) {
      target airflow { service_account_name = "trainer"  image_pull_policy = "IfNotPresent" }
      task fetch -> { path: str, rows: int } = python("steps:fetch") { env = { TOKEN: secret("token") } }
      task train(DATA = fetch.path, epochs = 8) -> { model: model, auc: float } = image("registry.example.com/train:1",
        command = ["python", "train.py"], args = ["--rows", fetch.rows, "--day=${day}", "$(DATA)"]) {
        resources = { cpu: 8, memory: 32Gi, gpu: 1, spot: true, tolerations: ["gpu:NoSchedule"] }
        volumes = { claim: "datasets", mount_path: "/data", read_only: true }
        secrets = { KEY: secret("keys/api"), "/etc/keys/tls.pem": secret("keys/tls") }
        retry = { max: 2, on: [75] }
        require auc > 0.5 else "an auc of ${auc}"
      }
      task plain = image("alpine:3", args = ["date"])
      task steps(model = train.model, day) -> int = python("steps:count") { image = "steps:1"  working_dir = "/app" }
      task totals(day) -> { n: int, names: json } = sql("select 1 as n, ':day' as names where :day > 0", conn = "db")
      task clean = sql("delete from a; delete from b", conn = "db")
      task report(n = totals.n) = notebook("report.ipynb") { secrets = { KEY: secret("key") } }
      task extra(n = totals.n) -> int = python("steps:extra") { packages = ["numpy>=2"] }
      task heavy = python("steps:heavy") {
        resources = { memory: 64Gi }
        target airflow { executor = "KubernetesExecutor" }
      }
    }"""

WIRING = """\
    train = PodOperator(
        task_id="train",
        image="registry.example.com/train:1",
        cmds=["python", "train.py"],
        arguments=[
            "--rows",
            "{{ train_fields(params, dag_run, ti)['argument 2'] | replace('$', '$$') }}",
            "{{ train_fields(params, dag_run, ti)['argument 3'] | replace('$', '$$') }}",
            "$$(DATA)",
        ],
        env_vars={
            "DATA": "{{ train_fields(params, dag_run, ti)['DATA'] | replace('$', '$$') }}",
            "epochs": "8",
            "PIPEC_OUTPUTS": "/airflow/xcom",
        },
        secrets=[Secret("env", "KEY", "keys", "api")],
        container_resources=k8s.V1ResourceRequirements(
            requests={"cpu": "8", "memory": "32Gi", "nvidia.com/gpu": "1"},
            limits={"cpu": "8", "memory": "32Gi", "nvidia.com/gpu": "1"},
        ),
        tolerations=[k8s.V1Toleration(key="gpu", operator="Exists", effect="NoSchedule"), *SPOT_TOLERATIONS],
        affinity={"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": SPOT_PREFERENCES}},
        volumes=[
            k8s.V1Volume(
                name="volume-1",
                persistent_volume_claim=k8s.V1PersistentVolumeClaimVolumeSource(claim_name="datasets"),
            ),
            k8s.V1Volume(
                name="secret-file-1",
                secret=k8s.V1SecretVolumeSource(secret_name="keys", items=[k8s.V1KeyToPath(key="tls", path="tls.pem")]),
            ),
        ],
        volume_mounts=[
            k8s.V1VolumeMount(name="volume-1", mount_path="/data", read_only=True),
            k8s.V1VolumeMount(name="secret-file-1", mount_path="/etc/keys/tls.pem", sub_path="tls.pem", read_only=True),
        ],
        image_pull_policy="IfNotPresent",
        service_account_name="trainer",
        outputs={"model": "model", "auc": "float"},
        requirements=train_requirements,
"""


def test_a_pod_reads_as_a_person_would_write_it() -> None:
    assert WIRING in compile_text(PIPELINE)


def test_the_file_is_in_good_style(tmp_path: Path) -> None:
    file = tmp_path / "training_dag.py"
    file.write_text(compile_text(PIPELINE), "utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    length = ["--line-length", "120", "--isolated"]
    for command in (
        ["format", "--check", *length],
        ["check", "--select", "E4,E7,E9,F,I,AIR3", "--preview", *length],
    ):
        ended = subprocess.run([*ruff, *command, str(file)], capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_plain_pod_needs_nothing_of_pipec() -> None:
    text = compile_text('pipeline p { task work = image("alpine:3", args = ["date"]) { retries = 1  timeout = 1h } }')
    assert "Copied from pipec" not in text
    assert "KubernetesPodOperator(" in text
    assert "def " not in text
