"""The cluster for the tests of this folder."""

from tests.backends.airflow.pods.cluster import cluster

__all__ = ["cluster"]
