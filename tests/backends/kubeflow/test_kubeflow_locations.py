"""Artifacts lie in the store of the cluster, and say where the data is: the launcher fails a task that moves one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from pipec.backends.kubeflow.shim import exchange

SLOT = {"name": "output", "type": {"schemaTitle": "system.Dataset"}, "metadata": {}}


def write(monkeypatch: pytest.MonkeyPatch, folder: Path, uri: str, value: str) -> dict[str, Any]:
    """What a task hands over that gives an artifact."""
    told = folder / "outputs.json"
    slots = {"output": {"artifacts": [{**SLOT, "uri": uri}]}}
    given = {"outputs": {"artifacts": slots, "outputFile": str(told)}}
    monkeypatch.setattr(sys, "argv", ["program", "{}", json.dumps(given)])
    asked = {"outputs_by": {"output": "artifact", "output-uri": "plain"}, "copies": {"output-uri": "output"}}
    exchange.write({"output": value}, asked)
    found: dict[str, Any] = json.loads(told.read_text("utf-8"))
    return found


@pytest.mark.parametrize("scheme", ["gs://", "minio://", "s3://"])
def test_the_place_in_the_store_stays(scheme: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program finds it in the folder where the launcher looks (`LocalPathForURI`)."""
    assert exchange.STORES[scheme] == f"/{'gcs' if scheme == 'gs://' else scheme.removesuffix('://')}/"
    monkeypatch.setitem(exchange.STORES, scheme, f"{tmp_path}/store/")
    made = write(monkeypatch, tmp_path, f"{scheme}mlpipeline/v2/run/make/output", "hdfs://lake/a b")
    (artifact,) = made["artifacts"]["output"]["artifacts"]
    assert artifact["uri"] == f"{scheme}mlpipeline/v2/run/make/output"
    assert exchange.location_of(artifact) == "hdfs://lake/a b"
    assert (tmp_path / "store/mlpipeline/v2/run/make/output").read_text("utf-8") == "hdfs://lake/a b\n"
    assert made["parameterValues"] == {"output-uri": "hdfs://lake/a b"}


@pytest.mark.parametrize("metadata", [None, {}, {"display_name": "output"}])
def test_an_artifact_of_somebody_else_is_where_it_lies(metadata: dict[str, Any] | None) -> None:
    assert exchange.location_of({"uri": "s3://mlpipeline/v2/x", "metadata": metadata}) == "s3://mlpipeline/v2/x"
