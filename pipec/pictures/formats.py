"""The formats of pictures by name."""

from __future__ import annotations

from typing import Literal, get_args

from pipec.analysis.plan import Plan
from pipec.ir.model import Pipeline

PictureFormat = Literal["mermaid", "dot", "svg", "html"]
FORMATS: tuple[PictureFormat, ...] = get_args(PictureFormat)


def draw(pipeline: Pipeline, plan: Plan, written: PictureFormat) -> str:
    """The picture of a plan, ending in a newline. SVG and HTML raise NoPictureError."""
    match written:
        case "mermaid":
            from pipec.pictures.mermaid import mermaid

            return mermaid(pipeline, plan)
        case "dot":
            from pipec.pictures.graphviz import dot

            return dot(plan)
        case "svg":
            from pipec.pictures.graph import graph_svg

            return graph_svg(pipeline, plan)
        case "html":
            from pipec.pictures.page import page

            return page(pipeline, plan)
