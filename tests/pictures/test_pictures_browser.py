"""The page in a browser: it shows, reacts to who points at it, and asks the network for nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pipec.pictures.formats import draw
from tests.pictures.samples import SHIP, layered, read, renamed

pytestmark = pytest.mark.engine

REPORT = """
<script>
const seen = {};
const mark = (id) => document.querySelector(`#stage [data-task="${id}"]`);
const on = () => [...document.querySelectorAll("#stage [data-task].on")].map((one) => one.dataset.task);
onerror = (message) => { seen.error = message; };
seen.view = document.querySelector("#stage svg").getAttribute("viewBox");
mark("tabular").dispatchEvent(new PointerEvent("pointerenter", { clientX: 40, clientY: 40 }));
seen.related = on();
seen.card = document.getElementById("facts").innerText;
mark("tabular").dispatchEvent(new PointerEvent("pointerleave"));
seen.quiet = [document.getElementById("facts").hidden, on().length];
const search = document.getElementById("search");
search.value = "CANDIDATE";
search.dispatchEvent(new Event("input"));
seen.found = document.getElementById("found").textContent;
document.getElementById("theme").click();
seen.theme = document.documentElement.dataset.theme;
document.getElementById("in").click();
seen.zoomed = document.querySelector("#stage svg").getAttribute("viewBox");
const report = document.createElement("pre");
report.id = "report";
report.textContent = JSON.stringify(seen);
document.body.append(report);
</script>
"""


def browse(folder: Path, html: str, *options: str) -> str:
    """The page as the browser has it after its scripts ran."""
    page = folder / "page.html"
    page.write_text(html, "utf-8")
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )
    assert found, "this test needs a browser: put chromium, chromium-browser or google-chrome on the PATH"
    command = [
        found,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1300,900",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"--user-data-dir={folder / 'profile'}",
        f"--log-net-log={folder / 'net.json'}",
        *options,
        "--dump-dom",
        page.as_uri(),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def requested(folder: Path) -> set[str]:
    events = json.loads((folder / "net.json").read_text("utf-8"))["events"]
    starts = [event["params"] for event in events if "initiator" in event.get("params", {})]
    return {start["url"] for start in starts if start["initiator"] != "not an origin" and "url" in start}


def test_the_page_reacts(tmp_path: Path) -> None:
    open_page = re.sub(r"<meta http-equiv=[^>]*>", "", draw(*read(SHIP), "html")).replace("</body>", REPORT + "</body>")
    dom = browse(tmp_path, open_page)
    seen = json.loads(re.search(r'<pre id="report">(.*?)</pre>', dom, re.DOTALL)[1].replace("&gt;", ">"))  # type: ignore[index]
    assert "error" not in seen
    assert set(seen["related"]) >= {"fetch", "enough", "tabular", "train[0.3, 4]", "select", "good_enough", "tell"}
    assert not {"images", "calibrate", "clean_up"} & set(seen["related"])
    assert seen["card"].splitlines()[0] == "tabular"
    assert "20m" in seen["card"]
    assert seen["quiet"] == [True, 0]
    assert seen["found"] == "6 of 17"
    assert seen["theme"] in ("dark", "light")
    assert seen["zoomed"] != seen["view"]
    assert requested(tmp_path) == set()


def test_strange_texts_do_nothing(tmp_path: Path) -> None:
    text = (
        """</script><script>document.title = "caught"</script><img src="http://127.0.0.1:1/a.png" onerror="alert(1)">"""
    )
    dom = browse(tmp_path, draw(*renamed(*read(SHIP), text), "html"))
    assert "<title>caught</title>" not in dom
    assert 'role="button"' in dom  # the script of the page itself ran
    assert requested(tmp_path) == set()


def test_three_hundred_tasks_are_shown(tmp_path: Path) -> None:
    dom = browse(tmp_path, draw(*read(layered(300)), "html"))
    assert len(re.findall(r'role="button"', dom)) == 600
