"""The page of the codes is that of the catalogue, and its links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from pipec.cli.explain_findings import what_it_says
from pipec.diagnostics.catalogue import codes, explained
from pipec.diagnostics.explanations import page
from tests.grammar.manual import MANUAL, manual_text

PAGE = MANUAL.parent / "diagnostics.md"


def test_the_page_is_that_of_the_catalogue(golden: Callable[[Path, str], None]) -> None:
    golden(PAGE, page((one := explained(code), what_it_says(one, color=False)) for code in codes()))


def test_every_code_has_a_heading_that_the_manual_links_to() -> None:
    headings = re.findall(r"^### (\w+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sorted(headings) == codes()
    linked = re.findall(r"\]\(diagnostics\.md#(\w+)\)", manual_text())
    assert linked == [code.lower() for code in codes()]


def test_the_contents_lead_to_the_areas() -> None:
    text = PAGE.read_text("utf-8")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    areas = re.findall("^## (.+)$", prose, re.MULTILINE)
    assert re.findall(r"^- \[(.+)\]\(#(.+)\)$", prose, re.MULTILINE) == [
        (area, area.lower().replace(" ", "-")) for area in areas
    ]
