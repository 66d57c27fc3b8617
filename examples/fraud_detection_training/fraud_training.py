"""What the container runs: logistic regression on the features of payments.

It gets its inputs as environment variables and writes its outputs to files, as every container task does.
"""

import argparse
import json
import math
import os
from pathlib import Path

STEP = 1.0

Rows = list[list[float]]
"""Features, and whether it was fraud (0 or 1) as the last column."""


def train(rows: Rows, rounds: int) -> list[float]:
    """Gradient descent on the likelihood; the first weight is that of a constant."""
    weights = [0.0] * len(rows[0])
    for _ in range(rounds):
        slopes = [0.0] * len(weights)
        for *features, label in rows:
            row = (1.0, *features)
            error = 1.0 / (1.0 + math.exp(-sum(map(float.__mul__, weights, row)))) - label
            slopes = [slope + error * value for slope, value in zip(slopes, row, strict=True)]
        weights = [weight - STEP * slope / len(rows) for weight, slope in zip(weights, slopes, strict=True)]
    return weights


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, required=True)
    rounds = parser.parse_args().rounds
    rows = json.loads(Path(os.environ["FEATURES"]).read_text(encoding="utf-8"))
    model = Path(os.environ["MODEL"])
    model.write_text(json.dumps(train(rows, rounds)), encoding="utf-8")
    print(f"trained on {len(rows)} payments up to {os.environ['DAY']}")
    outputs = Path(os.environ["PIPEC_OUTPUTS"])
    (outputs / "model").write_text(str(model), encoding="utf-8")
    (outputs / "rows").write_text(str(len(rows)), encoding="utf-8")


if __name__ == "__main__":
    main()
