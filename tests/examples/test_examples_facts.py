"""What the originals of the examples promise: schedules, deadlines, retries, resources, thresholds, parallel groups."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipec.analysis.intervals import intervals
from pipec.engine.retries import retry_delay
from pipec.ir.model import ApprovalRequest, ContainerImage, Options, Pipeline, Task, WaitCondition
from tests.examples.test_examples_plan import pipelines_of, plan_of

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
GI = 2**30


def pipeline(name: str) -> Pipeline:
    """That of the folder `name`, or, after a dot, another one of the folder."""
    folder, _, own = name.partition(".")
    [found] = [each for each in pipelines_of(folder) if each.name == (own or folder)]
    return found


def task(name: str, id: str) -> Task:
    return pipeline(name).task(id)


def options(name: str, id: str) -> Options:
    return task(name, id).options


# --- when they run -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "first_two", "runs_a_week"),
    [
        ("yield_model_retrain_daily", ["01T02:00+00:00", "02T02:00+00:00"], 7),
        ("multi_fab", ["01T00:00+00:00", "01T01:00+00:00"], 7 * 24),
        ("stdf_quality", ["01T00:00+00:00", "01T00:15+00:00"], 7 * 24 * 4),
        ("ml_training_pipeline", ["01T00:00+01:00", "02T00:00+01:00"], 7),
        ("fraud_detection_training", ["01T02:00+00:00", "02T02:00+00:00"], 7),
        ("credit_scoring", ["01T00:00+01:00"], 1),
        ("templates.recommendation_training", ["01T00:00+01:00", "02T00:00+01:00"], 7),
        ("templates.fraud_training", ["01T00:00+00:00", "01T01:00+00:00"], 7 * 24),
        ("templates.recommendation_evaluation", ["04T00:00+01:00"], 1),
    ],
)
def test_schedules(name: str, first_two: list[str], runs_a_week: int) -> None:
    """In the first week of 2026, of which the fourth day is a Sunday."""
    found = intervals(pipeline(name), date(2026, 1, 1), date(2026, 1, 7))
    moments = [interval.timestamp.isoformat(timespec="minutes").removeprefix("2026-01-") for interval in found]
    assert moments[:2] == first_two
    assert len(moments) == runs_a_week


def test_multi_fab_makes_up_for_90_days() -> None:
    found = intervals(pipeline("multi_fab"), date(2026, 1, 1), date(2026, 3, 31))
    assert len(found) == 90 * 24
    assert pipeline("multi_fab").catchup


@pytest.mark.parametrize(
    ("name", "schedule"),
    [
        ("model_validation", None),
        ("event_training", None),
        ("distributed_training", None),
        ("spot_training", None),
        ("cross_product_validation", None),
        ("medical_imaging", None),
        ("shadow_rollout", {"kind": "asset", "uri": "s3://stream/machine-events"}),
    ],
)
def test_what_no_clock_starts(name: str, schedule: dict[str, Any] | None) -> None:
    found = pipeline(name).schedule
    assert (found.model_dump() if found is not None else None) == schedule


def test_adaptive_training_starts_at_two_and_when_it_is_urgent() -> None:
    found = pipeline("adaptive_training").schedule
    assert found is not None
    assert found.model_dump() == {
        "kind": "or",
        "members": (
            {"kind": "cron", "expression": "0 2 * * *", "timezone": "Europe/Berlin"},
            {"kind": "asset", "uri": "s3://monitoring/forecast-drift"},
        ),
    }


# --- how long they take --------------------------------------------------------------------------


def test_yield_model_retrain_daily_keeps_its_deadline_of_240_minutes() -> None:
    plan = plan_of("yield_model_retrain_daily")
    assert plan.deadline == 240 * MINUTE
    assert (plan.critical_path_length, plan.deadline_margin) == (125 * MINUTE, 115 * MINUTE)
    assert plan.critical_path == (
        "extract",
        "validate",
        "features",
        "train",
        "validate_model",
        "better",
        "deploy",
    )


@pytest.mark.parametrize(
    ("name", "minutes", "width"),
    [
        ("multi_fab", 23, 3),
        ("model_validation", 180, 1),
        ("ml_training_pipeline", 34, 1),
        ("fraud_detection_training", 160, 1),
        ("adaptive_training", 195, 1),
        ("distributed_training", 540, 1),
        ("spot_training", 366, 1),
        ("cross_product_validation", 192, 8),
        ("shadow_rollout", 110, 1),
        ("medical_imaging", 555, 3),
        ("credit_scoring", 1630, 2),
    ],
)
def test_critical_paths(name: str, minutes: float, width: int) -> None:
    plan = plan_of(name)
    assert (plan.critical_path_length / MINUTE, plan.width) == (minutes, width)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("multi_fab", ('arrived["dresden"]', 'arrived["villach"]', 'arrived["kulim"]')),
        ("medical_imaging", ('train["resnet"]', 'train["densenet"]', 'train["efficientnet"]')),
        ("credit_scoring", ('train["scorecard"]', 'train["logistic"]')),
        (
            "cross_product_validation",
            tuple(
                f'validate["{line}"]'
                for line in ("logic", "memory", "power", "analog", "rf", "sensor", "automotive", "display")
            ),
        ),
    ],
)
def test_what_goes_on_at_once(name: str, level: tuple[str, ...]) -> None:
    assert level in plan_of(name).levels


def test_model_validation_rolls_out_in_steps() -> None:
    order = [id for id in plan_of("model_validation").critical_path if id.startswith(("release", "rollout", "monitor"))]
    assert order == ["release", "rollout[5]", "rollout[50]", "rollout[100]", "monitor"]


# --- retries and resources -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "id", "timeout_hours", "delays_in_minutes"),
    [
        ("yield_model_retrain_daily", "train", 2, [5, 10, 20]),
        ("fraud_detection_training", "train", 4, [10, 10, 10]),
        ("distributed_training", "train", 12, [0]),
        ("spot_training", "train_medium", 8, [15, 30, 60, 120, 120]),
    ],
)
def test_retries(name: str, id: str, timeout_hours: float, delays_in_minutes: list[float]) -> None:
    found = options(name, id)
    assert found.timeout == timeout_hours * HOUR
    assert found.retry is not None
    waits = [retry_delay(found.retry, number) / MINUTE for number in range(1, found.retry.max + 1)]
    assert waits == delays_in_minutes


@pytest.mark.parametrize(
    ("name", "id", "cpu", "memory", "gpu", "limits"),
    [
        ("fraud_detection_training", "train", 8, 32 * GI, None, {"cpu": 16, "memory": 64 * GI, "gpu": 1}),
        ("distributed_training", "train", 32, 128 * GI, 8, {}),
        ("spot_training", "train_small", 4, 8 * GI, 0, {}),
        ("spot_training", "train_medium", 16, 32 * GI, 1, {}),
        ("spot_training", "train_large", 32, 128 * GI, 4, {}),
        ("adaptive_training", "train_urgent", 16, 64 * GI, 4, {}),
        ("adaptive_training", "train_normal", 4, 16 * GI, None, {}),
        ("templates.recommendation_training", "fit", 8, 32 * GI, 1, {}),
        ("templates.fraud_training", "fit", 2, 4 * GI, None, {}),
        ("medical_imaging", 'train["resnet"]', 8, 64 * GI, 1, {}),
    ],
)
def test_resources(name: str, id: str, cpu: float, memory: int, gpu: int | None, limits: dict[str, Any]) -> None:
    found = options(name, id).resources
    assert found is not None
    assert (found.cpu, found.memory, found.gpu, found.limits) == (cpu, memory, gpu, limits)


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_spot_training_is_placed_on_spot_machines(size: str) -> None:
    found = options("spot_training", f"train_{size}").resources
    assert found is not None
    assert found.tolerations == ("node-lifecycle=spot:NoSchedule",)
    assert found.node_selector == {"node-lifecycle": "spot"}


def test_distributed_training_asks_for_a_machine_with_a100() -> None:
    found = options("distributed_training", "train").resources
    assert found is not None
    [term] = found.affinity["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term == {"matchExpressions": [{"key": "node-type", "operator": "In", "values": ["gpu-a100"]}]}


def test_fraud_detection_training_mounts_its_secret() -> None:
    train = task("fraud_detection_training", "train")
    assert isinstance(train.implementation, ContainerImage)
    assert {"name": "warehouse-key", "secret": "fraud-warehouse-key", "mount_path": "/var/secrets/warehouse"} in (
        train.options.volumes
    )
    assert task("fraud_detection_training", "cleanup").is_finally


# --- waits, people, alerts -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "id", "condition", "hours"),
    [
        ("multi_fab", 'arrived["kulim"]', "file", 2),
        ("event_training", "request", "message", 24),
        ("shadow_rollout", "labels", "python", 8),
    ],
)
def test_waits(name: str, id: str, condition: str, hours: float) -> None:
    found = task(name, id).implementation
    assert isinstance(found, WaitCondition)
    assert (found.condition, found.on_timeout) == (condition, "fail")
    assert options(name, id).timeout == hours * HOUR


@pytest.mark.parametrize(
    ("name", "id", "approvers", "timeout", "on_timeout"),
    [
        ("model_validation", "release", (), 12 * HOUR, "fail"),
        ("cross_product_validation", "release", ("yield-lead",), DAY, "reject"),
        ("credit_scoring", "officer", ("credit-officer",), 3 * DAY, "reject"),
    ],
)
def test_approvals(name: str, id: str, approvers: tuple[str, ...], timeout: float, on_timeout: str) -> None:
    found = task(name, id).implementation
    assert isinstance(found, ApprovalRequest)
    assert (found.approvers, found.on_timeout) == (approvers, on_timeout)
    assert options(name, id).timeout == timeout


def test_yield_model_retrain_daily_tells_people() -> None:
    told = {(event, alert.channel) for alert in pipeline("yield_model_retrain_daily").alerts for event in alert.events}
    assert told == {("failure", "slack"), ("failure", "email"), ("deadline", "pagerduty"), ("deadline", "email")}
