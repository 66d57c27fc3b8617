"""`pipec.hashing` says what `hashlib` does, whichever module it finds."""

from __future__ import annotations

import hashlib

import pytest

from pipec import hashing


@pytest.mark.parametrize("modules", [hashing._MODULES, ("no_such_module", "hashlib")])
@pytest.mark.parametrize("content", [b"", b"pipec", "a text of \N{SNOWMAN}".encode() * 1_000])
def test_sha256(content: bytes, modules: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "_MODULES", modules)
    assert hashing.sha256(content).hexdigest() == hashlib.sha256(content).hexdigest()
    in_parts = hashing.sha256()
    in_parts.update(content[:3])
    in_parts.update(content[3:])
    assert in_parts.digest() == hashlib.sha256(content).digest()
