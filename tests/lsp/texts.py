"""Texts with a mark where the cursor stands, opened as documents without a server."""

from __future__ import annotations

from pathlib import Path

from pygls.workspace import PositionCodec

from pipec.lsp.documents import Document, Documents, uri_of

MARK = "▮"

GRAPH = """\
import "lib.pipe" as lib

type Algorithm = "rf" | "gbm"
const share = 1 / 4

## Trains every night.
pipeline nightly(day: date = run.date, least: int = 3) -> { best: float } {
  const depths = [4, 8]
  ## Loads a day.
  task load(day) -> { path: dataset, rows: int } = python("steps:load") {
    require rows > least else "only ${rows} of ${least}"
  }
  group fits {
    for depth in depths {
      task fit(data = load.path, depth) -> { score: float } = python("steps:fit")
    }
  }
  task choose(scores = fit[*].score) -> float = python("steps:choose")
  if load.rows > 100 as enough {
    task ship(best = choose) after fits = lib.publish
  }
  task tell(text = "best: ${choose} of ${load.rows}") after fit[4], load = shell('echo "$text"')
  order load -> [choose, tell]
  return { best: choose }
}

pipeline later {
  wait loaded = task("nightly.load")
}

test "nothing is shipped" for nightly {
  given load.rows = 1
  expect ship is skipped
}
"""

LIBRARY = """\
## Puts a model where others find it.
component publish(best: float) -> { url: str } = python("steps:publish") {
  timeout = 5m
}
"""


def opened(folder: Path, text: str, *, encoding: str = "utf-16", name: str = "main.pipe") -> tuple[Document, Documents]:
    """A text as an open document in a folder that holds `lib.pipe`."""
    (folder / "lib.pipe").write_text(LIBRARY, encoding="utf-8")
    documents = Documents()
    documents.codec = PositionCodec(encoding)
    return documents.put(uri_of(folder / name), 1, text), documents


def marked(folder: Path, text: str) -> tuple[Document, int]:
    """A text with a mark, opened without it, and the offset where the mark stood."""
    assert text.count(MARK) == 1
    document, _ = opened(folder, text.replace(MARK, ""))
    return document, text.index(MARK)


def put_mark(text: str, around: str) -> str:
    """A text with the mark put in where it stands in one of its pieces."""
    assert text.count(around.replace(MARK, "")) == 1, around
    return text.replace(around.replace(MARK, ""), around)
