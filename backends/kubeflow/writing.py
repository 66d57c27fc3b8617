"""The documents as YAML that every reader takes for the same data.

PyYAML leaves `1e3`, `08` and `0o17` without quotes, which readers in Go take for numbers; so every text is quoted.
"""

from __future__ import annotations

from typing import Any

import yaml

from .specification import Specification


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Texts in double quotes, several lines as a block where YAML can keep them so; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


_Dumper.add_representer(str, _text)


def to_yaml(specification: Specification, header: str) -> str:
    """Both documents; `header` are the lines of a comment at the top."""
    documents = [specification.pipeline]
    if specification.platform:
        documents.append({"platforms": {"kubernetes": specification.platform}})
    comment = "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines())
    dumped = [yaml.dump(one, Dumper=_Dumper, sort_keys=True, width=10**9, allow_unicode=True) for one in documents]
    return comment + "---\n".join(dumped)
