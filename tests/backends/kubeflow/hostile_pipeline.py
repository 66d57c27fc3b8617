"""Texts that Kubeflow, Argo, Kubernetes or YAML could misread, and a pipeline with one in each place."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from tests.backends.airflow.hostile import HOSTILE, LINES, TEXTS, WORDS, quoted

OWN = (
    *("{{$", "{{$}}", "{{$.inputs.parameters['x']}}", "{{$.inputs.parameters['value']}}", "{{$.pipeline_job_name}}"),
    *(
        "{{$.outputs.parameters['output'].output_file}}",
        "{{channel:task=;name=other;type=String;}}",
        "{{{",
        "{{{{$}}}}",
    ),
    *(
        "[[RunUUID]]",
        "[[ScheduledTime]]",
        "[[Index]]",
        "{{workflow.name}}",
        "{{=1+1}}",
        "{{inputs.parameters.x}}",
        "{{",
    ),
    *("$$", "$$$", "$(GIVEN)", "$$(GIVEN)", "$(KFP_POD_NAME)", "$(date)", "$(", "$", "a$$b", "${{x}}", "\\$(GIVEN)"),
    *('{"Concat": ["a", "b"]}', '{"IfPresent": {"InputName": "x", "Then": ["a"]}}', "1e3", "08", "on", "~", "", "'''"),
)
KUBEFLOW_TEXTS = st.one_of(
    st.sampled_from((*OWN, *HOSTILE)),
    st.lists(st.sampled_from((*OWN, *HOSTILE)), min_size=1, max_size=3).map("".join),
    TEXTS,
)
KUBEFLOW_WORDS = KUBEFLOW_TEXTS.map(lambda text: text.replace("\0", "\\0")) | WORDS
"""Those that a process can be given."""

PLACES = (
    *("default", "key", "value", "json", "constant", "listed", "entry_key", "entry", "around", "after"),
    *("env", "script", "argument", "message", "condition", "item", "old", "container_argument"),
)
LINES_OF = ("pipeline", "parameter", "task")

__all__ = ["HOSTILE", "KUBEFLOW_TEXTS", "KUBEFLOW_WORDS", "LINES", "LINES_OF", "OWN", "PLACES", "pipeline_text"]


def pipeline_text(
    texts: Mapping[str, str], comments: Mapping[str, str], keys: tuple[str, str] = ("a", "b"), image: bool = True
) -> str:
    """A pipeline with these texts in their places, each place's name where none is given; `keys` are of a loop.

    The task in an image, which cannot run without one, can be left out.
    """
    t = {name: quoted(texts.get(name, name)) for name in PLACES}
    doc = {name: comments.get(name, name) for name in LINES_OF}
    woven = t["around"][:-1] + "${text}" + t["after"][1:]
    contained = f'task contained = image("busybox", command = ["echo"], args = [{t["container_argument"]}])'
    return f"""\
## {doc["pipeline"]}
pipeline hostile(
  text: str = {t["default"]},  ## {doc["parameter"]}
  table: dict[str, str] = {{ {t["key"]}: {t["value"]} }},
  document: json = {{ a: [{t["json"]}] }},
) {{
  target kubeflow {{ image = "python:3.12-slim" }}
  ## {doc["task"]}
  task constant(value = {t["constant"]}, listed = [{t["listed"]}]) -> json = python("steps:all_of")
  task entries(table = {{ {t["entry_key"]}: {t["entry"]} }}) -> json = python("steps:all_of")
  task handed(value = constant.output) -> json = python("steps:all_of")
  task given(text, table, document) -> json = python("steps:all_of")
  task woven(value = {woven}, replaced = replace(text, {t["old"]}, "new")) -> json = python("steps:all_of") {{
    require output != "no such output" else {t["message"]}
  }}
  task environment -> str = shell('printf "%s\\n" "$GIVEN" > "$PIPEC_OUTPUTS/output"') {{
    env = {{ GIVEN: {t["env"]} }}
  }}
  task script -> str = shell({t["script"]})
  task program -> str = command(
    ["sh", "-c", 'printf "%s\\n" "$1" > "$PIPEC_OUTPUTS/output"', "sh", {t["argument"]}]
  )
  if text == {t["condition"]} {{
    task same_text = python("steps:all_of")
  }}
  for key in [{quoted(keys[0])}, {quoted(keys[1])}] {{
    task looped(key) -> json = python("steps:all_of")
  }}
  map item in [{t["item"]}, "b"] {{
    task mapped(item) -> json = python("steps:all_of")
  }}
  {contained if image else ""}
}}
"""


STEPS = '''"""What the tasks of `pipeline_text` do."""


def all_of(**given):
    return given
'''
