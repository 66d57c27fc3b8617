"""What a run that is resumed knows of its earlier part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Restored:
    """An instance of a task in the earlier part of a run.

    `attempts` were begun then; further ones are counted on from there, with all retries anew. `outputs` are those of
    its success, None where it had none: a success stands as long as its inputs are still `inputs`, and the elements of
    its command line `arguments`, where those are known.
    """

    attempts: int = 0
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] | None = None
    arguments: tuple[str, ...] | None = None
