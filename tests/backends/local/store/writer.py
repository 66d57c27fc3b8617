"""A process that writes a run: `python -m tests.backends.local.store.writer FOLDER COUNT`.

It says the id of its run, then the number of every batch of entries as soon as the batch is written.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pipec.backends.local.store.store import RunStore

from tests.backends.local.store.samples import attempt, start


def main(folder: str, count: str) -> None:
    store = RunStore.open(Path(folder))
    journal = store.new_run(start())
    os.write(1, f"{journal.run_id}\n".encode())
    for number in range(int(count)):
        journal.append(attempt(f"t{number}", outputs={"n": number, "text": "x" * (number % 5000)}))
        assert journal.trouble is None, journal.trouble
        os.write(1, f"{number}\n".encode())
    journal.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
