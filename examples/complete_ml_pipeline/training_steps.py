"""The tasks of the complete pipeline. Each gets and gives paths: the data stays in files, only its address travels.

Every task runs in a process of its own, so each imports what it needs itself: scikit-learn takes a while to load.
"""

import json
from pathlib import Path
from typing import Any


def start(workdir: str) -> str:
    Path(workdir).mkdir(parents=True, exist_ok=True)
    return workdir


def collect(workdir: str) -> dict[str, Any]:
    """Write the data with its label as the last column and say what is in it."""
    import numpy as np
    from sklearn.datasets import load_breast_cancer

    features, labels = load_breast_cancer(return_X_y=True)
    data = Path(workdir) / "data.npy"
    np.save(data, np.column_stack([features, labels]))
    minority_share = np.bincount(labels).min() / len(labels)
    return {
        "data": data,
        "rows": len(labels),
        "nulls": int(np.isnan(features).sum()),
        "minority_share": round(float(minority_share), 4),
    }


def preprocess(data: str, test_size: float, seed: int) -> dict[str, Any]:
    import numpy as np
    from sklearn.model_selection import train_test_split

    table = np.load(data)
    training, holdout = train_test_split(table, test_size=test_size, random_state=seed, stratify=table[:, -1])
    paths = {"training": Path(data).with_name("training.npy"), "holdout": Path(data).with_name("holdout.npy")}
    np.save(paths["training"], training)
    np.save(paths["holdout"], holdout)
    return dict(paths)


def train(data: str, seed: int) -> str:
    """Scale and fit in one model, so that nothing of the hold-out data leaks into the scaling."""
    import joblib
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    table = np.load(data)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1_000, random_state=seed))
    model.fit(table[:, :-1], table[:, -1])
    path = Path(data).with_name("model.joblib")
    joblib.dump(model, path)
    return str(path)


def evaluate(model: str, data: str) -> dict[str, Any]:
    import joblib
    import numpy as np
    from sklearn.metrics import accuracy_score, f1_score

    table = np.load(data)
    predicted = joblib.load(model).predict(table[:, :-1])
    scores = {
        "accuracy": round(float(accuracy_score(table[:, -1], predicted)), 4),
        "f1": round(float(f1_score(table[:, -1], predicted)), 4),
    }
    report = Path(model).with_name("metrics.json")
    report.write_text(json.dumps(scores), encoding="utf-8")
    print(f"accuracy {scores['accuracy']}, f1 {scores['f1']} on {len(table)} held-out rows")
    return {**scores, "report": report}


def register(model: str, accuracy: float, workdir: str) -> dict[str, Any]:
    """Add the model to the registry (here a file). A second time it keeps its version, so that a retry does no harm."""
    registry = Path(workdir) / "registry.json"
    entries = json.loads(registry.read_text(encoding="utf-8")) if registry.exists() else {}
    entry = entries.setdefault(model, {"version": f"v{len(entries) + 1}"})
    entry["accuracy"] = accuracy
    registry.write_text(json.dumps(entries), encoding="utf-8")
    print(f"registered {entry['version']}: accuracy {accuracy}")
    return {"version": entry["version"]}


def alert(accuracy: float, min_accuracy: float) -> None:
    print(f"not registered: accuracy {accuracy} is below {min_accuracy}")
