"""What `pipec explain` prints."""

from __future__ import annotations

import json

import pytest

from pipec.diagnostics.catalogue import catalogue, explained
from pipec.diagnostics.explanations import for_machine, for_terminal, section
from pipec.diagnostics.formats import format_report
from tests.cli.conftest import Call

P0301 = """\
error[P0301]: an option is not known

No option has this name. A misspelt option that was passed over in silence would be a timeout that
never ends anything or a retry that never comes.

Correct the spelling: the help shows the nearest option, the manual has the table of all of them.
Options of one engine alone stand in a `target` block.

Wrong:

    pipeline daily {
      task load = shell('python load.py') { timout = 1h }
    }

What `pipec check example.pipe` says:

"""


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def test_a_code_is_explained_with_its_examples_and_what_is_said(call: Call) -> None:
    out = call("explain", "p0301").out
    assert out.startswith(P0301)
    rest = out.removeprefix(P0301)
    assert rest.startswith("    error[P0301]: unknown option `timout` on task `load`\n     --> example.pipe:2:")
    mended = "    pipeline daily {\n      task load = shell('python load.py') { timeout = 1h }\n    }\n"
    assert rest.endswith(f"\n\nMended:\n\n{mended}")


@pytest.mark.parametrize("code", ["P0104", "P0203", "P0505", "L001"])
def test_what_is_said_is_what_check_shows(code: str, call: Call) -> None:
    from pipec.cli.explain_findings import findings
    from pipec.diagnostics.model import Diagnostic

    (one,) = findings(explained(code).bad)
    assert isinstance(one, Diagnostic)
    shown = format_report([one], "full").partition("\n\n")[0]
    said = call("explain", code).out.partition(" says:\n\n")[2].partition("\n\nMended")[0]
    assert [line.removeprefix("    ") for line in said.splitlines()] == shown.splitlines()


def test_text_is_wrapped_to_the_terminal_and_code_is_not(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = call("explain", "P0203").out.splitlines()
    assert max(len(line) for line in lines[1 : lines.index("Wrong:")]) <= 40
    assert explained("P0203").bad.text.splitlines()[1] in [line.removeprefix("    ") for line in lines]


def test_files_of_an_example_stand_under_their_names(call: Call) -> None:
    out = call("explain", "P0103").out
    assert out.count("\n  example.pipe:\n    import ") == 2
    assert out.count("\n  training.pipe:\n    component train = ") == 2


def test_what_else_is_done_with_the_mended_example_is_said(call: Call) -> None:
    out = call("explain", "P0601").out
    assert "What `pipec run example.pipe --param dya=2026-01-31` says:" in out
    assert "Mended, with `pipec run example.pipe --param day=2026-01-31`:" in out


def test_color_is_asked_for(call: Call) -> None:
    plain = call("explain", "P0203").out
    painted = call("explain", "P0203", "--color", "always").out
    assert "\x1b[" not in plain
    assert painted.count("\x1b[1;31m") >= 2


def test_several_codes_each_once(call: Call) -> None:
    out = call("explain", "L001", "P0301", "l001").out
    assert [line for line in out.splitlines() if line.startswith(("error[", "warning["))] == [
        f"warning[L001]: {catalogue()['L001']}",
        f"error[P0301]: {catalogue()['P0301']}",
    ]


def test_all_codes_in_a_line_each(call: Call) -> None:
    assert call("explain").out.splitlines() == [f"{code}: {summary}" for code, summary in catalogue().items()]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("P031", "error: there is no code `P031`: there is `P0301`\n"),
        ("p0301x", "error: there is no code `p0301x`: there is `P0301`\n"),
        ("xyz", "error: there is no code `xyz`: `pipec explain` lists them\n"),
        ("../P0301", "error: there is no code `../P0301`: there is `P0301`\n"),
    ],
)
def test_what_is_no_code(code: str, said: str, call: Call) -> None:
    called = call("explain", code)
    assert (called.exit_code, called.out, called.err) == (2, "", said)


def test_json_holds_all_there_is(call: Call) -> None:
    document = json.loads(call("explain", "L001", "--output-format", "json").out)
    (one,) = document["codes"]
    explanation = explained("L001")
    assert document["format_version"] == 1
    assert (one["code"], one["severity"], one["summary"]) == ("L001", "warning", explanation.summary)
    assert one["text"] == explanation.text
    assert one["bad"]["files"] == {"example.pipe": explanation.bad.text, **explanation.bad.files}
    assert one["bad"]["says"].startswith("warning[L001]: ")
    assert one["mended"]["command"] == "pipec check example.pipe"
    assert "says" not in one["mended"]


def test_markdown_is_a_section_of_the_manual(call: Call) -> None:
    from pathlib import Path

    section = call("explain", "P0301", "--output-format", "markdown").out
    assert section.startswith("### P0301\n\n**An option is not known.**\n")
    assert section in (Path(__file__).parents[2] / "grammar" / "diagnostics.md").read_text("utf-8")


def test_check_ends_with_how_to_learn_more(call: Call, folder: object) -> None:
    assert call("check", "bad.pipe").out.endswith("\n\nfor more: pipec explain P0301 P0101\n")
    assert call("check", "bad.pipe", "--output-format", "concise").out.count("explain") == 0
    assert call("check", "etl.pipe").out == ""


def test_what_cannot_be_found_here_is_left_out() -> None:
    """A check that needs a program which is not installed says nothing of its own bad example."""
    one = explained("P0301")
    text = for_terminal(one, None, width=80, color=False)
    assert "says:" not in text
    assert one.bad.text.splitlines()[1] in text
    assert "says:" not in section(one, None)
    assert for_machine(one, None)["bad"]["says"] is None
