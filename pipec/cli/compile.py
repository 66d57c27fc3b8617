"""Write the files of a target for the pipelines of a file. All files are written, or none.

pipec compile etl.pipe --target airflow                 to build/airflow/
pipec compile etl.pipe --target airflow -o ~/dags       to a folder
pipec compile etl.pipe --target ir -o -                 one file to stdout
pipec compile etl.pipe --target airflow --param day=2026-01-01 -D region=eu
pipec compile etl.pipe --target airflow --verify        have the installed engine load the result
pipec compile etl.pipe --target airflow --check         say what is out of date, and write nothing
pipec compile etl.pipe --target airflow --explain       say what was optimised, and why
pipec compile etl.pipe --target airflow --no-optimise all
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipec.cli import UsageError, compile_optimising
from pipec.cli.terminal import (
    add_constants,
    add_parameters,
    bad_parameters,
    choose_backend,
    choose_pipelines,
    report_problems,
)
from pipec.collection import keep_to_the_end, without_garbage_collection

if TYPE_CHECKING:
    from pipec.api import Loaded
    from pipec.backend import Backend, OutputFile
    from pipec.diagnostics.model import Diagnostic
    from pipec.ir.model import Pipeline, Program


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the .pipe file")
    parser.add_argument("--target", required=True, metavar="T", help="see `pipec targets`")
    parser.add_argument("-o", "--output", metavar="DIR", help="where to write, or - for stdout; default: build/T")
    parser.add_argument("--pipeline", metavar="NAME", help="only this one; default: all that the file defines")
    add_constants(parser)
    add_parameters(parser, "a new default of a parameter", "new defaults from a JSON or TOML file")
    parser.add_argument("--target-version", metavar="V", help="the version of the engine; default: see `pipec targets`")
    parser.add_argument("--format", metavar="F", help="the form of the files, for kubeflow: yaml (default) or crd")
    parser.add_argument("--verify", action="store_true", help="have the installed engine load the result first")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where written files are out of date")
    compile_optimising.configure(parser)


@without_garbage_collection()
def execute(arguments: Namespace) -> int:
    if arguments.target == "local":
        raise UsageError(f"the target `local` has no files: use `pipec run {arguments.file}`")
    from pipec.api import load

    backend = choose_backend(arguments.target)
    _check_version(backend, arguments.target_version)
    _check_format(backend, arguments.format)
    if arguments.output == "" or (arguments.check and arguments.output == "-"):
        raise UsageError("`-o` needs a folder" if arguments.check else "`-o` needs a folder, or - for stdout")
    optimiser = compile_optimising.make_optimiser(backend, arguments)
    loaded = load(arguments.file, dict(arguments.constants))
    program = loaded.program
    files: list[OutputFile] = []
    keep_to_the_end((loaded, files))
    if program is not None and not loaded.diagnostics.has_errors:
        from pipec.compilation import compile_to
        from pipec.parameters import ParameterError

        keys = choose_pipelines(program, arguments.pipeline)
        try:
            defaults = _defaults(arguments, program, keys)
        except ParameterError as error:
            return bad_parameters(error.problems)
        for key in keys:
            files.extend(
                compile_to(
                    loaded,
                    key,
                    arguments.target,
                    target_version=arguments.target_version,
                    format=arguments.format,
                    defaults=defaults[key],
                    optimiser=optimiser,
                )
            )
    report_problems(_left(loaded), arguments.color)
    if loaded.diagnostics.has_errors:
        return 1
    if arguments.explain and program is not None:
        own = choose_pipelines(program, arguments.pipeline)
        compile_optimising.explain(optimiser, [program.pipelines[key] for key in own])
    if arguments.verify and not _verify(backend, files, arguments.target_version):
        return 1
    return _deliver(arguments, files, program)


def _left(loaded: Loaded) -> list[Diagnostic]:
    """What is reported, without the warnings that comments switch off."""
    if not loaded.diagnostics.found:
        return []
    from pipec.diagnostics.suppressions import without_ignored

    return without_ignored(loaded.diagnostics.sorted(), loaded.sources.values())


def _verify(backend: Backend, files: list[OutputFile], version: str | None) -> bool:
    from pipec.cli.compile_verifying import verify_all

    return verify_all(backend, files, version)


def _deliver(arguments: Namespace, files: list[OutputFile], program: Program | None) -> int:
    """To stdout, to a folder, or to a comparison with what is in the folder; the exit code."""
    from pipec.cli.compile_writing import print_one, write_all

    if arguments.output == "-":
        print_one(files)
        return 0
    folder = Path(arguments.output or Path("build") / arguments.target)
    if arguments.check:
        from pipec.cli.compile_checking import check_all

        return check_all(files, folder, None if program is None or arguments.pipeline else program.source)
    for path in write_all(files, folder):
        print(path)
    return 0


def _check_version(backend: Backend, version: str | None) -> None:
    """Raises UsageError for a version that the target does not write for."""
    if version is not None and version not in backend.versions:
        known = " and ".join(backend.versions)
        way_out = f"it writes for {known}" if known else "it has no versions"
        raise UsageError(f"the target `{backend.name}` does not write for the version `{version}`: {way_out}")


def _check_format(backend: Backend, chosen: str | None) -> None:
    """Raises UsageError for a form that the target does not write."""
    from pipec.backend import Formatting

    formats = backend.formats if isinstance(backend, Formatting) else ()
    if chosen is not None and chosen not in formats:
        way_out = f"it writes {' and '.join(formats)}" if formats else "it writes one form alone"
        raise UsageError(f"the target `{backend.name}` does not write the form `{chosen}`: {way_out}")


# --- parameters ----------------------------------------------------------------------------------


def _defaults(arguments: Namespace, program: Program, keys: list[str]) -> dict[str, dict[str, Any]]:
    """The new defaults by pipeline. A name must be a parameter of one of them at least. Raises ParameterError."""
    from pipec.parameters import ParameterError, read_parameter_file

    from_file: dict[str, Any] = {}
    if arguments.params is not None:
        from_file, problems = read_parameter_file(arguments.params)
        if problems:
            raise ParameterError(problems)
    given = dict(arguments.parameters)
    known = {parameter.name for key in keys for parameter in program.pipelines[key].parameters}
    return {key: _pipeline_defaults(program.pipelines[key], from_file, given, known) for key in keys}


def _pipeline_defaults(
    pipeline: Pipeline, from_file: dict[str, Any], given: dict[str, str], known: set[str]
) -> dict[str, Any]:
    from pipec.parameters import ParameterError, resolve_parameters

    own = {parameter.name for parameter in pipeline.parameters}
    values, problems = resolve_parameters(
        pipeline,
        file_values={name: value for name, value in from_file.items() if name in own or name not in known},
        environment={},
        given={name: text for name, text in given.items() if name in own or name not in known},
    )
    serious = [problem for problem in problems if problem.code != "P0602"]  # without a default it stays required
    if serious:
        raise ParameterError(serious)
    return values
