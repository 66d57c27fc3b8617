# mypy: ignore-errors
"""What runs at the end, whatever happened."""

from kfp import dsl


@dsl.container_component
def extract():
    return dsl.ContainerSpec(image="alpine:3.20", command=["true"])


@dsl.container_component
def load():
    return dsl.ContainerSpec(image="alpine:3.20", command=["echo"])


@dsl.container_component
def cleanup():
    return dsl.ContainerSpec(image="alpine:3.20", command=["rm", "-r"])


@dsl.pipeline(name="exit-handler")
def pipeline(name: str = "a"):
    with dsl.ExitHandler(cleanup().set_caching_options(False)):
        load().after(extract().set_caching_options(False)).set_caching_options(False)
