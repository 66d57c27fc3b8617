"""Options in layers: defaults of the pipeline, of groups, of the component, and the task's own; the inner wins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipec.diagnostics.model import Diagnostics, Fix, Label
from pipec.diagnostics.suggest import correction, hint
from pipec.frozen import Frozen
from pipec.semantics.settings import Setting, places_of, settings_of
from pipec.semantics.symbols import Scope
from pipec.syntax import tree
from pipec.syntax.source import Span


class Leaf(Frozen):
    """A written value and the scope its names are looked up in."""

    node: tree.Expression
    scope: Scope

    @property
    def span(self) -> Span:
        return self.node.span


class Branch(Frozen):
    """A map of options, merged of one or more written maps. `span` is that of the innermost."""

    entries: Mapping[str, tuple[tree.Name, Raw]]
    span: Span


Raw = Leaf | Branch
Layer = Mapping[str, tuple[tree.Name, Raw]]

_MERGED = ("retry", "resources", "env", "secrets")
"""Options whose maps merge key by key."""

_SAME_OPTION = {"retries": "retry", "retry": "retries"}
"""Two names of one option."""


def _for_all(name: str, places: Iterable[str], allowed: Iterable[str]) -> str:
    """How an option of tasks is set for all of them at once, where that can be said."""
    return f"; for all tasks inside: `defaults = {{ {name}: … }}`" if "task" in places and "defaults" in allowed else ""


@dataclass(eq=False, repr=False)
class LayerReader:
    """Reads option statements into a layer, refusing unknown and repeated names."""

    diagnostics: Diagnostics

    def read(self, body: Sequence[tree.Statement], place: str, scope: Scope, subject: str) -> Layer:
        """The layer of a block's options. `place` as in the settings table; `subject` names the owner ("task `x`")."""
        layer: dict[str, tuple[tree.Name, Raw]] = {}
        first: dict[str, Span] = {}
        for option in body:
            if not isinstance(option, tree.Option) or not self._known(option.name, option.value, place, subject, body):
                continue
            if self._is_first(option.name, first, body):
                _enter(layer, option.name, option.value, scope)
        return layer

    def read_defaults(self, value: tree.Expression, scope: Scope, subject: str) -> Layer:
        """The layer of `defaults = { … }`."""
        if not isinstance(value, tree.MapDisplay):
            self.diagnostics.error(
                "P0303", "`defaults` needs a map of options", value.span, help="write { timeout: 1h, … }"
            )
            return {}
        layer: dict[str, tuple[tree.Name, Raw]] = {}
        first: dict[str, Span] = {}
        for entry in value.entries:
            if self._known(entry.key, entry.value, "task", subject, value.entries) and self._is_first(
                entry.key, first, value.entries
            ):
                _enter(layer, entry.key, entry.value, scope)
        return layer

    def _is_first(self, name: tree.Name, first: dict[str, Span], siblings: Sequence[tree.Node]) -> bool:
        """Whether an option is not set before in its place, under either of its names; enters it into `first`."""
        earlier = first.setdefault(name.text, name.span)
        if earlier is not name.span:
            labels = (Label(earlier, "first set here"),)
            self.diagnostics.error("P0305", f"option `{name.text}` is set twice", name.span, labels=labels)
            return False
        other = _SAME_OPTION.get(name.text)
        if other not in first:
            return True
        from pipec.semantics.retries import meant_by_both  # here, as a file without faults needs none

        help, fix = meant_by_both(siblings)
        labels = (Label(first[other], "first set here"),)
        message = "`retries` and `retry` both say how often"
        self.diagnostics.error("P0305", message, name.span, labels=labels, help=help, fix=fix)
        return False

    def _known(
        self, name: tree.Name, value: tree.Expression, place: str, subject: str, siblings: Sequence[tree.Node]
    ) -> bool:
        """Whether an option may stand in a place, among its `siblings`; reports one that may not."""
        allowed = settings_of(place)
        if name.text in allowed:
            return True
        if places := places_of(name.text):
            self.diagnostics.error(
                "P0302",
                f"option `{name.text}` is not for {subject}",
                name.span,
                help=f"it belongs to: {', '.join(places)}{_for_all(name.text, places, allowed)}",
            )
            return False
        help, fix = _meant(name, value, allowed, siblings)
        self.diagnostics.error(
            "P0301",
            f"unknown option `{name.text}` on {subject}",
            name.span,
            label="no such option",
            help=help,
            fix=fix,
            notes=() if help else (f"options here: {', '.join(sorted(allowed))}",),
        )
        return False


def _meant(
    name: tree.Name, value: tree.Expression, allowed: Collection[str], siblings: Sequence[tree.Node]
) -> tuple[str | None, Fix | None]:
    """Help and fix for an option that there is nowhere."""
    from pipec.semantics.habits import fix_of_option, meant_by_option  # here, as a file without faults needs none
    from pipec.semantics.retries import is_part_of_retry, meant_by_part

    if is_part_of_retry(name.text):
        return meant_by_part(name.text, siblings, allowed)
    elsewhere = meant_by_option(name.text, value)
    if elsewhere is not None:
        return elsewhere, fix_of_option(name, value, allowed)
    return hint(name.text, allowed), correction(name.span, name.text, allowed)


def merge(layers: Iterable[Layer]) -> dict[str, tuple[tree.Name, Raw]]:
    """One layer of several, outermost first; maps of the merging options merge, everything else is replaced."""
    merged: dict[str, tuple[tree.Name, Raw]] = {}
    for layer in layers:
        for name, (written, raw) in layer.items():
            earlier = merged.get(name)
            if name in _MERGED and earlier is not None:
                merged[name] = (written, _merge_raw(earlier[1], raw))
            else:
                merged[name] = (written, raw)
    return merged


def setting_of(name: str, place: str) -> Setting:
    """The setting of a known option."""
    return settings_of(place)[name]


def _enter(layer: dict[str, tuple[tree.Name, Raw]], name: tree.Name, value: tree.Expression, scope: Scope) -> None:
    """Adds an option, `retries = n` as `retry = { max: n }`."""
    if name.text == "retries":
        layer["retry"] = (name, Branch({"max": (name, Leaf(value, scope))}, name.span))
    else:
        layer[name.text] = (name, _raw(value, scope))


def _raw(value: tree.Expression, scope: Scope) -> Raw:
    if isinstance(value, tree.MapDisplay):
        return Branch({entry.key.text: (entry.key, _raw(entry.value, scope)) for entry in value.entries}, value.span)
    return Leaf(value, scope)


def _merge_raw(outer: Raw, inner: Raw) -> Raw:
    if not isinstance(outer, Branch) or not isinstance(inner, Branch):
        return inner
    entries = dict(outer.entries)
    for key, (written, raw) in inner.entries.items():
        entries[key] = (written, _merge_raw(entries[key][1], raw) if key in entries else raw)
    return Branch(entries, inner.span)
