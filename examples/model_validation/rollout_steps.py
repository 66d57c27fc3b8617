"""The tasks of the rollout. The model is one threshold, on a signal that tells good devices from bad ones."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CASES = 4_000
CHAMPION = 1.4
"""The threshold in production."""

Case = tuple[float, bool]
"""The signal of a device, and whether the device is bad."""


def candidate(seed: int, workdir: str) -> dict[str, Any]:
    """The threshold that is right most often on one half of the cases; the other half is for the validation."""
    cases = _cases(seed, shift=0.0)
    training, holdout = cases[::2], cases[1::2]
    threshold = max((step / 20 for step in range(-20, 61)), key=lambda value: _accuracy(value, training))
    model = _write(Path(workdir) / "candidate.json", {"threshold": threshold})
    return {"model": model, "data": _write(Path(workdir) / "holdout.json", holdout)}


def offline_metrics(model: str, data: str) -> dict[str, float]:
    threshold, cases = _threshold(model), _read(data)
    bad = [signal for signal, is_bad in cases if is_bad]
    return {
        "accuracy": _accuracy(threshold, cases),
        "recall": round(sum(signal > threshold for signal in bad) / len(bad), 4),
    }


def simulation(model: str, seed: int) -> dict[str, float]:
    """Every device above the threshold is taken off the line."""
    threshold = _threshold(model)
    line = _cases(seed + 1, shift=0.0)
    return {"stopped": round(sum(signal > threshold for signal, _ in line) / len(line), 4)}


def champion_challenger(model: str, data: str) -> dict[str, float]:
    cases = _read(data)
    champion = _accuracy(CHAMPION, cases)
    return {"champion": champion, "lead": round(_accuracy(_threshold(model), cases) - champion, 4)}


def rollout(share: int, model: str, workdir: str) -> int:
    """Point that share of the traffic at the candidate. A second time it changes nothing."""
    _write(
        Path(workdir) / "traffic.json", {"candidate": share, "champion": 100 - share, "threshold": _threshold(model)}
    )
    print(f"the candidate serves {share} % of the traffic")
    return share


def monitor(model: str, promised: float, shift: float, seed: int) -> dict[str, float]:
    accuracy = _accuracy(_threshold(model), _cases(seed + 2, shift))
    drop = round(promised - accuracy, 4)
    print(f"accuracy {accuracy} in production, {promised} promised")
    return {"accuracy": accuracy, "drop": drop}


def roll_back(workdir: str) -> str:
    _write(Path(workdir) / "traffic.json", {"candidate": 0, "champion": 100, "threshold": CHAMPION})
    print("rolled back: the champion serves all traffic")
    return "champion"


def keep(workdir: str) -> str:
    _write(Path(workdir) / "champion.json", _read(str(Path(workdir) / "candidate.json")))
    return "candidate"


def _cases(seed: int, shift: float) -> list[Case]:
    """As many bad devices as good ones; `shift` moves what is measured, not what is true."""
    generator = random.Random(seed)
    bad = [generator.random() < 0.5 for _ in range(CASES)]
    return [(round(generator.gauss(2.0 if is_bad else 0.0, 1.0) + 2 * shift, 4), is_bad) for is_bad in bad]


def _accuracy(threshold: float, cases: Sequence[Case]) -> float:
    return round(sum((signal > threshold) == is_bad for signal, is_bad in cases) / len(cases), 4)


def _threshold(model: str) -> float:
    threshold: float = _read(model)["threshold"]
    return threshold


def _read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _write(path: Path, value: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)
