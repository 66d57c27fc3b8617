"""What pipec writes for a task `work` with given options: its container, its task and what Kubernetes is told."""

from __future__ import annotations

from typing import Any

import yaml

from pipec.api import check, compile, load

Document = dict[str, Any]

HAS_IMAGE = 'target kubeflow { image = "python:3.12" }'
"""What a pipeline says whose tasks name no image."""


def text_of(
    options: str, implementation: str = 'image("alpine:3.20", command = ["true"])', of_pipeline: str = ""
) -> str:
    """The file for a pipeline with one task."""
    program = f"pipeline p {{\n{of_pipeline}\ntask work = {implementation} {{\n{options}\n}}\n}}\n"
    return compiled(program)


def compiled(program: str, pipeline: str | None = None) -> str:
    """The file for a pipeline of a program, the only one where none is named."""
    loaded = load("p.pipe", text=program)
    assert not loaded.diagnostics.found, [fault.message for fault in loaded.diagnostics.found]
    (file,) = compile(loaded, "kubeflow", pipeline=pipeline)
    return file.text


def documents(text: str) -> tuple[Document, Document]:
    """The pipeline, and what Kubernetes is told; empty where it is told nothing."""
    found = list(yaml.safe_load_all(text))
    return found[0], found[1]["platforms"]["kubernetes"] if len(found) > 1 else {}


def container(options: str, name: str = "work") -> Document:
    """The container of a task with these options."""
    pipeline, _ = documents(text_of(options))
    found: Document = pipeline["deploymentSpec"]["executors"][f"exec-{name}"]["container"]
    return found


def told(options: str, **more: str) -> Document:
    """What Kubernetes is told of the pod of a task with these options."""
    _, kubernetes = documents(text_of(options, **more))
    found: Document = kubernetes.get("deploymentSpec", {}).get("executors", {}).get("exec-work", {})
    return found


def refusals(program: str) -> list[str]:
    """What is refused of a program: each message with the label and the way out."""
    loaded = load("p.pipe", text=program)
    assert not loaded.diagnostics.found, [fault.message for fault in loaded.diagnostics.found]
    found = [fault for fault in check(loaded, ["kubeflow"]) if fault.severity == "error"]
    return [f"{fault.message} | {fault.label} | {fault.help}" for fault in found]
