"""PACK_OUTPUTS, run by a shell as the sidecar runs it."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pipec.backends.airflow.support import support_for

SHELLS = [shell for shell in ("dash", "bash", "busybox") if shutil.which(shell)]


def pack(folder: Path, *names: str, limit: int = 49152, shell: str = "sh") -> tuple[int, dict[str, bytes]]:
    """The number of bytes and the contents by name, as the script prints them."""
    (definition,) = (one for one in support_for({"PACK_OUTPUTS"}).late if one.name == "PACK_OUTPUTS")
    made: dict[str, str] = {}
    exec(definition.source, made)
    command = [
        shell,
        *(["sh"] if shell == "busybox" else []),
        "-c",
        made["PACK_OUTPUTS"],
        "sh",
        str(folder),
        str(limit),
    ]
    printed = subprocess.run([*command, *names], capture_output=True, check=True, text=True).stdout
    size, *lines = printed.splitlines()
    contents = (line.partition(" ") for line in lines)
    return int(size), {name: base64.b64decode(content, validate=True) for name, _, content in contents}


@pytest.mark.parametrize("shell", SHELLS)
def test_files_are_handed_over(tmp_path: Path, shell: str) -> None:
    (tmp_path / "text").write_bytes("é\n".encode())
    (tmp_path / "bytes").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    (tmp_path / "other").write_bytes(b"not asked for")
    size, contents = pack(tmp_path, "text", "bytes", "empty", "folder", "missing", shell=shell)
    assert size == 3 + 5120
    assert contents == {"text": "é\n".encode(), "bytes": bytes(range(256)) * 20, "empty": b""}


def test_what_is_too_large_stays_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 60)
    (tmp_path / "b").write_bytes(b"x" * 41)
    assert pack(tmp_path, "a", "b", limit=100) == (101, {})
    assert pack(tmp_path, "a", "b", limit=101)[0] == 101
    assert len(pack(tmp_path, "a", "b", limit=101)[1]) == 2


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_any_content(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "it").write_bytes(content)
    assert pack(tmp_path, "it") == (len(content), {"it": content})
