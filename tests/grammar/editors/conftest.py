"""The tree-sitter grammar, compiled once."""

from __future__ import annotations

import pytest
from tree_sitter import Language

from tests.grammar.editors.tree_sitter_parser import build


@pytest.fixture(scope="session")
def language(tmp_path_factory: pytest.TempPathFactory) -> Language:
    return build(tmp_path_factory.mktemp("tree-sitter"))
