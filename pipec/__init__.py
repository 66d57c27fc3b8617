"""pipec: one language for ML pipelines, compiled to the orchestrators that teams already run.

The public Python API. Each name is imported when it is first used, so that `import pipec` costs nothing::

    import pipec

    loaded = pipec.load("pipeline.pipe")
    for diagnostic in pipec.check(loaded, targets=["airflow"]):
        print(diagnostic.code, diagnostic.message)
    for file in pipec.compile(loaded, "airflow"):
        print(file.path, file.text)
    print(pipec.plan(loaded).critical_path)
    print(pipec.simulate(loaded, slots=2).findings[0].makespan.p95)
    print(pipec.diff(pipec.load("before.pipe"), loaded).has_effect)
    print([result.state for result in pipec.test(loaded)])
    print(pipec.run(loaded, parameters={"min_auc": 0.9}).state)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipec.api import CompileError, Loaded, UnreadableError, check, compile, diff, load, plan, run, simulate, test

__version__ = "0.1.0"

__all__ = [
    "CompileError",
    "Loaded",
    "UnreadableError",
    "check",
    "compile",
    "diff",
    "load",
    "plan",
    "run",
    "simulate",
    "test",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        from pipec import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
