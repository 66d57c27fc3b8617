# mypy: ignore-errors
"""A pipeline as a task that is given an artifact, with a loop inside."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def extract(data: dsl.Output[dsl.Dataset]): ...


@dsl.component(base_image="python:3.12")
def fit(data: dsl.Input[dsl.Dataset], model: dsl.Output[dsl.Model]): ...


@dsl.component(base_image="python:3.12")
def show(model: dsl.Input[dsl.Model], word: str): ...


@dsl.pipeline(name="fitting")
def fitting(data: dsl.Input[dsl.Dataset], words: list):
    fitted = fit(data=data).set_caching_options(False)
    with dsl.ParallelFor(words) as word:
        show(model=fitted.outputs["model"], word=word).set_caching_options(False)


@dsl.pipeline(name="sub-pipeline-artifacts")
def pipeline(words: list = ["a"]):  # noqa: B006
    extracted = extract().set_caching_options(False)
    fitting(data=extracted.outputs["data"], words=words).set_caching_options(False)
