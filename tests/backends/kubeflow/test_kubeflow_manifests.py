"""The resources of Kubernetes, against those that the SDK writes for the same specification."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pipec.backends.kubeflow.manifests import manifests

from tests.support.environments import environment
from tests.support.kubeflow import REQUIREMENTS, VERSION

# Compiles one pipeline with and without the format, with the options of each case.
PROGRAM = """
import json, sys, warnings
import yaml
from kfp import compiler, dsl, kubernetes
from kfp.compiler.compiler_utils import KubernetesManifestOptions

warnings.simplefilter("ignore")

@dsl.container_component
def say(text: str):
    return dsl.ContainerSpec(image="alpine:3.20", command=["echo"], args=[text])

@dsl.pipeline(name="two-words", description=DESCRIPTION)
def pipeline(text: str = "08"):
    task = say(text=text)
    if WITH_PLATFORM:
        kubernetes.set_timeout(task, 60)

def documents(**options):
    compiler.Compiler().compile(pipeline, "out.yaml", **options)
    with open("out.yaml") as file:
        return list(yaml.safe_load_all(file))

found = [
    documents(
        kubernetes_manifest_format=True,
        kubernetes_manifest_options=KubernetesManifestOptions(include_pipeline_manifest=True, **case),
    )
    for case in json.loads(sys.argv[1])
]
print(json.dumps([documents(), *found]))
"""

CASES: list[dict[str, str]] = [
    {},
    {"namespace": "team"},
    {"pipeline_name": "other", "pipeline_display_name": "An other one", "pipeline_version_name": "other-v2"},
]


@pytest.mark.engine
@pytest.mark.parametrize("description", [None, "Says it."])
@pytest.mark.parametrize("with_platform", [False, True])
def test_the_resources_are_those_of_the_sdk(description: str | None, with_platform: bool, tmp_path: Path) -> None:
    python = environment(f"kubeflow-{VERSION}", REQUIREMENTS, newest=(3, 13))
    program = PROGRAM.replace("DESCRIPTION", repr(description)).replace("WITH_PLATFORM", repr(with_platform))
    (tmp_path / "program.py").write_text(program, "utf-8")
    command = [str(python), "program.py", json.dumps(CASES)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (specification, *platforms), *expected = json.loads(done.stdout)
    platform: dict[str, Any] = platforms[0]["platforms"]["kubernetes"] if platforms else {}
    assert bool(platform) == with_platform
    for case, resources in zip(CASES, expected, strict=True):
        assert resources == manifests(
            case.get("pipeline_name", "two-words"),
            specification,
            platform,
            display_name=case.get("pipeline_display_name"),
            description=description,
            version_name=case.get("pipeline_version_name"),
            namespace=case.get("namespace"),
        )
