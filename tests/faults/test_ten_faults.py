"""Ten different faults in one file: one run of the check reports exactly those, each at its place."""

from __future__ import annotations

import re
from pathlib import Path

from pipec.api import check, load

FILE = Path(__file__).parent / "ten_faults.pipe"


def test_one_run_reports_the_ten_faults_and_nothing_else() -> None:
    errors = [one for one in check(load(FILE), ["airflow"]) if one.severity == "error"]
    written = [
        (number, code)
        for number, line in enumerate(FILE.read_text().splitlines(), 1)
        for code in re.findall(r"# (P\d{4})", line)
    ]
    assert len(written) == 10
    assert [(one.span.source.position(one.span.start)[0], one.code) for one in errors] == written
