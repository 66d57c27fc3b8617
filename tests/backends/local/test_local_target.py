"""The target as the registry knows it, and what its workers cost."""

from __future__ import annotations

import subprocess
import sys

from pipec.analysis.features import FEATURES
from pipec.backend import CompileRequest, load_backend
from pipec.ir.model import Program
from tests.support.ir_builder import pipeline

NOT_OFFERED = {
    "image",
    "notebook",
    "sql",
    "sub_pipeline",
    "approval",
    "wait.file",
    "wait.object",
    "wait.task",
    "wait.asset",
    "wait.message",
    "wait.until",
    "wait.python",
    "map",
    "option.secrets",
    "option.volumes",
}


def test_every_feature_has_an_answer() -> None:
    capabilities = load_backend("local").capabilities
    assert set(capabilities) == set(FEATURES)
    assert {name for name, capability in capabilities.items() if capability.support == "no"} == NOT_OFFERED


def test_answers_other_than_yes_say_why_and_the_way_out() -> None:
    for capability in load_backend("local").capabilities.values():
        assert (capability.reason == "") == (capability.support == "native")
        assert (capability.way_out != "") == (capability.support == "no")


def test_there_is_nothing_to_compile() -> None:
    program = Program(source="test.pipe", digest="", pipelines={"p": pipeline()}, own=("p",))
    assert load_backend("local").compile(CompileRequest(program, "p")) == ()


def test_a_worker_imports_the_standard_library_and_the_runtime_alone() -> None:
    loaded = modules_after("pipec.backends.local.worker") - modules_after("sys")
    assert {name for name in loaded if name.startswith("pipec")} == {
        "pipec",
        "pipec.backend",
        "pipec.backends",
        "pipec.backends.local",
        "pipec.backends.local.worker",
        "pipec.runtime",
        "pipec.runtime.values",
    }
    assert {name.partition(".")[0] for name in loaded} <= {"pipec", *sys.stdlib_module_names}


def modules_after(module: str) -> set[str]:
    """All modules loaded by a new process that imports one."""
    script = f"import sys, {module}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())
