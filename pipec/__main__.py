"""`python -m pipec` is `pipec`."""

from pipec.cli import program

program()
