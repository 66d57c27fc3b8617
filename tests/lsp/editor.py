"""An editor as the server sees one: opens and changes documents, and keeps what is published of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pytest_lsp import LanguageClient, make_test_lsp_client


def editor_client() -> LanguageClient:
    """A client that keeps every publication in order, and takes registrations of capabilities."""
    client: LanguageClient = make_test_lsp_client()
    published: list[lsp.PublishDiagnosticsParams] = []
    client.published = published  # type: ignore[attr-defined]

    def publish(params: lsp.PublishDiagnosticsParams) -> None:
        published.append(params)

    client.protocol.fm.features[lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS] = publish
    client.feature(lsp.CLIENT_REGISTER_CAPABILITY)(_accept)
    return client


def _accept(params: Any) -> None:
    return None


class Editor:
    """Documents are named by their paths below `folder`."""

    def __init__(self, client: Any, folder: Path, initialized: lsp.InitializeResult) -> None:
        self.client = client
        self.folder = folder
        self.capabilities = initialized.capabilities
        self.versions: dict[str, int] = {}

    @property
    def published(self) -> Sequence[lsp.PublishDiagnosticsParams]:
        found: list[lsp.PublishDiagnosticsParams] = self.client.published
        return found

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def document(self, name: str) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(self.uri(name))

    def open(self, name: str, text: str) -> None:
        self.versions[name] = 1
        item = lsp.TextDocumentItem(self.uri(name), "pipec", 1, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def change(self, name: str, text: str) -> int:
        """Sends a whole new text; the version that it has."""
        self.versions[name] += 1
        identifier = lsp.VersionedTextDocumentIdentifier(self.versions[name], self.uri(name))
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))
        return self.versions[name]

    def close(self, name: str) -> None:
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(self.document(name)))

    async def diagnostics(self, name: str, *, after: int = 0) -> list[lsp.Diagnostic]:
        """What is published of the current version of a document, the first time after so many publications."""
        while True:
            for one in self.published[after:]:
                if one.uri == self.uri(name) and one.version == self.versions[name]:
                    return list(one.diagnostics)
            await asyncio.sleep(0.005)

    async def errors(self, name: str, *, after: int = 0) -> list[lsp.Diagnostic]:
        """As `diagnostics`, without warnings."""
        found = await self.diagnostics(name, after=after)
        return [one for one in found if one.severity == lsp.DiagnosticSeverity.Error]

    async def codes(self, name: str, *, after: int = 0) -> list[str]:
        return [str(one.code) for one in await self.errors(name, after=after)]

    def at(self, name: str, line: int, character: int) -> dict[str, Any]:
        """The parameters of a request about a position."""
        return {"text_document": self.document(name), "position": lsp.Position(line, character)}
