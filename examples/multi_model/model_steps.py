"""The tasks of the comparison. scikit-learn takes a while to load, so only the tasks that need it do so."""

import json
import shutil
from pathlib import Path
from typing import Any


def split(test_size: float, seed: int, workdir: str) -> dict[str, Any]:
    """The label is the last column; both parts keep the classes' shares."""
    import numpy as np
    from sklearn.datasets import load_wine
    from sklearn.model_selection import train_test_split

    features, labels = load_wine(return_X_y=True)
    table = np.column_stack([features, labels])
    training, holdout = train_test_split(table, test_size=test_size, random_state=seed, stratify=labels)
    paths = {"training": Path(workdir) / "training.npy", "holdout": Path(workdir) / "holdout.npy"}
    paths["training"].parent.mkdir(parents=True, exist_ok=True)
    np.save(paths["training"], training)
    np.save(paths["holdout"], holdout)
    return dict(paths)


def train(model_type: str, data: str, seed: int) -> str:
    import joblib
    import numpy as np
    from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier

    models = {
        "random_forest": RandomForestClassifier(n_estimators=50, random_state=seed),
        "xgboost": GradientBoostingClassifier(n_estimators=20, random_state=seed),
        "lightgbm": HistGradientBoostingClassifier(max_iter=20, random_state=seed),
    }
    table = np.load(data)
    model = models[model_type].fit(table[:, :-1], table[:, -1])
    path = Path(data).with_name(f"{model_type}.joblib")
    joblib.dump(model, path)
    return str(path)


def evaluate(model: str, data: str) -> dict[str, Any]:
    import joblib
    import numpy as np
    from sklearn.metrics import accuracy_score, f1_score

    table = np.load(data)
    predicted = joblib.load(model).predict(table[:, :-1])
    accuracy = round(float(accuracy_score(table[:, -1], predicted)), 4)
    print(f"{Path(model).stem}: accuracy {accuracy} on {len(table)} held-out rows")
    return {"accuracy": accuracy, "f1": round(float(f1_score(table[:, -1], predicted, average="macro")), 4)}


def select(model_types: list[str], models: list[str], accuracies: list[float]) -> dict[str, Any]:
    """Of equally good ones the first."""
    chosen = max(range(len(models)), key=lambda number: accuracies[number])
    return {"best": model_types[chosen], "model": models[chosen], "accuracy": accuracies[chosen]}


def save(best: str, model: str, accuracy: float, workdir: str) -> str:
    """The winner under a name that does not change, with a card that says what it is."""
    saved = Path(workdir) / "best.joblib"
    shutil.copyfile(model, saved)
    saved.with_suffix(".json").write_text(json.dumps({"model_type": best, "accuracy": accuracy}), encoding="utf-8")
    print(f"saved {best}: accuracy {accuracy}")
    return str(saved)
