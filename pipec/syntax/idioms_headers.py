"""Idioms in the header of a task or pipeline: parts in another order, with types, brackets and words from elsewhere."""

from __future__ import annotations

import re

from pipec.frozen import Frozen
from pipec.syntax.idioms import Idiom, Place, Reader, fix, replaced
from pipec.syntax.source import Span
from pipec.syntax.tokens import CLOSER, END, NAME, TEXTS, Token

_NAMED = frozenset({"task", "pipeline", "component", "group", "gate", "approval", "wait"})
_INPUTS = "inputs stand behind the name: `task NAME(data = extract) = …`"
_LONGEST_SHOWN = 60
_TYPES = {
    "INT": "int",
    "FLOAT": "float",
    "DURATION": "duration",
    "SIZE": "size",
    "DATE": "date",
    **dict.fromkeys(TEXTS, "str"),
    **dict.fromkeys(("true", "false"), "bool"),
}
_RUN_TYPES = {"date": "date", "id": "str", "url": "str", "pipeline": "str"}


class Header(Frozen):
    """The parts of a header up to the current token, by their first tokens; `open` are the brackets still open."""

    head: int
    inputs: int | None
    arrow: int | None
    after: int | None
    equals: int | None
    open: tuple[int, ...]

    @property
    def name(self) -> int:
        return self.head + 1


def header_of(place: Place, *keywords: str) -> Header | None:
    """The header that is being read, of a statement with one of these keywords."""
    head = place.head()
    if head is None or place.kind(head) not in keywords or not place.is_name(head + 1):
        return None
    parts: dict[str, int] = {}
    open: list[int] = []
    for index in range(head + 2, place.index):
        kind = place.kind(index)
        if not open and kind in ("->", "after", "=") and kind not in parts and "=" not in parts:
            parts[kind] = index
        if kind in CLOSER:
            if kind == "(" and index == head + 2:
                parts["("] = index
            open.append(index)
        elif kind in CLOSER.values() and open:
            open.pop()
    return Header(head, parts.get("("), parts.get("->"), parts.get("after"), parts.get("="), tuple(open))


def _typed_input(place: Place) -> Idiom | None:
    """`task t(data: dataset = extract)`."""
    header = header_of(place, "task")
    if header is None or place.token.kind != ":" or header.inputs is None or header.open != (header.inputs,):
        return None
    index = place.index
    end = place.end_of_type(index + 1)
    if not place.is_name(index - 1):
        return None
    if end is None:
        return _colon_for_equals(place)
    name = place.tokens[index - 1].text
    message = "an input has no type: it is that of the value"
    span = place.span(index, end)
    if place.kind(end) == "=":
        mended = fix(f"remove `{span.text}`", place.without(index, end))
        return Idiom(index, end, (), "P0004", message, span, f"write `{name} = …`", mended)
    if end > index + 2 or not place.is_name(index + 1) or _is_task(place, index + 1):
        return _colon_for_equals(place)
    help = f"write `{name} = VALUE`, or `{name}` alone where something is called so"
    return Idiom(index, end, (), "P0004", message, span, help, is_doubtful=True)


def _colon_for_equals(place: Place) -> Idiom:
    """`task t(retries: 3)`."""
    index = place.index
    equals = Token("=", "=", place.token.start, place.token.end)
    name, value = place.tokens[index - 1].text, place.text(index + 1, place.end_of_value(index + 1))
    written = f"{name} = {value}" if len(value) < 40 and "\n" not in value else f"{name} = …"
    help = f"an input is written `{written}`; an option stands in the block behind: `{{ {written} }}`"
    mended = fix("replace by `=`", place.between(index, " = ") or place.instead(index, " ="))
    span = place.span(index, index + 1)
    return Idiom(index, index + 1, (equals,), "P0003", "expected `=`, found `:`", span, help, mended)


def _is_task(place: Place, index: int) -> bool:
    """Whether the name at `index` is that of a task of the file, so that a value is meant and no type."""
    word = place.tokens[index].text
    tokens = place.tokens
    return any(one.text == word and tokens[at - 1].kind == "task" for at, one in enumerate(tokens) if at)


def _untyped_parameter(place: Place) -> Idiom | None:
    """`pipeline p(day = run.date)`."""
    header = header_of(place, "pipeline", "component")
    if header is None or place.token.kind != "=" or header.inputs is None or header.open != (header.inputs,):
        return None
    index = place.index
    if not place.is_name(index - 1) or place.kind(index - 2) not in ("(", ","):
        return None
    name, following = place.tokens[index - 1], place.tokens[index + 1]
    value = place.text(index + 1, place.end_of_value(index + 1))
    given = _RUN_TYPES.get(value.removeprefix("run.")) if value.startswith("run.") else None
    if value == following.text:
        given = _TYPES.get(following.kind)
    shown = f"write `{name.text}: {given or 'TYPE'} = {value}`"
    tokens = (
        Token(":", ":", name.end, name.end),
        Token(NAME, given or "", name.end, name.end),
        place.token,
    )
    message = f"a parameter needs a type: `{name.text}` has none"
    mended = fix(f"insert `: {given}`", place.after(index - 1, f": {given}")) if given else None
    return Idiom(index, index + 1, tokens, "P0003", message, name.span(place.source), shown, mended)


def _inputs_late(place: Place) -> Idiom | None:
    """`task t = python("m:f")(data = extract)`, and inputs behind outputs or `after`."""
    header = header_of(place, "task")
    if header is None or place.token.kind != "(" or header.inputs is not None or header.open:
        return None
    close = place.closer(place.index)
    if close is None or place.index <= header.name + 1:
        return None
    text = place.text(place.index, close + 1)
    mended = fix("move them there", place.after(header.name, text), place.without(place.index, close + 1))
    message = f"inputs stand behind the name of the task: `{place.tokens[header.name].text}(…)`"
    span = place.span(place.index, close + 1)
    return Idiom(place.index, close + 1, (), "P0004", message, span, _INPUTS, mended, is_doubtful=True)


def _outputs_late(place: Place) -> Idiom | None:
    """`task t after x -> T = …` and `task t = … -> T`."""
    header = header_of(place, "task", "component")
    if header is None or place.token.kind != "->" or header.open or (header.after is None and header.equals is None):
        return None
    end = place.end_of_type(place.index + 1)
    if end is None:
        return None
    text = place.text(place.index, end)
    first = min(one for one in (header.after, header.equals) if one is not None)
    mended = None
    if header.arrow is None:
        mended = fix("move them there", place.after(first - 1, f" {text}"), place.without(place.index, end))
    message = f"outputs stand before `{place.tokens[first].text}`"
    span = place.span(place.index, end)
    help = _where_outputs_stand(place, header, text)
    return Idiom(place.index, end, (), "P0004", message, span, help, mended, is_doubtful=True)


def _where_outputs_stand(place: Place, header: Header, outputs: str) -> str:
    """The header with the outputs that were written in their place."""
    shown = re.sub(r"\s+", " ", outputs) if len(outputs) < _LONGEST_SHOWN and "#" not in outputs else "-> …"
    after = " after …" if header.after is not None else ""
    head, name = place.kind(header.head), place.tokens[header.name].text
    inputs = "" if header.inputs is None else "(…)"
    return f"outputs stand before `after` and `=`: `{head} {name}{inputs} {shown}{after} = …`"


def _condition(place: Place) -> Idiom | None:
    """`task t if ready = …` and `task t when ready = …`."""
    equals = place.index
    head = place.head()
    if place.tokens[equals - 1].text == "when":
        head = equals - 1
        while place.kind(equals) not in ("=", END) and not place.is_first(equals):
            equals += 1
    if head is None or place.tokens[head].text not in ("if", "when") or place.kind(equals) != "=":
        return None
    start = head
    while start > 0 and not place.is_first(start):
        start -= 1
    end = place.end_of_value(equals + 1)
    if place.kind(start) != "task" or place.kind(end - 1) == "{":
        return None
    condition = place.text(head + 1, equals)
    help = f"write `if {condition} {{ {place.text(start, head)} = … }}`"
    mended = fix(
        "put the task in an `if`",
        place.before(start, f"if {condition} {{ "),
        place.without(head, equals),
        place.after(end - 1, " }"),
    )
    message = "a condition stands around a task, not in it"
    return Idiom(head, end, (), "P0003", message, place.span(head, equals), help, mended, is_doubtful=True)


def _several(place: Place) -> Idiom | None:
    """`task extract, load`."""
    header = header_of(place, "task")
    if header is None or place.token.kind != "," or place.index != header.name + 1:
        return None
    end = place.index
    while place.kind(end) == "," and place.is_name(end + 1):
        end += 2
    if end == place.index:
        return None
    help = "each task is a statement of its own: `task NAME = …`"
    span = place.span(place.index, end)
    return Idiom(place.index, end, (), "P0004", "a statement declares one task", span, help, is_doubtful=True)


def _fat_arrow(place: Place) -> Idiom | None:
    """`task t => dataset = …`."""
    index = place.index
    if place.token.kind != ">" or place.kind(index - 1) != "=" or not place.touches(index):
        return None
    span = place.span(index - 1, index + 1)
    arrow = Token("->", "->", span.start, span.end)
    return Idiom(index - 1, index + 1, (arrow,), "P0003", "expected `->`, found `=>`", span, None, replaced(span, "->"))


def _quoted_name(place: Place) -> Idiom | None:
    """`task "load"`."""
    index = place.index
    if place.token.kind not in ("TEXT", "RAW_TEXT") or place.kind(index - 1) not in _NAMED:
        return None
    name = re.sub(r"[\s-]+", "_", place.token.text[1:-1].strip()).lower()
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return None
    span = place.span(index, index + 1)
    token = Token(NAME, name, span.start, span.end)
    help = f"write `{place.tokens[index - 1].text} {name}`"
    return Idiom(
        index, index + 1, (token,), "P0003", "a name is written without quotes", span, help, replaced(span, name)
    )


def _round_outputs(place: Place) -> Idiom | None:
    """`task t -> (path: str)` and `task t -> path: str`."""
    index = place.index
    if place.token.kind != ":" or not place.is_name(index - 1):
        return None
    if place.kind(index - 2) == "(" and place.kind(index - 3) == "->":
        first, close = index - 2, place.closer(index - 2)
        if close is None:
            return None
        span = place.span(first, close + 1)
        mended = fix("replace by braces", place.instead(first, "{ "), place.instead(close, " }"))
        inner = place.tokens[first + 1 : close]
        tokens = (_token(place, first, "{"), *inner, _token(place, close, "}"))
        help = f"write `-> {{ {place.text(first + 1, close)} }}`"
        return Idiom(first, close + 1, tokens, "P0003", "named outputs stand in braces", span, help, mended)
    if place.kind(index - 2) != "->":
        return None
    end = index - 1
    while place.is_name(end) and place.kind(end + 1) == ":":
        after = place.end_of_type(end + 2)
        if after is None:
            return None
        end = after
        if place.kind(end) != "," or not (place.is_name(end + 1) and place.kind(end + 2) == ":"):
            break
        end += 1
    first = index - 1
    span = place.span(first, end)
    tokens = (_empty(place, first, "{"), *place.tokens[first:end], _empty(place, end - 1, "}", behind=True))
    mended = fix("put them in braces", place.before(first, "{ "), place.after(end - 1, " }"))
    help = f"write `-> {{ {span.text} }}`"
    return Idiom(first, end, tokens, "P0003", "named outputs stand in braces", span, help, mended)


def _no_arrow(place: Place) -> Idiom | None:
    """`task t { path: dataset } = …`."""
    opener = place.opener()
    if place.token.kind != ":" or opener is None or place.kind(opener) != "{" or place.kind(opener - 1) == "->":
        return None
    head, close = place.head(), place.closer(opener)
    if close is None or place.kind(close + 1) not in ("=", "after") or head is None:
        return None
    if place.kind(head) not in ("task", "component") or head > opener:
        return None
    at = place.tokens[opener - 1].end
    span = Span(place.source, at, at)
    tokens = (Token("->", "->", at, at), place.tokens[opener])
    mended = fix("insert `->`", place.after(opener - 1, " ->"))
    message = "expected `->` before the outputs"
    header = header_of(place, "task", "component")
    help = _where_outputs_stand(place, header, f"-> {place.text(opener, close + 1)}") if header is not None else None
    return Idiom(opener, opener + 1, tokens, "P0003", message, span, help, mended)


def _bare_outputs(place: Place) -> Idiom | None:
    """`task t -> model, auc: float = …`."""
    header = header_of(place, "task", "component")
    if header is None or place.token.kind != "," or header.open or header.arrow is None or header.equals is not None:
        return None
    end = place.index
    while place.kind(end) == ",":
        after = place.end_of_type(end + 1)
        if after is not None and place.kind(after) == ":":
            after = place.end_of_type(after + 1)
        if after is None:
            return None
        end = after
    span = place.span(header.arrow + 1, end)
    help = "write `-> { model: model, auc: float }`"
    message = "several outputs have names and stand in braces"
    return Idiom(place.index, end, (), "P0003", message, span, help, is_doubtful=True)


def _command_alone(place: Place) -> Idiom | None:
    """`task t = "python load.py"`."""
    header = header_of(place, "task", "component")
    index = place.index
    if header is None or place.token.kind not in TEXTS or header.equals != index - 1:
        return None
    text = place.token.text
    constructor = "python" if re.fullmatch(r"[\"'][\w.]+:\w+[\"']", text) else "shell"
    mended = None
    if "${" not in text:
        mended = fix(f"put it in `{constructor}(…)`", place.before(index, f"{constructor}("), place.after(index, ")"))
    span = place.span(index, index + 1)
    shown = text if len(text) <= 40 and "\n" not in text else "'…'"
    tokens = (
        *(_empty(place, index, NAME, constructor), _empty(place, index, "("), place.token),
        _empty(place, index, ")", behind=True),
    )
    message = "a text alone says nothing of how to run it"
    help = f"write `{constructor}({shown})`"
    return Idiom(index, index + 1, tokens, "P0003", message, span, help, mended)


def _token(place: Place, index: int, kind: str) -> Token:
    """A token of another kind in the place of one."""
    return Token(kind, kind, place.tokens[index].start, place.tokens[index].end)


def _empty(place: Place, index: int, kind: str, text: str | None = None, *, behind: bool = False) -> Token:
    """A token put in before or behind one."""
    at = place.tokens[index].end if behind else place.tokens[index].start
    return Token(kind, kind if text is None else text, at, at)


HEADERS: tuple[Reader, ...] = (
    _no_arrow,
    _typed_input,
    _untyped_parameter,
    _inputs_late,
    _outputs_late,
    _condition,
    _several,
    _bare_outputs,
    _fat_arrow,
    _quoted_name,
    _round_outputs,
    _command_alone,
)
