"""What people see: each pair of files beside what is told of it, as text and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pipec.comparison.markdown import LONGEST, comparison_markdown
from pipec.comparison.text import comparison_text
from tests.comparison.cases import compared

GOLDEN = Path(__file__).parent / "golden"
OLD = """\
## Every night.
pipeline nightly(day: date = run.date, share: float = 0.5, mode: "a" | "b" = "a") {
  schedule = cron("0 2 * * *", timezone = "Europe/Berlin")
  deadline = 2h
  tags     = ["ml"]
  defaults = { timeout: 1h }
  task extract(day) -> { path: dataset, rows: int } = python("steps:extract") { estimate = 20m }
  task clean(path = extract.path) -> dataset after extract = python("steps:clean") { estimate = 10m }
  task legacy(path = clean) = shell('legacy "$path"') { estimate = 5m }
  for algorithm in ["rf", "gbm", "knn"] {
    task train(data = clean, algorithm) -> { model: model, auc: float } = python("steps:train") { estimate = 40m }
  }
  gate good { require max(train[*].auc) > share else "too weak" }
  if max(train[*].auc) > 0.9 as great {
    task deploy(models = train[*].model) after good = python("steps:deploy") { estimate = 5m }
  }
  ## Tell people.
  task report(rows = extract.rows) after train = shell('''
    echo "$rows"
    echo done
  ''')
  on failure = slack("#ml")
}
"""
NEW = """\
## Every night, and no more.
pipeline nightly(day: date = run.date, share: float = 0.6, mode: "a" | "b" | "c" = "a", least: int = 1) {
  schedule = cron("30 3 * * 1-5", timezone = "Europe/Berlin")
  deadline = 100m
  tags     = ["ml", "yield"]
  defaults = { timeout: 90m, retry: { max: 2, delay: 30s } }
  task extract(day) -> { path: dataset, rows: int } = python("steps:extract") { estimate = 20m }
  task tidy(path = extract.path) -> dataset = python("steps:clean") { estimate = 10m }
  task validate(path = extract.path) -> { ok: bool } after tidy = python("steps:validate") { estimate = 5m }
  for algorithm in ["rf", "gbm", "knn"] {
    task train(data = tidy, algorithm) -> { model: model, auc: float } after validate = python("steps:train") {
      estimate  = 1h
      resources = { memory: 8Gi }
    }
  }
  gate good { require max(train[*].auc) >= share else "too weak" }
  if max(train[*].auc) > 0.95 as great {
    task deploy(models = train[*].model) after good = python("steps:deploy") { estimate = 5m }
  }
  ## Tell everybody.
  task report(rows = extract.rows) after train, extract = shell('''
    echo "rows: $rows"
    echo done
  ''')
  order extract -> deploy
  on failure = [slack("#ml"), email("ml@example.com")]
}
"""
HOSTILE = """\
pipeline p {
  task a = shell('echo ``` </details> @everyone | <script> \x1b[31m ]() ') { env = { X: "<b>`x`|\\n# h" } }
  task b = shell('''
    ```
    </details>
    ````
  ''')
}
"""

PAIRS = {
    "everything": (OLD, NEW),
    "everything_back": (NEW, OLD),
    "added": ("", OLD),
    "removed": (OLD, ""),
    "hostile": ("pipeline p { task a = shell('true')  task b = shell('''\n a\n b\n''') }", HOSTILE),
}


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_told(name: str, golden: Callable[[Path, str], None]) -> None:
    found = compared(*PAIRS[name])
    golden(GOLDEN / f"{name}.txt", comparison_text(found, color=False))
    golden(GOLDEN / f"{name}.md", comparison_markdown(found))


def test_nothing_of_a_file_stands_outside_code() -> None:
    text = comparison_markdown(compared(*PAIRS["hostile"]))
    found = re.search(r"^(`{3,})diff\n(.*?)^\1$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    assert all(word in found[2] for word in ("@everyone", "<script>", "</details>", "````"))
    assert len(re.findall(f"^{found[1]}", text, re.MULTILINE)) == 2
    around = text.replace(found[0], "")
    assert not any(word in around for word in ("@", "<script", "<b>", "\x1b"))
    assert around.count("</details>") == 1


def test_a_comment_is_not_too_long_to_be_posted() -> None:
    tasks = "\n".join(f"  task t{number} = shell('{'x' * 80}')" for number in range(2000))
    text = comparison_markdown(compared("", f"pipeline p {{\n{tasks}\n}}"))
    assert LONGEST - 1000 < len(text) < LONGEST + 1000
    assert re.search(r"^… [\d,]+ more lines: see `pipec diff`$", text, re.MULTILINE)
    assert text.endswith("</details>\n\n**`1 pipeline added`**\n")


def test_values_that_differ_far_behind_are_shown_where_they_do() -> None:
    old, new = (f"pipeline p {{ task a = shell('{'x' * 300}{end}{'y' * 300}') }}" for end in ("old", "new"))
    assert "…xxxxxxxxxxxxxxxxxxxxoldyyy" in comparison_text(compared(old, new), color=False)


def test_requirements_have_their_task_s_own_outputs_by_bare_names() -> None:
    text = "pipeline p { task a -> { rows: int } = python('m:f') { require rows > 1 } }".replace("'", '"')
    assert "~ require  rows > 1 → rows > 2\n" in comparison_text(
        compared(text, text.replace("> 1", "> 2")), color=False
    )


def test_a_pipeline_alone_in_its_file_is_compared_with_the_one_in_the_other() -> None:
    old, new = (
        f"pipeline {name} {{ task same = shell('s')  task {name} = shell('{name}') }}" for name in ("one", "two")
    )
    assert comparison_text(compared(old, new), color=False).startswith("pipeline one → two (renamed)\n")
