"""What all IR models have in common, and where they came from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value: equal when its fields are equal, refusing fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Location(Model):
    """Where in the source something was written. `file` is relative to the folder of the compiled file.

    Offsets count characters from 0; lines and columns count from 1.
    """

    file: str
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int
