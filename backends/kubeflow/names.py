"""The names of tasks in Kubeflow: letters, digits and hyphens, since they become names of Kubernetes objects."""

from __future__ import annotations

import re

from pipec.hashing import sha256

_PLAIN = re.compile(r"[a-z0-9]+")
_WORDS = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


class Names:
    """Gives each task of a specification a name of its own.

    `train_model` is `train-model`, and the instance `train["rf"]` is `train--rf`. Where that would not be clear, as for
    `train["a/b"]` or a name with `__`, a short hash of the id follows: the name of a task never depends on others.
    """

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def of(self, id: str, prefix: str = "") -> str:
        """The name of a task by its id in the language; tasks of called pipelines have the call as prefix."""
        return self.free(prefix + plain_name(id))

    def free(self, wanted: str) -> str:
        """The name, or the first free one with a number behind it: for the helpers of tasks."""
        name, number = wanted, 2
        while name in self.taken:
            name, number = f"{wanted}-{number}", number + 1
        self.taken.add(name)
        return name


def plain_name(id: str) -> str:
    """The name of a task, of a map or of a pipeline by its id."""
    if _WORDS.fullmatch(id):
        return id.replace("_", "-")
    base, _, keys = id.partition("[")
    parts = [base.replace("_", "-"), *(key.strip().strip('"').replace("_", "-") for key in keys.rstrip("]").split(","))]
    shown = [re.sub(r"[^a-z0-9-]+", "-", part.lower()).strip("-") for part in parts if part]
    name = "--".join(part for part in shown if part)
    is_clear = "__" not in base and all(
        _PLAIN.fullmatch(key.strip().strip('"')) for key in keys.rstrip("]").split(",") if keys
    )
    return name if is_clear else f"{name}-{sha256(id.encode()).hexdigest()[:6]}"
