# mypy: ignore-errors
"""A decision that a task computes."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def measure(auc: dsl.OutputPath(float)): ...


@dsl.component(base_image="python:3.11")
def good(auc: float, limit: float, taken: dsl.OutputPath(bool)): ...


@dsl.component(base_image="python:3.12")
def ship(auc: float): ...


@dsl.component(base_image="python:3.12")
def stay(): ...


@dsl.pipeline(name="decision-computed")
def pipeline(limit: float = 0.5):
    measured = measure().set_caching_options(False).output
    taken = good(auc=measured, limit=limit).set_caching_options(False).output
    with dsl.If(taken == True):  # noqa: E712
        ship(auc=measured).set_caching_options(False)
    with dsl.Else():
        stay().set_caching_options(False)
