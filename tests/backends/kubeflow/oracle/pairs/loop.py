# mypy: ignore-errors
"""A loop over a parameter, two at once, with another parameter beside the items, after another task."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def prepare(): ...


@dsl.component(base_image="python:3.12")
def score(word: str, scale: float, points: dsl.OutputPath(float), path: dsl.OutputPath(str)): ...


@dsl.component(base_image="python:3.12")
def show(points: float, word: str): ...


@dsl.pipeline(name="loop")
def pipeline(words: list = ["a", "b"], scale: float = 2.0):  # noqa: B006
    prepared = prepare().set_caching_options(False)
    with dsl.ParallelFor(words, parallelism=2) as word:
        scored = score(word=word, scale=scale).after(prepared).set_caching_options(False)
        show(points=scored.outputs["points"], word=word).set_caching_options(False)
