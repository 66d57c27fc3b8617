# mypy: ignore-errors
"""A pipeline as a task of another."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def extract(rows: dsl.OutputPath(int)): ...


@dsl.component(base_image="python:3.12")
def fit(rows: int, share: float, auc: dsl.OutputPath(float)): ...


@dsl.component(base_image="python:3.12")
def report(auc: float): ...


@dsl.component(base_image="python:3.12")
def close(): ...


@dsl.pipeline(name="training")
def training(rows: int, share: float):
    report(auc=fit(rows=rows, share=share).set_caching_options(False).outputs["auc"]).set_caching_options(False)


@dsl.pipeline(name="sub-pipeline")
def pipeline(share: float = 0.5):
    trained = training(rows=extract().set_caching_options(False).output, share=share).set_caching_options(False)
    close().after(trained).set_caching_options(False)
