"""The IR as text, as JSON and as a published schema."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from pipec.analysis.feature_names import FEATURES
from pipec.backend import CompileRequest, load_backend
from pipec.ir.expressions import (
    BinaryOperation,
    ConditionalExpression,
    Interpolation,
    LiteralValue,
    ParameterReference,
    RunReference,
)
from pipec.ir.model import CronSchedule, Options, Parameter, PipelineCall, Program, Retry
from pipec.ir.printout import printout
from pipec.ir.schema import json_schema
from pipec.ir.types import FLOAT, STR
from tests.analysis.builders import WAFER_TEST, decision, output, pipeline, place, program, task

SCHEMA_FILE = Path(__file__).parents[2] / "grammar" / "ir.schema.json"

MINIMUM = ParameterReference(name="minimum", type=FLOAT)
SAMPLE = program(
    pipeline(
        task("train", options=Options(retry=Retry(max=2, delay=30), timeout=60)),
        decision("good", "train", condition=BinaryOperation(operator=">=", left=output("train"), right=MINIMUM)),
        task("ship", "good", "train", sides=[("good", True)], reads=["train"]),
        task("clean", rule="all_done", is_finally=True),
        parameters=(
            Parameter(name="minimum", type=FLOAT, default=LiteralValue(value=0.5, type=FLOAT), location=place()),
        ),
        schedule=CronSchedule(expression="0 2 * * *", timezone="Europe/Berlin"),
        owner="ml",
        tags=("a", "b"),
        returns=Interpolation(
            parts=(
                LiteralValue(value="on ", type=STR),
                RunReference(field="date", type=STR),
                LiteralValue(value=' "', type=STR),
                ConditionalExpression(
                    condition=output("good"), then=MINIMUM, otherwise=LiteralValue(value=0, type=FLOAT)
                ),
            )
        ),
    )
)

SAMPLE_TEXT = """\
program p.pipe

pipeline p
  parameter minimum: float = 0.5
  schedule cron(expression = 0 2 * * *, timezone = Europe/Berlin)
  owner ml
  tags a b
  task train -> { output: int }
    does shell "true"
    retry {"delay": 30.0, "max": 2}
    timeout 60.0
  task good
    after train
    does decide train.output >= minimum
  task ship -> { output: int }
    after good, train
    in the if side of good
    input of_train: int = train.output
    does shell "true"
  task clean -> { output: int }
    when all_done
    in finally
    does shell "true"
  return "on ${run.date} \\"${good.output ? minimum : 0}"
"""


def test_printout() -> None:
    assert printout(SAMPLE) == SAMPLE_TEXT


def test_the_published_schema_is_that_of_the_models() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == json.dumps(json_schema(), indent=2) + "\n"


def compiled(sample: Program, key: str = "p") -> str:
    [file] = load_backend("ir").compile(CompileRequest(sample, key))
    assert file.path == f"{key}.ir.json"
    return file.text


def test_the_ir_target_offers_everything() -> None:
    capabilities = load_backend("ir").capabilities
    assert capabilities.keys() == FEATURES.keys()
    assert {capability.support for capability in capabilities.values()} == {"native"}


def test_the_ir_target_writes_what_the_schema_says_and_loses_nothing() -> None:
    text = compiled(SAMPLE)
    assert list(Draft202012Validator(json_schema()).iter_errors(json.loads(text))) == []
    assert Program.model_validate_json(text) == SAMPLE
    assert text == compiled(SAMPLE)


def test_the_ir_target_leaves_out_other_pipelines_and_keeps_called_ones() -> None:
    calling = pipeline(task("a", implementation=PipelineCall(pipeline="inner")), name="outer")
    inner = pipeline(task("b"), name="inner")
    both = program(WAFER_TEST, calling, inner)
    written = Program.model_validate_json(compiled(both, "outer"))
    assert list(written.pipelines) == ["inner", "outer"]
    assert written.own == ("outer", "inner")
