"""What is refused of pipelines though the features are offered, and where."""

from __future__ import annotations

import pytest

from pipec.api import load
from pipec.compilation import check_target

IMAGE = 'target kubeflow { image = "python:3.12" }'
NO_IMAGE = "tasks without an image"
FILLED_IN = "a text in which the engine would look for something to fill in"
LOOP = "a map of which a part waits for what follows another part"

CASES = {
    "code without an image": (
        'pipeline p {\n task a = python("s:f")\n task b = shell("true")\n}',
        [(NO_IMAGE, 1, "pipeline `p`")],
    ),
    "code of a called pipeline without an image": (
        'pipeline q {\n task a = python("s:f")\n}\npipeline p {\n task b = q\n}',
        [(NO_IMAGE, 2, "task `a` of pipeline `q`")],
    ),
    "a called pipeline in the image of its caller": (
        f'pipeline q {{\n task a = python("s:f")\n}}\npipeline p {{\n {IMAGE}\n task b = q\n}}',
        [],
    ),
    "an image of a called pipeline, which its caller does not have": (
        f'pipeline q {{\n {IMAGE}\n task a = python("s:f")\n}}\npipeline p {{\n task b = q\n}}',
        [(NO_IMAGE, 3, "task `a` of pipeline `q`")],
    ),
    "an option of the pipeline": (
        'pipeline p {\n target kubeflow {\n  image = "x"\n  pod_labels = { a: "{{workflow.name}}" }\n }\n}',
        [(FILLED_IN, 4, "pipeline `p`: `{{workflow.name}}`")],
    ),
    "an option of a task": (
        f'pipeline p {{\n {IMAGE}\n task a = python("s:f") {{\n'
        '  target kubeflow { display_name = "a {{$}}" }\n }\n}',
        [(FILLED_IN, 4, "task `a`: `{{$}}`")],
    ),
    "a dollar, which nothing reads there": (
        f'pipeline p {{\n {IMAGE}\n task a = python("s:f") {{\n  target kubeflow {{ display_name = "$(a)" }}\n }}\n}}',
        [],
    ),
    "a map that waits for itself": (
        f'pipeline p {{\n {IMAGE}\n map x in [1] {{\n  task a(x) -> int = python("s:f")\n'
        '  task c(x) after b = python("s:f")\n }\n task b(all = a[*]) = python("s:f")\n}',
        [(LOOP, 3, "map over `x`")],
    ),
    "two maps that wait for each other": (
        f'pipeline p {{\n {IMAGE}\n map x in [1] {{\n  task a(x) -> int = python("s:f")\n'
        '  task d(x) after c = python("s:f")\n }\n'
        ' map y in [1] {\n  task b(y, all = a[*]) = python("s:f")\n  task c(y) = python("s:f")\n }\n}',
        [(LOOP, 3, "map over `x`")],
    ),
    "one map behind another": (
        f'pipeline p {{\n {IMAGE}\n map x in [1] {{\n  task a(x) -> int = python("s:f")\n }}\n'
        ' map y in a[*] {\n  task b(y) = python("s:f")\n }\n}',
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_refusals_say_what_and_where(case: str) -> None:
    text, expected = CASES[case]
    loaded = load("p.pipe", text=text)
    assert loaded.program is not None, [one.message for one in loaded.diagnostics.found]
    prefix = "`kubeflow` cannot express "
    faults = [one for one in check_target(loaded, "p", "kubeflow").found if one.severity == "error"]
    whats = [one.message.removeprefix(prefix).partition(":")[0] for one in faults]
    lines = [text.count("\n", 0, one.span.start) + 1 for one in faults]
    assert list(zip(whats, lines, [one.label for one in faults], strict=True)) == expected
