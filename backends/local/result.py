"""What a run came to: the object `pipec run --json` prints and the store keeps, with a JSON schema of its own."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from pipec.engine.events import State
from pipec.ir.base import Model


class TaskResult(Model):
    """One task of a run. Times are ISO 8601 with offset, null where no attempt was made."""

    state: State
    attempts: int = Field(description="Attempts made; 0 for a task that never ran.")
    started_at: str | None = Field(default=None, description="Start of the first attempt.")
    ended_at: str | None = Field(default=None, description="End of the last attempt.")
    duration_s: float = Field(default=0.0, description="Seconds its attempts ran, without waiting in between.")
    outputs: dict[str, Any] = Field(default={}, description="Outputs by name, in their JSON form.")
    error: str | None = Field(default=None, description="Why the last attempt failed.")
    log: str | None = Field(default=None, description="Path of the last attempt's log.")


class RunResult(Model):
    """A run that is over. `interrupted` says that it was ended from outside before its time."""

    run_id: str
    pipeline: str
    state: Literal["success", "failed"]
    interrupted: bool = False
    started_at: str
    ended_at: str
    duration_s: float
    parameters: dict[str, Any] = {}
    returns: Any = None
    error: str | None = Field(default=None, description="A fault of the run itself: of its return value.")
    tasks: dict[str, TaskResult] = Field(description="By task id, in source order.")

    def json_text(self) -> str:
        """The object as it is printed and kept."""
        return self.model_dump_json(indent=2) + "\n"
