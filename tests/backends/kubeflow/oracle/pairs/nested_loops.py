# mypy: ignore-errors
"""A loop in a loop, over an output from outside of both, and another loop beside them."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def find(words: list, numbers: dsl.OutputPath(list[int])): ...


@dsl.component(base_image="python:3.12")
def clean(word: str, text: dsl.OutputPath(str)): ...


@dsl.component(base_image="python:3.12")
def repeat(text: str, number: int, word: str): ...


@dsl.component(base_image="python:3.12")
def draw(scale: float): ...


@dsl.pipeline(name="nested-loops")
def pipeline(words: list[str], scales: list[float] = [1.0, 2.5]):  # noqa: B006
    found = find(words=words).set_caching_options(False)
    with dsl.ParallelFor(words) as word:
        cleaned = clean(word=word).set_caching_options(False)
        with dsl.ParallelFor(found.output) as number:
            repeat(text=cleaned.output, number=number, word=word).set_caching_options(False)
    with dsl.ParallelFor(scales) as scale:
        draw(scale=scale).set_caching_options(False)
