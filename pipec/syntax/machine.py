"""The LALR automaton: shifts tokens, reduces them to nodes, and asks the recovery where a token does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipec.syntax.layout import first_on_line
from pipec.syntax.source import Source
from pipec.syntax.tables import Callback, Reduction, tables
from pipec.syntax.tokens import CLOSER, END, NAME, RESERVED, STATEMENTS, Token

# The reductions before a token: the one state taken off by a reduction that passes its value on, else the states and
# values taken off, and how many things the first of them held where it is a list that was extended (else -1).
Undo = list[int | tuple[list[int], list[Any], int]]


class Machine:
    """One parse of a list of tokens; `callbacks` build the nodes, by the number of the rule.

    `states` has one entry more than `values`; the last is the current state. Line ends mean nothing, but where there is
    a fault anyway they tell a keyword from a name: with `by_lines`. Without it `doubtful` holds the offsets of names
    that would be keywords with it, and of the names after them.
    """

    def __init__(self, source: Source, tokens: list[Token], start: str, callbacks: list[Callback]) -> None:
        self.source = source
        self.tokens = tokens
        self.actions = tables().actions
        self.gotos = tables().gotos
        self.soft = tables().keywords - RESERVED
        self.callbacks = callbacks
        self.final = tables().last[start]
        self.start = start
        self.by_lines = False
        self.doubtful: set[int] = set()
        self.begins = 0  # how often it began with the first token
        self.restart()

    def restart(self) -> None:
        """Begin anew, after the tokens have changed."""
        self.begins += 1
        self.states = [tables().first[self.start]]
        self.values: list[Any] = []
        self.index = 0
        self.undo_before: Undo = []  # the reductions before the token that was shifted last

    def run(self) -> Any:
        """The value of the start symbol, or None where a token does not fit: it is the one at `index`.

        The stacks are then as they were when that token came. After the recovery has changed `tokens`, `index` or the
        stacks, running goes on from there.
        """
        actions, gotos, soft, callbacks = self.actions, self.gotos, self.soft, self.callbacks
        tokens, states, values, final = self.tokens, self.states, self.values, self.final
        index = self.index
        before: Undo = []
        undo: Undo = []
        while True:
            token = tokens[index]
            kind = token.kind
            if kind in soft:
                kind = self.resolved(states, index)
            before, undo = undo, before
            undo.clear()
            action = actions[states[-1]].get(kind)
            while isinstance(action, Reduction):
                rule, origin, size, passes, extends = action
                if passes:
                    undo.append(states.pop())
                elif size:
                    children = values[-size:]
                    undo.append((states[-size:], children, len(children[0].children) if extends else -1))
                    del values[-size:], states[-size:]
                    values.append(callbacks[rule](children))
                else:
                    undo.append(([], [], -1))
                    values.append(callbacks[rule]([]))
                state = gotos[states[-1]][origin]
                states.append(state)
                action = actions[state].get(kind)
            if kind == END and states[-1] == final:
                return values[-1]
            if action is None:
                self.index = index
                self.take_back(states, values, undo)
                self.undo_before = before.copy()
                return None
            if kind != token.kind:
                token = Token(NAME, token.text, token.start, token.end, token.faulty)
            states.append(action)
            values.append(token)
            index += 1

    @staticmethod
    def take_back(states: list[int], values: list[Any], undo: Undo) -> None:
        """Undo reductions: a token that does not fit must not have changed what it did not fit."""
        for taken in reversed(undo):
            states.pop()
            if isinstance(taken, int):
                states.append(taken)
                continue
            popped, children, held = taken
            states += popped
            values.pop()
            values += children
            if held >= 0:
                del children[0].children[held:]

    def unshift(self, states: list[int], values: list[Any]) -> None:
        """Take the last token off these stacks again, with the reductions that it brought about."""
        states.pop()
        values.pop()
        self.take_back(states, values, self.undo_before)

    def height_of(self, token: Token) -> int | None:
        """How many values stand below a token on the stack; None where it has become part of something."""
        for height in reversed(range(len(self.values))):
            value = self.values[height]
            if isinstance(value, Token) and value.start == token.start and value.text == token.text:
                return height
            if isinstance(value, Token) and value.start < token.start:
                return None
        return None

    def rewound(self, back: int) -> list[int] | None:
        """A copy of the states as they were some tokens ago; None where those tokens have become part of something."""
        states = list(self.states)
        if not back:
            return states
        height = self.height_of(self.tokens[self.index - back])
        if height is None:
            return None
        del states[height + 1 :]
        if height == len(self.values) - 1:
            for taken in reversed(self.undo_before):
                states.pop()
                states += [taken] if isinstance(taken, int) else taken[0]
        return states

    def innermost_opener(self, values: list[Any]) -> int | None:
        """Where on a stack of values the bracket stands that was opened last and is still open."""
        closed = 0
        for position in reversed(range(len(values))):
            kind = values[position].kind if isinstance(values[position], Token) else None
            if kind in CLOSER.values():
                closed += 1
            elif kind in CLOSER:
                if not closed:
                    return position
                closed -= 1
        return None

    def resolved(self, states: list[int], index: int) -> str:
        """The kind of a keyword that is not reserved: a name where only a name can stand, and before `=`."""
        keyword = self.tokens[index].kind
        actions = self.actions[states[-1]]
        if NAME not in actions:
            return keyword
        following = self.tokens[index + 1].kind
        if keyword in actions:
            return NAME if following == "=" else keyword
        if following == NAME and self.tokens[index + 2].kind != "=":
            return keyword  # two names side by side are nothing, but `task name` is
        if following == NAME and keyword in STATEMENTS and self.heads_line(index):
            if self.by_lines:
                return keyword
            self.doubtful |= {self.tokens[index].start, self.tokens[index + 1].start}
        return NAME if self.feeds(states, (NAME, following)) or following in self.soft else keyword

    def heads_line(self, index: int) -> bool:
        """Whether a keyword begins a line and a name follows on it, as in a statement; it may be a name anyway."""
        between = self.source.text[self.tokens[index].end : self.tokens[index + 1].start]
        return "\n" not in between and first_on_line(self.source, self.tokens[index])

    def feeds(self, states: list[int], kinds: Sequence[str]) -> bool:
        """Whether these kinds of tokens fit one after the other from the given stack of states."""
        trial = list(states)
        return all(self.advance(trial, kind) for kind in kinds)

    def advance(self, states: list[int], kind: str) -> bool:
        """Shift one kind of token on a stack of states, with the reductions before it; False where it does not fit."""
        action = self.actions[states[-1]].get(kind)
        while isinstance(action, Reduction):
            if action.size:
                del states[-action.size :]
            states.append(self.gotos[states[-1]][action.origin])
            action = self.actions[states[-1]].get(kind)
        if action is None:
            return kind == END and states[-1] == self.final
        states.append(action)
        return True

    def reach(self, states: list[int], index: int, stop: int) -> int:
        """The first token from `index` on that does not fit on this stack of states, looking no further than `stop`."""
        while index < min(stop, len(self.tokens)):
            kind = self.tokens[index].kind
            if kind in self.soft:
                kind = self.resolved(states, index)
            if not self.advance(states, kind):
                break
            index += 1
        return index

    def accepted(self, states: list[int]) -> set[str]:
        """The kinds of tokens that fit next."""
        if states[-1] == self.final:
            return {END}
        return {kind for kind in self.actions[states[-1]] if self.feeds(states, (kind,))}
