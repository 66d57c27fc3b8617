# mypy: ignore-errors
"""A loop over a parameter, two at once, with another parameter beside the items; artifacts inside; after a task."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def prepare(): ...


@dsl.component(base_image="python:3.12")
def score(word: str, scale: float, points: dsl.OutputPath(float), path: dsl.Output[dsl.Dataset]): ...


@dsl.component(base_image="python:3.12")
def fit(data: dsl.Input[dsl.Dataset], model: dsl.Output[dsl.Model]): ...


@dsl.component(base_image="python:3.12")
def show(points: float, model: dsl.Input[dsl.Model], word: str): ...


@dsl.pipeline(name="loop")
def pipeline(words: list = ["a", "b"], scale: float = 2.0):  # noqa: B006
    prepared = prepare().set_caching_options(False)
    with dsl.ParallelFor(words, parallelism=2) as word:
        scored = score(word=word, scale=scale).after(prepared).set_caching_options(False)
        fitted = fit(data=scored.outputs["path"]).set_caching_options(False)
        show(points=scored.outputs["points"], model=fitted.outputs["model"], word=word).set_caching_options(False)
