"""What a backend is, and how one is found by name.

Core never imports a backend by a static import: backends are siblings found through this registry, and a third party
adds one by an entry point of the group `pipec.backends`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from pipec.frozen import Frozen

if TYPE_CHECKING:
    from pipec.ir.base import Location
    from pipec.ir.model import Pipeline, Program
    from pipec.optimisation.optimiser import Optimiser

Support = Literal["native", "emulated", "no"]


class Capability(Frozen):
    """How a target offers a feature. `reason` says how it is emulated or why it cannot be; `way_out` what to do.

    `other_versions` has how versions of the engine besides the default offer it, those that offer it otherwise.
    """

    support: Support
    reason: str = ""
    way_out: str = ""
    other_versions: Mapping[str, Capability] = field(default_factory=dict)

    def in_version(self, version: str | None) -> Capability:
        """How this version of the engine offers it, the default one for None."""
        return self if version is None else self.other_versions.get(version, self)


NATIVE = Capability("native")


def emulated(reason: str) -> Capability:
    """Offered with the same meaning by other means of the engine."""
    return Capability("emulated", reason)


def refused(reason: str, way_out: str) -> Capability:
    """Not offered: using it is an error that says why and the way out."""
    return Capability("no", reason, way_out)


class OutputFile(Frozen):
    """One file of a compilation; `path` is relative to the output folder.

    A file with `is_side` stands beside the result: what has to be set up for it, and not the result itself.
    """

    path: str
    text: str
    is_side: bool = False


class CompileRequest(Frozen):
    """What is to be compiled: one pipeline of a program. `pipeline_key` is its key in `program.pipelines`.

    `format` is one of those the backend has, None its first. `optimiser` is for backends that are `Optimising`; None
    stands for what they have on by default.
    """

    program: Program
    pipeline_key: str
    target_version: str | None = None
    format: str | None = None
    optimiser: Optimiser | None = None

    @property
    def pipeline(self) -> Pipeline:
        return self.program.pipelines[self.pipeline_key]


class TargetOption(Frozen):
    """An option a `target` block may set: the Python types its value may have, and what it does.

    `items` are the types of what a list or map holds, and `versions` those of the target that have the option; empty
    means any. Texts have to be one of `choices`, if there are any, or URLs where they are `links`, and numbers at least
    `minimum`; for a list or map these are about what it holds.
    """

    types: tuple[type, ...]
    doc: str
    items: tuple[type, ...] = ()
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    links: bool = False
    versions: tuple[str, ...] = ()


class TargetOptions(Frozen):
    """What `target NAME { … }` may set in a pipeline and in a task, by option name.

    `container` is what a task that runs in a container image may set besides. `refused` are options of the engine that
    nobody may set, with the reason and what to write instead, as a whole sentence.
    """

    pipeline: Mapping[str, TargetOption] = field(default_factory=dict)
    task: Mapping[str, TargetOption] = field(default_factory=dict)
    container: Mapping[str, TargetOption] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


class Finding(Frozen):
    """What an engine said of a file it loaded. An error means that it will not take the file."""

    severity: Literal["error", "warning"]
    path: str
    message: str


class CannotVerifyError(Exception):
    """The engine that a compilation is for is not here; the message says how to install it."""


class Backend(Protocol):
    """A target. Modules under `backends/<name>/` export an instance as `BACKEND`."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str:
        """The engine's own name with the version it is compiled for, as `pipec targets` shows it."""
        ...

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of the engine that it compiles for, the default first; none where there is nothing to choose."""
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


class Refusal(Frozen):
    """A target cannot express something of a pipeline, though it offers the features that are used.

    `key` is the setting of the pipeline it is about and `what` its name in a message; `reason` and `way_out` as in
    `Capability`. Where it is about a part of the pipeline, `location` is its place and `subject` what it is.
    """

    key: str
    what: str
    reason: str
    way_out: str
    location: Location | None = None
    subject: str = ""


@runtime_checkable
class Refusing(Protocol):
    """A backend that offers some features for some values only."""

    def refusals(self, pipeline: Pipeline, main: Pipeline) -> Iterable[Refusal]:
        """What cannot be expressed of a pipeline, which is `main` itself or runs as a part of it."""
        ...


class Advice(Frozen):
    """A warning about a pipeline that a target can express; `code` is that of the diagnostic.

    Where it is about a part of the pipeline, `location` is its place and `subject` what it is.
    """

    code: str
    message: str
    way_out: str
    location: Location | None = None
    subject: str = ""


@runtime_checkable
class Advising(Protocol):
    """A backend that knows of pipelines that it compiles, and that its engine may have trouble with all the same."""

    def advice(self, pipeline: Pipeline, files: Sequence[OutputFile]) -> Iterable[Advice]:
        """Warnings about a pipeline and the files of its compilation."""
        ...


@runtime_checkable
class Formatting(Protocol):
    """A backend that writes the same in several forms."""

    @property
    def formats(self) -> tuple[str, ...]:
        """The names of the forms, the usual one first."""
        ...


@runtime_checkable
class Optimising(Protocol):
    """A backend whose engine gains from optimisations, and that has the optimiser of the request apply them.

    Without it they are applied to the pipelines it is given, those that were asked for by name.
    """

    @property
    def optimisations(self) -> Mapping[str, bool]:
        """Those that it has a use for, by name, and whether they are on by default."""
        ...


@runtime_checkable
class Verifying(Protocol):
    """A backend that can have its files loaded by the engine itself."""

    def verify(self, files: Sequence[OutputFile], version: str | None) -> tuple[Finding, ...]:
        """What the engine says of the files of one compilation. Raises CannotVerifyError where it is not installed."""
        ...


BUILT_IN: dict[str, str] = {
    "airflow": "pipec.backends.airflow",
    "ir": "pipec.backends.ir",
    "kubeflow": "pipec.backends.kubeflow",
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
