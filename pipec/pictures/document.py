"""The frame of every page with pictures: one HTML document that asks no network."""

from __future__ import annotations

from html import escape

from pipec.pictures.markup import clean


def html_document(title: str, style: str, body: str, script_source: str = "") -> str:
    """A whole page. No script runs in it but that of `script_source`, in the words of a security policy."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    if script_source:
        policy += f"; script-src {script_source}"
    return f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{escape(clean(title))}</title>
<style>
{style}</style>
</head>
<body>
{body}</body>
</html>
"""
