"""Progress of a run for a person."""

from __future__ import annotations

from pipec.diagnostics.style import Painter

from .live_display import LiveDisplay
from .observer import Observer
from .plain_display import PlainDisplay
from .streams import Output


def display_for(stream: Output, *, live: bool, color: bool) -> Observer:
    """The display that suits a stream."""
    return LiveDisplay(stream, Painter(color)) if live else PlainDisplay(stream, Painter(color))
