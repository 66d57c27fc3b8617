# mypy: ignore-errors
"""Variables of the environment, and how long tasks may take."""

from kfp import dsl, kubernetes


@dsl.container_component
def train():
    return dsl.ContainerSpec(image="alpine:3.20", command=["true"])


@dsl.container_component
def show():
    return dsl.ContainerSpec(image="alpine:3.20", command=["true"])


@dsl.pipeline(name="environment")
def pipeline():
    first = train().set_caching_options(False).set_env_variable("MODE", "on").set_env_variable("LEVEL", "08")
    kubernetes.set_timeout(first, 5400)
    kubernetes.set_timeout(show().after(first).set_caching_options(False), 60)
