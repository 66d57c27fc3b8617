"""Random files by the grammar, as lists of tokens, and random blanks and comments between tokens.

They need not mean anything; every construct of the grammar occurs.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from pipec.diagnostics.model import Diagnostics
from pipec.syntax.lexer import tokenize
from pipec.syntax.source import Source

Words = list[str]

_NAMES = ["a", "b", "rows", "task", "after", "image", "wait", "target", "max_delay", "a_name_that_is_rather_long", "is"]
_VALUES = ["1", "10_000", "0.5", "1e-3", "true", "null", "2026-01-31", "1h30m", "16Gi", "'raw'", '"a ${b + 1} c"', '""']
_LONG = ["'''one\n  two\n'''", '"""\n\n   ${a}  \n"""', "'''x'''"]
_OPERATORS = ["??", "or", "and", "==", "<", "in", "not in", "+", "-", "*", "/", "%"]
_GAPS = [" ", " ", " ", "\n", "\t", "\r\n", "\n\n", "\n \n\n\n  "]
_COMMENTS = [
    " # note\n",
    "\n# a line\n",
    "\n## documents\n",
    " ## behind\n",
    "\n\n#apart\n\n",
    "#\n",
    "\n  # one\n\n  # two\n",
]


def spread(words: Words, random: Random, comments: float) -> str:
    """The words with random blanks between them, and comments between so many of them."""
    text = ""
    for word in words:
        text += random.choice(_COMMENTS) if random.random() < comments else random.choice(_GAPS)
        text += word
    return text + random.choice(("", "\n", "  \n\n", "\n# the end", " ## at the end\n"))


def words_of(text: str) -> Words:
    """The tokens of a text."""
    return [token.text for token in tokenize(Source("any", text), Diagnostics()).items[:-1]]


def random_words(random: Random) -> Words:
    """The tokens of a file."""
    return _File(random).file()


class _File:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.room = random.randint(5, 120)
        """How many more things there may be: then all are as simple as can be."""

    def maybe(self, make: Callable[[], Words], chance: float = 0.4) -> Words:
        return make() if self.random.random() < chance else []

    def separated(self, make: Callable[[], Words], least: int = 0, *, closed: bool = True) -> Words:
        """Things with commas between them, and maybe one behind the last where a bracket closes them."""
        number = self.random.choice((0, 1, 1, 2, 2, 3, 6)) if self.room > 0 else 0
        made: Words = []
        for index in range(max(least, number)):
            made += [","] * (index > 0) + make()
        return made + self.maybe(lambda: [","], 0.2) if made and closed else made

    def name(self) -> Words:
        """A name: some are so long that lines are just full."""
        return [self.random.choice(_NAMES) if self.random.random() < 0.9 else "n" * self.random.randint(1, 70)]

    def file(self) -> Words:
        items = [self.language, self.imported, self.const, self.alias, self.component, self.pipeline, self.test]
        words: Words = []
        while self.room > 0:
            words += self.random.choice(items)()
        return words

    # --- expressions and types ---

    def expression(self) -> Words:
        self.room -= 1
        if self.room <= 0:
            return self.atom()
        kind = self.random.random()
        if kind < 0.12:
            return [*self.expression(), "?", *self.expression(), ":", *self.expression()]
        if kind < 0.35:
            words = self.operand()
            for _ in range(self.random.choice((1, 1, 2, 3, 8))):
                words += [*self.random.choice(_OPERATORS).split(), *self.operand()]
            return words
        return self.operand()

    def operand(self) -> Words:
        if self.random.random() < 0.1:
            return [self.random.choice(("-", "not")), *self.operand()]
        words = self.atom()
        while self.random.random() < 0.3:
            words += self.random.choice((self.member, self.index, self.call, lambda: ["[", "*", "]"]))()
        return words

    def member(self) -> Words:
        return [".", *self.name()]

    def index(self) -> Words:
        return ["[", *self.separated(self.expression, 1), "]"]

    def call(self) -> Words:
        return ["(", *self.separated(self.argument), ")"]

    def argument(self) -> Words:
        return [*self.maybe(lambda: [*self.name(), "="]), *self.expression()]

    def atom(self) -> Words:
        self.room -= 1
        kind = self.random.random() if self.room > 0 else 0.0
        if kind < 0.35:
            return self.name()
        if kind < 0.6:
            return [self.random.choice(_VALUES)]
        if kind < 0.66:
            return [self.random.choice(_LONG)]
        if kind < 0.75:
            return ["(", *self.expression(), ")"]
        if kind < 0.88:
            return ["[", *self.separated(self.expression), "]"]
        return ["{", *self.separated(lambda: [*self.key(), ":", *self.expression()]), "}"]

    def key(self) -> Words:
        return self.name() if self.random.random() < 0.7 else ["'a key'"]

    def type(self) -> Words:
        self.room -= 1
        words = self.type_atom() + self.maybe(lambda: ["?"], 0.2)
        while self.random.random() < 0.2:
            words += ["|", *self.type_atom()]
        return words

    def type_atom(self) -> Words:
        kind = self.random.random() if self.room > 0 else 0.0
        if kind < 0.5:
            return [*self.name(), *self.maybe(self.member, 0.2)]
        if kind < 0.7:
            return ['"a literal"']
        if kind < 0.8:
            return ["(", *self.type(), ")"]
        return ["list", "[", *self.separated(self.type, 1, closed=False), "]"]

    # --- items of a file ---

    def language(self) -> Words:
        self.room -= 1
        return ["language", "1"]

    def imported(self) -> Words:
        self.room -= 1
        return ["import", '"lib/a.pipe"', "as", *self.name()]

    def const(self) -> Words:
        return ["const", *self.name(), *self.maybe(lambda: [":", *self.type()]), "=", *self.expression()]

    def alias(self) -> Words:
        return ["type", *self.name(), "=", *self.type()]

    def component(self) -> Words:
        head = ["component", *self.name(), *self.maybe(self.parameters), *self.maybe(self.results)]
        return [*head, *self.implementation(), *self.maybe(self.body)]

    def pipeline(self) -> Words:
        return ["pipeline", *self.name(), *self.maybe(self.parameters), *self.maybe(self.results), *self.block()]

    def test(self) -> Words:
        words = ["test", '"a title"', "for", *self.name(), "{"]
        for _ in range(self.random.randint(0, 4)):
            words += self.random.choice((self.given, self.expect, self.option))()
        return [*words, "}"]

    def given(self) -> Words:
        outcome = ["is", "failed"] if self.random.random() < 0.4 else ["=", *self.expression()]
        return ["given", *self.expression(), *outcome]

    def expect(self) -> Words:
        subjects = self.separated(self.expression, 1, closed=False)
        return ["expect", *subjects, "is", "success"] if self.random.random() < 0.7 else ["expect", *self.expression()]

    def parameters(self) -> Words:
        return ["(", *self.separated(self.parameter), ")"]

    def parameter(self) -> Words:
        return [*self.name(), ":", *self.type(), *self.maybe(lambda: ["=", *self.expression()])]

    def results(self) -> Words:
        if self.random.random() < 0.4:
            return ["->", *self.type()]
        return ["->", "{", *self.separated(lambda: [*self.name(), ":", *self.type()]), "}"]

    # --- statements ---

    def implementation(self) -> Words:
        return ["=", *self.name(), *self.maybe(self.member, 0.2), *self.maybe(self.call, 0.8)]

    def references(self) -> Words:
        return self.separated(self.reference, 1, closed=False)

    def reference(self) -> Words:
        return [*self.name(), *self.maybe(self.index, 0.2)]

    def after(self) -> Words:
        return ["after", *self.references()]

    def statements(self, *makers: Callable[[], Words]) -> Words:
        words = ["{"]
        for _ in range(self.random.choice((0, 1, 1, 2, 4))):
            if self.room > 0:
                words += self.random.choice(makers)()
        return [*words, "}"]

    def body(self) -> Words:
        self.room -= 1
        return self.statements(self.option, self.option, self.option, self.require, self.on, self.target)

    def block(self) -> Words:
        self.room -= 1
        tasks = (self.task, self.task, self.task, self.wait, self.gate, self.approval, self.conditional)
        loops = (self.loop, self.mapped, self.group, self.order, self.last, self.returned)
        return self.statements(self.option, self.const, self.require, self.on, self.target, *tasks, *loops)

    def option(self) -> Words:
        return [*self.name(), "=", *self.expression()]

    def require(self) -> Words:
        return ["require", *self.expression(), *self.maybe(lambda: ["else", *self.expression()])]

    def on(self) -> Words:
        return ["on", *self.separated(self.name, 1, closed=False), "=", *self.expression()]

    def target(self) -> Words:
        return ["target", "airflow", *self.statements(self.option)]

    def task(self) -> Words:
        inputs = self.maybe(lambda: ["(", *self.separated(self.binding), ")"])
        head = ["task", *self.name(), *inputs, *self.maybe(self.results), *self.maybe(self.after, 0.3)]
        return [*head, *self.maybe(self.implementation, 0.8), *self.maybe(self.body)]

    def binding(self) -> Words:
        return [*self.name(), *self.maybe(lambda: ["=", *self.expression()], 0.7)]

    def wait(self) -> Words:
        return ["wait", *self.name(), *self.maybe(self.after), *self.implementation(), *self.maybe(self.body)]

    def gate(self) -> Words:
        return ["gate", *self.name(), *self.maybe(self.after), *self.body()]

    def approval(self) -> Words:
        return ["approval", *self.name(), *self.maybe(self.after), *self.maybe(self.body)]

    def conditional(self) -> Words:
        words = ["if", *self.expression(), *self.maybe(lambda: ["as", *self.name()]), *self.block()]
        return words + self.maybe(lambda: ["else", *(self.conditional() if self.room > 0 else self.block())])

    def loop(self) -> Words:
        return ["for", *self.separated(self.variable, 1, closed=False), *self.block()]

    def variable(self) -> Words:
        return [*self.name(), "in", *self.expression()]

    def mapped(self) -> Words:
        return ["map", *self.variable(), *self.block()]

    def group(self) -> Words:
        return ["group", *self.name(), *self.block()]

    def last(self) -> Words:
        return ["finally", *self.block()]

    def order(self) -> Words:
        words = ["order", *self.reference()]
        for _ in range(self.random.choice((1, 1, 2, 5))):
            several = ["[", *self.separated(self.reference, 1), "]"]
            words += ["->", *(several if self.random.random() < 0.5 else self.reference())]
        return words

    def returned(self) -> Words:
        return ["return", *self.expression()]
