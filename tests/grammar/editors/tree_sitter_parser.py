"""The tree-sitter grammar as editors have it: its C code compiled to a library, and trees of texts made with it."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tree_sitter import Language, Node, Parser

FOLDER = Path(__file__).parents[3] / "grammar" / "editors" / "tree-sitter-pipe"


def build(folder: Path) -> Language:
    """Compiles the parser into a folder and loads it. Fails where no C compiler is installed."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    assert compiler is not None, "a C compiler is needed to build the tree-sitter grammar: apt install gcc libc6-dev"
    library = folder / "pipe.so"
    source = FOLDER / "src" / "parser.c"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-std=c11", "-Wall", "-Werror", "-I", source.parent, source, "-o", library],
        check=True,
    )
    function = ctypes.CDLL(str(library)).tree_sitter_pipe
    function.restype = ctypes.c_void_p
    capsule = ctypes.pythonapi.PyCapsule_New
    capsule.restype = ctypes.py_object
    capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    return Language(capsule(function(), b"tree_sitter.Language", None))


def parse(language: Language, text: str) -> Node:
    """The root of the tree of a text."""
    return Parser(language).parse(text.encode()).root_node


def nodes(root: Node) -> Iterator[Node]:
    """A node and all nodes inside it, in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def faults(root: Node) -> list[str]:
    """What could not be understood: `line: text` of each node that is an error or was made up."""
    return [
        f"{node.start_point.row + 1}: {(node.text or b'').decode()!r}"
        for node in nodes(root)
        if node.is_error or node.is_missing
    ]
