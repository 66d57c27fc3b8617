"""Options in layers: defaults of the pipeline, of groups, of the component, and the task's own; the inner wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipec.diagnostics.model import Diagnostics, Label
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


def _for_all(name: str, places: Iterable[str], allowed: Iterable[str]) -> str:
    """How an option of tasks is set for all of them at once, where that can be said."""
    return f"; for all tasks inside: `defaults = {{ {name}: … }}`" if "task" in places and "defaults" in allowed else ""


@dataclass
class LayerReader:
    """Reads option statements into a layer, refusing unknown and repeated names."""

    diagnostics: Diagnostics

    def read(self, body: Iterable[tree.Statement], place: str, scope: Scope, subject: str) -> Layer:
        """The layer of a block's options. `place` as in the settings table; `subject` names the owner ("task `x`")."""
        layer: dict[str, tuple[tree.Name, Raw]] = {}
        first: dict[str, Span] = {}
        for option in body:
            if not isinstance(option, tree.Option) or not self._known(option.name, option.value, place, subject):
                continue
            if option.name.text in first:
                self.diagnostics.error(
                    "P0305",
                    f"option `{option.name.text}` is set twice",
                    option.name.span,
                    labels=(Label(first[option.name.text], "first set here"),),
                )
                continue
            first[option.name.text] = option.name.span
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
        for entry in value.entries:
            if self._known(entry.key, entry.value, "task", subject):
                _enter(layer, entry.key, entry.value, scope)
        return layer

    def _known(self, name: tree.Name, value: tree.Expression, place: str, subject: str) -> bool:
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
        from pipec.semantics.habits import fix_of_option, meant_by_option  # here, as a file without faults needs none

        elsewhere = meant_by_option(name.text, value)
        similar = elsewhere or hint(name.text, allowed)
        self.diagnostics.error(
            "P0301",
            f"unknown option `{name.text}` on {subject}",
            name.span,
            label="no such option",
            help=similar,
            fix=fix_of_option(name, value, allowed) if elsewhere else correction(name.span, name.text, allowed),
            notes=() if similar else (f"options here: {', '.join(sorted(allowed))}",),
        )
        return False


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
        raw: Raw = Branch({"max": (name, Leaf(value, scope))}, name.span)
        earlier = layer.get("retry")
        layer["retry"] = (name, _merge_raw(earlier[1], raw) if earlier else raw)
        return
    raw = _raw(value, scope)
    if name.text == "retry" and "retry" in layer:
        raw = _merge_raw(layer["retry"][1], raw)
    layer[name.text] = (name, raw)


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
