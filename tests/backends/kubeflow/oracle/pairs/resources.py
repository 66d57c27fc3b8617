# mypy: ignore-errors
"""What tasks ask of the cluster."""

from kfp import dsl, kubernetes


@dsl.container_component
def train():
    return dsl.ContainerSpec(image="alpine:3.20", command=["true"])


@dsl.container_component
def small():
    return dsl.ContainerSpec(image="alpine:3.20", command=["true"])


@dsl.pipeline(name="resources")
def pipeline():
    task = train().set_caching_options(False)
    task.set_cpu_request("2").set_cpu_limit("2").set_memory_request("16Gi").set_memory_limit("16Gi")
    task.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)
    task.set_env_variable("MODE", "on").set_env_variable("LEVEL", "08")
    kubernetes.set_timeout(task, 5400)
    small().set_caching_options(False).set_cpu_request("500m").set_cpu_limit("500m")
