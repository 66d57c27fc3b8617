# mypy: ignore-errors
"""What pipelines return: outputs of their tasks, of pipelines that they run, and of the branch that was taken."""

from typing import NamedTuple

from kfp import dsl


@dsl.component(base_image="python:3.12")
def fit(rows: int, auc: dsl.OutputPath(float), model: dsl.Output[dsl.Model]): ...


@dsl.component(base_image="python:3.12")
def praise(text: dsl.OutputPath(str)): ...


@dsl.component(base_image="python:3.12")
def blame(text: dsl.OutputPath(str)): ...


@dsl.pipeline(name="training")
def training(rows: int) -> NamedTuple("Returned", auc=float, model=dsl.Model):
    fitted = fit(rows=rows).set_caching_options(False).outputs
    return NamedTuple("Returned", auc=float, model=dsl.Model)(fitted["auc"], fitted["model"])


@dsl.pipeline(name="returns")
def pipeline(rows: int) -> NamedTuple("Returned", auc=float, best=dsl.Model, note=str):
    trained = training(rows=rows).set_caching_options(False).outputs
    with dsl.If(trained["auc"] > 0.5):
        praised = praise().set_caching_options(False)
    with dsl.Else():
        blamed = blame().set_caching_options(False)
    note = dsl.OneOf(praised.outputs["text"], blamed.outputs["text"])
    return NamedTuple("Returned", auc=float, best=dsl.Model, note=str)(trained["auc"], trained["model"], note)
