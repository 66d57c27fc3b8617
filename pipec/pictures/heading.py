"""What stands over a picture: the pipeline's name and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from pipec.analysis.plan import Plan
from pipec.analysis.plan_words import amount, duration_text
from pipec.pictures.markup import words
from pipec.pictures.text_width import shortened

HEADING_HEIGHT = 66.0
_NAME_SIZE, _SUMMARY_SIZE = 18.0, 12.5


def summary(plan: Plan) -> str:
    """The figures of a plan on one line."""
    return " · ".join(_figures(plan))


def draw_heading(parent: Element, name: str, figures: str, margin: float, width: float) -> None:
    """The name of a pipeline and its figures, in the upper left corner."""
    words(parent, "text name", margin, margin + 16, shortened(name, _NAME_SIZE, width, is_bold=True))
    words(parent, "soft summary", margin, margin + 38, shortened(figures, _SUMMARY_SIZE, width))


def _figures(plan: Plan) -> Iterator[str]:
    yield f"{len(plan.tasks)} {'task' if len(plan.tasks) == 1 else 'tasks'}"
    yield f"at most {plan.width} at once"
    length = amount(plan, plan.critical_path_length)
    if plan.unit == "tasks":
        yield f"longest path {length}"
        return
    yield f"critical path {length} of {amount(plan, plan.total_work)} work"
    if plan.deadline is not None and plan.deadline_margin is not None:
        late = plan.deadline_margin < 0
        margin = duration_text(abs(plan.deadline_margin))
        yield f"deadline {duration_text(plan.deadline)} {'missed by' if late else 'leaves'} {margin}"
