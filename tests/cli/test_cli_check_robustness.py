"""`pipec check` on files that are no good at all: a diagnostic or one clear line, never a traceback, never a hang."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Call

GOOD = "pipeline p {\n  task a = shell('true')\n  task b after a = shell('true')\n}\n"
LEVELS = 100_000
MEGABYTES = 5_000_000


def concise(call: Call, *words: str) -> tuple[int, list[str]]:
    """The exit code of a check and its lines, without the file's name."""
    called = call("check", *words, "--output-format", "concise")
    assert "bug in pipec" not in called.err
    return called.exit_code, [line.split(":", 1)[1] for line in called.out.splitlines()]


# --- bytes ---------------------------------------------------------------------------------------

CONTENTS: dict[str, tuple[bytes, int, list[str]]] = {
    "empty": (b"", 0, []),
    "blank": (b" \r\n\t\n", 0, []),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), 0, []),
    "line ends of Windows": (GOOD.replace("\n", "\r\n").encode(), 0, []),
    "a fault between line ends of Windows": (
        b"pipeline p {\r\n  task a = shel('true')\r\n}\r\n",
        1,
        ["2:12: error[P0307]: `shel` is no implementation [fix]"],
    ),
    "lone carriage returns": (GOOD.replace("\n", "\r").encode(), 0, []),
    "NUL bytes": (
        b"pipeline p {\0 }",
        1,
        ["1:13: error[P0001]: unexpected character `U+0000`"],
    ),
    "bytes that are not UTF-8": (
        b"pipeline p {\n  task a = shell('caf\xe9') # \xff\xfe\n  task b after a = shell('x')\n}\n",
        1,
        ["2:22: error[P0019]: not UTF-8 text: byte E9", "2:28: error[P0019]: not UTF-8 text: bytes FF FE"],
    ),
    "bytes that are not UTF-8, for a name": (
        b"pipeline \xff p { task a = shell('x') }",
        1,
        ["1:10: error[P0019]: not UTF-8 text: byte FF"],
    ),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_bytes_of_a_file(call: Call, folder: Path, name: str) -> None:
    content, exit_code, lines = CONTENTS[name]
    (folder / "any.pipe").write_bytes(content)
    assert concise(call, "any.pipe") == (exit_code, lines)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_text_in_another_encoding_is_named(call: Call, folder: Path, encoding: str) -> None:
    (folder / "any.pipe").write_text(GOOD, encoding)
    called = call("check", "any.pipe")
    assert called.exit_code == 2
    assert called.err == f"error: cannot read 'any.pipe': it is {encoding.upper()} text: save it as UTF-8\n"


def test_a_fix_leaves_bytes_that_are_not_utf_8_as_they_are(call: Call, folder: Path) -> None:
    (folder / "any.pipe").write_bytes(b"pipeline p { task a = shell('\xe9') { tmeout = 1h } }")
    assert call("check", "--fix", "any.pipe").exit_code == 1
    assert (folder / "any.pipe").read_bytes() == b"pipeline p { task a = shell('\xe9') { timeout = 1h } }"


def test_a_terminal_that_knows_few_characters(folder: Path) -> None:
    (folder / "any.pipe").write_text("const größe = 1\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "pipec", "check", "any.pipe"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"const gr\\xf6\\xdfe = 1" in done.stdout


# --- files that are none -------------------------------------------------------------------------


def test_what_cannot_be_read_is_told_in_a_line_each(call: Call, folder: Path) -> None:
    os.mkfifo(folder / "pipe.pipe")
    (folder / "circle.pipe").symlink_to("circle.pipe")
    (folder / "gone.pipe").symlink_to("nowhere.pipe")
    called = call("check", "pipe.pipe", "/dev/zero", "circle.pipe", "gone.pipe", "no\0file.pipe")
    assert called.exit_code == 2
    assert called.err.splitlines() == [
        "error: cannot read 'pipe.pipe': it is a device or pipe, no file: give its text on stdin",
        "error: cannot read '/dev/zero': it is a device or pipe, no file: give its text on stdin",
        "error: cannot read circle.pipe: Too many levels of symbolic links",
        "error: cannot read gone.pipe: No such file or directory",
        "error: cannot read 'no\\x00file.pipe': embedded null byte",
    ]


def test_a_file_that_may_not_be_read(call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    called = call("check", "etl.pipe")
    assert (called.exit_code, called.err) == (2, "error: cannot read etl.pipe: Permission denied\n")


def test_a_file_that_vanishes_after_it_was_listed(call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "inside").mkdir()
    (folder / "inside" / "one.pipe").write_text(GOOD)
    (folder / "inside" / "two.pipe").write_text(GOOD)
    read_bytes = Path.read_bytes

    def vanishing(path: Path) -> bytes:
        (folder / "inside" / "two.pipe").unlink(missing_ok=True)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", vanishing)
    called = call("check", "inside")
    assert called.exit_code == 2
    assert "error: cannot read inside/two.pipe: No such file or directory\n" in called.err
    assert "checked 1 file: no errors" in called.err


def test_a_folder_with_the_name_of_a_file_and_links_in_a_circle(call: Call, folder: Path) -> None:
    inside = folder / "folder.pipe"
    inside.mkdir()
    (inside / "again").symlink_to(inside)
    assert call("check", "folder.pipe").err == "error: no .pipe files in folder.pipe\n"
    (inside / "good.pipe").write_text(GOOD)
    called = call("check", "folder.pipe")
    assert (called.exit_code, called.out, called.err) == (0, "", "checked 1 file: no errors\n")


IMPORTS = {
    "of themselves": ({"any.pipe": 'import "any.pipe" as me\n' + GOOD}, "P0104"),
    "in a circle": (
        {"any.pipe": 'import "b.pipe" as b\n' + GOOD, "b.pipe": 'import "any.pipe" as a\nconst x = 1\n'},
        "P0104",
    ),
    "of a folder": ({"any.pipe": 'import "." as here\n' + GOOD}, "P0103"),
    "of a device": ({"any.pipe": 'import "/dev/zero" as endless\n' + GOOD}, "P0103"),
    "of no file name at all": ({"any.pipe": 'import "\\u0000" as nothing\n' + GOOD}, "P0103"),
    "of a very long name": ({"any.pipe": f'import "{"a" * 5000}" as long\n' + GOOD}, "P0103"),
}


@pytest.mark.parametrize("name", IMPORTS)
def test_imports_that_lead_nowhere(call: Call, folder: Path, name: str) -> None:
    files, code = IMPORTS[name]
    for file, text in files.items():
        (folder / file).write_text(text)
    exit_code, lines = concise(call, "any.pipe")
    assert exit_code == 1
    assert [line.split("error[")[1][:5] for line in lines if "error[" in line] == [code]


# --- too much of a good thing --------------------------------------------------------------------

DEEP = {
    "round brackets": "const x = " + "(" * LEVELS + "1" + ")" * LEVELS,
    "round brackets that stay open": "const x = " + "(" * LEVELS,
    "lists": "const x = " + "[" * LEVELS + "]" * LEVELS,
    "maps": "const x = " + "{ a: " * LEVELS + "1" + "}" * LEVELS,
    "blocks": "pipeline p {" + "if a {\n" * LEVELS + "}" * LEVELS + "}",
    "blocks that stay open": "pipeline p {" + "group a {\n" * LEVELS,
    "operators": "const x = " + "not " * LEVELS + "true",
    "signs": "const x = " + "-" * LEVELS + "1",
    "members": "const x = a" + ".b" * LEVELS,
    "calls": "const x = f" + "()" * LEVELS,
    "types": "const x: " + "list[" * LEVELS + "int" + "]" * LEVELS + " = 1",
    "texts in texts": "const x = " + '"${' * 20 + "1" + '}"' * 20,
}


@pytest.mark.engine
@pytest.mark.parametrize("name", DEEP)
def test_what_nests_too_deep(call: Call, folder: Path, name: str) -> None:
    (folder / "any.pipe").write_text(DEEP[name])
    exit_code, lines = concise(call, "any.pipe")
    assert exit_code == 1
    assert ["nested more than 100 levels deep" in line for line in lines] == [True]


LARGE = {
    "a comment a line": ("# x\n" * (MEGABYTES // 4), 0, 0),
    "one line of blanks": (" " * MEGABYTES, 0, 0),
    "one text": (f"const x = '{'a' * MEGABYTES}'", 0, 0),
    "one number": ("const x = " + "1" * MEGABYTES, 1, 1),
    "one text that is never closed": ("const x = '''" + "a b\n" * (MEGABYTES // 4), 1, 1),
    "interpolations that are never closed": ('const x = """' + "${ " * (MEGABYTES // 3) + '"""', 1, 100),
    "texts that swallow each other": ("const x = " + '"${" ' * (MEGABYTES // 5), 1, 2),
    "a quote a line": ('"\n' * (MEGABYTES // 2), 1, 1001),
    "unknown escapes": ('const x = "' + "\\q" * (MEGABYTES // 2) + '"', 1, 100),
    "signs without a meaning": ("@ " * (MEGABYTES // 2), 1, 1001),
    "closing brackets": ("}" * 500_000, 1, 1),
}


@pytest.mark.engine
@pytest.mark.parametrize("name", LARGE)
def test_files_of_five_megabytes(call: Call, folder: Path, name: str) -> None:
    text, exit_code, lines = LARGE[name]
    (folder / "any.pipe").write_text(text)
    found = concise(call, "any.pipe")
    assert (found[0], len(found[1])) == (exit_code, lines)
    assert all(len(line) < 1200 for line in found[1])


MANY = {
    "syntax faults": ("const x = = 1\n" * 10_000, 102, "P0018"),
    "names that are not defined": (
        "pipeline p {\n" + "".join(f"  task t{n}(x = nothing_{n}) = python('m:f')\n" for n in range(10_000)) + "}\n",
        1001,
        "P0020",
    ),
    "tasks of one name": ("pipeline p {\n" + "  task a = shell('x')\n" * 10_000 + "}\n", 1001, "P0020"),
}


@pytest.mark.engine
@pytest.mark.parametrize("name", MANY)
def test_ten_thousand_errors_are_cut_short(call: Call, folder: Path, name: str) -> None:
    text, count, last = MANY[name]
    (folder / "any.pipe").write_text(text)
    exit_code, lines = concise(call, "any.pipe")
    assert (exit_code, len(lines)) == (1, count)
    assert any(f"error[{last}]" in line for line in lines)


DIGITS = "const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
TASK = "task t = shell('x')"
EXPLOSIONS = {
    "numbers": ("const a = 9" + "9" * 10_000, "P0008"),
    "durations": ("const a = 99999999999999999999w", "P0008"),
    "products": ("const a = 9223372036854775807 * 9223372036854775807 * 1e300 * 1e300", "P0209"),
    "dates": ("const a = 9999-12-31 + 1d", "P0209"),
    "a grid": (f"{DIGITS}pipeline p {{ for {', '.join(f'{v} in digits' for v in 'abcdef')} {{ {TASK} }} }}", "P0021"),
    "loops in loops": (
        f"{DIGITS}pipeline p {{ {' '.join(f'for {v} in digits {{' for v in 'abcdef')} {TASK} {'}' * 7}",
        "P0021",
    ),
    "doubled texts": (
        "const s0 = 'aaaaaaaaaa'\n" + "".join(f"const s{n} = s{n - 1} + s{n - 1}\n" for n in range(1, 60)),
        "P0209",
    ),
    "doubled interpolations": (
        "const s0 = 'aaaaaaaaaa'\n" + "".join(f'const s{n} = "${{s{n - 1}}}${{s{n - 1}}}"\n' for n in range(1, 60)),
        "P0209",
    ),
    "doubled lists": (
        "const l0 = [1, 2]\n" + "".join(f"const l{n} = l{n - 1} + l{n - 1}\n" for n in range(1, 60)),
        "P0209",
    ),
    "lists in lists": (
        "const l0 = [1]\n" + "".join(f"const l{n} = [l{n - 1}]\n" for n in range(1, 500)),
        "P0209",
    ),
    "replacements": (f"const a = '{'a' * 2000}'\nconst b = replace(a, 'a', a)", "P0209"),
    "wide formats": ("const a = format(1, '9999999999d')", "P0209"),
    "pipelines in pipelines": (
        "".join(f"pipeline p{n} {{ task a = p{n + 1} }}\n" for n in range(60)) + "pipeline p60 { task a = shell('x') }",
        "P0007",
    ),
}


@pytest.mark.parametrize("name", EXPLOSIONS)
def test_what_would_grow_beyond_measure(call: Call, folder: Path, name: str) -> None:
    text, code = EXPLOSIONS[name]
    (folder / "any.pipe").write_text(text)
    exit_code, lines = concise(call, "any.pipe")
    assert exit_code == 1
    assert [line.split("error[")[1][:5] for line in lines if "error[" in line] == [code]
