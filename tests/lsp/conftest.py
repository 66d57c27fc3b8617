"""A real client that talks to the server in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from tests.lsp.editor import Editor, editor_client


@pytest_asyncio.fixture
async def editor(tmp_path: Path) -> AsyncIterator[Editor]:
    """An editor with the capabilities of a common one, whose project is an empty folder."""
    command = [sys.executable, "-m", "pipec", "lsp", "--stdio"]
    client = await ClientServerConfig(server_command=command, client_factory=editor_client).start()
    assert isinstance(client, LanguageClient)
    folder = lsp.WorkspaceFolder(uri=tmp_path.as_uri(), name="project")
    result = await client.initialize_session(
        lsp.InitializeParams(
            capabilities=client_capabilities("visual-studio-code"),
            root_uri=tmp_path.as_uri(),
            workspace_folders=[folder],
        )
    )
    editor = Editor(client, tmp_path, result)
    yield editor
    await client.shutdown_session()
    await client.stop()  # type: ignore[no-untyped-call]
