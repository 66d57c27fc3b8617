"""Going on after a syntax fault: by one small repair if it makes the next tokens fit, else by a jump to a statement.

Repairs are edits of the list of tokens. Each is tried on a copy of the automaton's states, and the one after which most
tokens fit is taken; of equals the first proposed.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipec.diagnostics.model import Diagnostics
from pipec.frozen import Frozen
from pipec.syntax import faults
from pipec.syntax.machine import Machine
from pipec.syntax.tokens import CLOSER, END, NAME, NULL, RESERVED, TEXTS, Token

FAULT_LIMIT = 100
LOOKAHEAD = 8

DECLARATIONS = frozenset({"import", "type", "component", "pipeline", "test"})
STATEMENTS = DECLARATIONS | {
    "const", "task", "wait", "gate", "approval", "if", "for", "map", "group", "order", "require", "on", "finally",
    "target", "return", "given", "expect",
}  # fmt: skip
_KEYWORDS_TO_MISSPELL = sorted(STATEMENTS | {"language", "else", "after", "is", "as", "in"})
_OTHER_LANGUAGES = {"elif": ("else", "if"), "elsif": ("else", "if"), "elseif": ("else", "if"), "step": ("task",)}
_CONFUSED = {":": "=", "=": ":", "==": "=", ",": "->"}
_INSERTED = (",", ")", "]", "}", "=", ":", "->", "{", "(")


class Repair(Frozen):
    """Take the last name off the stack again (`unshift`), drop `drop` tokens, and put in tokens of these kinds."""

    reason: faults.Reason
    put: tuple[str, ...] = ()
    drop: int = 0
    unshift: bool = False


class Recovery:
    """Brings a machine past the token that does not fit."""

    def __init__(self, machine: Machine, diagnostics: Diagnostics) -> None:
        self.machine = machine
        self.diagnostics = diagnostics
        self.attempts = 0
        self.unread = len(machine.tokens) + 1  # how many tokens were to come when one was last put in without a drop
        self.jumped_to = -1
        self.unclosed: list[faults.Opener] | None = None
        kinds = [token.kind for token in machine.tokens]
        self.lacks_braces = kinds.count("{") > kinds.count("}")

    def recover(self) -> bool:
        """Change the machine so that it can go on; False where there is nothing to go on to."""
        machine = self.machine
        token = machine.tokens[machine.index]
        self.attempts += 1
        if self.attempts > FAULT_LIMIT and token.kind != END:
            faults.report_too_many(machine.source, token, self.diagnostics)
            del machine.tokens[machine.index : -1]
            return True
        if (token.kind == END or self.begins_declaration(machine.index)) and self.close_bracket():
            return True
        repair = self.best_repair()
        if repair is not None:
            self.report(repair)
            self.apply(repair)
            return True
        self.report(Repair(faults.Reason.UNEXPECTED))
        return self.jump()

    # --- one small repair ---

    def best_repair(self) -> Repair | None:
        machine = self.machine
        index = machine.index
        stop = index + LOOKAHEAD
        best: Repair | None = None
        best_reach = 0
        for repair in self.proposals():
            if not repair.drop and len(machine.tokens) - index >= self.unread:
                continue  # a second insertion at the same place might go on for ever
            states, values = list(machine.states), list(machine.values)
            if repair.unshift:
                machine.unshift(states, values)
            if not all(machine.advance(states, kind) for kind in repair.put):
                continue
            resume = index + repair.drop
            reach = machine.reach(states, resume, stop)
            needed = resume + (1 if repair.reason is faults.Reason.RESERVED else 2)
            if reach >= min(needed, len(machine.tokens)) and reach > best_reach:
                best, best_reach = repair, reach
        return best

    def proposals(self) -> Iterator[Repair]:
        """What might mend the fault at the current token, the likeliest first."""
        machine = self.machine
        token = machine.tokens[machine.index]
        reason = faults.Reason
        name = self.last_name()
        if name is not None:
            for keywords in _respelt(name.text):
                yield Repair(reason.MISSPELT, put=keywords, unshift=True)
        if token.kind == NAME:
            for keywords in _respelt(token.text):
                yield Repair(reason.MISSPELT, put=keywords, drop=1)
        if token.kind in CLOSER.values():
            opener = self.innermost_opener()
            if opener is not None and CLOSER[opener.kind] != token.kind:
                yield Repair(reason.WRONG_CLOSER, put=(CLOSER[opener.kind],), drop=1)
        if token.kind in RESERVED:
            yield Repair(reason.RESERVED, put=(NAME,), drop=1)
        if token.kind in _CONFUSED:
            yield Repair(reason.CONFUSED, put=(_CONFUSED[token.kind],), drop=1)
        if token.kind == "=":
            yield Repair(reason.CONFUSED, put=("==",), drop=1)
        if token.kind == "|" and machine.tokens[machine.index + 1].kind == "|":
            yield Repair(reason.CONFUSED, put=("or",), drop=2)
        superfluous = Repair(reason.SUPERFLUOUS, drop=0 if token.kind == END else 1)
        if name is not None and not faults.first_on_line(machine.source, name):
            for kind in ("=", ",", ":"):
                yield Repair(reason.MISSING, put=(kind, NAME), unshift=True)
        for kind in _INSERTED:
            if kind != "}" or self.lacks_braces:
                yield Repair(reason.MISSING, put=(kind,))
        omitted = Repair(reason.MISSING, put=(NULL,)), Repair(reason.MISSING, put=(NAME,))
        if token.kind in machine.soft or token.kind in RESERVED or token.kind in CLOSER.values() or token.kind == END:
            yield from omitted
            yield superfluous
        else:
            yield superfluous
            yield from omitted
        if name is not None and not faults.first_on_line(machine.source, name):
            yield Repair(reason.SUPERFLUOUS, unshift=True)
        if token.kind not in machine.soft and token.kind not in CLOSER and token.kind != END:
            for kind in _INSERTED:
                yield Repair(reason.CONFUSED, put=(kind,), drop=1)

    def last_name(self) -> Token | None:
        """The token before the current one where it is a name that was shifted last."""
        machine = self.machine
        value = machine.values[-1] if machine.values else None
        is_name = isinstance(value, Token) and value.kind == NAME and value.text and machine.index > 0
        return value if is_name else None

    def apply(self, repair: Repair) -> None:
        machine = self.machine
        index = machine.index
        replaced = machine.tokens[index : index + repair.drop]
        if repair.unshift:
            replaced.insert(0, machine.values[-1])
            machine.unshift(machine.states, machine.values)
            index -= 1
        before = machine.tokens[index - 1].end if index else machine.tokens[0].start
        put: list[Token] = []
        for kind in repair.put:
            if replaced and (kind != NULL):
                old = replaced[-1] if kind == NAME else replaced[0]
                moved = kind in (",", "=", ":") and repair.unshift
                start, end = (old.start, old.start) if moved else (old.start, old.end)
                put.append(Token(kind, old.text if kind == NAME else kind, start, end))
            else:
                put.append(Token(kind, "" if kind in (NULL, NAME) else kind, before, before))
        if not repair.drop:
            self.unread = len(machine.tokens) - machine.index
        machine.tokens[index : machine.index + repair.drop] = put
        machine.index = index

    # --- brackets that stay open ---

    def begins_declaration(self, index: int) -> bool:
        """Whether the token begins a declaration of the top level, on a line of its own."""
        tokens = self.machine.tokens
        token = tokens[index]
        if token.kind not in DECLARATIONS or not faults.first_on_line(self.machine.source, token):
            return False
        following = tokens[index + 1].kind
        if following not in TEXTS if token.kind in ("import", "test") else following != NAME:
            return False
        outermost = next((v for v in self.machine.values if isinstance(v, Token) and v.kind in CLOSER), None)
        source = self.machine.source
        return outermost is None or faults.indentation(source, token) <= faults.indentation(source, outermost)

    def innermost_opener(self) -> Token | None:
        position = self.machine.innermost_opener(self.machine.values)
        return None if position is None else self.machine.values[position]

    def close_bracket(self) -> bool:
        """Close the innermost open bracket, dropping what is incomplete inside; False where none is open."""
        machine = self.machine
        depth = machine.innermost_opener(machine.values)
        if depth is None:
            return False
        opener = machine.values[depth]
        self.report_unclosed(opener)
        end = machine.tokens[machine.index - 1].end if machine.index else 0
        closer = CLOSER[opener.kind]
        for height in range(len(machine.states), depth + 1, -1):
            innermost = machine.innermost_opener(machine.values[: height - 1]) == depth
            if innermost and machine.feeds(machine.states[:height], (closer,)):
                del machine.states[height:], machine.values[height - 1 :]
                machine.tokens.insert(machine.index, Token(closer, closer, end, end))
                return True
        del machine.states[depth + 1 :], machine.values[depth:]
        return True

    def report_unclosed(self, opener: Token) -> None:
        if self.unclosed is None:
            self.unclosed = faults.unclosed_by_layout(self.machine.source, self.machine.tokens)
        if not self.silent():
            faults.report_unclosed(self.machine, opener, self.unclosed, self.diagnostics)

    # --- a jump to the next statement ---

    def jump(self) -> bool:
        """Skip to what begins a statement or closes a block, and drop from the stack what it cuts short."""
        machine = self.machine
        depth = 0
        for index in range(machine.index, len(machine.tokens)):
            kind = machine.tokens[index].kind
            if kind == END or self.begins_declaration(index):
                machine.index = self.jumped_to = index
                return self.innermost_opener() is not None or self.cut_back(index)
            if kind == "{":
                depth += 1
            elif kind == "}" and depth:
                depth -= 1
            elif not depth and self.begins_statement(index) and self.cut_back(index):
                machine.index = self.jumped_to = index
                return True
        return False

    def begins_statement(self, index: int) -> bool:
        tokens = self.machine.tokens
        kind = tokens[index].kind
        if kind == "}":
            return True
        named = tokens[index + 1].kind == "=" if index + 1 < len(tokens) else False
        if kind in STATEMENTS and not named:
            return index == 0 or tokens[index - 1].kind not in (".", ",", "(")
        return named and faults.first_on_line(self.machine.source, tokens[index])

    def cut_back(self, index: int) -> bool:
        """Drop as little from the stack as lets the token at `index` fit; False where it fits nowhere.

        The innermost open block stays: its `}` is still to come.
        """
        machine = self.machine
        braces = [i for i, value in enumerate(machine.values) if isinstance(value, Token) and value.kind == "{"]
        for height in range(len(machine.states), braces[-1] + 1 if braces else 0, -1):
            states = machine.states[:height]
            if machine.reach(states, index, index + 1) > index:
                del machine.states[height:], machine.values[height - 1 :]
                return True
        return False

    # --- reports ---

    def silent(self) -> bool:
        """Whether a fault here is but an echo of one that has been reported."""
        machine = self.machine
        index = machine.index
        around = machine.tokens[max(index - 1, 0) : index + 1]
        return any(token.faulty for token in around) or index <= self.jumped_to

    def report(self, repair: Repair) -> None:
        if not self.silent():
            faults.report(self.machine, repair.reason, repair.put, repair.drop, repair.unshift, self.diagnostics)


def _respelt(word: str) -> Iterator[tuple[str, ...]]:
    """The keywords a misspelt word may stand for."""
    from difflib import get_close_matches  # here, because a file without faults needs no repairs

    lower = word.lower()
    if lower in _OTHER_LANGUAGES:
        yield _OTHER_LANGUAGES[lower]
    for keyword in get_close_matches(lower, _KEYWORDS_TO_MISSPELL, n=2, cutoff=0.7):
        yield (keyword,)
