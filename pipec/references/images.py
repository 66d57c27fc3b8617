"""Names of container images: those that no engine can pull, and those that are another image tomorrow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipec.diagnostics.model import Diagnostics
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import ContainerImage, Pipeline
from pipec.ir.traverse import location_of

if TYPE_CHECKING:
    from pipec.api import Loaded
    from pipec.ir.base import Location
    from pipec.references.writing import Writing

_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"(?:localhost|{_LABEL}(?:\.{_LABEL})+|(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:]+\])(?=:))"
_IMAGE = re.compile(
    rf"(?:(?P<host>{_HOST}(?::\d+)?)/)?(?P<path>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?",
    re.ASCII,
)
"""A reference as the registries of containers define it."""


def check_images(loaded: Loaded, writing: Writing, diagnostics: Diagnostics) -> None:
    """Reports images that are known when compiling, each once for every place it is written at."""
    assert loaded.program is not None
    images: dict[str, Location] = {}
    for pipeline in loaded.program.pipelines.values():
        for image, location in _images(pipeline):
            images.setdefault(image, location)
    for image, location in images.items():
        match = _IMAGE.fullmatch(image)
        if match is not None and (match["digest"] or match["tag"] not in (None, "latest")):
            continue
        for place in writing.strings(image, loaded.span_of(location)):
            if match is None:
                diagnostics.error("P0707", f"`{image}` is no name of an image", place, help=_mend(image))
            else:
                what = "has no tag" if match["tag"] is None else "is whatever was pushed last"
                diagnostics.warning(
                    "L205",
                    f"the image `{image}` {what}: what runs may differ from day to day",
                    place,
                    help=f"name a version, `{image.removesuffix(':latest')}:1.0.0`, or a digest, `@sha256:…`",
                )


def _images(pipeline: Pipeline) -> Iterator[tuple[str, Location]]:
    for task in pipeline.tasks:
        if task.options.image is not None:
            yield task.options.image, location_of(task, "image")
        match task.implementation:
            case ContainerImage(image=LiteralValue(value=str(image))):
                yield image, location_of(task, "implementation")


def _mend(image: str) -> str:
    if _IMAGE.fullmatch(image.lower()):
        return f"names of images are in small letters: `{image.lower()}`"
    if "://" in image:
        return "leave the scheme out: `registry.example.com/name:1.0.0`"
    return "write `name:1.0.0` or `registry.example.com/name:1.0.0`"
