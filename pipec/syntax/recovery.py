"""Going on after a syntax fault: by one small repair if it makes the next tokens fit, else by a jump to a statement.

Repairs are edits of the list of tokens. Each is tried on a copy of the automaton's states, and the one after which most
tokens fit is taken; of equals the first proposed.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipec.diagnostics.model import Diagnostics
from pipec.syntax import faults
from pipec.syntax.damage import Damage, begins_statement, closer_after
from pipec.syntax.going_back import go_back
from pipec.syntax.idioms import Idiom, idioms
from pipec.syntax.layout import first_on_line, indentation, line_start, mend_braces, report_unclosed
from pipec.syntax.lexical_faults import report_unread
from pipec.syntax.machine import Machine
from pipec.syntax.repairs import Reason, Repair, hyphenless, proposals, reach
from pipec.syntax.tokens import CLOSER, DECLARATIONS, END, NAME, NULL, TEXTS, Token

FAULT_LIMIT = 100
LOOKAHEAD = 8
IN_DOUBT = frozenset({"P0001", "P0002"})
"""Faults of the lexer that leave their line in doubt."""
_ENOUGH = 2
"""How many tokens of an idiom have to fit: further on there may be other faults."""
_SETTLED = 1
"""How many tokens have to fit after a jump until a fault is news."""
_CERTAIN = frozenset({Reason.MISSPELT, Reason.WRONG_CLOSER, Reason.RESERVED, Reason.HYPHEN, Reason.COMMENT})
"""What leaves no doubt how the rest was meant."""


class Recovery:
    """Brings a machine past the token that does not fit.

    `damage` holds the places whose tree may differ from what was meant, `lines` the beginnings of lines on which no
    further fault is reported: it would most likely be an echo.
    """

    def __init__(self, machine: Machine, diagnostics: Diagnostics) -> None:
        self.machine = machine
        self.diagnostics = diagnostics
        self.known = len(diagnostics.found)
        self.damage = Damage(machine)
        self.lines: set[int] = set()
        self.attempts = 0
        self.unread = len(machine.tokens) + 1  # how many tokens were to come when one was last put in without a drop
        self.jumped_to = -_SETTLED - 1
        self.lacking: dict[str, int] = {}

    def recover(self) -> bool:
        """Change the machine so that it can go on; False where there is nothing to go on to."""
        machine = self.machine
        self.attempts += 1
        if self.attempts == 1 and self.begin():
            return True
        token = machine.tokens[machine.index]
        if self.attempts > FAULT_LIMIT and token.kind != END:
            report_unread(token.span(machine.source), self.diagnostics)
            self.damage.between(machine.index, len(machine.tokens) - 1)
            del machine.tokens[machine.index : -1]
            return True
        if (token.kind == END or self.begins_declaration(machine.index)) and self.close_bracket():
            return True
        if any(self.take(idiom) for idiom in idioms(machine)):
            return True
        repair = self.best_repair()
        if repair is not None:
            self.report(repair)
            self.apply(repair)
            return True
        self.report(Repair(Reason.UNEXPECTED))
        start = machine.index
        jumped = self.jump()
        self.damage.between(start, machine.index)
        return jumped

    def begin(self) -> bool:
        """Before the first repair: mend braces that do not match by the layout, and read anew from there on."""
        machine = self.machine
        machine.by_lines = True
        found = self.diagnostics.found[self.known :]
        del self.diagnostics.found[self.known :]
        self.lines = {
            line_start(machine.source, one.span.start)
            for one in self.diagnostics.found
            if one.code in IN_DOUBT and one.span.source is machine.source
        }
        read = machine.tokens.copy()
        is_mended = machine.start == "file" and mend_braces(machine.source, machine.tokens, self.diagnostics)
        kinds = [token.kind for token in machine.tokens]
        self.lacking = {opener: kinds.count(opener) - kinds.count(closer) for opener, closer in CLOSER.items()}
        if not is_mended:
            self.diagnostics.found += found
            return False
        self.unread = len(machine.tokens) + 1
        if found or machine.doubtful:  # what was said or read so far may be said or read in another way now
            machine.restart()
        else:
            go_back(machine, read)
        return True

    # --- what is written so elsewhere ---

    def take(self, idiom: Idiom) -> bool:
        """Put in what an idiom means; False where the parse would get no further than it is."""
        machine = self.machine
        tokens, stopped = machine.tokens, machine.index
        states = machine.rewound(stopped - idiom.first)
        if states is None:
            return False
        dropped = tokens[idiom.first : idiom.last]
        left = len(tokens) - stopped
        tokens[idiom.first : idiom.last] = idiom.tokens
        end = idiom.first + len(idiom.tokens)
        ahead = max(end, stopped + end - idiom.last) + 2
        reached = machine.reach(states, idiom.first, ahead)
        is_further = len(tokens) - reached < left and reached > min(end - (not idiom.tokens), idiom.first + _ENOUGH)
        tokens[idiom.first : idiom.first + len(idiom.tokens)] = dropped
        if not is_further:
            return False
        if not self.silent():
            self.diagnostics.error(idiom.code, idiom.message, idiom.span, help=idiom.help, fix=idiom.fix)
        if idiom.is_doubtful:
            self.damage.by_idiom(idiom.first, idiom.last)
        self.rewind(idiom.first)
        for changed, sign in ((idiom.tokens, 1), (dropped, -1)):
            self.count(changed, sign)
        tokens[idiom.first : idiom.last] = idiom.tokens
        machine.index = idiom.first
        return True

    # --- one small repair ---

    def best_repair(self) -> Repair | None:
        machine = self.machine
        best: Repair | None = None
        best_reach = 0
        for repair in proposals(machine, self.lacking):
            if not repair.resume and len(machine.tokens) - machine.index >= self.unread:
                continue  # a second insertion at the same place might go on for ever
            reached = reach(machine, repair, LOOKAHEAD)
            needed = machine.index + repair.resume + (1 if repair.reason is Reason.RESERVED else 2)
            if reached >= min(needed, len(machine.tokens)) and reached > best_reach:
                best, best_reach = repair, reached
        return best

    def apply(self, repair: Repair) -> None:
        """Edit the tokens, and bring the machine back to where the edit begins."""
        machine = self.machine
        index = machine.index - repair.back
        if repair.reason not in _CERTAIN:
            self.damage.by_repair(repair)
        if not repair.resume:
            self.unread = len(machine.tokens) - machine.index
        self.rewind(index)
        dropped = machine.tokens[index : index + repair.drop]
        if any(token.kind == "{" for token in dropped):
            self.drop_closer(index + repair.drop)
        put = self.put_in(repair.put, dropped, machine.tokens[index - 1].end if index else machine.tokens[0].start)
        for sign, tokens in ((1, put), (-1, dropped)):
            self.count(tokens, sign)
        machine.tokens[index : index + repair.drop] = put
        machine.index = index

    def rewind(self, index: int) -> None:
        """Take the token at `index`, which is on the stack, and all that followed it off the stack."""
        machine = self.machine
        if index == machine.index:
            return
        height = machine.height_of(machine.tokens[index])
        assert height is not None
        if height == len(machine.values) - 1:
            machine.unshift(machine.states, machine.values)
        else:
            del machine.states[height + 1 :], machine.values[height:]

    def drop_closer(self, index: int) -> None:
        """Drop the `}` of a `{` that is dropped; what it holds then stands in another block."""
        closer = closer_after(self.machine.tokens, index)
        if closer is not None and self.lacking["{"] <= 0:
            self.damage.between(index, closer)
            del self.machine.tokens[closer]
            self.lacking["{"] += 1

    def put_in(self, kinds: Sequence[str], dropped: Sequence[Token], before: int) -> list[Token]:
        """Tokens of these kinds, in the place of those dropped, else right after what ends at `before`."""
        tokens: list[Token] = []
        for kind in kinds:
            start, end = (dropped[0].start, dropped[-1].end) if dropped and kind != NULL else (before, before)
            text = hyphenless(dropped) if dropped and kind == NAME else "" if kind in (NULL, NAME) else kind
            tokens.append(Token(kind, text, start, end))
        return tokens

    def count(self, tokens: Sequence[Token], sign: int) -> None:
        for token in tokens:
            for opener, closer in CLOSER.items():
                self.lacking[opener] += sign * ((token.kind == opener) - (token.kind == closer))

    # --- brackets that stay open ---

    def begins_declaration(self, index: int) -> bool:
        """Whether the token begins a declaration of the top level, on a line of its own."""
        tokens = self.machine.tokens
        token = tokens[index]
        if token.kind not in DECLARATIONS or not first_on_line(self.machine.source, token):
            return False
        following = tokens[index + 1].kind
        if following not in TEXTS if token.kind in ("import", "test") else following != NAME:
            return False
        outermost = next((v for v in self.machine.values if isinstance(v, Token) and v.kind in CLOSER), None)
        source = self.machine.source
        return outermost is None or indentation(source, token) <= indentation(source, outermost)

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
        end = machine.tokens[machine.index - 1].end if machine.index else 0
        if not self.silent():
            report_unclosed(machine.source, opener, end, machine.tokens[machine.index], self.diagnostics)
        self.damage.between(machine.index, machine.index)
        closer = CLOSER[opener.kind]
        for height in range(len(machine.states), depth + 1, -1):
            innermost = machine.innermost_opener(machine.values[: height - 1]) == depth
            if innermost and machine.feeds(machine.states[:height], (closer,)):
                del machine.states[height:], machine.values[height - 1 :]
                machine.tokens.insert(machine.index, Token(closer, closer, end, end))
                return True
        del machine.states[depth + 1 :], machine.values[depth:]
        return True

    # --- a jump to the next statement ---

    def jump(self) -> bool:
        """Skip to what begins a statement or ends a part of one, and drop from the stack what it cuts short."""
        machine = self.machine
        openers = self.open_brackets()
        depth = 0
        for index in range(machine.index, len(machine.tokens)):
            kind = machine.tokens[index].kind
            if kind == END or self.begins_declaration(index):
                machine.index = self.jumped_to = index
                return self.innermost_opener() is not None or self.cut_back(index)
            if kind in CLOSER:
                depth += 1
            elif kind in CLOSER.values() and depth:
                depth -= 1
            elif not depth and (self.ends_part(index, openers) or (self.may_go_on_at(index) and self.cut_back(index))):
                machine.index = self.jumped_to = index
                return True
        return False

    def open_brackets(self) -> list[int]:
        """Where on the stack the brackets stand that are open and hold parts of a statement, innermost last."""
        values = self.machine.values
        found: list[int] = []
        height = self.machine.innermost_opener(values)
        while height is not None and values[height].kind != "{":
            found.append(height)
            height = self.machine.innermost_opener(values[:height])
        return found[::-1]

    def ends_part(self, index: int, openers: list[int]) -> bool:
        """Whether the token ends one of the things in round or square brackets; drops what it cuts short.

        A bracket that is closed with nothing sound in it is no longer among the `openers` then.
        """
        machine = self.machine
        kind = machine.tokens[index].kind
        if not openers:
            return False
        closer = CLOSER[machine.values[openers[-1]].kind]
        if kind not in (",", closer):
            return False
        for height in range(len(machine.states), openers[-1] + 1, -1):
            states = machine.states[:height]
            if machine.innermost_opener(machine.values[: height - 1]) in openers[-1:] and (
                machine.reach(states, index, index + 1) > index
            ):
                del machine.states[height:], machine.values[height - 1 :]
                return True
        if kind == closer:
            openers.pop()
        return False

    def may_go_on_at(self, index: int) -> bool:
        """Whether the token closes a block or begins a statement."""
        tokens = self.machine.tokens
        return tokens[index].kind == "}" or begins_statement(self.machine.source, tokens, index)

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
        if any(token.faulty for token in around) or index <= self.jumped_to + _SETTLED:
            return True
        return line_start(machine.source, machine.tokens[index].start) in self.lines

    def report(self, repair: Repair) -> None:
        machine = self.machine
        first = machine.tokens[machine.index - repair.back]
        if self.silent() or (not first.text and first.kind != END):
            return
        faults.report(machine, repair, self.diagnostics)
        if repair.reason not in _CERTAIN:
            self.lines |= {line_start(machine.source, token.start) for token in (first, machine.tokens[machine.index])}
