# mypy: ignore-errors
"""Retries with their waits; a cluster gives up so long after the first attempt as the last number says."""

from kfp import dsl


@dsl.container_component
def once():
    return dsl.ContainerSpec(image="alpine:3.20", command=["true"])


@dsl.container_component
def often():
    return dsl.ContainerSpec(image="alpine:3.20", command=["true"])


@dsl.container_component
def never():
    return dsl.ContainerSpec(image="alpine:3.20", command=["true"])


@dsl.pipeline(name="retries")
def pipeline():
    once().set_caching_options(False).set_retry(1, "0s", 1.0, "31536000s")
    often().set_caching_options(False).set_retry(4, "30s", 3.0, "31536000s")
    never().set_caching_options(False)
