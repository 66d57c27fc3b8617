# mypy: ignore-errors
"""A decision in a branch of another, and artifacts that both join."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def measure(auc: dsl.OutputPath(float)): ...


@dsl.component(base_image="python:3.12")
def ship(model: dsl.Output[dsl.Model]): ...


@dsl.component(base_image="python:3.12")
def hold(model: dsl.Output[dsl.Model]): ...


@dsl.component(base_image="python:3.12")
def stay(model: dsl.Output[dsl.Model]): ...


@dsl.component(base_image="python:3.12")
def check(model: dsl.Input[dsl.Model], checked: dsl.Output[dsl.Model]): ...


@dsl.component(base_image="python:3.12")
def report(model: dsl.Input[dsl.Model]): ...


@dsl.pipeline(name="decisions-nested")
def pipeline(limit: float = 0.5):
    measured = measure().set_caching_options(False).output
    with dsl.If(measured > limit):
        shipped = ship().set_caching_options(False).output
    with dsl.Else():
        with dsl.If(measured > 0.1):
            held = hold().set_caching_options(False).output
        with dsl.Else():
            stayed = stay().set_caching_options(False).output
        checked = check(model=dsl.OneOf(held, stayed)).set_caching_options(False).outputs["checked"]
    report(model=dsl.OneOf(shipped, checked)).set_caching_options(False)
