"""The drawings as SVG and as a page: complete, the same again, and safe whatever the texts of users hold."""

from __future__ import annotations

import json
import re
import sys
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pipec.analysis.plan import plan
from pipec.api import load, simulate
from pipec.pictures.elk.engine import MissingExtraError
from pipec.pictures.formats import draw
from pipec.pictures.simulated import simulated_page, simulated_svg
from pipec.pictures.text_width import shortened, text_width
from pipec.pictures.timescale import Timescale
from tests.analysis.builders import pipeline
from tests.grammar.manual import manual_text
from tests.pictures.samples import SHIP, read, renamed

PICTURES = Path(__file__).parents[2] / "grammar" / "pictures"
"""Those that the manual shows."""

NASTY = """\
</title></script><script>alert(1)</script><img src=x onerror=alert(1)> " ' & ]]> --> {{ 7 * 7 }} \x00\x1b\ud800 ü 流"""
SVG = "{http://www.w3.org/2000/svg}"


class Reader(HTMLParser):
    """Collects tags and attributes, and what stands in scripts and elsewhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and data.strip():
            self.scripts.append(data)
        self.text += data

    def values(self, name: str) -> list[str]:
        return [str(facts[name]) for _, facts in self.tags if name in facts]


def test_the_picture_of_a_pipeline(golden: Callable[[Path, str], None]) -> None:
    golden(PICTURES / "ship_model.svg", draw(*read(SHIP), "svg"))


def test_the_manual_shows_every_picture_that_there_is() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(pictures/(.+?)\)", manual_text())
    assert sorted(shown) == sorted(path.name for path in PICTURES.iterdir())


def test_the_picture_is_the_same_again() -> None:
    assert draw(*read(SHIP), "svg") == draw(*read(SHIP), "svg")
    assert draw(*read(SHIP), "html") == draw(*read(SHIP), "html")


def test_every_task_is_in_the_picture_and_says_what_there_is_to_know() -> None:
    drawn, planned = read(SHIP)
    root = ElementTree.fromstring(draw(drawn, planned, "svg"))
    shown = {element.get("data-task"): element for element in root.iter(f"{SVG}g") if element.get("data-task")}
    assert set(shown) == {task.id for task in drawn.tasks}
    assert (shown["train[0.05, 2]"].findtext(f"{SVG}title") or "").splitlines() == [
        "train[0.05, 2]",
        "Train one candidate.",
        "does: python steps:train",
        "estimate: 40m",
        "starts after: 45m",
        "slack: none: critical",
        "retry: 2 more, 30s apart, each wait times 2",
        "after: tabular, images",
        "before: select",
    ]


def test_a_picture_can_be_read_aloud() -> None:
    root = ElementTree.fromstring(draw(*read(SHIP), "svg"))
    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root if element.get("id")}
    assert root.get("aria-labelledby") == " ".join(str(key) for key in named)
    assert named["graph-title"] == "ship_model"
    assert "critical path 1h32m" in str(named["graph-description"])


def test_a_picture_is_light_and_dark() -> None:
    style = ElementTree.fromstring(draw(*read(SHIP), "svg")).findtext(f"{SVG}style") or ""
    assert "prefers-color-scheme: dark" in style
    assert "var(" not in style


def test_nothing_is_said_by_colour_alone() -> None:
    root = ElementTree.fromstring(draw(*read(SHIP), "svg"))
    texts = ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]
    assert {"20m · slack 15m", "35m · critical", "40m · critical, each", "yes", "no"} <= set(texts)
    assert {"critical: a delay delays the end", "critical path", "decision", "once for each item"} <= set(texts)


@pytest.mark.parametrize("written", ["svg", "html"])
def test_no_text_of_a_user_becomes_markup(written: str) -> None:
    plain, planned = read(SHIP)
    nasty, same = renamed(plain, planned, NASTY)
    found = Reader(draw(nasty, same, written))  # type: ignore[arg-type]
    expected = Reader(draw(plain, planned, written))  # type: ignore[arg-type]
    assert {tag for tag, _ in found.tags} == {tag for tag, _ in expected.tags}
    assert not [key for _, facts in found.tags for key in facts if key.startswith("on")]
    assert len(found.scripts) == len(expected.scripts)
    assert found.scripts[1:] == expected.scripts[1:]
    assert set(found.values("data-task")) == {task.id.replace("\x00\x1b\ud800", "\ufffd" * 3) for task in nasty.tasks}


def test_an_svg_of_strange_texts_is_xml() -> None:
    ElementTree.fromstring(draw(*renamed(*read(SHIP), NASTY), "svg").encode())


def test_a_page_needs_nothing_and_allows_its_one_script_alone() -> None:
    reader = Reader(draw(*read(SHIP), "html"))
    assert reader.values("src") == reader.values("href") == []
    (policy,) = (facts["content"] for tag, facts in reader.tags if tag == "meta" and "http-equiv" in facts)
    data, script = reader.scripts
    hashed = b64encode(sha256(script.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hashed}'"
    assert set(json.loads(data)) == {task.id for task in read(SHIP)[0].tasks}
    assert re.search(r"innerHTML|eval\(|document\.write|fetch\(|https?:", script) is None


def test_a_page_has_a_bar_for_every_task() -> None:
    drawn, planned = read(SHIP)
    reader = Reader(draw(drawn, planned, "html"))
    rows = [
        facts["data-task"] for tag, facts in reader.tags if tag == "g" and str(facts.get("class")).startswith("row")
    ]
    assert sorted(map(str, rows)) == sorted(task.id for task in drawn.tasks)


def test_a_simulated_run(golden: Callable[[Path, str], None]) -> None:
    loaded = load(Path("ship.pipe"), text=SHIP)
    found = simulate(loaded, slots=[3], runs=50).findings[0]
    golden(PICTURES / "ship_model_simulated.svg", simulated_svg(found))
    assert Reader(simulated_page(found)).scripts == []


def test_a_pipeline_without_tasks_and_estimates() -> None:
    empty = pipeline()
    assert "0 tasks" in draw(empty, plan(empty), "svg")
    assert "none has an estimate" in draw(empty, plan(empty), "html")


def test_what_is_missing_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py_mini_racer", None)
    with pytest.raises(MissingExtraError, match=r"^pictures need an extra: pip install 'pipec\[pictures\]'$"):
        draw(*read(SHIP), "svg")


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("train", 100, "train"),
        ("a" * 100, 60, "aaaa…aa"),
        ("two\n lines", 100, "two lines"),
        ("流" * 9, 40, "流流…"),
        ("", 5, ""),
    ],
)
def test_texts_are_shortened_in_their_middle(text: str, limit: float, short: str) -> None:
    found = shortened(text, 12, limit)
    assert found == short
    assert text_width(found, 12) <= limit


@pytest.mark.parametrize(
    ("end", "unit", "names"),
    [
        (160.0, "seconds", ["0s", "30s", "1m", "1m30s", "2m", "2m30s"]),
        (7.0, "tasks", ["0", "2", "4", "6"]),
        (0.5, "seconds", ["0s", "100ms", "200ms", "300ms", "400ms", "500ms"]),
        (86_400.0 * 9, "seconds", ["0s", "2d", "4d", "6d", "8d"]),
        (0.0, "seconds", ["0s"]),
        (0.0, "tasks", ["0"]),
    ],
)
def test_ticks_are_round(end: float, unit: str, names: list[str]) -> None:
    assert [name for _, name in Timescale(end, 600, unit).ticks(6)] == names  # type: ignore[arg-type]
