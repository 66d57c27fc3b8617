"""Why something cannot be simulated as asked."""

from __future__ import annotations


class SimulationError(Exception):
    """What was asked for means nothing, or never ends: the message says what."""


class NamingError(SimulationError):
    """A name stands for nothing, or a value is not of its type."""


class WhatIfError(SimulationError):
    """A change cannot be understood or made."""


class NeverEndsError(SimulationError):
    """A simulated run does not end: something in it waits for ever."""
