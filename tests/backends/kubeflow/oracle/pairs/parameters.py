# mypy: ignore-errors
"""Parameters of every kind, constants, and outputs and artifacts that go on."""

from kfp import dsl


@dsl.component(base_image="python:3.12")
def extract(
    rows: int,
    share: float,
    name: str,
    exact: bool,
    days: list,
    weights: dict,
    extra: int,
    limit: int,
    word: str,
    path: dsl.Output[dsl.Dataset],
    count: dsl.OutputPath(int),
): ...


@dsl.component(base_image="python:3.12")
def train(data: dsl.Input[dsl.Dataset], count: int, share: float, model: dsl.Output[dsl.Model]): ...


@dsl.pipeline(name="parameters", description="Parameters of every kind.")
def pipeline(
    rows: int,
    share: float = 0.5,
    name: str = "a 'b'",
    exact: bool = True,
    days: list = [1, 2],  # noqa: B006
    weights: dict = {"a": 0.5},  # noqa: B006
    extra: int = 7,
):
    """Parameters of every kind.

    Args:
        share: How much of it.
    """
    first = extract(
        rows=rows, share=share, name=name, exact=exact, days=days, weights=weights, extra=extra, limit=9, word="w"
    ).set_caching_options(False)
    train(data=first.outputs["path"], count=first.outputs["count"], share=share).set_caching_options(False)
