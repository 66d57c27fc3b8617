# mypy: ignore-errors
"""A branch without another, with tasks that follow each other and a loop in it."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def measure(auc: dsl.OutputPath(float), data: dsl.Output[dsl.Dataset]): ...


@dsl.component(base_image="python:3.12")
def ship(data: dsl.Input[dsl.Dataset], version: dsl.OutputPath(str)): ...


@dsl.component(base_image="python:3.12")
def tell(version: str): ...


@dsl.component(base_image="python:3.12")
def announce(word: str, version: str): ...


@dsl.pipeline(name="decision-alone")
def pipeline(limit: float = 0.5, words: list = ["a", "b"]):  # noqa: B006
    measured = measure().set_caching_options(False)
    with dsl.If(measured.outputs["auc"] > limit):
        shipped = ship(data=measured.outputs["data"]).set_caching_options(False).output
        tell(version=shipped).set_caching_options(False)
        with dsl.ParallelFor(words) as word:
            announce(word=word, version=shipped).set_caching_options(False)
