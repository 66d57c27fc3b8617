"""What a person says there is to run tasks with: `cpu=4,memory=16Gi,gpu=1` and `gpu_pool=2`."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any

from pipec.cli.terminal import assignment

if TYPE_CHECKING:
    from argparse import _ActionsContainer


def resources(text: str) -> dict[str, Any]:
    """`cpu` in cores, `memory` in bytes, `gpu` in devices, of an option for argparse."""
    found: dict[str, Any] = {}
    for part in text.split(","):
        name, value = assignment(part.strip())
        if name not in ("cpu", "memory", "gpu"):
            raise ArgumentTypeError(f"`{name}` is no resource: cpu, memory, gpu")
        if name in found:
            raise ArgumentTypeError(f"`{name}` is given twice")
        found[name] = _memory(value) if name == "memory" else _number(name, value)
    return found


def pool(text: str) -> tuple[str, int]:
    """`NAME=SLOTS` of an option for argparse."""
    name, value = assignment(text)
    if not (value.isascii() and value.isdecimal()):
        raise ArgumentTypeError(f"`{value}` is no number of slots")
    return name, int(value)


def _number(name: str, value: str) -> float | int:
    try:
        number = float(value) if name == "cpu" else int(value)
    except ValueError:
        number = -1
    if not 0 <= number < float("inf"):
        raise ArgumentTypeError(f"`{name}={value}`: a number such as {'2.5' if name == 'cpu' else '1'} is needed")
    return number


def _memory(value: str) -> int:
    from pipec.parameters import read_literal

    kind, size = read_literal(value)
    if kind not in ("SIZE", "INT") or not isinstance(size, int) or size < 0:
        raise ArgumentTypeError(f"`memory={value}`: a size such as 16Gi is needed")
    return size


def add_capacity(group: _ActionsContainer) -> None:
    """`--capacity` and `--pool`: what tasks share."""
    group.add_argument(
        "--capacity",
        metavar="cpu=N,memory=SIZE,gpu=N",
        type=resources,
        default={},
        help="what tasks share by their `resources`",
    )
    group.add_argument(
        "--pool", dest="pools", metavar="NAME=SLOTS", type=pool, action="append", default=[], help="slots of a pool"
    )
