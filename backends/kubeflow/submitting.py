"""Handing a compiled pipeline to a server of Kubeflow Pipelines: what is sent, and in which order.

A version of the pipeline is named after the content of its file, so that the same file is uploaded once. A recurring
run cannot be changed on the server: a new one is made beside it, starts nothing until the old one is gone, and goes on
from now.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipec.frozen import Frozen
from pipec.submission import SubmitError, SubmitRequest

from .manifests import version_name
from .names import plain_name
from .recurring import from_now_on, is_same
from .runtime_values import is_expanded, runtime_value

if TYPE_CHECKING:
    from .server import Server

_LONGEST_VERSION_NAME = 127


class Submission(Frozen):
    """What is sent. `recurring` is the body of a recurring run; None for a single run."""

    pipeline: str
    version: str
    package: str
    run_name: str
    parameters: dict[str, Any]
    recurring: dict[str, Any] | None = None

    @property
    def shown(self) -> dict[str, Any]:
        """In JSON form, without the pipeline itself."""
        sent = {"pipeline": self.pipeline, "version": self.version}
        if self.recurring is not None:
            return {**sent, "recurring_run": self.recurring}
        return {**sent, "run": {"display_name": self.run_name, "runtime_config": {"parameters": self.parameters}}}


def submission_of(request: SubmitRequest, now: datetime) -> Submission:
    """Raises SubmitError for values that would not arrive as they are."""
    name = plain_name(request.pipeline.name)
    (package,) = (file.text for file in request.files if not file.is_side)
    values = _runtime_values(request)
    return Submission(
        name,
        version_name(name, package, _LONGEST_VERSION_NAME),
        package,
        request.run_name or (name if request.recurring else f"{name} {now:%Y-%m-%d %H:%M:%S}"),
        values,
        _recurring_body(request, values, now) if request.recurring else None,
    )


def _runtime_values(request: SubmitRequest) -> dict[str, Any]:
    values = {}
    parameters = {parameter.name: parameter for parameter in request.pipeline.parameters}
    for name, value in request.values.items():
        if is_expanded(value):
            raise SubmitError(
                f"the parameter `{name}` holds a macro of Kubeflow such as [[RunUUID]], which the server would replace",
                is_usage=True,
            )
        try:
            values[name] = runtime_value(parameters[name], value)
        except ValueError as error:
            raise SubmitError(f"the parameter `{name}` cannot be given: {error}", is_usage=True) from None
    return values


def _recurring_body(request: SubmitRequest, values: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The side file with the values given. Without catchup nothing is made up for: it starts no sooner than now."""
    (text,) = (file.text for file in request.files if file.path.endswith("_recurring_run.json"))
    body: dict[str, Any] = json.loads(text)
    body["runtime_config"]["parameters"].update(values)
    if request.run_name is not None:
        body["display_name"] = request.run_name
    if body["no_catchup"]:
        body["trigger"] = from_now_on(body["trigger"], now)
    return body


def shown(request: SubmitRequest) -> dict[str, Any]:
    """See `pipec.submission.Submitting.submission`."""
    return submission_of(request, datetime.now(UTC)).shown


def submit(request: SubmitRequest, tell: Callable[[str], None], *, wait: bool) -> None:
    """See `pipec.submission.Submitting`."""
    from .server import connected

    now = datetime.now(UTC)
    submission = submission_of(request, now)
    with connected(request.host, request.namespace) as server:
        pipeline = server.pipeline(submission.pipeline)
        version, is_new = server.version(pipeline, submission.version, submission.package)
        tell(f"pipeline {submission.pipeline}: {pipeline}")
        tell(f"version {submission.version}: {version}{'' if is_new else ', as it was'}")
        tell(f"  {server.link(f'pipelines/details/{pipeline}/version/{version}')}")
        experiment = server.experiment(request.experiment)
        if submission.recurring is not None:
            _make_recurring(server, experiment, (pipeline, version), submission.recurring, now, tell)
            return
        run = server.start(experiment, (pipeline, version), submission.run_name, submission.parameters)
        tell(f"run {submission.run_name}: {run}")
        tell(f"  {server.link(f'runs/details/{run}')}")
        if wait:
            _follow(server, run, tell)


def _make_recurring(
    server: Server,
    experiment: str,
    version: tuple[str, str],
    body: dict[str, Any],
    now: datetime,
    tell: Callable[[str], None],
) -> None:
    name = body["display_name"]
    earlier = server.recurring_runs(experiment, name)
    enabled = body["mode"] == "ENABLE"
    if len(earlier) == 1 and is_same(earlier[0], body, version, now):
        there = earlier[0].recurring_run_id
        if not enabled and earlier[0].status == "ENABLED":
            server.disable_recurring(there)
        tell(f"recurring run {name}: {there}, as it was{'' if enabled else ', paused'}")
        tell(f"  {server.link(f'recurringrun/details/{there}')}")
        return
    if earlier:
        body = {**body, "trigger": from_now_on(body["trigger"], now)}
    is_paused = bool(earlier) and all(one.status == "DISABLED" for one in earlier)
    made = server.make_recurring(experiment, version, body, enabled=enabled and not earlier)
    for one in earlier:
        server.delete_recurring(one.recurring_run_id)
    if earlier and enabled and not is_paused:
        server.enable_recurring(made)
    paused = ", paused as it was" if is_paused else "" if enabled else ", paused"
    tell(f"recurring run {name}: {made}{', in place of the one before' if earlier else ''}{paused}")
    tell(f"  {server.link(f'recurringrun/details/{made}')}")


def _follow(server: Server, run: str, tell: Callable[[str], None]) -> None:
    """Until the run is over. Raises SubmitError where it did not succeed."""
    state, tasks = server.outcome(run)
    tell(state.lower())
    if state not in ("SUCCEEDED", "SKIPPED"):
        which = f": {', '.join(tasks)}" if tasks else ""
        raise SubmitError(f"the run {run} {'has failed' if state == 'FAILED' else 'was canceled'}{which}")
