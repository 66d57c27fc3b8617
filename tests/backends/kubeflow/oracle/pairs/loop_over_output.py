# mypy: ignore-errors
"""A loop over an output, with another output beside the items and two tasks inside."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def find(words: dsl.OutputPath(list), scale: dsl.OutputPath(float)): ...


@dsl.component(base_image="python:3.12")
def count(word: str, number: dsl.OutputPath(int)): ...


@dsl.component(base_image="python:3.12")
def score(number: int, scale: float): ...


@dsl.pipeline(name="loop-over-output")
def pipeline():
    found = find().set_caching_options(False)
    with dsl.ParallelFor(found.outputs["words"]) as word:
        counted = count(word=word).set_caching_options(False)
        score(number=counted.outputs["number"], scale=found.outputs["scale"]).set_caching_options(False)
