"""The examples are clean, alone and together."""

from __future__ import annotations

from pathlib import Path

from pipec.diagnostics.model import Diagnostics
from pipec.references import check_project, check_references
from tests.references.support import loaded_file, said

_EXAMPLES = sorted(Path(__file__).parents[2].glob("examples/*/pipeline.pipe"))


def test_the_examples_are_clean() -> None:
    assert len(_EXAMPLES) > 20
    diagnostics = Diagnostics()
    loaded = [loaded_file(path) for path in _EXAMPLES]
    for one in loaded:
        check_references(one, [], diagnostics)
    check_project(loaded, diagnostics)
    assert said(diagnostics.sorted()) == []


def test_a_function_of_an_example_that_is_renamed_is_missed(tmp_path: Path) -> None:
    for path in _EXAMPLES:
        text = path.read_text(encoding="utf-8")
        if 'python("' not in text or "import " in text:
            continue
        for file in path.parent.glob("*.py"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
        function = text.partition('python("')[2].partition('"')[0].partition(":")[2]
        main = tmp_path / "main.pipe"
        main.write_text(text.replace(f':{function}"', f':{function}_x"'), encoding="utf-8")
        diagnostics = Diagnostics()
        check_references(loaded_file(main), [], diagnostics)
        assert [(one.code, one.help) for one in diagnostics.sorted()][:1] == [("P0701", f"there is `{function}`")]
