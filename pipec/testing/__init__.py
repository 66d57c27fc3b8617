"""`test` blocks played: the engine by a virtual clock, what is given in place of code, and what is expected of it."""

from __future__ import annotations

from pipec.testing.running import run_test as run_test
from pipec.testing.running import run_tests as run_tests
