# mypy: ignore-errors
"""The example `tuning_pipeline` as it is written with the SDK."""

from typing import NamedTuple

from kfp import dsl, kubernetes

PACKAGES = ["pandas==2.3.3", "scikit-learn==1.7.2"]


@dsl.component(base_image="python:3.12", packages_to_install=PACKAGES)
def load(workdir: str, table: dsl.Output[dsl.Dataset]):
    from sklearn.datasets import load_breast_cancer

    load_breast_cancer(as_frame=True).frame.to_csv(table.path, index=False)


@dsl.component(base_image="python:3.12", packages_to_install=PACKAGES)
def split(
    table: dsl.Input[dsl.Dataset],
    test_size: float,
    workdir: str,
    training: dsl.Output[dsl.Dataset],
    test: dsl.Output[dsl.Dataset],
):
    import pandas
    from sklearn.model_selection import train_test_split

    rows = pandas.read_csv(table.path)
    kept, held_out = train_test_split(rows, test_size=test_size, random_state=0, stratify=rows["target"])
    kept.to_csv(training.path, index=False)
    held_out.to_csv(test.path, index=False)


@dsl.component(base_image="python:3.12", packages_to_install=PACKAGES)
def search(
    training: dsl.Input[dsl.Dataset],
) -> NamedTuple("Outputs", [("trees", int), ("depth", int), ("score", float)]):
    import pandas
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import GridSearchCV

    rows = pandas.read_csv(training.path)
    grid = {"n_estimators": [20, 60], "max_depth": [3, 6]}
    found = GridSearchCV(RandomForestClassifier(random_state=0), grid, scoring="f1", cv=3)
    found.fit(rows.drop(columns="target"), rows["target"])
    return found.best_params_["n_estimators"], found.best_params_["max_depth"], float(found.best_score_)


@dsl.component(base_image="python:3.12", packages_to_install=PACKAGES)
def train(
    training: dsl.Input[dsl.Dataset],
    trees: int,
    depth: int,
    workdir: str,
    model: dsl.Output[dsl.Model],
):
    import pickle

    import pandas
    from sklearn.ensemble import RandomForestClassifier

    rows = pandas.read_csv(training.path)
    forest = RandomForestClassifier(n_estimators=trees, max_depth=depth, random_state=0)
    forest.fit(rows.drop(columns="target"), rows["target"])
    with open(model.path, "wb") as file:
        pickle.dump(forest, file)


@dsl.component(base_image="python:3.12", packages_to_install=PACKAGES)
def evaluate(
    model: dsl.Input[dsl.Model],
    test: dsl.Input[dsl.Dataset],
    workdir: str,
    scores: dsl.Output[dsl.Metrics],
) -> NamedTuple("Outputs", [("accuracy", float), ("f1", float), ("precision", float), ("recall", float)]):
    import pickle

    import pandas
    from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

    rows = pandas.read_csv(test.path)
    with open(model.path, "rb") as file:
        found = pickle.load(file).predict(rows.drop(columns="target"))
    measures = {"accuracy": accuracy_score, "f1": f1_score, "precision": precision_score, "recall": recall_score}
    values = {name: float(measure(rows["target"], found)) for name, measure in measures.items()}
    for name, value in values.items():
        scores.log_metric(name, value)
    return tuple(values.values())


@dsl.pipeline(
    name="tuning-pipeline",
    description="Find the best random forest for a table of measurements, train it, and judge it on rows it has never"
    " seen.",
)
def pipeline(test_size: float = 0.25, workdir: str = "/tmp/tuning_pipeline"):
    loaded = load(workdir=workdir).set_caching_options(True)
    parts = split(table=loaded.outputs["table"], test_size=test_size, workdir=workdir).set_caching_options(True)
    best = search(training=parts.outputs["training"]).set_caching_options(True)
    trained = train(
        training=parts.outputs["training"],
        trees=best.outputs["trees"],
        depth=best.outputs["depth"],
        workdir=workdir,
    )
    trained.set_caching_options(True)
    trained.set_cpu_request("4").set_cpu_limit("4")
    trained.set_memory_request("8Gi").set_memory_limit("8Gi")
    trained.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)
    kubernetes.add_node_selector(trained, "cloud.google.com/gke-accelerator", "nvidia-tesla-t4")
    kubernetes.set_timeout(trained, 7200)
    evaluate(
        model=trained.outputs["model"],
        test=parts.outputs["test"],
        workdir=workdir,
    ).set_caching_options(True)
