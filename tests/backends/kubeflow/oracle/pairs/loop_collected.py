# mypy: ignore-errors
"""A loop over a parameter, two at once, and what is collected of it."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def score(word: str, scale: float, points: dsl.OutputPath(float), note: dsl.OutputPath(str)): ...


@dsl.component(base_image="python:3.12")
def best(points: list, word: dsl.OutputPath(str)): ...


@dsl.pipeline(name="loop-collected")
def pipeline(words: list = ["a", "b"], scale: float = 2.0):  # noqa: B006
    with dsl.ParallelFor(words, parallelism=2) as word:
        scored = score(word=word, scale=scale).set_caching_options(False)
    best(points=dsl.Collected(scored.outputs["points"])).set_caching_options(False)
