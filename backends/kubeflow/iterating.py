"""What a loop runs over: a list that is handed to it, or one that is written into the file."""

from __future__ import annotations

import json

from pipec.ir.expressions import LiteralValue
from pipec.ir.model import MapRegion

from .channels import JSON_TEXT, LIST, Channel, channel_of, is_exact
from .nodes import DagInput, Given, Node, TaskOutput
from .plumbing import PREFIX, channel_name
from .shim.whole_numbers import beyond
from .texts import is_filled_in


def item_channel(region: MapRegion) -> Channel:
    """What carries an item."""
    return channel_of(region.item_type, artifacts=False) if is_exact(region.item_type) else JSON_TEXT


def written_items(region: MapRegion) -> str | None:
    """The items of a map as a text of the file; None where they are not known, or would not arrive as they are."""
    match region.items:
        case LiteralValue(value=[*_] as items) if items and is_exact(region.item_type):
            is_whole = not is_filled_in(items) and beyond(items) is None
            return json.dumps(items) if is_whole else None
        case _:
            return None


def iterate(loop: Node, source: DagInput | TaskOutput | None, written: str | None) -> str:
    """Have a loop run over what a source gives, or over what is written; the name of the input that is the item."""
    assert loop.body is not None
    if source is None:
        item_name = f"{PREFIX}{loop.name}-loop-item"
        loop.settings["parameterIterator"] = {"itemInput": item_name, "items": {"raw": written}}
        return item_name
    item_name = f"{channel_name(source)}-loop-item"
    name = f"{item_name}s"  # Kubeflow keeps it from what is in the loop, which may read the list under its own name
    loop.inputs[name] = Given(LIST, source)
    loop.body.inputs[name] = LIST
    loop.settings["parameterIterator"] = {"itemInput": item_name, "items": {"inputParameter": name}}
    return item_name
