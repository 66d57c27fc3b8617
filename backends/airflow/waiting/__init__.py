"""Waits and approvals: tasks that run nothing until something is there, or somebody answers."""

from __future__ import annotations

from .approvals import write_approval
from .looks import write_look
from .until import is_time, write_until

__all__ = ["is_time", "write_approval", "write_look", "write_until"]
