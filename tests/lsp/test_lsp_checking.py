"""When documents are checked, and what is published of a check."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lsprotocol import types as lsp

from pipec.lsp.checking import Checking
from pipec.lsp.code_actions import code_actions, fix_all
from pipec.lsp.diagnostics import published
from pipec.lsp.documents import Documents
from tests.lsp.texts import opened

BROKEN = "pipeline p {\n  task a(x = nothing) = python('s:a')\n}\n"


def publications(*texts: str, overtaken: str | None = None) -> list[tuple[int | None, int]]:
    """Versions and numbers of diagnostics after texts that came one right after the other.

    `overtaken` comes when the check of the last of them has begun to wait, and is itself not checked.
    """
    found: list[tuple[int | None, int]] = []

    async def session() -> None:
        documents = Documents()
        checking = Checking(documents, lambda one: found.append((one.version, len(one.diagnostics))))
        for version, text in enumerate(texts, 1):
            checking.schedule(documents.put("file:///p.pipe", version, text))
        waiting = list(checking._waiting.values())
        if overtaken is not None:
            documents.put("file:///p.pipe", len(texts) + 1, overtaken)
        await asyncio.gather(*waiting)

    asyncio.run(session())
    return found


def test_the_last_of_many_changes_is_checked() -> None:
    assert publications("", "pipeline", BROKEN) == [(3, 1)]


def test_a_version_that_is_overtaken_is_not_published() -> None:
    assert publications(BROKEN, overtaken="") == []


def test_a_document_is_another_one_with_each_version(tmp_path: Path) -> None:
    document, documents = opened(tmp_path, BROKEN)
    assert documents.get(document.uri) is document
    assert documents.put(document.uri, 2, BROKEN) is not document


def test_what_reads_a_file_is_renewed_with_it(tmp_path: Path) -> None:
    main, documents = opened(tmp_path, 'import "lib.pipe" as lib\n')
    other = documents.put((tmp_path / "other.pipe").as_uri(), 1, "")
    (renewed,) = documents.renew(tmp_path / "lib.pipe")
    assert (renewed.uri, renewed is main) == (main.uri, False)
    assert documents.renew(main.path) == []
    assert [one.uri for one in documents.renew()] == [main.uri, other.uri]


def test_labels_are_related_information(tmp_path: Path) -> None:
    document, _ = opened(tmp_path, "const a = 1\nconst a = 2\n")
    (shown,) = published(document, document.found)
    assert shown.code == "P0102"
    assert shown.source == "pipec"
    assert [(one.message, one.location.range.start.line) for one in shown.related_information or ()] == [
        ("first defined here", 0)
    ]


def test_an_unused_import_is_faded(tmp_path: Path) -> None:
    document, _ = opened(tmp_path, 'import "lib.pipe" as lib\n')
    (shown,) = [one for one in published(document, document.found) if one.code == "L001"]
    assert shown.severity == lsp.DiagnosticSeverity.Warning
    assert shown.tags == [lsp.DiagnosticTag.Unnecessary]


def test_an_empty_place_is_shown_at_the_character_beside_it(tmp_path: Path) -> None:
    document, _ = opened(tmp_path, "pipeline p {\n  task a(x = 1 = python('s:a')\n}\n")
    for shown in published(document, document.found):
        assert shown.range.start != shown.range.end


def test_settings_of_the_project_hold(tmp_path: Path) -> None:
    text = 'pipeline p {\n  task a = python("s:a") { cache = true }\n}\n'
    before = {one.code for one in opened(tmp_path, text)[0].found}
    (tmp_path / "pyproject.toml").write_text('[tool.pipec]\ntargets = ["all"]\n', encoding="utf-8")
    after = {one.code for one in opened(tmp_path, text)[0].found}
    assert "P0501" not in before
    assert "P0501" in after


def test_all_fixes_at_once(tmp_path: Path) -> None:
    text = "pipeline p {\n  task a = shell('a') { timeout = 5min }\n  task b = shell('b') { timeout = 2hour }\n}\n"
    document, documents = opened(tmp_path, text)
    titles = [action.title for action in code_actions(document, 0, len(text))]
    assert titles == ["Replace by `5m`", "Replace by `2h`", "Fix all that pipec can fix"]
    edit = fix_all(document, documents)
    (change,) = (edit.changes or {})[document.uri]
    assert "timeout = 5m" in change.new_text
    assert "2h" in change.new_text
    assert code_actions(document, 0, 5)[:-1] == []
