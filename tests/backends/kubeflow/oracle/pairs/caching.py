# mypy: ignore-errors
"""A task whose result may be one from before, and one that always runs."""

from kfp import dsl


@dsl.container_component
def kept():
    return dsl.ContainerSpec(image="alpine:3.20", command=["true"])


@dsl.container_component
def new():
    return dsl.ContainerSpec(image="alpine:3.20", command=["true"])


@dsl.pipeline(name="caching")
def pipeline():
    kept()
    new().set_caching_options(False)
