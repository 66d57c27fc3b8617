"""`pipec fmt`: what it writes, what it only shows, and how it ends."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Call

MESSY = "pipeline a{task b=shell('true')}\n"
NEAT = "pipeline a {\n  task b = shell('true')\n}\n"
BROKEN = "pipeline a {\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a messy file, a neat one, and a broken one in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lib").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "messy.pipe").write_text(MESSY)
    (tmp_path / "lib" / "neat.pipe").write_text(NEAT)
    (tmp_path / "broken" / "file.pipe").write_text(BROKEN)
    return tmp_path


def give_stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8"))


def test_files_are_written_in_place(call: Call, place: Path) -> None:
    called = call("fmt", "messy.pipe", "lib")
    assert (called.exit_code, called.out) == (0, "")
    assert called.err == "1 file reformatted, 1 file left unchanged\n"
    assert (place / "messy.pipe").read_text() == NEAT
    assert call("fmt", "messy.pipe", "lib").err == "2 files left unchanged\n"


def test_a_file_with_a_fault_is_left_alone_and_the_others_are_written(call: Call, place: Path) -> None:
    called = call("fmt")
    assert called.exit_code == 1
    assert "error[P0010]" in called.err
    assert called.err.endswith(
        "1 file reformatted, 1 file left unchanged, 1 file not formatted: the faults above come first\n"
    )
    assert (place / "broken" / "file.pipe").read_text() == BROKEN
    assert (place / "messy.pipe").read_text() == NEAT


def test_check_names_what_would_change_and_writes_nothing(call: Call, place: Path) -> None:
    called = call("fmt", "--check", "messy.pipe", "lib")
    assert (called.exit_code, called.out) == (1, "would reformat messy.pipe\n")
    assert called.err == "1 file would be reformatted, 1 file already formatted\n"
    assert (place / "messy.pipe").read_text() == MESSY
    assert call("fmt", "--check", "lib").exit_code == 0


def test_diff_shows_what_would_change_and_writes_nothing(call: Call, place: Path) -> None:
    called = call("fmt", "--diff", "messy.pipe", "lib")
    assert called.exit_code == 1
    assert called.out == (
        "--- messy.pipe\n+++ messy.pipe\n@@ -1 +1,3 @@\n"
        "-pipeline a{task b=shell('true')}\n+pipeline a {\n+  task b = shell('true')\n+}\n"
    )
    assert (place / "messy.pipe").read_text() == MESSY
    assert call("fmt", "--diff", "lib").exit_code == 0


def test_stdin_goes_to_stdout(call: Call, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give_stdin(monkeypatch, MESSY)
    called = call("fmt", "-")
    assert (called.exit_code, called.out) == (0, NEAT)


def test_stdin_with_a_fault_gives_nothing(call: Call, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give_stdin(monkeypatch, BROKEN)
    called = call("fmt", "-", "--stdin-filename", "named.pipe")
    assert (called.exit_code, called.out) == (1, "")
    assert "named.pipe:1:" in called.err


def test_a_file_that_cannot_be_read(call: Call, place: Path) -> None:
    called = call("fmt", "other.pipe", "messy.pipe")
    assert called.exit_code == 2
    assert "error: cannot read other.pipe" in called.err
    assert (place / "messy.pipe").read_text() == NEAT


def test_a_file_that_is_no_text_is_left_alone(call: Call, place: Path) -> None:
    content = b"const   a = '\xff'\n"
    (place / "other.pipe").write_bytes(content)
    called = call("fmt", "other.pipe", "messy.pipe")
    assert called.exit_code == 1
    assert "P0019" in called.err
    assert (place / "other.pipe").read_bytes() == content
    assert (place / "messy.pipe").read_text() == NEAT


def test_permissions_and_links_are_kept(call: Call, place: Path) -> None:
    target = place / "messy.pipe"
    target.chmod(0o640)
    os.symlink("messy.pipe", place / "link.pipe")
    assert call("fmt", "link.pipe").exit_code == 0
    assert (place / "link.pipe").is_symlink()
    assert target.read_text() == NEAT
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in place.iterdir()) == ["broken", "lib", "link.pipe", "messy.pipe"]


def test_other_line_ends_become_those_of_the_layout(call: Call, place: Path) -> None:
    (place / "messy.pipe").write_bytes(NEAT.replace("\n", "\r\n").encode())
    assert call("fmt", "--check", "messy.pipe").exit_code == 1
    assert call("fmt", "messy.pipe").exit_code == 0
    assert (place / "messy.pipe").read_bytes() == NEAT.encode()
