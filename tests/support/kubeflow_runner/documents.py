"""The two documents of a file, read as strictly as the cluster reads them.

The protobufs of the SDK know a document's executors only as any data at all: they are read on their own here, as the
cluster does when a task starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

Document = dict[str, Any]


def faults(text: str) -> list[str]:
    """What is wrong with a file: where it is and what the protobuf says."""
    try:
        pipeline, platform = read(text)
    except ValueError as error:
        return [str(error)]
    return [fault for _, fault in _messages(pipeline, platform) if fault is not None]


def canonical(text: str) -> dict[str, Document]:
    """Both documents as what their protobufs hold. Raises ValueError for faults."""
    pipeline, platform = read(text)
    found: dict[str, Document] = {"pipeline": {}, "platform": {}}
    for (document, *path), message in _values(pipeline, platform):
        place = found[document]
        for name in path[:-1]:
            place = place[name]
        if path:
            place[path[-1]] = message
        else:
            found[document] = message
    return found


def read(text: str) -> tuple[Document, Document]:
    """The documents of a file: of the pipeline, and of the platform, which may be empty."""
    yaml: Any = import_module("yaml")
    found = list(yaml.load_all(text, Loader=_strict_loader()))
    if not 1 <= len(found) <= 2 or not all(isinstance(document, dict) for document in found):
        raise ValueError(f"a file has one or two documents, each a mapping: there are {len(found)}")
    return found[0], found[1] if len(found) == 2 else {}


def _strict_loader() -> Any:
    """Refuses a key that is there twice, as the cluster's reader does."""
    yaml: Any = import_module("yaml")

    class Loader(yaml.CSafeLoader):  # type: ignore[misc]
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys = [key.value for key, _ in node.value]
            if twice := sorted({key for key in keys if keys.count(key) > 1}):
                raise ValueError(f"line {node.start_mark.line + 1}: {', '.join(twice)}: there twice")
            return super().construct_mapping(node, deep)

    return Loader


def _values(pipeline: Document, platform: Document) -> Iterator[tuple[list[str], Any]]:
    json_format: Any = import_module("google.protobuf.json_format")
    for (path, message), fault in _messages(pipeline, platform):
        if fault is not None:
            raise ValueError(fault)
        yield path, json_format.MessageToDict(message)


def _messages(pipeline: Document, platform: Document) -> Iterator[tuple[tuple[list[str], Any], str | None]]:
    """Each message with its place, and what is wrong with it if anything is: the outer ones first."""
    specification: Any = import_module("kfp.pipeline_spec.pipeline_spec_pb2")
    kubernetes: Any = import_module("kfp.kubernetes.kubernetes_executor_config_pb2")
    yield _message(["pipeline"], pipeline, specification.PipelineSpec)
    executors = ["pipeline", "deploymentSpec", "executors"]
    deployment = pipeline.get("deploymentSpec")
    yield _message(executors[:2], deployment or {}, specification.PipelineDeploymentConfig)
    if platform:
        yield _message(["platform"], platform, specification.PlatformSpec)
        path = ["platforms", "kubernetes", "deploymentSpec", "executors"]
        for name, executor in _at(platform, path).items():
            yield _message(["platform", *path, name], executor, kubernetes.KubernetesExecutorConfig)


def _at(document: Any, path: list[str]) -> Document:
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def _message(path: list[str], document: Any, kind: Any) -> tuple[tuple[list[str], Any], str | None]:
    json_format: Any = import_module("google.protobuf.json_format")
    try:
        return (path, json_format.ParseDict(document, kind())), None
    except (json_format.ParseError, TypeError, AttributeError) as error:  # the latter two for a list instead of a map
        return (path, None), f"{'.'.join(path)}: {error}"
