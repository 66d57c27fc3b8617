"""Every fault the semantics stage knows: found alone, at its place, and said so that it can be mended."""

from __future__ import annotations

import pytest

from pipec.diagnostics.catalogue import codes
from tests.semantics.fault_table import OTHERS, SIX, SIX_PLACES, TEN, Fault
from tests.semantics.support import all_text, check, found

_ALL = {
    **TEN,
    **{f"{number} {fault.place[0]} {fault.says[0]}": fault for number, fault in enumerate(OTHERS)},
}


@pytest.mark.parametrize("fault", _ALL.values(), ids=_ALL.keys())
def test_a_fault_is_found_alone_and_at_its_place(fault: Fault) -> None:
    assert found(fault.text, fault.files, fault.constants) == [fault.place]


@pytest.mark.parametrize("fault", _ALL.values(), ids=_ALL.keys())
def test_a_fault_says_what_is_wrong(fault: Fault) -> None:
    (diagnostic,) = check(fault.text, fault.files, fault.constants).diagnostics.sorted()
    said = all_text(diagnostic)
    assert [words for words in fault.says if words not in said] == []
    assert "\n" not in diagnostic.message


@pytest.mark.parametrize("fault", _ALL.values(), ids=_ALL.keys())
def test_errors_leave_no_program_and_lints_do(fault: Fault) -> None:
    loaded = check(fault.text, fault.files, fault.constants)
    assert (loaded.program is None) == (not fault.place[0].startswith("L"))


def test_every_code_has_a_file_that_produces_it() -> None:
    of_this_stage = {code for code in codes() if code.startswith(("P01", "P02", "P03", "P040", "P041", "L00"))}
    assert of_this_stage - {"L004"} <= {fault.place[0] for fault in _ALL.values()}


def test_one_file_with_six_faults_reports_all_six() -> None:
    assert found(SIX, {"lib.pipe": "const unused = 1"}) == SIX_PLACES
