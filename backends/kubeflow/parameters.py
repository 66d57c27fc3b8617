"""Parameters of a pipeline as inputs of its DAG."""

from __future__ import annotations

from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Parameter

from .channels import JSON_TEXT, Channel, channel_of
from .texts import description


def is_computed(parameter: Parameter) -> bool:
    """Whether the default of a parameter is known in the run only."""
    return parameter.default is not None and not isinstance(parameter.default, LiteralValue)


def parameter_channel(parameter: Parameter) -> Channel:
    """What carries a parameter; one whose default is computed is a text, empty where the default is wanted."""
    channel = channel_of(parameter.type, artifacts=False)
    return JSON_TEXT if is_computed(parameter) and channel.type != "STRING" else channel


def parameter_default(parameter: Parameter) -> dict[str, object]:
    """What the definition of the root's input says besides its type."""
    said: dict[str, object] = {"description": description(parameter.doc)} if parameter.doc else {}
    match parameter.default:
        case None:
            return said
        case LiteralValue(value=value):
            return {**said, "defaultValue": parameter_channel(parameter).constant(value), "isOptional": True}
        case _:
            return {**said, "defaultValue": "", "isOptional": True}
