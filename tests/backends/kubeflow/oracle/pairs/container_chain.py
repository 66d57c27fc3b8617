# mypy: ignore-errors
"""Containers, one after the other and side by side."""

from kfp import dsl


@dsl.container_component
def extract():
    return dsl.ContainerSpec(image="alpine:3.20", command=["sh", "-c", "echo one"], args=["a", "it's"])


@dsl.container_component
def clean():
    return dsl.ContainerSpec(image="alpine:3.20", command=["echo", "on"])


@dsl.container_component
def count():
    return dsl.ContainerSpec(image="alpine:3.20", command=["echo", "1e3"])


@dsl.container_component
def load():
    return dsl.ContainerSpec(image="python:3.12", command=["load"], args=["--all"])


@dsl.pipeline(name="container-chain")
def pipeline():
    first = extract().set_caching_options(False)
    middle = [task().after(first).set_caching_options(False) for task in (clean, count)]
    load().after(*middle).set_caching_options(False)
