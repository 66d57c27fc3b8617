"""A server of Kubeflow Pipelines, asked through the client of its SDK, which is imported only here."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
import tempfile
import time
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipec.submission import SubmitError

_TOKEN = "PIPEC_KUBEFLOW_TOKEN"
_ENDPOINT, _PAGES = "KF_PIPELINES_ENDPOINT", "KF_PIPELINES_UI_ENDPOINT"
_TOKEN_FILE = "KF_PIPELINES_SA_TOKEN_PATH"
_EXPERIMENT = "KF_PIPELINES_DEFAULT_EXPERIMENT_NAME"
"""Variables of the environment: our own one for a token, and those of the SDK."""

_OVER = frozenset({"SUCCEEDED", "SKIPPED", "FAILED", "CANCELED"})
_EQUALS = 1
_PAGE = 100
_LONGEST_PAUSE = 10.0
"""Seconds between two looks at a run, at most."""


@contextlib.contextmanager
def connected(host: str | None, namespace: str | None) -> Iterator[Server]:
    """The server at an address, without address the one in the environment.

    Raises SubmitError for whatever goes wrong with it, also inside of the block.
    """
    address = _address(host)
    try:
        sdk, api, urllib3 = map(import_module, ("kfp.client", "kfp_server_api", "urllib3"))
    except ImportError as error:
        raise SubmitError(
            f"the client of Kubeflow is not installed ({error}): pip install 'pipec[kubeflow]'", is_usage=True
        ) from None
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it tells of every attempt
    try:
        yield Server(_client(sdk, address, namespace), address, namespace)
    except api.ApiException as error:
        if not error.status:  # no answer: what it was signed with is not known here
            raise SubmitError(f"cannot reach the server at {address}: {_cause(error)}", is_usage=True) from None
        raise SubmitError(f"the server at {address} refused it: {_reason(error)}") from None
    except urllib3.exceptions.HTTPError as error:
        raise SubmitError(f"cannot reach the server at {address}: {_cause(error)}", is_usage=True) from None


def _address(host: str | None) -> str:
    """Raises SubmitError for none, or for one that is no address or holds a password, which would be shown."""
    address = host or os.environ.get(_ENDPOINT, "")
    if not address:
        raise SubmitError(f"which server? Give --host, or set {_ENDPOINT}", is_usage=True)
    if "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise SubmitError(
            f"`{host or _ENDPOINT}` is no address of a server, such as https://example.com", is_usage=True
        )
    if parts.username is not None or parts.password is not None:
        raise SubmitError(f"the address of a server holds no user and password: set {_TOKEN}", is_usage=True)
    return address.rstrip("/")


def _client(module: Any, address: str, namespace: str | None) -> Any:
    class Client(module.Client):  # type: ignore[misc]
        """Asks once whether the server is there, not five times with pauses."""

        def get_kfp_healthz(self, sleep_duration: int = 5) -> Any:
            return self._healthz_api.healthz_service_get_healthz()

    access: dict[str, Any] = {"existing_token": os.environ.get(_TOKEN) or None}
    if access["existing_token"] is None and _TOKEN_FILE in os.environ:
        _check_readable(os.environ[_TOKEN_FILE])
        access = {"credentials": module.ServiceAccountTokenVolumeCredentials()}
    if namespace is not None:
        access["namespace"] = namespace
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            return Client(host=address, ssl_ca_cert=os.environ.get("SSL_CERT_FILE"), **access)
        except ValueError as error:  # such as a file of settings that is no JSON
            message = " ".join(str(error).split())
            raise SubmitError(f"the client of Kubeflow cannot be used: {message}", is_usage=True) from None


def _check_readable(path: str) -> None:
    """Raises SubmitError for a file of a token that cannot be read."""
    try:
        Path(path).read_bytes()
    except OSError as error:
        raise SubmitError(f"cannot read {path}, which {_TOKEN_FILE} names: {error.strerror}", is_usage=True) from None


def _reason(error: Any) -> str:
    """What the server says, on one line."""
    try:
        body = json.loads(error.body)
        said = body.get("error_message") or body.get("message") or body.get("error")
    except (TypeError, ValueError, AttributeError):
        said = error.body
    if isinstance(said, bytes):
        said = said.decode("utf-8", "replace")
    shown = " ".join(str(said or error.reason or "").split())
    way_out = f"; set {_TOKEN}" if error.status in (401, 403) else ""
    return f"{error.status} {shown[:400]}{way_out}"


def _cause(error: Any) -> str:
    """Why a connection failed, without the words of the library around it."""
    cause = getattr(error, "reason", None) or error
    return re.sub(r"^HTTPS?Connection\(.*?\): ", "", " ".join(str(cause).split()))[:300]


class Server:
    """What pipec asks of a server. All methods raise what the SDK raises, which `connected` turns into SubmitError."""

    def __init__(self, client: Any, address: str, namespace: str | None) -> None:
        self._client = client
        self._pages = os.environ.get(_PAGES, address).rstrip("/")
        self._namespace = namespace

    def link(self, path: str) -> str:
        """The address of a page about something."""
        return f"{self._pages}/#/{path}"

    # --- pipelines -------------------------------------------------------------------------------

    def pipeline(self, name: str) -> str:
        """The id of the pipeline of this name, which is made where there is none."""
        found = self._client.list_pipelines(filter=_named(name), namespace=self._namespace).pipelines or []
        if len(found) > 1:
            raise SubmitError(f"the server has {len(found)} pipelines `{name}`: remove all but one")
        if found:
            return str(found[0].pipeline_id)
        model = self._client.api_models.V2beta1Pipeline(name=name, display_name=name, namespace=self._namespace)
        return str(self._client.pipelines.pipeline_service_create_pipeline(pipeline=model).pipeline_id)

    def version(self, pipeline: str, name: str, package: str) -> tuple[str, bool]:
        """The id of the version of this name, and whether it is new: where there was none it is uploaded."""
        found = self._client.list_pipeline_versions(pipeline, filter=_named(name)).pipeline_versions or []
        if found:
            return str(found[0].pipeline_version_id), False
        with tempfile.TemporaryDirectory() as folder, _silence():
            path = Path(folder, "pipeline.yaml")
            path.write_text(package, encoding="utf-8")
            uploaded = self._client.upload_pipeline_version(str(path), name, pipeline_id=pipeline)
        return str(uploaded.pipeline_version_id), True

    # --- runs ------------------------------------------------------------------------------------

    def experiment(self, name: str | None) -> str:
        """The id of an experiment, which is made where there is none; without name that of the environment."""
        wanted = name or os.environ.get(_EXPERIMENT) or "Default"
        with _silence():
            try:
                return str(self._client.create_experiment(wanted, namespace=self._namespace).experiment_id)
            except ValueError as error:  # there are several of this name
                raise SubmitError(str(error)) from None

    def start(self, experiment: str, version: tuple[str, str], name: str, parameters: dict[str, Any]) -> str:
        """Starts a run of a version; its id."""
        with _silence():
            run = self._client.run_pipeline(
                experiment, name, pipeline_id=version[0], version_id=version[1], params=parameters
            )
        return str(run.run_id)

    def outcome(self, run: str) -> tuple[str, list[str]]:
        """The state of a run when it is over, and the tasks that failed."""
        pause = 1.0
        while True:
            found = self._client.get_run(run)
            if found.state in _OVER:
                tasks = (found.run_details.task_details or []) if found.run_details else []
                return found.state, sorted({task.display_name for task in tasks if task.state == "FAILED"})
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    # --- recurring runs --------------------------------------------------------------------------

    def recurring_runs(self, experiment: str, name: str) -> list[Any]:
        """Those of this name (`V2beta1RecurringRun`)."""
        found: list[Any] = []
        token = ""
        while True:
            page = self._client.list_recurring_runs(
                page_token=token, page_size=_PAGE, experiment_id=experiment, filter=_named(name)
            )
            found.extend(page.recurring_runs or [])
            token = page.next_page_token or ""
            if not token:
                return found

    def make_recurring(self, experiment: str, version: tuple[str, str], body: dict[str, Any], *, enabled: bool) -> str:
        """Makes the recurring run of a body; its id."""
        ((_, schedule),) = body["trigger"].items()
        made = self._client.create_recurring_run(
            experiment,
            body["display_name"],
            description=body.get("description"),
            start_time=schedule.get("start_time"),
            end_time=schedule.get("end_time"),
            interval_second=schedule.get("interval_second"),
            cron_expression=schedule.get("cron"),
            max_concurrency=body["max_concurrency"],
            no_catchup=body["no_catchup"],
            params=body["runtime_config"]["parameters"],
            pipeline_id=version[0],
            version_id=version[1],
            enabled=enabled,
        )
        return str(made.recurring_run_id)

    def enable_recurring(self, recurring_run: str) -> None:
        """It starts runs from now on."""
        self._client.enable_recurring_run(recurring_run)

    def disable_recurring(self, recurring_run: str) -> None:
        """It starts no runs until it is enabled again."""
        self._client.disable_recurring_run(recurring_run)

    def delete_recurring(self, recurring_run: str) -> None:
        """It starts no more runs; those that go on do so."""
        self._client.delete_recurring_run(recurring_run)


def _named(name: str) -> str:
    return json.dumps({"predicates": [{"operation": _EQUALS, "key": "display_name", "stringValue": name}]})


def _silence() -> contextlib.AbstractContextManager[Any]:
    """The SDK prints links; ours are told in one place."""
    return contextlib.redirect_stdout(io.StringIO())
