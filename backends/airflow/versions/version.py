"""What the backend asks of a version of Airflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from pipec.backend import Capability
from pipec.frozen import Frozen


class Version(Frozen):
    """A version of Airflow, and how it differs from the newest one.

    `words` are names that it has for what generated files call otherwise, also for arguments. `places` are the modules
    that names come from, `modules` those that take the place of whole modules. Definitions in the module `embedded`
    are copied in place of those of the same name. `capabilities` are features that it offers otherwise.

    Where there is no `has_retry_policy` functions are decorated by `retried_on`, and `retried_operators` are the
    operators that know it, by those that they take the place of. Without `takes_backoff` the only factor between
    delays is 2. With `needs_start_date` a DAG that has a schedule is refused without one.
    """

    name: str
    words: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    embedded: str | None = None
    capabilities: Mapping[str, Capability] = field(default_factory=dict)
    has_retry_policy: bool = True
    retried_operators: Mapping[str, str] = field(default_factory=dict)
    takes_backoff: bool = True
    needs_start_date: bool = False

    def word(self, name: str) -> str:
        """What a class or an argument of the newest Airflow is called."""
        return self.words.get(name, name)

    def import_of(self, name: str, statement: str) -> str:
        """The statement that imports a name, from the one for the newest Airflow."""
        if name in self.places:
            return f"from {self.places[name]} import {name}"
        match statement.split(" ", 2):
            case ["from", module, rest]:
                return f"from {self.modules.get(module, module)} {rest}"
        return statement
