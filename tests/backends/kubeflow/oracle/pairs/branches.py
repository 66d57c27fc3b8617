# mypy: ignore-errors
"""Two branches and what joins them."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def measure(auc: dsl.OutputPath(float)): ...


@dsl.component(base_image="python:3.12")
def ship(version: dsl.OutputPath(str)): ...


@dsl.component(base_image="python:3.12")
def stay(version: dsl.OutputPath(str)): ...


@dsl.component(base_image="python:3.12")
def report(version: str): ...


@dsl.pipeline(name="branches")
def pipeline(limit: float = 0.5):
    measured = measure().set_caching_options(False)
    with dsl.If(measured.output > limit):
        shipped = ship().set_caching_options(False)
    with dsl.Else():
        stayed = stay().set_caching_options(False)
    report(version=dsl.OneOf(shipped.output, stayed.output)).set_caching_options(False)
