"""Random inputs of the front end, each told by its seed and number alone."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.faults.edits import examples
from tests.fuzz.sentences import sentence
from tests.fuzz.words import blank, word


def random_input(seed: int, number: int) -> str | bytes:
    """The input of a number: one of the kinds in turn."""
    generator = random.Random(f"{seed}/{number}")
    return KINDS[number % len(KINDS)](generator)


def tokens(generator: random.Random) -> str:
    """Words in any order."""
    return "".join(word(generator) + blank(generator) for _ in range(generator.randrange(1, 120)))


def pipeline_of_tokens(generator: random.Random) -> str:
    """Words in any order where statements are expected."""
    return f"pipeline p(x: int = 1) {{\n  task a -> int = python('m:f')\n{tokens(generator)}\n}}"


def mutated_sentence(generator: random.Random) -> str:
    return mutated(sentence(generator), generator)


def mutated_example(generator: random.Random) -> str:
    return mutated(generator.choice(examples()).text, generator)


def spliced_examples(generator: random.Random) -> str:
    """Pieces of examples, cut and joined at lines or anywhere."""
    pieces: list[str] = []
    for _ in range(generator.randrange(2, 5)):
        text = generator.choice(examples()).text
        if generator.random() < 0.5:
            lines = text.splitlines(keepends=True)
            start = generator.randrange(len(lines))
            pieces += lines[start : start + generator.randrange(1, 40)]
        else:
            start = generator.randrange(len(text))
            pieces.append(text[start : start + generator.randrange(1, 800)])
    return "".join(pieces)


def mutated(text: str, generator: random.Random) -> str:
    """A text with some pieces cut out, doubled, moved or replaced by a word."""
    for _ in range(generator.choice((1, 1, 2, 3, 8, 30))):
        start = generator.randrange(len(text) + 1)
        end = min(len(text), start + generator.choice((0, 1, 1, 3, 12, 60)))
        piece = text[start:end]
        other = generator.randrange(len(text) + 1)
        put = generator.choice(("", piece * 2, word(generator), f" {word(generator)} ", text[other : other + 20]))
        text = text[:start] + put + text[end:]
    return text


def random_bytes(generator: random.Random) -> bytes:
    """Bytes at random, or an example with some bytes changed."""
    if generator.random() < 0.5:
        return generator.randbytes(generator.randrange(200))
    content = bytearray(generator.choice(examples()).text.encode())
    for _ in range(generator.randrange(1, 6)):
        content[generator.randrange(len(content))] = generator.randrange(256)
    return bytes(content)


KINDS: tuple[Callable[[random.Random], str | bytes], ...] = (
    tokens,
    mutated_example,
    sentence,
    pipeline_of_tokens,
    spliced_examples,
    mutated_sentence,
    mutated_example,
    random_bytes,
)
