"""The parameters of a run: from a file, the environment and the command line to values of the declared types.

The later wins: default, file, environment variable `PIPEC_PARAM_<NAME>`, command line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipec.diagnostics.suggest import hint
from pipec.frozen import Frozen
from pipec.ir.model import Parameter, Pipeline
from pipec.ir.types import LiteralUnion, OptionalType, ScalarType, Type
from pipec.runtime.values import OutputError, check_output

if TYPE_CHECKING:
    from pipec.engine.events import RunContext

ENVIRONMENT_PREFIX = "PIPEC_PARAM_"


class ParameterProblem(Frozen):
    """A fault of the values given to a run. `code` stands in the catalogue."""

    code: str
    message: str
    help: str | None = None

    def __str__(self) -> str:
        help_line = f"\n  help: {self.help}" if self.help else ""
        return f"error[{self.code}]: {self.message}{help_line}"


class ParameterError(Exception):
    """A run cannot start with the parameters it has."""

    def __init__(self, problems: Sequence[ParameterProblem]) -> None:
        super().__init__("\n".join(problem.message for problem in problems))
        self.problems = problems


def resolve_parameters(
    pipeline: Pipeline,
    *,
    file_values: Mapping[str, Any],
    environment: Mapping[str, str],
    given: Mapping[str, str],
) -> tuple[dict[str, Any], list[ParameterProblem]]:
    """The values given, by parameter name in their JSON form, and every fault in them.

    `file_values` are values as a file holds them, `given` and `environment` texts as a person writes them. Variables of
    the environment that name no parameter are left alone: they may be meant for another pipeline. What is not given
    and has a default is left to `complete_parameters`, which knows the run that defaults may read.
    """
    parameters = {parameter.name: parameter for parameter in pipeline.parameters}
    problems = [_unknown(pipeline, name) for name in dict.fromkeys([*file_values, *given]) if name not in parameters]
    values: dict[str, Any] = {}
    for name, parameter in parameters.items():
        variable = ENVIRONMENT_PREFIX + name.upper()
        try:
            if name in given:
                values[name] = value_from_text(given[name], parameter.type, f"--param {name}", pipeline.timezone)
            elif variable in environment:
                values[name] = value_from_text(environment[variable], parameter.type, variable, pipeline.timezone)
            elif name in file_values:
                values[name] = _from_file(file_values[name], parameter.type, name, pipeline.timezone)
            elif parameter.default is None:
                problems.append(_missing(parameter))
        except OutputError as error:
            text = given.get(name, environment.get(variable, file_values.get(name)))
            problems.append(ParameterProblem("P0603", str(error), spelling(parameter.type, text)))
    return values, problems


def complete_parameters(
    pipeline: Pipeline, values: Mapping[str, Any], context: RunContext
) -> tuple[dict[str, Any], list[ParameterProblem]]:
    """All parameters in JSON form: those of `values`, and the defaults of the rest, computed for this run."""
    from pipec.engine.evaluate import EvaluationError
    from pipec.engine.unknown import UncertainScope, json_value

    complete: dict[str, Any] = {}
    problems = []
    facts = context.facts() | {"attempt": 1}
    for parameter in pipeline.parameters:
        name = parameter.name
        if name in values:
            complete[name] = values[name]
        elif parameter.default is None:
            problems.append(_missing(parameter))
        else:
            try:
                complete[name] = json_value(parameter.default, UncertainScope(parameters=complete, run=facts))
            except EvaluationError as error:
                problems.append(ParameterProblem("P0605", f"the default of `{name}` has no value: {error}"))
    return complete, problems


def read_parameter_file(path: Path) -> tuple[dict[str, Any], list[ParameterProblem]]:
    """The values of a JSON or TOML file by name, or why there are none."""
    import tomllib

    try:
        content = path.read_bytes()
        match path.suffix:
            case ".json":
                values = json.loads(content.decode("utf-8-sig"))
            case ".toml":
                values = tomllib.loads(content.decode("utf-8-sig"))
            case suffix:
                message = f"{path}: a file of parameters is `.json` or `.toml`, not `{suffix}`"
                return {}, [ParameterProblem("P0604", message)]
    except OSError as error:
        return {}, [ParameterProblem("P0604", f"cannot read {path}: {error.strerror}")]
    except UnicodeDecodeError as error:
        return {}, [ParameterProblem("P0604", f"cannot read {path}: not UTF-8 text (byte {error.start})")]
    except ValueError as error:
        return {}, [ParameterProblem("P0604", f"{path} is not {path.suffix[1:].upper()}: {error}")]
    if not isinstance(values, dict):
        return {}, [ParameterProblem("P0604", f"{path} holds no values by name", 'write { "name": value }')]
    return values, []


# --- one value -----------------------------------------------------------------------------------


def value_from_text(text: str, type_: Type, place: str, timezone: str) -> Any:
    """The JSON form of a value that a person wrote; `place` names it in messages. Raises OutputError."""
    return check_output(_read(text, type_, place, timezone), str(type_), place)


def _from_file(value: Any, type_: Type, place: str, timezone: str) -> Any:
    """The JSON form of a value of a file. Raises OutputError. What JSON cannot say may be text, as `"1h30m"`."""
    inner = type_.inner if isinstance(type_, OptionalType) else type_
    if isinstance(value, str) and str(inner) in ("duration", "size", "date", "datetime"):
        return value_from_text(value, inner, place, timezone)
    return check_output(value, str(type_), place)


def _read(text: str, type_: Type, place: str, timezone: str) -> Any:
    """What a text says for a type; the text itself where it says nothing, for `check_output` to refuse."""
    match type_:
        case OptionalType(inner=inner):
            return None if text == "null" else _read(text, inner, place, timezone)
        case LiteralUnion():
            return text
        case ScalarType(name="str" | "file" | "dir" | "dataset" | "model" | "metrics" | "secret" | "date"):
            return text
        case ScalarType(name="datetime"):
            return _read_datetime(text, timezone)
        case ScalarType(name="bool" | "int" | "float" | "duration" | "size" as name):
            kind, value = read_literal(text)
            return value if kind in _LITERALS[name] else text
        case _:
            try:
                return json.loads(text)
            except ValueError as error:
                raise OutputError(f"{place}: expected {type_} as JSON, got {text!r} ({error})") from error


_LITERALS: dict[str, frozenset[str]] = {
    "bool": frozenset({"true", "false"}),
    "int": frozenset({"INT"}),
    "float": frozenset({"INT", "FLOAT"}),
    "duration": frozenset({"DURATION", "INT", "FLOAT"}),
    "size": frozenset({"SIZE", "INT"}),
}
"""The literals of the language that say a value of a type; a bare number is seconds or bytes."""


def read_literal(text: str) -> tuple[str | None, Any]:
    """The one literal a text is made of, as its kind and value; a number may have a minus. No kind: none such."""
    from pipec.diagnostics.model import Diagnostics
    from pipec.syntax.lexer import tokenize
    from pipec.syntax.literals import MalformedLiteralError, literal_value
    from pipec.syntax.source import Source

    faults = Diagnostics()
    tokens = tokenize(Source("", text.strip()), faults).items[:-1]
    minus = len(tokens) == 2 and tokens[0].kind == "-" and tokens[1].kind in ("INT", "FLOAT")
    if faults.found or not (len(tokens) == 1 or minus):
        return None, None
    try:
        value = literal_value(tokens[-1].kind, tokens[-1].text)
    except MalformedLiteralError:
        return None, None
    return tokens[-1].kind, -value if minus and isinstance(value, int | float) else value


def _read_datetime(text: str, timezone: str) -> Any:
    """A time; one without offset is in the pipeline's time zone."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=ZoneInfo(timezone))


# --- faults --------------------------------------------------------------------------------------


def _unknown(pipeline: Pipeline, name: str) -> ParameterProblem:
    known = [parameter.name for parameter in pipeline.parameters]
    otherwise = f"its parameters are {', '.join(known)}" if known else "it has no parameters"
    return ParameterProblem("P0601", f"`{name}` is no parameter of {pipeline.name}", hint(name, known, otherwise))


def _missing(parameter: Parameter) -> ParameterProblem:
    return ParameterProblem(
        "P0602",
        f"the parameter `{parameter.name}` has no default and was not given",
        f"add `--param {parameter.name}=…`, of type {parameter.type}",
    )


def spelling(type_: Type, value: Any) -> str | None:
    """How a value of the type is written, where that is not plain from the type."""
    match type_:
        case OptionalType(inner=inner):
            return spelling(inner, value)
        case LiteralUnion(values=values) if isinstance(value, str) and (found := hint(value, values)):
            return found
        case ScalarType(name="duration"):
            return "a duration is written as `90s` or `1h30m`"
        case ScalarType(name="size"):
            return "a size is written as `512Mi` or `2GB`"
        case ScalarType(name="bool"):
            return "a bool is `true` or `false`"
        case ScalarType(name="date"):
            return "a date is written as `2026-01-31`"
        case ScalarType(name="datetime"):
            return "a datetime is written as `2026-01-31T02:00:00+01:00`"
        case _:
            return None
