"""Shell texts: what bash cannot read, at which place, and variables that are misspelt."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipec.references.bash import BashFault, bash_findings, is_plain
from pipec.references.variables import misspelt_variables
from tests.references.support import diagnostics_of, said, task

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash to ask")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'for x in 1 2; do echo $x; fi'", "[fi] bash cannot read this text: `fi` is not expected here"),
        ("'echo )'", "[)] bash cannot read this text: `)` is not expected here"),
        ("'echo a && && b'", "[echo a && && b] bash cannot read this text: `&&` is not expected here"),
        ("'echo \"abc'", '["] bash cannot read this text: `"` is never closed'),
        ("'echo $(date'", "[(] bash cannot read this text: `(` is never closed"),
        ("'echo ${x'", "[{] bash cannot read this text: `{` is never closed"),
        ("'[[ a == ]] && b'", "[[[ a == ]] && b] bash cannot read this text: unexpected argument `]]' to conditional"
         " binary operator"),
        ("'if true; then echo'", "[if true; then echo] bash cannot read this text: something that it begins, such as"
         " `if`, `for`, `case` or `{`, never ends"),
        ('"for x in 1; fi"', "[fi] bash cannot read this text: `fi` is not expected here"),
        ('"for x in \\"1\\"; fi"', '["for x in \\"1\\"; fi"] bash cannot read this text: `fi` is not expected here'),
        ("'''\n    set -e\n    for x in 1; do\n      echo é\n    fi\n  '''",
         "[fi] bash cannot read this text: `fi` is not expected here"),
        ("'''for x in 1; do\n    fi'''", "[fi] bash cannot read this text: `fi` is not expected here"),
        ('"""\n  echo a\n\n  (\n"""', "[(] bash cannot read this text: something that it begins, such as"
         " `if`, `for`, `case` or `{`, never ends"),
    ],
)  # fmt: skip
def test_what_bash_cannot_read(tmp_path: Path, text: str, expected: str) -> None:
    assert said(diagnostics_of(tmp_path, task(f"shell({text})"))) == [f"P0705 {expected}"]


def test_places_are_right_with_line_ends_of_windows(tmp_path: Path) -> None:
    text = "pipeline p {\r\n  task t = shell('''\r\n    echo a\r\n    fi\r\n  ''')\r\n}\r\n"
    (tmp_path / "main.pipe").write_bytes(text.encode())
    [found] = diagnostics_of(tmp_path, text)
    assert (found.span.text, found.span.source.position(found.span.start)[0]) == ("fi", 4)


def test_texts_of_other_constructors_and_of_components(tmp_path: Path) -> None:
    text = (
        "component c = shell('fi')\n"
        "pipeline p {\n"
        "  task a = c\n"
        "  task b = c\n"
        '  task d = command(["bash", "-ec", "done"])\n'
        '  task e = image("repo:1", command = ["/bin/bash", "-c"], args = ["esac"])\n'
        '  task f = command(["python", "-c", "print(("])\n'
        "}\n"
    )
    assert [(one.code, one.span.text) for one in diagnostics_of(tmp_path, text)] == [
        ("P0705", "fi"),
        ("P0705", "done"),
        ("P0705", "esac"),
    ]


def test_a_here_document_that_is_never_closed(tmp_path: Path) -> None:
    text = "'''\n    cat <<EOF\n    abc\n      EOF\n    '''"
    assert said(diagnostics_of(tmp_path, task(f"shell({text})"))) == [
        "L210 [cat <<EOF] the here-document is never closed: `EOF` does not stand alone on a line"
        " | end it by a line of `EOF` alone, without blanks around it"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "cat <<EOF\n$x\nEOF\n",
        "shopt -s extglob\nls !(a)",
        "alias x='for'\nx y in 1; do :; done",
        "head -c 10\nexit 0\n((( what follows is data",
        "case $x in a) echo;; b) echo;& esac",
        "echo a |& tee",
        "echo \\\n  b",
        "echo a \\",
        "f() { echo; }; f",
        'echo "it\'s"',
        "awk '{ print $1 }' \"$data\"",
    ],
)
def test_nothing_is_said_of_what_bash_reads(text: str) -> None:
    assert bash_findings([text, "for x in 1; do echo; done"]) == {}


_LEFT_OPEN = ['echo "', "echo '", "if x; then", "fi", "cat <<X", "}", "{", "echo `", "echo $(", "case x in", ")", "(("]


@pytest.mark.parametrize("first", range(len(_LEFT_OPEN)))
def test_one_fault_does_not_hide_behind_another(first: int) -> None:
    good = [f"for x in {number}; do echo {first}; done" for number in range(30)]
    for second in range(len(_LEFT_OPEN)):
        faulty = [f"{_LEFT_OPEN[first]} # {second}", f"# {first}\n{_LEFT_OPEN[second]}"]
        if "<<" in faulty[0]:
            faulty[0] = faulty[0].partition(" #")[0]
        assert set(bash_findings([*good[:10], faulty[0], *good[10:20], faulty[1], *good[20:]])) == set(faulty)


def test_nothing_of_a_text_is_executed_and_nothing_of_the_environment_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = tmp_path / "witness"
    start = tmp_path / "start.sh"
    start.write_text(f"touch {witness}\n")
    monkeypatch.setenv("BASH_ENV", str(start))
    monkeypatch.setenv("ENV", str(start))
    texts = [f"touch {witness}; fi", f"}}; touch {witness}; {{ :", f"$(touch {witness})`touch {witness}`", "((x=1))"]
    assert f"touch {witness}; fi" in bash_findings(texts)
    assert not witness.exists()


def test_an_old_bash_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bash"
    old.write_text("#!/bin/sh\necho 'GNU bash, version 3.2.57(1)-release'\necho 'bash: line 1: syntax error' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin")
    assert bash_findings(["for x in 1; fi"]) == {}


def test_a_bash_that_does_not_answer_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "bash"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin")
    monkeypatch.setattr("pipec.references.bash._LONGEST_LOOK", 0.1)
    assert bash_findings(["for x in 1; fi"]) == {}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("python train.py --data \"$data\" > out.txt", False),
        ("python train.py --data \"$data\" --rounds ${rounds} 'a b'", True),
        ("cd /tmp && ls -l | wc -l; echo done_now", True),
        ("set -e\npython a.py\npython b.py\n", True),
        ("# what it does\necho a", True),
        ("echo if", False),
        ("x=(1 2)", False),
        ('echo "a', False),
        ("echo $(date)", False),
    ],
)  # fmt: skip
def test_which_texts_need_no_look(text: str, plain: bool) -> None:
    assert is_plain(text) is plain


_PIECES = [
    "echo",
    " ",
    "\n",
    ";",
    "&&",
    "|",
    "'",
    '"',
    "$x",
    "${x}",
    "a=b",
    "#",
    "!",
    "-n",
    "(",
    "fi",
    "=",
    "{",
    "}",
    "\\",
]


@pytest.mark.engine
@given(st.lists(st.sampled_from(_PIECES), max_size=8).map("".join))
def test_bash_reads_every_text_that_needs_no_look(text: str) -> None:
    if is_plain(text):
        done = subprocess.run(["bash", "-n"], input=text.encode(), capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.engine
@given(st.lists(st.lists(st.sampled_from([*_PIECES, "if", "then", "done", "<<E", "`", "$("]), max_size=6).map("".join)))
def test_what_is_reported_is_what_bash_says_of_the_text_alone(texts: list[str]) -> None:
    for text, finding in bash_findings(texts).items():
        done = subprocess.run(["bash", "-n"], input=text.encode(), capture_output=True, check=False)
        assert bool(done.stderr), text
        if isinstance(finding, BashFault):
            assert any(b"warning" not in line for line in done.stderr.splitlines())


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("echo $data", {"dat"}, [("data", "dat", 5)]),
        ("echo ${data}", {"dat"}, [("data", "dat", 5)]),
        ('a "$DAY"', {"day"}, [("DAY", "day", 3)]),
        ("echo $data $dat", {"dat"}, []),
        ("echo ${data:-x}", {"dat"}, []),
        ("data=1; echo $data", {"dat"}, []),
        ("read data; echo $data", {"dat"}, []),
        ("for data in a b; do echo $data; done", {"dat"}, []),
        ("echo '$data'", {"dat"}, []),
        ('echo "it\'s $data"', {"dat"}, [("data", "dat", 11)]),
        ("echo \\$data", {"dat"}, []),
        ("echo $HOME $PIPEC_OUTPUTS", {"rows"}, []),
        ("echo $data", set(), []),
        ("echo $input_path", {"output_file"}, []),
        ("echo $workdri $dta", {"workdir", "data"}, [("workdri", "workdir", 5), ("dta", "data", 14)]),
    ],
)
def test_misspelt_variables(text: str, given: set[str], expected: list[tuple[str, str, int]]) -> None:
    assert list(misspelt_variables(text, frozenset(given))) == expected


def test_misspelt_variables_are_shown_in_their_text(tmp_path: Path) -> None:
    text = task("shell('''\n    echo a\n    echo \"$dya\"\n  ''')", "day", options='env = { MODE: "x" }')
    [found] = diagnostics_of(tmp_path, text)
    assert said([found]) == ["L203 [$dya] `$dya` is nothing that task `t` is given | there is `$day`"]
    assert found.span.source.position(found.span.start) == (4, 11)
