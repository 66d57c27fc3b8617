"""The server as an editor meets it: a process, the protocol, documents that change."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from tests.lsp.editor import Editor

pytestmark = [pytest.mark.engine, pytest.mark.asyncio]

SOUND = """\
pipeline etl(day: date = run.date) {
  task load(day) -> { rows: int } = python("steps:load") { estimate = 10m }
  task keep(rows = load.rows) = python("steps:keep") { estimate = 5m }
}
"""


async def test_capabilities(editor: Editor) -> None:
    capabilities = editor.capabilities
    assert capabilities.position_encoding == lsp.PositionEncodingKind.Utf16
    assert isinstance(capabilities.text_document_sync, lsp.TextDocumentSyncOptions)
    assert capabilities.text_document_sync.change == lsp.TextDocumentSyncKind.Full
    for name in (
        "hover", "completion", "definition", "references", "rename", "document_symbol", "folding_range",
        "semantic_tokens", "document_formatting", "code_action", "code_lens", "inlay_hint", "document_highlight",
    ):  # fmt: skip
        assert getattr(capabilities, f"{name}_provider"), name


async def test_diagnostics_follow_the_text(editor: Editor) -> None:
    editor.open("etl.pipe", SOUND.replace("load.rows", "load.row"))
    (fault,) = await editor.errors("etl.pipe")
    assert (fault.code, fault.severity) == ("P0206", lsp.DiagnosticSeverity.Error)
    assert fault.range == lsp.Range(lsp.Position(2, 24), lsp.Position(2, 27))
    assert "task `load` has no output `row`" in fault.message
    assert "help: " in fault.message
    editor.change("etl.pipe", SOUND)
    assert await editor.codes("etl.pipe") == []


async def test_only_growing_versions_are_published(editor: Editor) -> None:
    editor.open("etl.pipe", "")
    for length in range(0, len(SOUND), 7):
        editor.change("etl.pipe", SOUND[:length])
        await asyncio.sleep(0.002)
    editor.change("etl.pipe", SOUND)
    assert await editor.codes("etl.pipe") == []
    versions = [one.version for one in editor.published if one.version is not None]
    assert versions == sorted(set(versions))
    assert versions[-1] == editor.versions["etl.pipe"]


async def test_imports_are_read_as_the_editor_has_them(editor: Editor) -> None:
    (editor.folder / "lib.pipe").write_text("const share = 0.5\n", encoding="utf-8")
    main = 'import "lib.pipe" as lib\npipeline p {\n  task a(share = lib.part) = python("steps:a")\n}\n'
    editor.open("main.pipe", main)
    assert await editor.codes("main.pipe") == ["P0105"]
    before = len(editor.published)
    editor.open("lib.pipe", "const part = 0.5\n")
    assert await editor.codes("main.pipe", after=before) == []
    before = len(editor.published)
    editor.change("lib.pipe", "const part = \n")
    (fault,) = await editor.errors("main.pipe", after=before)
    assert fault.range.start == lsp.Position(0, 7)
    assert fault.message.startswith("`lib.pipe` has errors: ")
    assert [one.location.uri for one in fault.related_information or ()] == [editor.uri("lib.pipe")]
    before = len(editor.published)
    editor.close("lib.pipe")
    assert await editor.codes("main.pipe", after=before) == ["P0105"]
    assert [len(one.diagnostics) for one in editor.published if one.uri == editor.uri("lib.pipe")][-1] == 0


async def test_files_that_change_outside_the_editor(editor: Editor) -> None:
    editor.open("main.pipe", 'import "lib.pipe" as lib\npipeline p {\n  task a(share = lib.share) = python("s:a")\n}\n')
    assert await editor.codes("main.pipe") == ["P0103"]
    before = len(editor.published)
    (editor.folder / "lib.pipe").write_text("const share = 0.5\n", encoding="utf-8")
    change = lsp.FileEvent(editor.uri("lib.pipe"), lsp.FileChangeType.Created)
    editor.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([change]))
    assert await editor.codes("main.pipe", after=before) == []


async def test_every_request_of_a_session(editor: Editor) -> None:
    """Each feature once over the wire; what it answers exactly is the business of its own tests."""
    client = editor.client
    editor.open("etl.pipe", SOUND)
    await editor.diagnostics("etl.pipe")
    use = editor.at("etl.pipe", 2, 21)  # `load` in `load.rows`
    document = editor.document("etl.pipe")
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0))

    hover = await client.text_document_hover_async(lsp.HoverParams(**use))
    assert "task load(day)" in hover.contents.value
    items = await client.text_document_completion_async(lsp.CompletionParams(**editor.at("etl.pipe", 2, 24)))
    assert [item.label for item in items] == ["rows"]
    definition = await client.text_document_definition_async(lsp.DefinitionParams(**use))
    assert definition.range.start == lsp.Position(1, 7)
    context = lsp.ReferenceContext(include_declaration=True)
    references = await client.text_document_references_async(lsp.ReferenceParams(context, **use))
    assert [one.range.start.line for one in references] == [1, 2]
    highlights = await client.text_document_document_highlight_async(lsp.DocumentHighlightParams(**use))
    assert len(highlights) == 2
    place = await client.text_document_prepare_rename_async(lsp.PrepareRenameParams(**use))
    assert place == lsp.Range(lsp.Position(2, 19), lsp.Position(2, 23))
    edit = await client.text_document_rename_async(lsp.RenameParams(new_name="read", **use))
    assert [one.new_text for one in edit.changes[editor.uri("etl.pipe")]] == ["read", "read"]
    symbols = await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))
    assert [child.name for child in symbols[0].children] == ["day", "load", "keep"]
    folds = await client.text_document_folding_range_async(lsp.FoldingRangeParams(document))
    assert [(fold.start_line, fold.end_line) for fold in folds] == [(0, 2)]
    tokens = await client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(document))
    part = await client.text_document_semantic_tokens_range_async(lsp.SemanticTokensRangeParams(document, whole))
    assert tokens.data == part.data
    (lens,) = await client.text_document_code_lens_async(lsp.CodeLensParams(document))
    assert lens.command.title == "critical path 15m: load → keep (2 tasks, 15m of work)"
    hints = await client.text_document_inlay_hint_async(lsp.InlayHintParams(document, whole))
    assert list(hints) == []
    options = lsp.FormattingOptions(tab_size=2, insert_spaces=True)
    edits = await client.text_document_formatting_async(lsp.DocumentFormattingParams(document, options))
    assert list(edits) == []


async def test_quick_fixes(editor: Editor) -> None:
    text = SOUND.replace("{ estimate = 10m }", "{ estimate = 10min }").replace('"steps:keep"', '"steps:keep" ')
    editor.open("etl.pipe", text)
    (fault,) = await editor.errors("etl.pipe")
    context = lsp.CodeActionContext(diagnostics=[fault])
    parameters = lsp.CodeActionParams(editor.document("etl.pipe"), fault.range, context)
    fix, fix_all = await editor.client.text_document_code_action_async(parameters)
    (edit,) = fix.edit.changes[editor.uri("etl.pipe")]
    assert (fix.kind, edit.new_text) == (lsp.CodeActionKind.QuickFix, "10m")
    resolved = await editor.client.code_action_resolve_async(fix_all)
    (whole,) = resolved.edit.changes[editor.uri("etl.pipe")]
    assert whole.new_text.endswith("{ estimate = 10m")
    only = lsp.CodeActionContext(diagnostics=[], only=[lsp.CodeActionKind.SourceFixAll])
    asked = await editor.client.text_document_code_action_async(
        lsp.CodeActionParams(editor.document("etl.pipe"), fault.range, only)
    )
    assert [action.kind for action in asked] == [lsp.CodeActionKind.SourceFixAll]


async def test_a_refused_rename_says_why(editor: Editor) -> None:
    editor.open("etl.pipe", SOUND)
    place = editor.at("etl.pipe", 1, 8)
    for name, reason in {
        "Load": "`Load` cannot be a name: names are small letters, digits and `_`, starting with a letter",
        "if": "`if` is a reserved word",
        "keep": "`load` cannot be called `keep`: `keep` is defined twice",
    }.items():
        with pytest.raises(JsonRpcException) as refused:
            await editor.client.text_document_rename_async(lsp.RenameParams(new_name=name, **place))
        assert str(refused.value.message) == reason
    with pytest.raises(JsonRpcException, match="known to the code of its task"):
        await editor.client.text_document_prepare_rename_async(lsp.PrepareRenameParams(**editor.at("etl.pipe", 2, 13)))


async def test_documents_that_are_not_there(editor: Editor) -> None:
    """Requests about files that cannot be read, and about texts that have no file."""
    nothing = editor.at("nothing.pipe", 3, 4)
    assert await editor.client.text_document_hover_async(lsp.HoverParams(**nothing)) is None
    assert await editor.client.text_document_completion_async(lsp.CompletionParams(**nothing)) == []
    item = lsp.TextDocumentItem("untitled:Untitled-1", "pipec", 1, "pipeline p {\n  ta")
    editor.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
    place = lsp.CompletionParams(lsp.TextDocumentIdentifier(item.uri), lsp.Position(1, 4))
    items = await editor.client.text_document_completion_async(place)
    assert "task" in [one.label for one in items]


def _goodbye(*messages: str) -> int:
    sent = "".join(f"Content-Length: {len(text)}\r\n\r\n{text}" for text in messages)
    command = [sys.executable, "-m", "pipec", "lsp"]
    done = subprocess.run(command, input=sent.encode(), capture_output=True, timeout=60, check=False)
    assert b"Traceback" not in done.stderr
    return done.returncode


INITIALIZE = (
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"capabilities":{},"rootUri":null}}'
)
SHUTDOWN = '{"jsonrpc":"2.0","id":2,"method":"shutdown"}'
EXIT = '{"jsonrpc":"2.0","method":"exit"}'


async def test_exit_codes() -> None:
    """As the protocol has it: 0 after a shutdown, else 1; also where the editor just goes away."""
    assert await asyncio.to_thread(_goodbye, INITIALIZE, SHUTDOWN, EXIT) == 0
    assert await asyncio.to_thread(_goodbye, INITIALIZE, EXIT) == 1
    assert await asyncio.to_thread(_goodbye, INITIALIZE) == 1
