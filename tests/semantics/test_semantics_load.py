"""`load`: files that cannot be read, marks at their start, and places in the IR that lead back to the source."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipec.api import UnreadableError, load
from tests.semantics.support import all_text, check, places


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.pipe"
    latin.write_bytes("# größe".encode("latin-1"))
    assert places(load(latin)) == [("P0019", 1, 5)]
    with pytest.raises(UnreadableError, match="No such file"):
        load(tmp_path / "missing.pipe")
    with pytest.raises(UnreadableError, match="directory"):
        load(tmp_path)


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "main.pipe").write_text('import "lib.pipe" as lib\npipeline p { task t = lib.c }', encoding="utf-8-sig")
    (tmp_path / "lib.pipe").write_text('component c = python("m:f")', encoding="utf-8-sig")
    loaded = load(tmp_path / "main.pipe")
    assert loaded.diagnostics.found == []
    assert loaded.program is not None


def test_an_import_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "lib.pipe").write_bytes(b"\xff\xfe")
    loaded = load(tmp_path / "main.pipe", text='import "lib.pipe" as lib\npipeline p { task t = lib.c }')
    assert places(loaded) == [("P0103", 1, 8)]
    assert "it is UTF-16 text: save it as UTF-8" in all_text(loaded.diagnostics.found[0])


def test_places_in_the_ir_lead_back_to_what_was_written() -> None:
    loaded = check(
        'import "lib.pipe" as lib\npipeline p { task t(x = 1) = lib.c { timeout = 1h } }',
        {"lib.pipe": 'component c(x: int) = python("m:f") { retries = 2  require 1 < x }'},
    )
    assert loaded.program is not None
    (task,) = loaded.program.pipelines["p"].tasks
    shown = {name: (place.file, loaded.span_of(place).text) for name, place in task.locations.items()}
    assert shown == {
        "timeout": ("main.pipe", "timeout"),
        "retry": ("lib.pipe", "retries"),
        "inputs.x": ("main.pipe", "x = 1"),
        "implementation": ("main.pipe", "lib.c"),
    }
    assert loaded.span_of(task.requirements[0].location).text == "1 < x"
    assert loaded.span_of(task.location).text == "t"


def test_a_digest_covers_every_text_and_what_is_given() -> None:
    def digest(text: str, library: str, constants: dict[str, str] | None = None) -> str:
        program = check(text, {"lib.pipe": library}, constants).program
        assert program is not None
        return program.digest

    text = 'import "lib.pipe" as lib\nconst k = 1\npipeline p { task t(k) = lib.c }'
    library = 'component c(k: int) = python("m:f")'
    assert digest(text, library) == digest(text, library)
    others = [
        digest(text + " ", library),
        digest(text, library + " "),
        digest(text, library, {"k": "1"}),
        digest(text, library, {"k": "2"}),
    ]
    assert len({digest(text, library), *others}) == 5
