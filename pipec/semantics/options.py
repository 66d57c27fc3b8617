"""Options as values: every one typed, constant, in range, in the units of the IR."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipec.diagnostics.model import Diagnostics, Edit, Fix
from pipec.diagnostics.suggest import correction, hint
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import NO_OPTIONS, Estimate, Options, Resources, Retry, SecretReference
from pipec.ir.types import BOOL, DATE, DURATION, FLOAT, INT, SECRET, SIZE, STR, DictType, ListType, Type
from pipec.semantics.excerpts import excerpt
from pipec.semantics.expressions import Checker
from pipec.semantics.layers import Branch, Leaf, Raw, setting_of
from pipec.semantics.symbols import Scope
from pipec.syntax import tree
from pipec.syntax.source import Span

_TYPES: dict[str, Type] = {
    "int": INT,
    "float": FLOAT,
    "bool": BOOL,
    "str": STR,
    "date": DATE,
    "duration": DURATION,
    "size": SIZE,
    "list[str]": ListType(element=STR),
}

# The keys of options that are maps, and the type of each, as the settings table names types.
RETRY: dict[str, str] = {
    "max": "int",
    "delay": "duration",
    "backoff": "float",
    "max_delay": "duration",
    "on": "retry_on",
}
ESTIMATE: dict[str, str] = {"min": "duration", "likely": "duration", "max": "duration"}
LIMITS: dict[str, str] = {"cpu": "cpu", "memory": "size", "gpu": "int"}
RESOURCES: dict[str, str] = {
    **LIMITS,
    "gpu_type": "str",
    "node_selector": "dict[str, str]",
    "tolerations": "list[str]",
    "affinity": "json",
    "spot": "bool",
    "limits": "limits",
}

_NOT_NEGATIVE = frozenset({"int", "float", "duration", "size", "cpu"})
_AT_LEAST_ONE = frozenset({"max_active_runs", "concurrency", "max_parallel", "backoff"})
_LONGER_THAN_NOTHING = frozenset({"timeout", "poll", "deadline"})
_MAY_BE_NEGATIVE = frozenset({"priority"})

_VARIABLE_HELP = "make it an input of the task: shell, command and image have inputs as variables too"


@dataclass(eq=False, repr=False)
class OptionReader:
    """Turns raw options into values of the IR; None stands for a faulty one that was reported."""

    diagnostics: Diagnostics

    def task_options(self, merged: Mapping[str, tuple[tree.Name, Raw]]) -> Options:
        """The options of a task from its merged layers; what is no option of the IR is left aside."""
        if not merged:
            return NO_OPTIONS
        values: dict[str, Any] = {}
        for name, (written, raw) in merged.items():
            if name in Options.model_fields():
                values[name] = self.value(name, "task", written, raw)
        return Options(**{name: value for name, value in values.items() if value is not None})

    def value(self, name: str, place: str, written: tree.Name, raw: Raw) -> Any:
        """The value of a known option."""
        setting = setting_of(name, place)
        if setting.type == "name":
            return self._bare_name(name, raw, setting.names)
        return self._typed(name, setting.type, raw)

    # --- by type ---------------------------------------------------------------------------------

    def _typed(self, name: str, type: str, raw: Raw) -> Any:
        special: dict[str, Callable[[str, Raw], Any]] = {
            "retry": self._retry,
            "retry_on": self._retry_on,
            "resources": self._resources,
            "limits": self._limits,
            "estimate": self._estimate,
            "env": self._env,
            "secrets": self._secrets,
            "cache": self._cache,
            "cpu": self._cpu,
            "json": self._json,
            "volumes": self._volumes,
            "dict[str, str]": self._text_map,
        }
        if type in special:
            return special[type](name, raw)
        return self._simple(name, type, raw)

    def _simple(self, name: str, type: str, raw: Raw) -> Any:
        if isinstance(raw, Branch):
            return self._wrong(name, f"needs {_TYPES[type]}, not a map", raw.span)
        checker = Checker(self.diagnostics, raw.scope)
        typed = checker.check(raw.node)
        if typed is None or not checker.require_type(typed, _TYPES[type], f"option `{name}`"):
            return None
        literal = checker.constant(raw.node, f"option `{name}`")
        if literal is None:
            return None
        return self._in_range(name, type, literal.value, raw.span)

    def _in_range(self, name: str, type: str, value: Any, span: Span) -> Any:
        if type in _NOT_NEGATIVE and name not in _MAY_BE_NEGATIVE:
            if value < 0:
                return self._wrong(name, "cannot be negative", span)
            if name in _AT_LEAST_ONE and value < 1:
                return self._wrong(name, "must be at least 1", span)
            if name in _LONGER_THAN_NOTHING and value == 0:
                return self._wrong(name, "must be longer than nothing", span)
        if name == "failure_rate" and value > 1:
            return self._wrong(name, "is a share between 0 and 1", span)
        return tuple(value) if isinstance(value, list) else value

    def _bare_name(self, name: str, raw: Raw, allowed: tuple[str, ...]) -> str | None:
        if isinstance(raw, Leaf) and isinstance(raw.node, tree.NameReference) and raw.node.name in allowed:
            return raw.node.name
        self.diagnostics.error(
            "P0303",
            f"option `{name}` cannot be `{excerpt(raw.span)}`",
            raw.span,
            help=hint(raw.span.text.strip("\"'"), allowed),
            fix=_bare_fix(raw.span, allowed),
            notes=(f"it is one of: {', '.join(allowed)}",),
        )
        return None

    def _fields(self, name: str, fields: Mapping[str, str], raw: Raw) -> dict[str, Any] | None:
        """The values of a map option with fixed keys."""
        if isinstance(raw, Leaf):
            self._wrong(name, f"needs a map such as {{ {', '.join(fields)} }}", raw.span)
            return None
        values: dict[str, Any] = {}
        for key, (written, inner) in raw.entries.items():
            if key not in fields:
                self._unknown_key(name, raw, written, fields)
                continue
            value = self._typed(written.text, fields[key], inner)
            if value is not None:
                values[key] = value
        return values

    def _unknown_key(self, name: str, raw: Branch, written: tree.Name, fields: Mapping[str, str]) -> None:
        key = written.text
        help, fix = hint(key, fields, f"it has: {', '.join(fields)}"), correction(written.span, key, fields)
        if (name, key) == ("resources", "requests"):
            from pipec.semantics.pod_habits import meant_by_requests  # here, as a file without faults needs none

            help, fix = meant_by_requests(raw)
        self.diagnostics.error("P0301", f"`{name}` has no `{key}`", written.span, help=help, fix=fix)

    def _retry(self, name: str, raw: Raw) -> Retry | None:
        values = self._fields(name, RETRY, raw)
        return Retry(**values) if values is not None else None

    def _retry_on(self, name: str, raw: Raw) -> tuple[str | int, ...] | None:
        literal = self._constant(name, raw)
        if literal is None:
            return None
        items = literal.value
        if isinstance(items, list) and all(
            (isinstance(item, int) and not isinstance(item, bool)) or (isinstance(item, str) and _is_dotted(item))
            for item in items
        ):
            return tuple(items)
        self._wrong(name, 'is a list of exception names, exit codes and "timeout"', raw.span)
        return None

    def _resources(self, name: str, raw: Raw) -> Resources | None:
        values = self._fields(name, RESOURCES, raw)
        return Resources(**values) if values is not None else None

    def _limits(self, name: str, raw: Raw) -> dict[str, Any] | None:
        return self._fields(name, LIMITS, raw)

    def _cpu(self, name: str, raw: Raw) -> float | None:
        if isinstance(raw, Leaf) and isinstance(raw.node, tree.Literal) and raw.node.kind == "duration":
            written = raw.span.text
            cores = ""
            if written.endswith("m") and written[:-1].isdigit():
                cores = f"{int(written[:-1]) / 1000:g}"
            self.diagnostics.error(
                "P0303",
                f"`{name}` is a number of cores, `{written}` is a duration",
                raw.span,
                help=f"write {cores}" if cores else "write cores, such as 0.5",
                fix=Fix(f"replace by `{cores}`", (Edit(raw.span, cores),)) if cores else None,
            )
            return None
        value = self._simple(name, "float", raw)
        return float(value) if value is not None else None

    def _estimate(self, name: str, raw: Raw) -> Estimate | None:
        if isinstance(raw, Leaf):
            value = self._simple(name, "duration", raw)
            return Estimate(min=value, likely=value, max=value) if value is not None else None
        values = self._fields(name, ESTIMATE, raw)
        if values is None:
            return None
        missing = [key for key in ESTIMATE if key not in values]
        if missing:
            self._wrong(name, f"needs {', '.join(missing)} too", raw.span)
            return None
        if not values["min"] <= values["likely"] <= values["max"]:
            self._wrong(name, "needs min <= likely <= max", raw.span)
            return None
        return Estimate(**values)

    def _env(self, name: str, raw: Raw) -> dict[str, str | SecretReference] | None:
        return self._variables(name, raw, (STR, SECRET), 'text or secret("name")')

    def _secrets(self, name: str, raw: Raw) -> dict[str, str | SecretReference] | None:
        return self._variables(name, raw, (SECRET,), 'secret("name")')

    def _variables(
        self, name: str, raw: Raw, types: tuple[Type, ...], wanted: str
    ) -> dict[str, str | SecretReference] | None:
        if isinstance(raw, Leaf):
            from pipec.semantics.pod_habits import named_secrets  # here, as a file without faults needs none

            self._wrong(name, f"needs a map of names to {wanted}", raw.span, named_secrets(raw.node))
            return None
        values: dict[str, str | SecretReference] = {}
        for key, (_, inner) in raw.entries.items():
            literal = self._constant(f"{name}.{key}", inner, help=_VARIABLE_HELP)
            if literal is None:
                continue
            if literal.type == SECRET and SECRET in types:
                values[key] = SecretReference(name=literal.value)
            elif STR in types and isinstance(literal.value, str):
                values[key] = literal.value
            else:
                self._wrong(f"{name}.{key}", f"needs {wanted}", inner.span)
        return values

    def _text_map(self, name: str, raw: Raw) -> dict[str, str] | None:
        typed = self._constant(name, raw, DictType(value=STR))
        return dict(typed.value) if typed is not None else None

    def _volumes(self, name: str, raw: Raw) -> tuple[Any, ...] | None:
        if isinstance(raw, Leaf):
            from pipec.semantics.pod_habits import report_secret_volumes  # here, as few files have volumes

            if report_secret_volumes(raw.node, self.diagnostics):
                return None
        literal = self._constant(name, raw)
        if literal is None:
            return None
        return tuple(literal.value) if isinstance(literal.value, list) else (literal.value,)

    def _json(self, name: str, raw: Raw) -> Any:
        literal = self._constant(name, raw)
        return literal.value if literal is not None else None

    def _cache(self, name: str, raw: Raw) -> bool | float | None:
        literal = self._constant(name, raw)
        if literal is None:
            return None
        if literal.type in (BOOL, DURATION):
            value: bool | float = literal.value
            return value
        self._wrong(name, "is true, false or a duration", raw.span)
        return None

    def _constant(
        self, name: str, raw: Raw, type: Type | None = None, help: str = "use a literal or a const"
    ) -> LiteralValue | None:
        node = _whole(raw)
        scope = _scope(raw)
        if scope is None:
            return LiteralValue(value={}, type=DictType(value=STR))
        checker = Checker(self.diagnostics, scope)
        if type is not None and checker.check_as(node, type, f"option `{name}`") is None:
            return None
        quiet = Checker(Diagnostics(), scope) if type is not None else checker
        typed = quiet.check(node)
        if typed is not None and typed.type == SECRET and isinstance(typed.expression, LiteralValue):
            return typed.expression
        return checker.constant(node, f"option `{name}`", help=help) if typed is not None else None

    def _wrong(self, name: str, reason: str, span: Span, help: str | None = None) -> None:
        self.diagnostics.error("P0303", f"option `{name}` {reason}", span, help=help)


def _whole(raw: Raw) -> tree.Expression:
    """A raw option as one expression again."""
    if isinstance(raw, Leaf):
        return raw.node
    entries = tuple(tree.Entry(written.span, written, _whole(inner)) for written, inner in raw.entries.values())
    return tree.MapDisplay(raw.span, entries)


def _scope(raw: Raw) -> Scope | None:
    """The scope of the first value in a raw option, None for an empty map."""
    if isinstance(raw, Leaf):
        return raw.scope
    return next((scope for _, inner in raw.entries.values() if (scope := _scope(inner)) is not None), None)


def _is_dotted(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _bare_fix(span: Span, allowed: tuple[str, ...]) -> Fix | None:
    """The fix of a word that is misspelt, or that stands in quotes."""
    word = span.text.strip("\"'")
    if word in allowed:
        return Fix(f"write `{word}` without quotes", (Edit(span, word),))
    return correction(span, word, allowed)
