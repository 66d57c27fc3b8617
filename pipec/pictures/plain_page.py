"""A page with one picture and nothing that runs."""

from __future__ import annotations

from pipec.pictures.document import html_document
from pipec.pictures.style import style_sheet

_STYLE = """\
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 1400px; }
svg { display: block; max-width: 100%; height: auto; }
"""


def plain_page(title: str, svg: str) -> str:
    """The HTML of the page. It asks no network and allows no script."""
    return html_document(title, _STYLE + style_sheet(), svg)
