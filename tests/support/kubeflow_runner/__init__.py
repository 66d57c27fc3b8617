"""Reads, writes and runs pipelines with Kubeflow Pipelines' own SDK, in an environment that has it.

python -m tests.support.kubeflow_runner     started with the root of the project in PYTHONPATH

It imports the SDK and the standard library alone. The fixture `kubeflow` starts it and asks.
"""
