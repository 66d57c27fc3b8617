"""The command that starts the language server."""

from __future__ import annotations

import sys

import pytest

from tests.cli.conftest import Call


def test_without_the_extra(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygls", None)
    called = call("lsp")
    assert called.exit_code == 2
    assert called.err == "error: the language server needs pygls\n  help: pip install 'pipec[lsp]'\n"
