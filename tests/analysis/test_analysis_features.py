"""Which features a pipeline is said to use, where, and what a target that lacks them answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import pytest

from pipec.analysis.capabilities import check_capabilities
from pipec.analysis.feature_names import FEATURES
from pipec.analysis.features import features_used
from pipec.backend import NATIVE, Capability, CompileRequest, OutputFile, TargetOption, TargetOptions, refused
from pipec.diagnostics.model import Diagnostics
from pipec.ir.base import Location
from pipec.ir.expressions import Interpolation, LiteralValue, RunReference
from pipec.ir.model import (
    Alert,
    ApprovalRequest,
    AssetSchedule,
    CombinedSchedule,
    CommandLine,
    ContainerImage,
    CronSchedule,
    GateCheck,
    Group,
    Implementation,
    Input,
    IntervalSchedule,
    MapRegion,
    NotebookFile,
    Options,
    Parameter,
    Pipeline,
    PipelineCall,
    PythonFunction,
    Requirement,
    Resources,
    Retry,
    SecretReference,
    ShellScript,
    SqlQuery,
    Task,
    TriggerRule,
    WaitCondition,
)
from pipec.ir.types import INT, STR
from pipec.syntax.source import Source, Span
from tests.analysis.builders import TRUE, decision, pipeline, place, program, task

TEXT = LiteralValue(value="x", type=STR)
RUN_DATE = RunReference(field="date", type=STR)
SECRET = SecretReference(name="token")
ALERT = Alert(events=("failure",), channel="slack", arguments={}, location=place(9))


def features(used: Pipeline) -> set[str]:
    return {use.feature for use in features_used(used)}


IMPLEMENTATIONS: dict[str, Implementation] = {
    "python": PythonFunction(module="m", function="f"),
    "shell": ShellScript(text="x"),
    "command": CommandLine(arguments=(TEXT,)),
    "image": ContainerImage(image=TEXT, command=(TEXT,)),
    "notebook": NotebookFile(path="x.ipynb"),
    "sql": SqlQuery(text="select 1", connection="db"),
    "sub_pipeline": PipelineCall(pipeline="q"),
    "gate": GateCheck(),
    "approval": ApprovalRequest(),
    "wait.file": WaitCondition(condition="file", arguments={}),
    "wait.until": WaitCondition(condition="until", arguments={}),
}


@pytest.mark.parametrize("feature", IMPLEMENTATIONS)
def test_implementations(feature: str) -> None:
    used = pipeline(task("a", implementation=IMPLEMENTATIONS[feature]))
    assert features(used) == {feature, "trigger_rule.all_success"}


def test_an_image_that_knows_itself_what_to_run() -> None:
    used = pipeline(task("a", implementation=ContainerImage(image=TEXT)))
    assert features(used) == {"image", "image.entrypoint", "trigger_rule.all_success"}


OPTIONS: dict[str, tuple[Options, set[str]]] = {
    "nothing": (Options(), set()),
    "no retries": (Options(retry=Retry(max=0)), set()),
    "retries": (Options(retry=Retry(max=2)), {"retry"}),
    "limited retries": (
        Options(retry=Retry(max=2, on=("a.Busy", 75, "timeout"))),
        {"retry", "retry.on_exception", "retry.on_exit_code", "retry.on_timeout"},
    ),
    "timeout": (Options(timeout=60), {"timeout"}),
    "image": (Options(image="x"), {"option.image"}),
    "resources": (Options(resources=Resources(cpu=1)), {"option.resources", "resources.without_image"}),
    "resources in an image": (Options(resources=Resources(cpu=1), image="i"), {"option.resources", "option.image"}),
    "no resources": (Options(resources=Resources(gpu=0)), {"option.resources"}),
    "no toleration": (
        Options(resources=Resources(tolerations=("a:b",)), image="i"),
        {"option.resources", "option.image", "pod.form"},
    ),
    "a secret as a file": (
        Options(secrets={"/a": SECRET}),
        {"option.secrets", "secrets.as_files", "secrets.file_names"},
    ),
    "a secret as a file of its name": (
        Options(secrets={"/x/key": SecretReference(name="s/key")}),
        {"option.secrets", "secrets.as_files"},
    ),
    "environment": (Options(env={"A": "b"}), {"option.env"}),
    "a secret in the environment": (Options(env={"A": SECRET}), {"option.env", "option.secrets"}),
    "secrets": (Options(secrets={"A": SECRET}), {"option.secrets"}),
    "a priority of nothing": (Options(priority=0), {"option.priority"}),
    "no cache": (Options(cache=False), {"option.cache"}),
    "cache for a time": (Options(cache=60.0), {"cache.age"}),
    "the rest": (
        Options(volumes=(1,), pool="p", queue="q", produces=("a",), packages=("b",), working_dir="c", deadline=1),
        {
            "volumes.without_image",
            "pod.form_without_image",
            "packages.of_program",
            *(
                f"option.{name}"
                for name in ("volumes", "pool", "queue", "produces", "packages", "working_dir", "deadline")
            ),
        },
    ),
    "tags, and what is for plans only": (Options(tags=("x",), failure_rate=0.5), {"option.tags"}),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_options(case: str) -> None:
    options, expected = OPTIONS[case]
    assert features(pipeline(task("a", options=options))) - {"shell", "trigger_rule.all_success"} == expected


def test_pipeline() -> None:
    used = pipeline(
        parameters=(
            Parameter(name="a", type=INT, location=place(1)),
            Parameter(name="b", type=STR, default=RUN_DATE, location=place(2)),
        ),
        groups=(Group(name="g", location=place(3)),),
        maps=(MapRegion(name="m", variable="x", items=TEXT, item_type=INT, location=place(4)),),
        schedule=CombinedSchedule(
            kind="or",
            members=(CronSchedule(expression="* * * * *"), IntervalSchedule(interval=1), AssetSchedule(uri="x")),
        ),
        start="2026-01-01",
        end="2026-02-01",
        catchup=True,
        max_active_runs=1,
        concurrency=1,
        deadline=1,
        owner="x",
        tags=("x",),
        alerts=(ALERT,),
        returns=TEXT,
    )
    assert features(used) == {
        "parameter", "parameter.required", "run.date", "group", "map",
        "schedule.combined", "schedule.cron", "schedule.every", "schedule.asset", "schedule.several_intervals",
        "start", "end", "catchup", "max_active_runs", "concurrency",
        "concurrency.reached", "deadline", "owner", "tags", "alert", "return",
    }  # fmt: skip


def test_task_parts() -> None:
    requirement = Requirement(condition=TRUE, source="true", location=place(5))
    inputs = (Input(name="a", type=STR, value=Interpolation(parts=(RUN_DATE,))),)
    used = pipeline(
        task("a", requirements=(requirement,), alerts=(ALERT,), inputs=inputs, rule="all_done"),
        task("b", is_finally=True, rule="all_done"),
    )
    assert features(used) == {"shell", "require", "task_alert", "run.date", "trigger_rule.all_done", "finally"}
    gate = task("g", implementation=GateCheck(), requirements=(requirement,))
    assert "require" not in features(pipeline(gate))


def test_each_trigger_rule_is_a_feature() -> None:
    rules = {feature for feature in FEATURES if feature.startswith("trigger_rule.")}
    assert rules == {f"trigger_rule.{rule}" for rule in get_args(TriggerRule)}


def test_a_use_stands_where_it_was_written_and_once_a_place() -> None:
    locations = {"timeout": place(7), "inputs.a": place(8)}
    inputs = (Input(name="a", type=STR, value=RUN_DATE),)
    instances = [
        task(f"a[{key}]", options=Options(timeout=1), locations=locations, inputs=inputs, location=place(3))
        for key in (1, 2)
    ]
    lines = [(use.feature, use.location.line, use.subject) for use in features_used(pipeline(*instances))]
    assert lines == [
        ("shell", 3, "task `a[1]`"),
        ("trigger_rule.all_success", 3, "task `a[1]`"),
        ("timeout", 7, "task `a[1]`"),
        ("run.date", 8, "task `a[1]`"),
    ]


RACING = pipeline(task("f"), decision("d"), task("x", "d", sides=[("d", True)]), task("t", "x", "f"))


def test_a_race_names_who_has_a_part_in_it() -> None:
    race = next(use for use in features_used(RACING) if use.feature == "race.skip_or_fail")
    assert race.subject == "task `t`"
    assert race.detail == "`x` may be skipped by `d` while `f` fails"
    assert race.mend == "`order f -> d` lets `d` wait"


# --- capabilities --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Engine:
    """A target that offers everything but what a test takes from it."""

    lacks: Mapping[str, Capability] = field(default_factory=dict)
    options: TargetOptions = field(default_factory=TargetOptions)
    name: str = "toy"
    title: str = "Toy"
    versions: tuple[str, ...] = ("2", "1")

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        return {**dict.fromkeys(FEATURES, NATIVE), **self.lacks}

    def compile(self, request: CompileRequest) -> tuple[OutputFile, ...]:
        return (OutputFile("x", request.pipeline.name),)


SOURCE = Source("p.pipe", "\n" * 20)


def span_of(location: Location) -> Span:
    return SOURCE.span(location.start, location.end)


def found(used: Pipeline, engine: Engine) -> list[tuple[str, int, str, str | None]]:
    diagnostics = Diagnostics()
    check_capabilities(program(used), used.name, engine, span_of, diagnostics)
    return [(item.code, item.span.start, item.message, item.help) for item in diagnostics.found]


def test_what_a_target_lacks_is_refused_at_its_place() -> None:
    used = pipeline(task("a", options=Options(timeout=1), locations={"timeout": place(7)}))
    engine = Engine({"timeout": refused("it has no clock", "remove it")})
    assert found(used, engine) == [
        ("P0501", 7, "`toy` cannot express timeouts of an attempt: it has no clock", "remove it")
    ]
    assert found(pipeline(task("a")), engine) == []


def test_a_refused_race_tells_both_ways_out() -> None:
    engine = Engine({"race.skip_or_fail": refused("timing decides", "use the rule none_failed")})
    [(code, _, message, help_text)] = found(RACING, engine)
    assert code == "P0501"
    assert message.endswith("skipped in the same run: timing decides")
    assert help_text == "`order f -> d` lets `d` wait; or use the rule none_failed"


KNOWN = TargetOptions(
    pipeline={"pool": TargetOption((str,), "the pool of all tasks")},
    task={
        "weight": TargetOption((float,), "how heavy it is", minimum=0),
        "home": TargetOption((str,), "where to read of it", links=True),
        "names": TargetOption((list,), "other names", items=(str,)),
        "mode": TargetOption((str,), "how it goes", choices=("fast", "slow")),
        "old": TargetOption((int,), "what was", versions=("1",)),
    },
    container={"labels": TargetOption((dict,), "labels of the container", items=(str,))},
    refused={"color": "Toy paints: use `tags`"},
)

TARGET_BLOCKS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "good": ({"weight": 1.5, "names": ["x"]}, []),
    "an int is a float": ({"weight": 2}, []),
    "unknown": (
        {"wieght": 1},
        [("P0502", "unknown option `wieght` of target `toy` for task `a`")],
    ),
    "of the pipeline only": (
        {"pool": "x"},
        [("P0502", "option `pool` of target `toy` cannot be set in task `a`")],
    ),
    "wrong type": (
        {"weight": "2"},
        [("P0503", "option `weight` of target `toy` must be a float, not a str")],
    ),
    "a bool is no number": (
        {"weight": True},
        [("P0503", "option `weight` of target `toy` must be a float, not a bool")],
    ),
    "too small": (
        {"weight": -1},
        [("P0503", "option `weight` of target `toy` must be at least 0, not -1")],
    ),
    "no choice": (
        {"mode": "medium"},
        [("P0503", 'option `mode` of target `toy` cannot be "medium": it is one of fast, slow')],
    ),
    "a link": ({"home": "https://example.com/x"}, []),
    "a link to a mailbox": ({"home": "mailto:ml@example.com"}, []),
    "no link": (
        {"home": "the wiki"},
        [
            (
                "P0503",
                'option `home` of target `toy` cannot be "the wiki": it is a URL such as https://example.com/team or '
                "mailto:ml@example.com",
            )
        ],
    ),
    "a list of the wrong things": (
        {"names": ["x", 2, None]},
        [
            ("P0503", "each value in option `names` of target `toy` must be a str, not 2"),
            ("P0503", "each value in option `names` of target `toy` must be a str, not null"),
        ],
    ),
    "not in this version": (
        {"old": 1},
        [("P0502", "option `old` of target `toy` does not exist in version 2")],
    ),
    "of containers only": (
        {"labels": {"a": "b"}},
        [("P0502", "option `labels` of target `toy` cannot be set in task `a`")],
    ),
    "nobody may set it": (
        {"color": "red"},
        [("P0502", "option `color` of target `toy` cannot be set in task `a`")],
    ),
}


@pytest.mark.parametrize("case", TARGET_BLOCKS)
def test_target_blocks(case: str) -> None:
    block, expected = TARGET_BLOCKS[case]
    used = pipeline(task("a", targets={"toy": block, "other": {"anything": 1}}))
    assert [(code, message) for code, _, message, _ in found(used, Engine(options=KNOWN))] == expected


def test_a_target_option_that_cannot_be_set_gets_the_way_out() -> None:
    block = {"wieght": 1, "colour": "red", "color": "red", "pool": "x", "labels": {}, "old": 1, "zzzz": 1}
    used = pipeline(task("a", targets={"toy": block}), targets={"toy": {"pol": "x", "weight": 1}})
    helps = [help_text for *_, help_text in found(used, Engine(options=KNOWN))]
    assert helps == [
        "there is `pool`",
        "set it in the target block of a task",
        "there is `weight`",
        "if `color` is meant: Toy paints: use `tags`",
        "Toy paints: use `tags`",
        "set it in the target block of the pipeline",
        "it is for tasks that run in a container image",
        "compile for version 1, or remove it",
        None,
    ]


def test_a_version_asked_for_has_its_own_target_options() -> None:
    diagnostics = Diagnostics()
    used = pipeline(task("a", targets={"toy": {"old": 1}}))
    check_capabilities(program(used), used.name, Engine(options=KNOWN), span_of, diagnostics, "1")
    assert diagnostics.found == []


@pytest.mark.parametrize(
    "in_container",
    [task("a", implementation=ContainerImage(image=TEXT)), task("a", options=Options(image="busybox"))],
)
def test_a_task_in_a_container_image_has_options_of_its_own(in_container: Task) -> None:
    used = pipeline(in_container.model_copy(update={"targets": {"toy": {"labels": {"a": "b"}, "weight": 1}}}))
    assert found(used, Engine(options=KNOWN)) == []
