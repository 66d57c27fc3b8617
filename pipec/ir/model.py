"""The IR: a checked program with every name resolved, every loop unrolled and every component placed.

It says what is to run and nothing of how; it is the only door to a backend. Durations are seconds, sizes bytes.
"""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Any, Literal

from pipec.ir.base import Location, Model, Tagged
from pipec.ir.expressions import Expression, RunField
from pipec.ir.types import Type

TriggerRule = Literal[
    "all_success",
    "none_failed",
    "none_failed_min_one_success",
    "none_skipped",
    "all_done",
    "all_done_min_one_success",
    "all_failed",
    "all_skipped",
    "one_success",
    "one_failed",
    "one_done",
    "always",
]


# --- implementations -----------------------------------------------------------------------------


class PythonFunction(Model):
    """`python("module:function")`: called with the inputs as keyword arguments."""

    kind: Literal["python"] = "python"
    module: str
    function: str


class ShellScript(Model):
    """`shell('text')`: run by `bash -c`, never interpolated; inputs are environment variables."""

    kind: Literal["shell"] = "shell"
    text: str


class CommandLine(Model):
    """`command(["prog", "arg"])`: no shell; each element stays one argument whatever it holds."""

    kind: Literal["command"] = "command"
    arguments: tuple[Expression, ...]


class ContainerImage(Model):
    """`image("repo:tag", command = […], args = […])`."""

    kind: Literal["image"] = "image"
    image: Expression
    command: tuple[Expression, ...] = ()
    arguments: tuple[Expression, ...] = ()


class NotebookFile(Model):
    kind: Literal["notebook"] = "notebook"
    path: str


class SqlQuery(Model):
    """`sql(file("q.sql"), conn = "…")`: never interpolated, inputs are bind parameters. One of text and file."""

    kind: Literal["sql"] = "sql"
    text: str | None = None
    file: str | None = None
    connection: str | None = None


class PipelineCall(Model):
    """Another pipeline run as a part of this one; `pipeline` is a key of `Program.pipelines`."""

    kind: Literal["pipeline"] = "pipeline"
    pipeline: str


class Decision(Model):
    """An `if`: chooses one side; tasks of the side not taken are skipped."""

    kind: Literal["decision"] = "decision"
    condition: Expression


class Requirement(Model):
    """`require condition else message`; `source` is the condition as written, the message where none is given."""

    condition: Expression
    message: Expression | None = None
    source: str
    location: Location


class GateCheck(Model):
    """A task that only checks the requirements of its task and reports every one that fails."""

    kind: Literal["gate"] = "gate"


class ApprovalRequest(Model):
    """A person approves or rejects. `message` is None where the task's name must do."""

    kind: Literal["approval"] = "approval"
    message: Expression | None = None
    approvers: tuple[str, ...] = ()
    on_timeout: Literal["fail", "approve", "reject"] = "fail"


class WaitCondition(Model):
    """A sensor. `condition` is the constructor's name, `arguments` what it was given, by name.

    `argument_types` are the types of what a predicate (`python`) is called with.
    """

    kind: Literal["wait"] = "wait"
    condition: Literal["file", "object", "task", "asset", "message", "until", "python"]
    arguments: dict[str, Expression]
    argument_types: dict[str, Type] = field(default_factory=dict)
    poll: float = 60.0
    on_timeout: Literal["fail", "skip"] = "fail"


Implementation = Annotated[
    PythonFunction
    | ShellScript
    | CommandLine
    | ContainerImage
    | NotebookFile
    | SqlQuery
    | PipelineCall
    | Decision
    | GateCheck
    | ApprovalRequest
    | WaitCondition,
    Tagged("kind"),
]


# --- options -------------------------------------------------------------------------------------


class Retry(Model):
    """At most `max` further attempts; before retry n wait `delay * backoff ** (n - 1)` seconds, at most `max_delay`.

    `on` limits them to these exceptions (dotted or bare class names, subclasses count), exit codes, and "timeout";
    None means every failure that may be retried.
    """

    max: int = 0
    delay: float = 0.0
    backoff: float = 1.0
    max_delay: float | None = None
    on: tuple[str | int, ...] | None = None


class Estimate(Model):
    """How long a task is expected to run, in seconds."""

    min: float
    likely: float
    max: float


class Resources(Model):
    """Requests of a task; `limits` where they differ. cpu in cores, memory in bytes."""

    cpu: float | None = None
    memory: int | None = None
    gpu: int | None = None
    gpu_type: str | None = None
    node_selector: dict[str, str] = field(default_factory=dict)
    tolerations: tuple[str, ...] = ()
    affinity: dict[str, Any] = field(default_factory=dict)
    spot: bool = False
    limits: dict[str, Any] = field(default_factory=dict)


class SecretReference(Model):
    """A secret by its name; its value is never in the IR."""

    kind: Literal["secret"] = "secret"
    name: str


class Options(Model):
    """Options of a task after defaults of its pipeline and groups were merged in. Times in seconds."""

    retry: Retry | None = None
    timeout: float | None = None
    resources: Resources | None = None
    image: str | None = None
    env: dict[str, str | SecretReference] = field(default_factory=dict)
    secrets: dict[str, SecretReference] = field(default_factory=dict)
    volumes: tuple[Any, ...] = ()
    pool: str | None = None
    queue: str | None = None
    priority: int | None = None
    cache: bool | float | None = None
    estimate: Estimate | None = None
    failure_rate: float | None = None
    produces: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    working_dir: str | None = None
    deadline: float | None = None
    tags: tuple[str, ...] = ()


NO_OPTIONS = Options()
"""The options of tasks that have none, which most of a large pipeline share: what `is` this needs no look."""


# --- tasks ---------------------------------------------------------------------------------------


class Input(Model):
    """A value handed to a task. `type` is the declared type for a component's input, else that of the value."""

    name: str
    type: Type
    value: Expression


class Output(Model):
    name: str
    type: Type


class BranchSide(Model):
    """The side of a decision a task belongs to: `taken` is true for the `if` side, false for the `else` side."""

    decision: str
    taken: bool


class Alert(Model):
    """`on failure = slack("#x")`: who is told of what. `channel` is the constructor's name."""

    events: tuple[Literal["failure", "success", "retry", "skipped", "deadline"], ...]
    channel: Literal["slack", "email", "pagerduty", "webhook", "python"]
    arguments: dict[str, Any]
    location: Location


class Task(Model):
    """A node of the DAG.

    `id` is unique in the pipeline and equals `name` except for instances of a `for`, whose id is `name["key"]` (several
    loop variables: `name["a", 2]`), keys written as the language writes them, and whose `keys` hold the values.
    `upstream` holds the ids of the direct upstream tasks in source order: those its expressions read, those after
    `after` and `order`, and the decisions the language adds. `branches` lists the sides it stands in, outermost first;
    `map` names the innermost map region around it, `group` the innermost group. A task of `finally` has `is_finally`.
    `outputs` of a single unnamed output hold one, called `output`, and `single_output` is true.
    `locations` says where options and inputs were written: keys such as `retry`, `inputs.day`, `implementation`.
    """

    id: str
    name: str
    keys: tuple[Any, ...] = ()
    doc: str | None = None
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    single_output: bool = False
    upstream: tuple[str, ...] = ()
    trigger_rule: TriggerRule = "all_success"
    implementation: Implementation
    requirements: tuple[Requirement, ...] = ()
    options: Options = field(default_factory=Options)
    alerts: tuple[Alert, ...] = ()
    branches: tuple[BranchSide, ...] = ()
    group: str | None = None
    map: str | None = None
    is_finally: bool = False
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    location: Location
    locations: dict[str, Location] = field(default_factory=dict)


class Group(Model):
    """A name over tasks for people; `parent` is the group around it."""

    name: str
    doc: str | None = None
    parent: str | None = None
    location: Location


class MapRegion(Model):
    """Tasks run once per item of a list known only in the run. `name` is unique; `parent` is the map around it."""

    name: str
    variable: str
    items: Expression
    item_type: Type
    max_parallel: int | None = None
    parent: str | None = None
    location: Location


# --- schedules -----------------------------------------------------------------------------------


class CronSchedule(Model):
    """A five-field cron expression in a time zone (an IANA name)."""

    kind: Literal["cron"] = "cron"
    expression: str
    timezone: str = "UTC"


class IntervalSchedule(Model):
    kind: Literal["every"] = "every"
    interval: float


class AssetSchedule(Model):
    """When the asset of this URI was updated."""

    kind: Literal["asset"] = "asset"
    uri: str


class CombinedSchedule(Model):
    """`and`: all of the members; `or`: any of them."""

    kind: Literal["and", "or"]
    members: tuple[Schedule, ...]


Schedule = Annotated[
    CronSchedule | IntervalSchedule | AssetSchedule | CombinedSchedule,
    Tagged("kind"),
]


# --- pipelines -----------------------------------------------------------------------------------


class Parameter(Model):
    """A parameter of a pipeline. `default` None means it must be given; it may read `run` and earlier parameters.

    `minimum` and `maximum` are what `require` says of the parameter alone, where it can be said so.
    """

    name: str
    type: Type
    default: Expression | None = None
    doc: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    location: Location


class Pipeline(Model):
    """One DAG. Tasks stand in source order; `schedule` None is manual. Times in seconds, dates ISO 8601."""

    name: str
    doc: str | None = None
    parameters: tuple[Parameter, ...] = ()
    tasks: tuple[Task, ...] = ()
    groups: tuple[Group, ...] = ()
    maps: tuple[MapRegion, ...] = ()
    schedule: Schedule | None = None
    start: str | None = None
    end: str | None = None
    catchup: bool = False
    max_active_runs: int | None = None
    concurrency: int | None = None
    deadline: float | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    returns: Expression | None = None
    return_type: Type | None = None
    location: Location
    locations: dict[str, Location] = field(default_factory=dict)

    @property
    def timezone(self) -> str:
        """The time zone of the schedule: the one `run.date` is a date in. UTC where no cron says otherwise."""
        return _timezone(self.schedule) or "UTC"

    def task(self, id: str) -> Task:
        """The task of this id. Raises KeyError where there is none."""
        for task in self.tasks:
            if task.id == id:
                return task
        raise KeyError(id)


def _timezone(schedule: Schedule | None) -> str | None:
    match schedule:
        case CronSchedule(timezone=timezone):
            return timezone
        case CombinedSchedule(members=members):
            return next((zone for member in members if (zone := _timezone(member))), None)
        case _:
            return None


GivenState = Literal["success", "failed", "skipped", "approved", "rejected", "timeout"]


class Given(Model):
    """A fact fixed for a test: of a task, or the value of a parameter or of a fact of the run (`fact`).

    Of a task it is the value of an output, the `state` it ends in, or by `measure` how many attempts it makes or how
    long each of them is expected to take, in seconds. For a decision the output called `output` is the side it takes.
    Of a task in maps `items` picks instances: an index for each map around it, outermost first, None for every item, as
    is one that is left out. With `by_item` the value is a list with a value for each item; what is null there is not
    given where the output cannot be null. Where several fit an instance, the one that picks it more closely counts.
    """

    task: str | None = None
    items: tuple[int | None, ...] = ()
    output: str | None = None
    state: GivenState | None = None
    measure: Literal["attempts", "estimate"] | None = None
    parameter: str | None = None
    fact: RunField | None = None
    value: Expression | None = None
    by_item: bool = False
    location: Location


class Expectation(Model):
    """`tasks` are in `state`; "run" stands for the run's verdict. Or `condition` holds after the run.

    A task is named by its id, which stands for all its instances where it is in a map, or by that of an instance,
    `score[3]`. Beside outputs a condition reads measures, as if they were outputs: `attempts` of a task that has no
    output of that name; `makespan` and `returns` of the task `run`, where the pipeline has no task so called. `source`
    is what was written.
    """

    tasks: tuple[str, ...] = ()
    state: Literal["success", "failed", "skipped", "upstream_failed"] | None = None
    condition: Expression | None = None
    source: str
    location: Location


class TestCase(Model):
    """A `test` block: data for the simulation, no part of what is deployed."""

    title: str
    pipeline: str
    givens: tuple[Given, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    location: Location


class Program(Model):
    """All that one file defines, and of what it imports the pipelines it uses.

    `pipelines` are keyed by name: bare for the file's own, `path/file:name` for imported ones. `source` is the file's
    name and `digest` the SHA-256 of all texts with their names, and of the values that `-D` gave.
    """

    version: Literal[1] = 1
    source: str
    digest: str
    pipelines: dict[str, Pipeline] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    """The pipelines the file itself defines, in source order."""
    tests: tuple[TestCase, ...] = ()
