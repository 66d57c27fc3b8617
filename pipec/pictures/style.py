"""The colours of pictures, light and dark.

It is plain CSS: programs that know no variables and no media queries draw the light ones. Orange against blue is told
apart by all kinds of colour blindness, and nothing is said by colour alone.
"""

from __future__ import annotations

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif'

_COLOURS: tuple[tuple[str, str, str, str], ...] = (
    (".paper", "fill", "#ffffff", "#0f1319"),
    (".text", "fill", "#1c2330", "#e6eaf1"),
    (".soft", "fill", "#667085", "#98a3b3"),
    (".box", "fill", "#ffffff", "#181d25"),
    (".box", "stroke", "#c3cad5", "#3c4552"),
    (".critical .box", "fill", "#fff6ef", "#2b1c11"),
    (".critical .box", "stroke", "#d9520b", "#f0853a"),
    (".chip", "fill", "#f3f5f8", "#232a34"),
    (".chip", "stroke", "#d5dbe4", "#3c4552"),
    (".critical .chip", "fill", "#ffe8d6", "#43260f"),
    (".critical .chip", "stroke", "#d9520b", "#f0853a"),
    (".bar.critical", "fill", "#d9520b", "#f0853a"),
    (".bar.tight", "fill", "#f2ab63", "#b9773a"),
    (".bar.some", "fill", "#8bb8e0", "#4d7ca8"),
    (".bar.ample", "fill", "#2c6fb3", "#6fb1ee"),
    (".bar.idle", "fill", "#dfe3ea", "#333c48"),
    (".frame", "fill", "#f6f7f9", "#151a21"),
    (".frame", "stroke", "#dbe0e8", "#2e3641"),
    (".frame.inner", "fill", "#eef0f4", "#1b212a"),
    (".sheet", "fill", "#eaf1f9", "#16212e"),
    (".sheet", "stroke", "#a9c4e2", "#3b5878"),
    (".frame.map", "fill", "#f3f8fd", "#131c27"),
    (".frame.map", "stroke", "#a9c4e2", "#3b5878"),
    (".edge", "stroke", "#98a2b3", "#667386"),
    (".arrow", "fill", "#98a2b3", "#667386"),
    (".edge.critical", "stroke", "#d9520b", "#f0853a"),
    (".arrow.critical", "fill", "#d9520b", "#f0853a"),
    (".side", "fill", "#ffffff", "#0f1319"),
    (".side", "stroke", "#98a2b3", "#667386"),
    (".grid", "stroke", "#e4e7ec", "#262d37"),
    (".slack", "fill", "#dfe5ee", "#29313c"),
    (".queued", "fill", "#c3cad5", "#4a5463"),
    (".bar.failed", "fill", "#8a1c4a", "#f0699f"),
    (".stripe", "fill", "#ffffff", "#0f1319"),
    (".limit", "stroke", "#b42369", "#f0699f"),
    (".limit-text", "fill", "#b42369", "#f0699f"),
)
"""Selector, property, value in light, value in dark. What comes later wins."""

_SHAPES = f"""\
text {{ font-family: {FONT}; }}
.title {{ font-size: 13px; font-weight: 600; }}
.detail {{ font-size: 11px; }}
.badge {{ font-size: 10px; }}
.name {{ font-size: 18px; font-weight: 650; }}
.summary {{ font-size: 12.5px; }}
.frame-title {{ font-size: 11.5px; font-weight: 600; }}
.frame-note {{ font-size: 11.5px; font-weight: 400; }}
.title .detail {{ font-weight: 400; }}
.end {{ text-anchor: end; }}
.middle {{ text-anchor: middle; }}
.strong {{ font-weight: 600; }}
.box, .chip, .frame, .sheet {{ stroke-width: 1; }}
.critical .box {{ stroke-width: 2; }}
.idle > .box, .idle > .chip {{ stroke-dasharray: 4 3; }}
.frame.finally {{ stroke-dasharray: 6 4; stroke-width: 1.5; }}
.edge {{ fill: none; stroke-width: 1.4; stroke-linejoin: round; }}
.edge.critical {{ stroke-width: 2.6; }}
.edge.faint {{ stroke-width: 1.1; stroke-dasharray: 2 4; stroke-linecap: round; }}
.label {{ font-size: 12px; }}
.stripe {{ fill-opacity: 0; }}
.grid {{ stroke-width: 1; }}
.limit {{ stroke-width: 1.5; stroke-dasharray: 5 3; }}
"""


def style_sheet() -> str:
    """The style of a picture: shapes, the light colours, the dark ones where these are preferred.

    In a page, `data-theme` of the root element chooses before what the reader prefers.
    """
    dark = "\n".join(_rules(3, ':root:not([data-theme="light"]) '))
    chosen = "\n".join(_rules(3, ':root[data-theme="dark"] '))
    light = "\n".join(_rules(2, ""))
    return f"{_SHAPES}{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n{chosen}\n"


def _rules(column: int, scope: str) -> list[str]:
    return [f"{scope}{row[0]} {{ {row[1]}: {row[column]}; }}" for row in _COLOURS]
