"""A page with the pictures of a plan: to point at, to search, to zoom. It needs nothing else and asks no network.

What runs in it is the one script of pipec: the policy of the page allows that by its hash, and nothing that a text of a
user could smuggle in.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from xml.etree.ElementTree import Element

from pipec.analysis.plan import Plan
from pipec.ir.model import Pipeline
from pipec.pictures.building import scene_of
from pipec.pictures.chart import draw_chart
from pipec.pictures.document import html_document
from pipec.pictures.facts import all_facts
from pipec.pictures.gantt import plan_chart
from pipec.pictures.graph import draw_scene
from pipec.pictures.heading import summary
from pipec.pictures.legend import draw_legend
from pipec.pictures.markup import clean, picture, shape, written
from pipec.pictures.placing import place
from pipec.pictures.style import style_sheet

_EDGE = 16.0
_CHART_WIDTH = 1400.0
_LEGEND_WIDTH = 1160.0


def page(pipeline: Pipeline, plan: Plan) -> str:
    """The HTML of the page. Raises MissingExtraError without the extra `pictures`."""
    script = _asset("page.js")
    hashed = b64encode(sha256(script.encode()).digest()).decode()
    graph, legend = _graph(pipeline, plan)
    doc = f'<p class="doc">{_text(pipeline.doc)}</p>' if pipeline.doc else ""
    unit = "in time, from the estimates" if plan.unit == "seconds" else "in numbers of tasks: none has an estimate"
    body = f"""\
<main>
<header>
<div><h1>{_text(pipeline.name)}</h1><p class="summary-line">{_text(summary(plan))}</p>{doc}</div>
<div class="tools">
<input id="search" type="search" placeholder="Find a task  ( / )" aria-label="Find a task" autocomplete="off">
<span id="found" role="status"></span>
<button id="out" aria-label="Zoom out">&minus;</button><button id="in" aria-label="Zoom in">+</button>
<button id="fit">Fit</button><button id="theme" aria-label="Light or dark">&#9680;</button>
</div>
</header>
<section class="card">
<div id="stage">
{graph}</div>
{legend}</section>
<section class="card">
<h2>As early as it may run <span>{unit}; the pale bars are slack</span></h2>
<div class="scroll">
{_chart(pipeline, plan)}</div>
</section>
</main>
<aside id="facts" hidden></aside>
<script type="application/json" id="data">{_data(pipeline, plan)}</script>
<script>{script}</script>
"""
    return html_document(pipeline.name, style_sheet() + _asset("page.css"), body, f"'sha256-{hashed}'")


def _graph(pipeline: Pipeline, plan: Plan) -> tuple[str, str]:
    scene = scene_of(pipeline, plan)
    placed = place(scene)
    width, height = placed.width + 2 * _EDGE, placed.height + 2 * _EDGE
    root = picture("graph", width, height, f"The graph of {pipeline.name}", summary(plan))
    draw_scene(shape(root, "g", transform=f"translate({_EDGE:g} {_EDGE:g})"), scene, placed, all_facts(pipeline, plan))
    signs = Element("g")
    deep = draw_legend(signs, scene, plan, _LEGEND_WIDTH)
    legend = picture("legend", _LEGEND_WIDTH, deep, "Legend", "What the shapes and colours mean")
    legend.append(signs)
    return written(root), written(legend)


def _chart(pipeline: Pipeline, plan: Plan) -> str:
    body = Element("g")
    height = draw_chart(body, plan_chart(pipeline, plan), _CHART_WIDTH)
    root = picture("gantt", _CHART_WIDTH, height, f"Gantt chart of {pipeline.name}", "When each task may run")
    root.append(body)
    return written(root)


def _data(pipeline: Pipeline, plan: Plan) -> str:
    facts = all_facts(pipeline, plan)
    tasks = {
        clean(task.id): {
            "doc": clean(facts[task.id].doc),
            "rows": [[clean(name), clean(value)] for name, value in facts[task.id].rows],
            "upstream": [clean(parent) for parent in task.upstream],
        }
        for task in plan.tasks
    }
    # Inside a script the parser of HTML looks for tags: there must be no `<`.
    return json.dumps(tasks, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")


def _asset(name: str) -> str:
    return files("pipec.pictures").joinpath(name).read_text("utf-8")


def _text(text: str) -> str:
    return escape(clean(text))
