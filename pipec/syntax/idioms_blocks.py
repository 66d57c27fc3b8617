"""Idioms in blocks: options with colons and commas, maps written as blocks, alerts in a row, words for `if`."""

from __future__ import annotations

import re

from pipec.diagnostics.model import Edit
from pipec.syntax.idioms import Idiom, Place, Reader, fix, replaced
from pipec.syntax.layout import indentation
from pipec.syntax.tokens import CLOSER, END, NAME, STATEMENTS, VALUES, Token

MAPS = frozenset({"defaults", "retry", "resources", "env", "secrets", "estimate", "volumes"})
"""Options whose value is a map: what `NAME { … }` is meant as."""
_RENAMED = {"default_args": "defaults", "default": "defaults"}
_CONDITIONS = frozenset({"when", "unless"})


def _colon(place: Place) -> Idiom | None:
    """`{ retries: 3 }`."""
    index = place.index
    if place.token.kind != ":" or not place.is_name(index - 1) or not place.begins_option(index - 1):
        return None
    if place.kind(index + 1) in ("-", "}") or (place.is_first(index + 1) and place.kind(index + 1) != "{"):
        return None  # a block or list of YAML or Python
    equals = Token("=", "=", place.token.start, place.token.end)
    edit = place.between(index, " = ")
    mended = fix("replace by `=`", edit or place.instead(index, " ="))
    span = place.span(index, index + 1)
    help = f"options of a block are written `{place.tokens[index - 1].text} = …`; `:` is for the keys of a map"
    return Idiom(index, index + 1, (equals,), "P0003", "expected `=`, found `:`", span, help, mended)


def _quoted_key(place: Place) -> Idiom | None:
    """`{ "retries": 3 }`."""
    index = place.index
    if place.token.kind not in ("TEXT", "RAW_TEXT") or place.kind(index + 1) not in (":", "="):
        return None
    name = place.token.text[1:-1]
    if not re.fullmatch(r"[a-z_]\w*", name) or not place.begins_option(index):
        return None
    span = place.span(index, index + 2)
    tokens = (
        Token(NAME, name, place.token.start, place.token.end),
        Token("=", "=", place.tokens[index + 1].start, place.tokens[index + 1].end),
    )
    mended = None if "#" in span.text else replaced(span, f"{name} =")
    message = "options of a block have no quotes and no colon"
    return Idiom(index, index + 2, tokens, "P0003", message, span, f"write `{name} = …`", mended)


def _comma(place: Place) -> Idiom | None:
    """`{ retries = 3, timeout = 1h }`."""
    index = place.index
    opener = place.opener()
    if place.token.kind != "," or opener is None or place.kind(opener) != "{" or not place.begins_option(index):
        return None
    following = place.kind(index + 1)
    is_next = following == "}" or following in STATEMENTS or place.kind(index + 2) in ("=", ":")
    if not (is_next or place.is_first(index + 1)):
        return None
    head = place.head()
    is_end = place.kind(index - 1) in (")", "}") and (following == "}" or place.is_first(index + 1))
    if head is not None and head > opener and not (is_end and place.kind(head) == "task"):
        return None  # it stands in a statement, not behind an option
    is_tight = place.tokens[index + 1].start == place.token.end
    span = place.span(index, index + 1)
    mended = fix("remove it", place.instead(index, " " if is_tight else ""))
    return Idiom(index, index + 1, (), "P0004", "options of a block have no commas between them", span, None, mended)


def _block_for_map(place: Place) -> Idiom | None:
    """`defaults { retries = 3 }`."""
    index = place.index
    written = place.tokens[index - 1].text if index else ""
    name = _RENAMED.get(written, written)
    if place.token.kind != "{" or name not in MAPS or not place.begins_option(index - 1):
        return None
    read = _as_map(place, index)
    if read is None:
        return None
    close, edits, tokens = read
    equals = Token("=", "=", place.token.start, place.token.start)
    renamed = () if name == written else (place.instead(index - 1, name),)
    mended = fix(f"write it as `{name} = {{ … }}`", *renamed, place.before(index, "= "), *edits)
    message = f"`{name}` is an option, no block"
    help = f"write `{name} = {{ key: value, … }}`"
    span = place.span(index - 1, index)
    option = Token(NAME, name, span.start, span.end)
    return Idiom(index - 1, close + 1, (option, equals, *tokens), "P0003", message, span, help, mended)


def _equals_in_map(place: Place) -> Idiom | None:
    """`defaults = { retries = 3 }`."""
    index = place.index
    opener = place.opener()
    if place.token.kind != "=" or opener is None or place.kind(opener) != "{" or not place.is_name(index - 1):
        return None
    if place.kind(index - 2) not in ("{", ",") or place.kind(opener - 1) not in ("=", ":", "(", "[", ","):
        return None
    read = _as_map(place, opener, index)
    if read is None:
        return None
    close, edits, tokens = read
    span = place.span(index, index + 1)
    help = "the keys of a map have a colon, and its entries commas between them: `{ key: value, … }`"
    mended = fix("write it as a map", *edits)
    return Idiom(index, close + 1, tokens, "P0003", "expected `:`, found `=`", span, help, mended)


def _as_map(place: Place, opener: int, since: int | None = None) -> tuple[int, list[Edit], tuple[Token, ...]] | None:
    """Where the braces close, the edits that make a map of what is in them, and the tokens from `since` on then."""
    close = place.closer(opener)
    if close is None:
        return None
    edits: list[Edit] = []
    tokens: list[Token] = []
    open: list[str] = []
    since = opener if since is None else since
    for index in range(opener, close + 1):
        token = place.tokens[index]
        if token.kind in STATEMENTS and place.kind(index + 1) not in ("=", ":"):
            return None
        is_key = place.is_name(index) and place.kind(index + 1) in ("=", ":", "{") and set(open) == {"{"}
        if is_key and place.kind(index - 1) not in ("{", ","):
            if place.kind(index - 1) in ("=", ":", "."):
                is_key = False
            else:
                edits.append(place.after(index - 1, ","))
                tokens.append(Token(",", ",", place.tokens[index - 1].end, place.tokens[index - 1].end))
        if token.kind == "=" and open[-1:] == ["{"] and set(open) == {"{"}:
            edits.append(_colon_edit(place, index))
            token = Token(":", ":", token.start, token.end)
        elif token.kind == "{" and index > opener and place.is_name(index - 1) and set(open) == {"{"}:
            edits.append(place.after(index - 1, ":"))
            tokens.append(Token(":", ":", place.tokens[index - 1].end, place.tokens[index - 1].end))
        if token.kind in CLOSER:
            open.append(token.kind)
        elif token.kind in CLOSER.values() and open:
            open.pop()
        if index >= since:
            tokens.append(token)
    return close, edits, tuple(tokens)


def _colon_edit(place: Place, index: int) -> Edit:
    """`key = value` with a colon: `key: value`."""
    return place.between(index, ": ") or place.instead(index, ":")


def _list(place: Place) -> Idiom | None:
    """`tags = "ml", "training"`."""
    index = place.index
    if place.token.kind != "," or place.kind(index - 1) not in VALUES or place.kind(index + 1) not in VALUES:
        return None
    first = index - 1
    while place.kind(first - 1) == "," and place.kind(first - 2) in VALUES:
        first -= 2
    if place.kind(first - 1) != "=" or not place.is_name(first - 2) or place.opener() is None:
        return None
    end = index
    while place.kind(end) == "," and place.kind(end + 1) in VALUES:
        end += 2
    text = place.text(first, end)
    mended = fix("put them in brackets", place.before(first, "["), place.after(end - 1, "]"))
    help = f"write `[{text}]`" if len(text) < 80 else None
    span = place.span(index, index + 1)
    return Idiom(index, end, (), "P0003", "several values stand in a list", span, help, mended, is_doubtful=True)


def _alerts(place: Place) -> Idiom | None:
    """`on failure = slack("#a"), email("b@example.com")`."""
    index = place.index
    head = place.head()
    if place.token.kind != "," or head is None or place.kind(head) != "on":
        return None
    equals = next((one for one in range(head, index) if place.kind(one) == "="), None)
    if equals is None:
        return None
    end = index
    while place.kind(end) == "," and place.is_name(end + 1) and place.kind(end + 2) == "(":
        close = place.closer(end + 2)
        if close is None:
            return None
        end = close + 1
    if end == index:
        return None
    first = equals + 1
    span = place.span(index, index + 1)
    mended = fix("make a list of them", place.before(first, "["), place.after(end - 1, "]"))
    text = place.text(first, end)
    help = f"write `[{text}]`" if len(text) < 80 and "\n" not in text else "write `[slack(…), email(…)]`"
    message = "several alerts stand in a list"
    return Idiom(index, end, (), "P0003", message, span, help, mended, is_doubtful=True)


def _other_if(place: Place) -> Idiom | None:
    """`when d.ok { … }`."""
    index = place.index
    word = place.tokens[index - 1].text if index else ""
    if word not in _CONDITIONS or not place.begins_option(index - 1) or place.kind(index) in ("=", ":"):
        return None
    span = place.span(index - 1, index)
    if word == "unless":
        help = "write `if not CONDITION { … }`"
        tokens = (Token("if", "if", span.start, span.end), Token("not", "not", span.end, span.end))
        return Idiom(index - 1, index, tokens, "P0005", f"unknown keyword `{word}`", span, help)
    token = Token("if", "if", span.start, span.end)
    help = "there is the keyword `if`"
    return Idiom(index - 1, index, (token,), "P0005", f"unknown keyword `{word}`", span, help, replaced(span, "if"))


def _then(place: Place) -> Idiom | None:
    """`if full then { … }`."""
    head = place.head()
    if place.token.text not in ("then", "do") or place.kind(place.index + 1) != "{" or head is None:
        return None
    index = place.index
    span = place.span(index, index + 1)
    mended = fix("remove it", place.without(index, index + 1))
    message = f"there is no `{place.token.text}`: the block follows at once"
    return Idiom(index, index + 1, (), "P0004", message, span, None, mended)


def _then_end(place: Place) -> Idiom | None:
    """`if full then`, with its block below and `end` behind it."""
    index = place.index
    head = place.head()
    if (
        place.token.text not in ("then", "do")
        or not place.is_first(index + 1)
        or head is None
        or not place.is_first(head)
    ):
        return None
    indent = indentation(place.source, place.tokens[head])
    end = index + 1
    while place.kind(end) != END and not (
        place.is_first(end) and indentation(place.source, place.tokens[end]) <= indent
    ):
        end += 1
    if place.tokens[end].text not in ("end", "endif", "fi", "done", "endfor"):
        return None
    closer = place.tokens[end]
    tokens = (
        Token("{", "{", place.token.start, place.token.end),
        *place.tokens[index + 1 : end],
        Token("}", "}", closer.start, closer.end),
    )
    mended = fix("put the block in braces", place.instead(index, "{"), place.instead(end, "}"))
    message = f"there is no `{place.token.text}`: a block stands in braces"
    help = f"write `{{` for it, and `}}` for `{closer.text}`"
    return Idiom(index, end + 1, tokens, "P0003", message, place.span(index, index + 1), help, mended)


def _parallel(place: Place) -> Idiom | None:
    """`parallel { … }`."""
    index = place.index
    word = place.tokens[index - 1].text if index else ""
    if word not in ("parallel", "concurrent") or place.token.kind != "{" or not place.begins_option(index - 1):
        return None
    span = place.span(index - 1, index)
    group = Token("group", "group", span.start, span.end)
    name = Token(NAME, word, span.end, span.end)
    help = (
        "tasks that do not wait for each other run at the same time anyway; a block with a name is `group NAME { … }`"
    )
    message = f"there is no block `{word}`"
    return Idiom(index - 1, index, (group, name), "P0003", message, span, help, is_doubtful=True)


def _return(place: Place) -> Idiom | None:
    """`return 3` in a task: a task returns what its code returns."""
    head = place.head()
    if place.token.kind != "return" or head is None or place.kind(head) != "task":
        return None
    end = place.end_of_value(place.index + 1)
    name = place.tokens[head + 1].text
    help = f"declare its outputs, `task {name} -> int = …`: they are what the Python function returns"
    span = place.span(place.index, end)
    message = "a task returns what its code returns: there is no `return` in it"
    return Idiom(place.index, end, (), "P0003", message, span, help)


BLOCKS: tuple[Reader, ...] = (
    _colon,
    _quoted_key,
    _comma,
    _block_for_map,
    _equals_in_map,
    _list,
    _alerts,
    _other_if,
    _then,
    _then_end,
    _parallel,
    _return,
)
