# mypy: ignore-errors
"""A task that only checks, and one in a shell behind it."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def extract(rows: dsl.OutputPath(int)): ...


@dsl.component(base_image="python:3.11")
def enough(rows: int, least: int): ...


@dsl.component(base_image="python:3.12")
def train(rows: int): ...


@dsl.pipeline(name="gate")
def pipeline(least: int = 10):
    rows = extract().set_caching_options(False).output
    checked = enough(rows=rows, least=least).set_caching_options(False)
    train(rows=rows).after(checked).set_caching_options(False)
