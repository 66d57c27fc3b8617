"""What a backend is, and how one is found by name.

Core never imports a backend by a static import: backends are siblings found through this registry, and a third party
adds one by an entry point of the group `pipec.backends`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Literal, Protocol

from pipec.frozen import Frozen

if TYPE_CHECKING:
    from pipec.ir.model import Pipeline, Program

Support = Literal["native", "emulated", "no"]


class Capability(Frozen):
    """How a target offers a feature. `reason` says how it is emulated or why it cannot be; `way_out` what to do."""

    support: Support
    reason: str = ""
    way_out: str = ""


NATIVE = Capability("native")


def emulated(reason: str) -> Capability:
    """Offered with the same meaning by other means of the engine."""
    return Capability("emulated", reason)


def refused(reason: str, way_out: str) -> Capability:
    """Not offered: using it is an error that says why and the way out."""
    return Capability("no", reason, way_out)


class OutputFile(Frozen):
    """One file of a compilation; `path` is relative to the output folder."""

    path: str
    text: str


class CompileRequest(Frozen):
    """What is to be compiled: one pipeline of a program. `pipeline_key` is its key in `program.pipelines`."""

    program: Program
    pipeline_key: str
    target_version: str | None = None

    @property
    def pipeline(self) -> Pipeline:
        return self.program.pipelines[self.pipeline_key]


class TargetOption(Frozen):
    """An option a `target` block may set: the Python types its value may have, and what it does."""

    types: tuple[type, ...]
    doc: str


class TargetOptions(Frozen):
    """What `target NAME { … }` may set in a pipeline and in a task, by option name."""

    pipeline: Mapping[str, TargetOption] = field(default_factory=dict)
    task: Mapping[str, TargetOption] = field(default_factory=dict)


class Backend(Protocol):
    """A target. Modules under `backends/<name>/` export an instance as `BACKEND`."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str:
        """The engine's own name with the version it is compiled for, as `pipec targets` shows it."""
        ...

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """One entry for every feature of `pipec.analysis.features.FEATURES`."""
        ...

    @property
    def options(self) -> TargetOptions: ...

    def compile(self, request: CompileRequest) -> tuple[OutputFile, ...]:
        """The files for a pipeline that the capability check has let pass. Same request, same bytes."""
        ...


BUILT_IN: dict[str, str] = {
    "airflow": "pipec.backends.airflow",
    "ir": "pipec.backends.ir",
    "local": "pipec.backends.local",
}
"""Targets of this project and the modules that hold them."""


def target_names() -> list[str]:
    """Every target that can be named, built in ones first."""
    from importlib.metadata import entry_points

    third_party = sorted(point.name for point in entry_points(group="pipec.backends"))
    return [*BUILT_IN, *(name for name in third_party if name not in BUILT_IN)]


def load_backend(name: str) -> Backend:
    """The backend of a target. Raises KeyError where no target has that name."""
    from importlib import import_module

    if name in BUILT_IN:
        backend: Backend = import_module(BUILT_IN[name]).BACKEND
        return backend
    from importlib.metadata import entry_points

    for point in entry_points(group="pipec.backends", name=name):
        loaded: Backend = point.load()
        return loaded
    raise KeyError(name)
