"""The page of a run: what it says, that it needs nothing else, and that a browser shows it."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipec.backends.local.history.page import page
from pipec.backends.local.history.rows import rows
from pipec.backends.local.history.shape import shape_of
from pipec.backends.local.history.statistics import task_statistics
from pipec.backends.local.store.records import Entry, RunRecord

from tests.backends.local.history.samples import (
    START,
    attempt,
    calling,
    ended,
    ensemble,
    large,
    run_of,
    summaries,
    troubled,
)
from tests.support.ir_builder import pipeline, task

SAMPLES = {"ensemble": ensemble, "troubled": troubled, "large": large, "calling": calling}


class Reader(HTMLParser):
    """Collects the tags, and the states that nodes and lines say of tasks."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.states: dict[str, dict[str, str]] = {"g": {}, "tr": {}}
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.tags.append((tag, facts))
        name, state = facts.get("data-task"), facts.get("data-state")
        if name is not None and state is not None:
            self.states[tag][name] = state

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def page_of(record: RunRecord, tail: tuple[str, ...] = ("the last line",)) -> str:
    shape = shape_of(record)
    history = summaries("s" * 20 + "f" + "s" * 9, [150.0 + index for index in range(30)])
    return str(page(record, shape, history, task_statistics([record], shape), lambda _: tail, START + 1000))


def states(record: RunRecord) -> dict[str, str]:
    return {row.task: row.state for row in rows(record, shape_of(record))}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_task_has_a_node_and_a_line_with_its_state(name: str) -> None:
    record = SAMPLES[name]()
    reader = read(page_of(record))
    assert reader.states["tr"] == states(record)
    assert reader.states["g"] == {task: state for task, state in states(record).items() if "/" not in task}


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_loaded_and_nothing_runs(name: str) -> None:
    reader = read(page_of(SAMPLES[name]()))
    links = [value for _, facts in reader.tags for key, value in facts.items() if key in ("href", "src", "action")]
    assert [link for link in links if not str(link).startswith(("#task-", "data:,"))] == []
    assert {tag for tag, _ in reader.tags} & {"script", "img", "iframe", "object", "embed", "form"} == set()
    policy = next(facts["content"] for tag, facts in reader.tags if tag == "meta" and "http-equiv" in facts)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_what_went_wrong_stands_with_the_end_of_the_log() -> None:
    text = read(page_of(troubled(), ("reading 17", "<no readings>"))).text
    assert "score[11]" in text
    assert "ValueError: station has no readings\nsecond line" in text
    assert "reading 17\n<no readings>" in text
    assert "score[11]/1.log" in text
    assert "not delivered: no route to host" in text


def test_many_failures_are_counted() -> None:
    entries = [entry for index in range(30) for entry in attempt(f"t{index}", 0, 1, error="broken")]
    text = read(page_of(run_of(None, [*entries, ended(1, "failed")]))).text
    assert text.count("the last line") == 20
    assert "and 10 more that failed" in text


def test_health_and_times_are_said() -> None:
    text = read(page_of(ensemble())).text
    assert "29 of 30 runs succeeded (96.7 %), within the deadline" in text
    assert "WARNING" in text
    assert "critical path: 3 attempts, 2m40s at work, 0.30s in between" in text


def test_the_first_run_of_a_pipeline_while_it_goes_on() -> None:
    record = run_of(pipeline(task("a"), task("b", after="a")), attempt("a", 0))
    html = page(record, shape_of(record), summaries("r"), [], lambda _: (), START + 5)
    reader = read(html)
    assert reader.states["tr"] == {"a": "running", "b": "pending"}
    assert [facts for _, facts in reader.tags if "t-HEALTHY" in str(facts.get("class"))] == []


NASTY = """</title><script>alert(1)</script><img src=x onerror=alert(1)> " ' & {{ 7 * 7 }} ]]> --> \x00\x1b[31m\ud800"""


@given(st.text(max_size=40) | st.just(NASTY))
def test_no_text_of_a_run_becomes_markup(text: str) -> None:
    safe = task("a").model_copy(update={"id": text or "a", "name": "a"})
    shape = pipeline(safe, name=text or "p")
    record = run_of(
        None,
        [
            *attempt(text or "a", 0, 1, error=text),
            Entry("alert", 1, text, data={"event": text, "channel": text, "message": text, "error": text}),
            ended(1, "failed", error=text),
        ],
        parameters={text: text},
        pipeline=shape.name,
        file=text,
    )
    record.context["date"] = text
    reader = read(page_of(record, (text,)))
    expected = read(page_of(run_of(None, [*attempt("a", 0, 1, error="x"), ended(1, "failed", error="x")])))
    allowed = {tag for tag, _ in expected.tags} | {"dt", "dd"}
    assert {tag for tag, _ in reader.tags} <= allowed
    assert not [key for _, facts in reader.tags for key in facts if key.startswith("on")]
    page_of(record, (text,)).encode()


def test_ten_thousand_tasks_have_a_page_that_says_what_it_leaves_out() -> None:
    entries = [entry for index in range(3000) for entry in attempt(f"t{index}", index, index + 1)]
    html = page_of(run_of(None, [*entries, ended(3000)]))
    assert "2000 further tasks are in the table only" in html
    assert "and 1000 more: " in html
    assert len(html) < 5_000_000


# --- in a browser --------------------------------------------------------------------------------


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.fail("this test needs a browser: put chromium, chromium-browser or google-chrome on the PATH")


def browse(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        chromium(),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"--user-data-dir={folder / 'profile'}",
        f"--log-net-log={folder / 'net.json'}",
        *options,
        (folder / "run.html").as_uri(),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


def requested(folder: Path) -> set[str]:
    """What the page asked the network for; what the browser asks for itself comes from no origin."""
    events = json.loads((folder / "net.json").read_text("utf-8"))["events"]
    starts = [event["params"] for event in events if "initiator" in event.get("params", {})]
    return {start["url"] for start in starts if start["initiator"] != "not an origin" and "url" in start}


def png_size_and_shades(file: Path) -> tuple[int, int, int]:
    """Width, height and how many different bytes a line filter leaves: 1 or 2 for a picture of one colour."""
    data = file.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    position, pixels = 8, b""
    while position < len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        if data[position + 4 : position + 8] == b"IDAT":
            pixels += data[position + 8 : position + 8 + length]
        position += 12 + length
    return width, height, len(set(zlib.decompress(pixels)))


@pytest.mark.engine
@pytest.mark.parametrize("name", SAMPLES)
def test_a_browser_shows_the_page(name: str, tmp_path: Path) -> None:
    record = SAMPLES[name]()
    (tmp_path / "run.html").write_text(page_of(record), "utf-8")
    shown = read(browse(tmp_path, "--dump-dom").stdout)
    assert shown.states["tr"] == states(record)
    assert requested(tmp_path) == set()
    picture = tmp_path / "run.png"
    browse(tmp_path, f"--screenshot={picture}", "--window-size=1300,2000")
    width, height, shades = png_size_and_shades(picture)
    assert (width, height) == (1300, 2000)
    assert picture.stat().st_size > 40_000
    assert shades > 50


@pytest.mark.engine
def test_a_page_that_asks_for_something_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "run.html").write_text('<img src="http://127.0.0.1:1/a.png">')
    browse(tmp_path, "--dump-dom")
    assert requested(tmp_path) == {"http://127.0.0.1:1/a.png"}


@pytest.mark.engine
def test_an_empty_page_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "run.html").write_text("<p></p>")
    browse(tmp_path, f"--screenshot={tmp_path / 'run.png'}", "--window-size=1300,2000")
    assert png_size_and_shades(tmp_path / "run.png")[2] < 50
