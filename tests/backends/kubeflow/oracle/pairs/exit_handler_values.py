# mypy: ignore-errors
"""What runs at the end has parameters, and what is before it has values that go through its parts."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def extract(rows: int, data: dsl.Output[dsl.Dataset], count: dsl.OutputPath(int)): ...


@dsl.component(base_image="python:3.12")
def train(data: dsl.Input[dsl.Dataset], part: int, rows: int): ...


@dsl.component(base_image="python:3.12")
def cleanup(folder: str): ...


@dsl.pipeline(name="exit-handler-values")
def pipeline(rows: int = 3, folder: str = "/tmp", parts: list[int] = [1, 2]):  # noqa: B006
    last = cleanup(folder=folder).set_caching_options(False).set_retry(2, "0s", 1.0, "31536000s")
    with dsl.ExitHandler(last):
        extracted = extract(rows=rows).set_caching_options(False).outputs
        with dsl.ParallelFor(parts) as part:
            train(data=extracted["data"], part=part, rows=rows).set_caching_options(False)
