"""What a cluster makes of `finally` otherwise than the language does."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.backend import Advice
from pipec.ir.model import Pipeline


def finally_advice(pipeline: Pipeline) -> Iterator[Advice]:
    """That the failure of an exit task is no failure of the run: Argo calls it as a hook, and looks past its end."""
    for task in pipeline.tasks:
        if task.is_finally:
            yield Advice(
                "P0507",
                "where it fails on a cluster of Kubeflow, the run succeeds all the same",
                "put what must not fail before `finally`, or say `# pipec: ignore[P0507]` where it may",
                task.location,
                f"task `{task.id}` of finally",
            )
