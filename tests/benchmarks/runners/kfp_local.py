"""kfp.local: the pipeline of the Kubeflow SDK, each component in a process of its own, one after the other."""

from importlib import import_module
from typing import Any

from tests.benchmarks.runners.measured import given, measured

kfp: Any = import_module("kfp")
local: Any = import_module("kfp.local")
DAG = given()


# A component must hold all that it needs in its own body.
def nothing(seconds: float) -> None:
    import time

    if seconds:
        time.sleep(seconds)


def program(seconds: float) -> None:
    import subprocess

    subprocess.run(["true"], check=True)


def main() -> None:
    """The body of the pipeline."""
    component = kfp.dsl.component(program if DAG.action == "shell" else nothing, install_kfp_package=False)
    tasks: dict[str, Any] = {}
    for name, upstream in DAG.upstream.items():
        tasks[name] = component(seconds=DAG.seconds.get(name, 0.0))
        if upstream:
            tasks[name].after(*[tasks[other] for other in upstream])


if __name__ == "__main__":
    pipeline = kfp.dsl.pipeline(main, name="benchmark")
    local.init(runner=local.SubprocessRunner(use_venv=False), raise_on_error=True)
    measured(pipeline)
