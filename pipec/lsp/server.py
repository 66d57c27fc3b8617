"""The server: takes what editors send, and hands each request to the function that answers it."""

from __future__ import annotations

import gc
import logging
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from pipec import __version__
from pipec.lsp.checking import Checking
from pipec.lsp.code_actions import code_actions, fix_all
from pipec.lsp.completion import complete
from pipec.lsp.documents import Document, Documents, path_of
from pipec.lsp.formatting import formatting
from pipec.lsp.hover import hover
from pipec.lsp.lenses import code_lenses, inlay_hints
from pipec.lsp.navigation import definition, highlights, references
from pipec.lsp.outline import document_symbols, folding_ranges
from pipec.lsp.renaming import CannotRenameError, renamable, rename
from pipec.lsp.semantic_tokens import LEGEND, semantic_tokens

_REQUEST_FAILED = -32803
_WATCHED = ("**/*.pipe", "**/*.py", "**/pyproject.toml")


class PipecServer(LanguageServer):
    """A language server for `.pipe` files over one connection."""

    def __init__(self) -> None:
        # Whole texts come with each change: of the lines of a part, pygls has another idea than the protocol.
        super().__init__("pipec", __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.documents = Documents()
        self.checking = Checking(self.documents, self.text_document_publish_diagnostics)
        self.was_shut_down = False
        for method, handler in _HANDLERS.items():
            self.feature(method, _OPTIONS.get(method))(_bound(self, handler))

    @property
    def folders(self) -> list[Path]:
        """The folders of the project that the editor has open."""
        uris = list(self.workspace.folders) or [uri for uri in (self.workspace.root_uri,) if uri]
        return [path_of(uri) for uri in uris]

    def can(self, capability: Any) -> bool:
        """Whether the client has a capability, by its dotted name."""
        return bool(get_capability(self.client_capabilities, capability, False))


def serve() -> int:
    """Serves one editor over stdin and stdout, until it says goodbye; the exit code is that of the protocol."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s: %(message)s")
    server = PipecServer()
    gc.disable()  # it would hold up checks: `checking` collects what they leave in between
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")  # pygls closes what it writes to
    with redirect_stdout(sys.stderr):  # nothing else may come between the messages
        server.start_io(sys.stdin.buffer, output)
    return 0 if server.was_shut_down else 1


def _bound(server: PipecServer, handler: Any) -> Any:
    """A handler as pygls takes one: a function of the parameters alone."""

    def handle(parameters: Any) -> Any:
        return handler(server, parameters)

    return handle


def _document(server: PipecServer, parameters: Any) -> Document | None:
    return server.documents.get(parameters.text_document.uri)


def _place(server: PipecServer, parameters: Any) -> tuple[Document, int] | None:
    """The document and the offset that a request is about; None for a document that cannot be read."""
    document = _document(server, parameters)
    return None if document is None else (document, document.positions.offset(parameters.position))


# --- documents -----------------------------------------------------------------------------------


def _initialize(server: PipecServer, parameters: lsp.InitializeParams) -> None:
    server.documents.codec = server.workspace.position_codec


def _initialized(server: PipecServer, parameters: lsp.InitializedParams) -> None:
    """Asks to be told of files that change outside the editor."""
    if server.can("workspace.did_change_watched_files.dynamic_registration"):
        watchers = [lsp.FileSystemWatcher(pattern) for pattern in _WATCHED]
        options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers)
        registration = lsp.Registration("watched", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        server.client_register_capability(lsp.RegistrationParams([registration]))


def _did_open(server: PipecServer, parameters: lsp.DidOpenTextDocumentParams) -> None:
    item = parameters.text_document
    _changed(server, server.documents.put(item.uri, item.version, item.text), at_once=True)


def _did_change(server: PipecServer, parameters: lsp.DidChangeTextDocumentParams) -> None:
    uri, version = parameters.text_document.uri, parameters.text_document.version
    text = server.workspace.get_text_document(uri).source
    _changed(server, server.documents.put(uri, version, text))


def _changed(server: PipecServer, document: Document, *, at_once: bool = False) -> None:
    """Checks a document, and after it the open ones that import it."""
    server.checking.schedule(document, at_once=at_once)
    for other in server.documents.renew(document.path):
        server.checking.schedule(other)


def _did_save(server: PipecServer, parameters: lsp.DidSaveTextDocumentParams) -> None:
    _recheck(server)


def _did_change_files(server: PipecServer, parameters: lsp.DidChangeWatchedFilesParams) -> None:
    _recheck(server)


def _recheck(server: PipecServer) -> None:
    """Checks all open documents anew: what they read besides their texts has changed."""
    for document in server.documents.renew():
        server.checking.schedule(document)


def _did_close(server: PipecServer, parameters: lsp.DidCloseTextDocumentParams) -> None:
    uri = parameters.text_document.uri
    server.documents.remove(uri)
    server.checking.clear(uri)
    for other in server.documents.renew(path_of(uri)):
        server.checking.schedule(other)


def _shutdown(server: PipecServer, parameters: object) -> None:
    server.was_shut_down = True


# --- requests ------------------------------------------------------------------------------------


def _hover(server: PipecServer, parameters: lsp.HoverParams) -> lsp.Hover | None:
    place = _place(server, parameters)
    return hover(*place) if place is not None else None


def _complete(server: PipecServer, parameters: lsp.CompletionParams) -> list[lsp.CompletionItem]:
    place = _place(server, parameters)
    snippets = server.can("text_document.completion.completion_item.snippet_support")
    return complete(*place, snippets=snippets) if place is not None else []


def _definition(server: PipecServer, parameters: lsp.DefinitionParams) -> lsp.Location | None:
    place = _place(server, parameters)
    return definition(*place) if place is not None else None


def _references(server: PipecServer, parameters: lsp.ReferenceParams) -> list[lsp.Location]:
    place = _place(server, parameters)
    if place is None:
        return []
    declaration = parameters.context.include_declaration
    return references(*place, server.documents, server.folders, with_declaration=declaration)


def _highlights(server: PipecServer, parameters: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight]:
    place = _place(server, parameters)
    return highlights(*place) if place is not None else []


def _prepare_rename(server: PipecServer, parameters: lsp.PrepareRenameParams) -> lsp.Range | None:
    place = _place(server, parameters)
    if place is None:
        return None
    try:
        return place[0].positions.range_of(renamable(*place).span)
    except CannotRenameError as refusal:
        raise _refused(refusal) from None


def _rename(server: PipecServer, parameters: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
    place = _place(server, parameters)
    if place is None:
        return None
    try:
        return rename(*place, parameters.new_name, server.documents, server.folders)
    except CannotRenameError as refusal:
        raise _refused(refusal) from None


def _refused(refusal: CannotRenameError) -> JsonRpcException:
    """How the protocol wants a rename refused: editors show the message."""
    return JsonRpcException(str(refusal), _REQUEST_FAILED)


def _symbols(server: PipecServer, parameters: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
    document = _document(server, parameters)
    return document_symbols(document) if document is not None else []


def _folding(server: PipecServer, parameters: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
    document = _document(server, parameters)
    return folding_ranges(document) if document is not None else []


def _tokens(server: PipecServer, parameters: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
    document = _document(server, parameters)
    return semantic_tokens(document) if document is not None else lsp.SemanticTokens([])


def _tokens_of_range(server: PipecServer, parameters: lsp.SemanticTokensRangeParams) -> lsp.SemanticTokens:
    document = _document(server, parameters)
    return semantic_tokens(document, *_range(document, parameters)) if document is not None else lsp.SemanticTokens([])


def _range(document: Document, parameters: Any) -> tuple[int, int]:
    place = parameters.range
    return document.positions.offset(place.start), document.positions.offset(place.end)


def _formatting(server: PipecServer, parameters: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
    document = _document(server, parameters)
    return formatting(document) if document is not None else None


def _code_actions(server: PipecServer, parameters: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    document = _document(server, parameters)
    if document is None:
        return []
    wanted = parameters.context.only
    later = "edit" in (get_capability(server.client_capabilities, _RESOLVED) or ())
    actions = []
    for action in code_actions(document, *_range(document, parameters)):
        kind = str(getattr(action.kind, "value", action.kind))
        if wanted is None or any(kind == one or kind.startswith(f"{one}.") for one in map(_text, wanted)):
            actions.append(action if action.edit is not None or later else _resolve(server, action))
    return actions


_RESOLVED: Any = "text_document.code_action.resolve_support.properties"


def _text(kind: Any) -> str:
    return str(getattr(kind, "value", kind))


def _resolve(server: PipecServer, action: lsp.CodeAction) -> lsp.CodeAction:
    """Works out the edit that applies all fixes."""
    uri = action.data.get("uri", "") if isinstance(action.data, dict) else ""
    document = server.documents.get(uri)
    if document is not None:
        action.edit = fix_all(document, server.documents)
    return action


def _lenses(server: PipecServer, parameters: lsp.CodeLensParams) -> list[lsp.CodeLens]:
    document = _document(server, parameters)
    return code_lenses(document) if document is not None else []


def _hints(server: PipecServer, parameters: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    document = _document(server, parameters)
    return inlay_hints(document, *_range(document, parameters)) if document is not None else []


_HANDLERS: dict[str, Any] = {
    lsp.INITIALIZE: _initialize,
    lsp.INITIALIZED: _initialized,
    lsp.SHUTDOWN: _shutdown,
    lsp.TEXT_DOCUMENT_DID_OPEN: _did_open,
    lsp.TEXT_DOCUMENT_DID_CHANGE: _did_change,
    lsp.TEXT_DOCUMENT_DID_SAVE: _did_save,
    lsp.TEXT_DOCUMENT_DID_CLOSE: _did_close,
    lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES: _did_change_files,
    lsp.TEXT_DOCUMENT_HOVER: _hover,
    lsp.TEXT_DOCUMENT_COMPLETION: _complete,
    lsp.TEXT_DOCUMENT_DEFINITION: _definition,
    lsp.TEXT_DOCUMENT_REFERENCES: _references,
    lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: _highlights,
    lsp.TEXT_DOCUMENT_PREPARE_RENAME: _prepare_rename,
    lsp.TEXT_DOCUMENT_RENAME: _rename,
    lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL: _symbols,
    lsp.TEXT_DOCUMENT_FOLDING_RANGE: _folding,
    lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: _tokens,
    lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: _tokens_of_range,
    lsp.TEXT_DOCUMENT_FORMATTING: _formatting,
    lsp.TEXT_DOCUMENT_CODE_ACTION: _code_actions,
    lsp.CODE_ACTION_RESOLVE: _resolve,
    lsp.TEXT_DOCUMENT_CODE_LENS: _lenses,
    lsp.TEXT_DOCUMENT_INLAY_HINT: _hints,
}
"""What is done for each message of the protocol."""

_OPTIONS: dict[str, Any] = {
    lsp.TEXT_DOCUMENT_COMPLETION: lsp.CompletionOptions(trigger_characters=[".", '"', "'", "/"]),
    lsp.TEXT_DOCUMENT_RENAME: lsp.RenameOptions(prepare_provider=True),
    lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: LEGEND,
    lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: LEGEND,
    lsp.TEXT_DOCUMENT_CODE_ACTION: lsp.CodeActionOptions(
        code_action_kinds=[lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.SourceFixAll], resolve_provider=True
    ),
}
