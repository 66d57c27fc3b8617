"""The VS Code extension: its own tool packages it, and the grammar in it colours every example as what it is."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.grammar.editors.node import EDITORS, install_extension, run_node
from tests.grammar.editors.pieces import SAMPLES, Piece, pieces

pytestmark = pytest.mark.engine

SCOPES = {
    "keyword": ("keyword.", "constant.language."),
    "string": ("string.", "constant.character.escape."),
    "interpolation": ("punctuation.section.interpolation.",),
    "comment": ("comment.line.number-sign.",),
    "doc": ("comment.line.documentation.",),
    "int": ("constant.numeric.integer.",),
    "float": ("constant.numeric.float.",),
    "duration": ("constant.numeric.duration.",),
    "size": ("constant.numeric.size.",),
    "date": ("constant.other.date.",),
}
"""How the innermost scope of a piece begins, by its kind."""

NOT_FOR_NAMES = ("keyword.", "constant.", "string.", "comment.", "punctuation.")
NOT_FOR_SIGNS = ("keyword.declaration.", "keyword.control.", "constant.", "string.", "comment.")


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the extension with its packages."""
    return install_extension(tmp_path_factory.mktemp("extension"))


@pytest.fixture(scope="module")
def coloured(extension: Path) -> dict[str, list[tuple[int, int, list[str]]]]:
    """What VS Code makes of the samples."""
    script = str(Path(__file__).with_name("textmate.js"))
    grammar = str(EDITORS / "pipe.tmLanguage.json")
    found: dict[str, Any] = json.loads(
        run_node(["node", script, str(extension), grammar], extension, text=json.dumps(SAMPLES))
    )
    return found


@pytest.fixture(scope="module")
def package(extension: Path) -> zipfile.ZipFile:
    run_node(["npm", "run", "package", "--silent", "--", "--out", "pipec.vsix"], extension)
    return zipfile.ZipFile(extension / "pipec.vsix")


def fits(piece: Piece, scopes: set[str]) -> bool:
    """Whether every character of a piece has a scope for its kind."""
    match piece.kind:
        case "name":
            return not any(scope.startswith(NOT_FOR_NAMES) for scope in scopes)
        case "sign":
            return not any(scope.startswith(NOT_FOR_SIGNS) for scope in scopes)
        case kind:
            return all(scope.startswith(SCOPES[kind]) for scope in scopes)


@pytest.mark.parametrize("place", SAMPLES)
def test_every_piece_is_coloured_as_what_it_is(
    place: str, coloured: dict[str, list[tuple[int, int, list[str]]]]
) -> None:
    text = SAMPLES[place]
    innermost = [""] * len(text)
    for start, end, scopes in coloured[place]:
        innermost[start:end] = [scopes[-1]] * (end - start)
    wrong = []
    for piece in pieces(text):
        inside = range(piece.start, piece.end)
        found = {innermost[offset] for offset in inside if text[offset] != "\n"}
        if not fits(piece, found):
            wrong.append((text[piece.start : piece.end], piece.kind, sorted(found)))
    assert wrong == []


def test_the_package_holds_what_the_extension_needs_and_no_more(package: zipfile.ZipFile) -> None:
    assert sorted(name for name in package.namelist() if name.startswith("extension/")) == [
        "extension/dist/LICENSE.txt",
        "extension/dist/ThirdPartyNotices.txt",
        "extension/dist/extension.js",
        "extension/dist/pipe.tmLanguage.json",
        "extension/icon.png",
        "extension/language-configuration.json",
        "extension/package.json",
        "extension/readme.md",
    ]


def test_the_package_has_the_one_grammar(package: zipfile.ZipFile) -> None:
    assert package.read("extension/dist/pipe.tmLanguage.json") == (EDITORS / "pipe.tmLanguage.json").read_bytes()


def test_the_notices_name_what_is_built_in(package: zipfile.ZipFile) -> None:
    notices = package.read("extension/dist/ThirdPartyNotices.txt").decode()
    assert "vscode-languageclient" in notices
    assert "Permission is hereby granted, free of charge" in notices


def test_the_manifest_names_files_that_are_there(package: zipfile.ZipFile) -> None:
    manifest = json.loads(package.read("extension/package.json"))
    contributes = manifest["contributes"]
    named = [
        manifest["main"],
        manifest["icon"],
        contributes["grammars"][0]["path"],
        contributes["languages"][0]["configuration"],
    ]
    assert {f"extension/{name.removeprefix('./')}" for name in named} <= set(package.namelist())
    grammar = json.loads((EDITORS / "pipe.tmLanguage.json").read_text("utf-8"))
    assert contributes["grammars"][0]["scopeName"] == grammar["scopeName"]


@pytest.mark.parametrize(
    ("setting", "folder", "command"),
    [
        ("pipec", "/project", "pipec"),
        ("  ", "/project", "pipec"),
        ("${workspaceFolder}/.venv/bin/pipec", "/project", "/project/.venv/bin/pipec"),
        ("/a b/$(touch x)", None, "/a b/$(touch x)"),
    ],
)
def test_the_server_is_pipec_lsp(setting: str, folder: str | None, command: str, extension: Path) -> None:
    script = 'console.log(JSON.stringify(require("./src/server.js").serverCommand(...JSON.parse(process.argv[1]))))'
    words = [setting] if folder is None else [setting, folder]
    found = json.loads(run_node(["node", "-e", script, json.dumps(words)], extension))
    options = {} if folder is None else {"cwd": folder}
    assert found == {"command": command, "args": ["lsp"], "options": options}


def test_the_packaged_extension_loads(package: zipfile.ZipFile, tmp_path: Path) -> None:
    """With nothing of the repository beside it."""
    package.extract("extension/dist/extension.js", tmp_path)
    script = str(Path(__file__).with_name("load_extension.js"))
    built = str(tmp_path / "extension" / "dist" / "extension.js")
    assert run_node(["node", script, built], tmp_path) == "activate deactivate\n"
