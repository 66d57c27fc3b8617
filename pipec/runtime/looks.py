"""What waits look at: paths, objects of a store, messages.

Whoever waits looks again later, whatever comes of a look, save PatternError and OutputError.
"""

from __future__ import annotations

import glob
import itertools
import json
import os
from pathlib import Path
from typing import Any

from pipec.runtime.values import OutputError, check_size


class PatternError(ValueError):
    """Wildcards that mean nothing, however often one looks."""


def path_matches(pattern: str, folder: Path) -> bool:
    """Whether at least one path matches; `**` stands for any number of folders, relative paths begin in `folder`.

    Raises OSError where the folder in which matches would lie cannot be read, which a glob passes over.
    """
    for match in glob.iglob(pattern, root_dir=folder, recursive=True):
        if os.path.exists(folder / match):  # a link to nothing matches too
            return True
    literal = itertools.takewhile(lambda part: not glob.has_magic(part), Path(pattern).parent.parts)
    try:
        os.scandir(folder.joinpath(*literal)).close()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return False


def object_matches(store: Any, path: str, protocol: str) -> bool:
    """Whether an object is there in a file system of fsspec, or where the path has wildcards, whether one matches.

    Raises PatternError, and whatever the file system does.
    """
    store.invalidate_cache()
    # The question mark of a web address begins its query.
    if glob.has_magic(path.replace("?", "") if protocol in ("http", "https") else path):
        try:
            return bool(store.glob(path))
        except ValueError as error:
            raise PatternError(" ".join(str(error).split())) from error
    try:
        store.info(path)
    except FileNotFoundError:
        return False
    return True


def assign_where_group_is(consumer: Any, partitions: list[Any], since: float, patience: float) -> None:
    """Begin where the consumer's group is: behind the last message that it took.

    Where it took nothing yet that is the first message of `since` (Unix time), else whatever comes from now on. The
    broker has `patience` seconds to answer.
    """
    positions = consumer.committed(partitions, timeout=patience)
    for position in positions:
        if position.offset < 0:
            # In this order: what comes in between lies behind the end.
            _, end = consumer.get_watermark_offsets(position, timeout=patience)
            moment = type(position)(position.topic, position.partition, int(since * 1000))
            (first,) = consumer.offsets_for_times([moment], timeout=patience)
            position.offset = first.offset if first.offset >= 0 else end
    consumer.assign(positions)


def message_content(content: bytes | None) -> Any:
    """The value of a message: JSON, else text. Raises OutputError where it is neither, or too large."""
    try:
        text = None if content is None else content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise OutputError(f"the content of the message is neither JSON nor UTF-8 text: {error}") from error
    value = None if text is None else json_or_text(text)
    check_size({"output": value})
    return value


def json_or_text(text: str) -> Any:
    """What a text says as JSON; the text itself where it is none, as with NaN and the infinities."""
    try:
        return json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return text


def refuse_constant(constant: str) -> None:
    """NaN and the infinities are no JSON."""
    raise ValueError(constant)
