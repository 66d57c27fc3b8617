# mypy: ignore-errors
"""Two branches that nothing joins."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def measure(auc: dsl.OutputPath(float)): ...


@dsl.component(base_image="python:3.12")
def ship(auc: float): ...


@dsl.component(base_image="python:3.12")
def stay(): ...


@dsl.pipeline(name="decision")
def pipeline(limit: float = 0.5):
    measured = measure().set_caching_options(False).output
    with dsl.If(measured > limit):
        ship(auc=measured).set_caching_options(False)
    with dsl.Else():
        stay().set_caching_options(False)
