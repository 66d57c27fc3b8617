# mypy: ignore-errors
"""A loop over numbers that stand in the file, and what is collected of it."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def score(number: int, scale: float, points: dsl.OutputPath(float), note: dsl.OutputPath(str)): ...


@dsl.component(base_image="python:3.12")
def best(points: list, word: dsl.OutputPath(str)): ...


@dsl.pipeline(name="loop-written")
def pipeline(scale: float = 2.0):
    with dsl.ParallelFor([1, 2, 5], parallelism=2) as number:
        scored = score(number=number, scale=scale).set_caching_options(False)
    best(points=dsl.Collected(scored.outputs["points"])).set_caching_options(False)
