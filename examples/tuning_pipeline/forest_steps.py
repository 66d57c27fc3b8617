"""The tasks of the tuning: a random forest of scikit-learn on the breast cancer data that comes with it."""

import json
import pickle
from pathlib import Path
from typing import Any

GRID = {"n_estimators": [20, 60], "max_depth": [3, 6]}
LABEL = "target"


def load(workdir: str) -> dict[str, str]:
    from sklearn.datasets import load_breast_cancer

    path = _place(workdir, "table.csv")
    load_breast_cancer(as_frame=True).frame.to_csv(path, index=False)
    return {"table": str(path)}


def split(table: str, test_size: float, workdir: str) -> dict[str, str]:
    """Both parts have as many of each kind as the whole."""
    import pandas
    from sklearn.model_selection import train_test_split

    rows = pandas.read_csv(table)
    training, test = train_test_split(rows, test_size=test_size, random_state=0, stratify=rows[LABEL])
    written = {"training": _place(workdir, "training.csv"), "test": _place(workdir, "test.csv")}
    training.to_csv(written["training"], index=False)
    test.to_csv(written["test"], index=False)
    return {name: str(path) for name, path in written.items()}


def search(training: str) -> dict[str, Any]:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import GridSearchCV

    features, labels = _read(training)
    found = GridSearchCV(RandomForestClassifier(random_state=0), GRID, scoring="f1", cv=3).fit(features, labels)
    best = found.best_params_
    return {"trees": best["n_estimators"], "depth": best["max_depth"], "score": round(float(found.best_score_), 4)}


def train(training: str, trees: int, depth: int, workdir: str) -> dict[str, str]:
    from sklearn.ensemble import RandomForestClassifier

    features, labels = _read(training)
    model = RandomForestClassifier(n_estimators=trees, max_depth=depth, random_state=0).fit(features, labels)
    path = _place(workdir, "model.pickle")
    path.write_bytes(pickle.dumps(model))
    return {"model": str(path)}


def evaluate(model: str, test: str, workdir: str) -> dict[str, Any]:
    from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

    features, labels = _read(test)
    found = pickle.loads(Path(model).read_bytes()).predict(features)
    measures = {"accuracy": accuracy_score, "f1": f1_score, "precision": precision_score, "recall": recall_score}
    scores = {name: round(float(measure(labels, found)), 4) for name, measure in measures.items()}
    path = _place(workdir, "scores.json")
    path.write_text(json.dumps(scores), "utf-8")
    return {"scores": str(path), **scores}


def _place(workdir: str, name: str) -> Path:
    Path(workdir).mkdir(parents=True, exist_ok=True)
    return Path(workdir) / name


def _read(path: str) -> tuple[Any, Any]:
    """Features and labels."""
    import pandas

    rows = pandas.read_csv(path)
    return rows.drop(columns=LABEL), rows[LABEL]
