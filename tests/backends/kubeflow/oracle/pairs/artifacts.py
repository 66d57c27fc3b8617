# mypy: ignore-errors
"""Artifacts of all types, into Python and into a shell."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def extract(
    path: str,
    rows: dsl.Output[dsl.Dataset],
    raw: dsl.Output[dsl.Artifact],
    folder: dsl.Output[dsl.Artifact],
): ...


@dsl.component(base_image="python:3.12")
def train(
    rows: dsl.Input[dsl.Dataset],
    raw: dsl.Input[dsl.Artifact],
    folder: dsl.Input[dsl.Artifact],
    model: dsl.Output[dsl.Model],
    scores: dsl.Output[dsl.Metrics],
): ...


@dsl.component(base_image="python:3.12")
def publish(model: dsl.Input[dsl.Model], scores: dsl.Input[dsl.Metrics], rows: dsl.Input[dsl.Dataset]): ...


@dsl.pipeline(name="artifacts")
def pipeline(path: str):
    extracted = extract(path=path).set_caching_options(False).outputs
    trained = train(rows=extracted["rows"], raw=extracted["raw"], folder=extracted["folder"])
    trained.set_caching_options(False)
    publish(
        model=trained.outputs["model"], scores=trained.outputs["scores"], rows=extracted["rows"]
    ).set_caching_options(False)
