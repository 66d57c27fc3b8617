"""A page with one picture and nothing that runs."""

from __future__ import annotations

from html import escape

from pipec.pictures.markup import clean
from pipec.pictures.style import style_sheet


def plain_page(title: str, svg: str) -> str:
    """The HTML of the page. It asks no network and allows no script."""
    return f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(clean(title))}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0 auto; max-width: 1400px; }}
svg {{ display: block; max-width: 100%; height: auto; }}
{style_sheet()}</style>
</head>
<body>
{svg}</body>
</html>
"""
