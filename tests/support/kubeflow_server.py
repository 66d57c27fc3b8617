"""A stand-in for the API server of Kubeflow Pipelines on this machine, which checks what it is asked.

`started(folder)` gives one. It runs in a process of its own with the packages of the SDK, holds pipelines, runs and
recurring runs, and refuses a request that does not fit the models of `kfp-server-api`, or that the real server would
refuse: a body with other fields or types, a cron that robfig/cron 1.2 cannot read, a file that is no specification.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

_API = "/apis/v2beta1"
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class StandIn:
    """A server: `address` is where it listens, `packages` the folder of the SDK's packages."""

    address: str
    packages: Path
    record: Path

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What was asked for, in order: `method`, `path`, `query`, `body`, `token`, and the `status` of the answer."""
        return [json.loads(line) for line in self.record.read_text("utf-8").splitlines()]

    def asked(self, method: str, path: str) -> list[Any]:
        """The bodies of the requests for a path."""
        return [one["body"] for one in self.requests if (one["method"], one["path"]) == (method, _API + path)]


@contextlib.contextmanager
def started(folder: Path, packages: Path, **settings: Any) -> Iterator[StandIn]:
    """A server with its record in a folder.

    `settings`: `states` are those of a run, one for each look at it, `failed` the names of its tasks that failed;
    `refuse` maps `POST /runs` to the status and the message of the answer; `token` is the one that everybody needs.
    """
    record = folder / "requests.jsonl"
    record.touch()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "tests.support.kubeflow_server", str(record), json.dumps(settings)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (packages, _ROOT)))},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port, "the server did not start"
        yield StandIn(f"http://127.0.0.1:{port}", packages, record)
    finally:
        process.kill()
        process.communicate()


# --- the process ---------------------------------------------------------------------------------


class RefusedError(Exception):
    """The answer is an error with this status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def fault_of(kind: str, value: Any, where: str = "body") -> str | None:
    """What does not fit a type of the API, such as `V2beta1Run` or `dict(str, object)`."""
    if value is None or kind == "object":
        return None
    if match := re.fullmatch(r"(list|dict)(?:\[|\(str, )(.*)[\])]", kind):
        if not isinstance(value, list if match[1] == "list" else dict):
            return f"{where} is no {match[1]}"
        pairs = enumerate(value) if isinstance(value, list) else value.items()
        return next((fault for key, one in pairs if (fault := fault_of(match[2], one, f"{where}.{key}"))), None)
    if kind in ("str", "bool", "datetime"):
        return None if _is_of(kind, value) else f"{where} is no {kind}: {value!r}"
    model = getattr(import_module("kfp_server_api"), kind)
    if not model.openapi_types:
        return None if value in model.allowable_values else f"{where} is none of {model.allowable_values}: {value!r}"
    if not isinstance(value, dict):
        return f"{where} is no {kind}"
    kinds = {model.attribute_map[name]: kind for name, kind in model.openapi_types.items()}
    if unknown := value.keys() - kinds.keys():
        return f"{where} has {sorted(unknown)}, which {kind} does not know"
    return next(
        (fault for name, one in value.items() if (fault := fault_of(kinds[name], one, f"{where}.{name}"))), None
    )


def _is_of(kind: str, value: Any) -> bool:
    match kind:
        case "str":  # integers of 64 bits are texts, and are taken as numbers too
            return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
        case "bool":
            return isinstance(value, bool)
        case _:
            return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value) is not None


class Api:
    """What the server holds, and what it does."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._states = list(settings.get("states", ["SUCCEEDED"]))
        self._held: dict[str, dict[str, dict[str, Any]]] = {
            "pipelines": {},
            "versions": {},
            "experiments": {},
            "runs": {},
            "recurringruns": {},
        }

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Any:
        """Raises RefusedError."""
        status, message = self._settings.get("refuse", {}).get(f"{method} {path}", (0, ""))
        if status:
            raise RefusedError(status, message)
        for pattern, act in self._routes(method):
            if match := re.fullmatch(pattern, path):
                return act(match.groups(), query, body)
        raise RefusedError(404, f"there is no {method} {path}")

    def _routes(self, method: str) -> list[tuple[str, Callable[..., Any]]]:
        if method == "GET":
            return [
                ("/healthz", lambda *_: {"multi_user": False}),
                ("/pipelines", lambda _, query, __: self._list("pipelines", "pipelines", query)),
                ("/pipelines/([^/]+)/versions", self._list_versions),
                ("/experiments", lambda _, query, __: self._list("experiments", "experiments", query)),
                ("/recurringruns", lambda _, query, __: self._list("recurringruns", "recurringRuns", query)),
                ("/runs/([^/]+)", self._look_at_run),
            ]
        if method == "POST":
            return [
                ("/pipelines", lambda _, __, body: self._make("pipelines", "pipeline_id", "V2beta1Pipeline", body)),
                ("/pipelines/upload_version", self._upload),
                (
                    "/experiments",
                    lambda _, __, body: self._make("experiments", "experiment_id", "V2beta1Experiment", body),
                ),
                ("/runs", self._start),
                ("/recurringruns", self._make_recurring),
                ("/recurringruns/([^/:]+):(enable|disable)", self._set_mode),
            ]
        return [("/recurringruns/([^/]+)", lambda groups, *_: self._remove(groups[0]))]

    # --- all kinds ---

    def _make(self, kind: str, id_name: str, model: str, body: Any) -> dict[str, Any]:
        if fault := fault_of(model, body):
            raise RefusedError(400, fault)
        if not body.get("display_name"):
            raise RefusedError(400, "a name is needed")
        names = [one["display_name"] for one in self._held[kind].values()]
        if kind in ("pipelines", "experiments") and body["display_name"] in names:
            raise RefusedError(409, "the name already exists")
        id = f"{kind}-{len(self._held[kind]) + 1}"
        made = {**body, id_name: id, "created_at": _now()}
        self._held[kind][id] = made
        return made

    def _list(self, kind: str, key: str, query: Mapping[str, str]) -> dict[str, Any]:
        found = list(self._held[kind].values())
        for predicate in json.loads(query.get("filter") or "{}").get("predicates", []):
            if predicate["operation"] not in (1, "EQUALS"):
                raise RefusedError(400, "an operation that nobody needs")
            found = [one for one in found if one.get(predicate["key"]) == predicate["stringValue"]]
        if "experiment_id" in query:
            found = [one for one in found if one["experiment_id"] == query["experiment_id"]]
        return {key: found, "total_size": len(found)}

    # --- each kind ---

    def _list_versions(self, groups: tuple[str], query: Mapping[str, str], _: Any) -> dict[str, Any]:
        found = self._list("versions", "pipeline_versions", query)["pipeline_versions"]
        return {"pipeline_versions": [one for one in found if one["pipeline_id"] == groups[0]]}

    def _upload(self, _: Any, query: Mapping[str, str], package: str) -> dict[str, Any]:
        if query["pipelineid"] not in self._held["pipelines"]:
            raise RefusedError(404, "no such pipeline")
        body = {
            "display_name": query["name"],
            "name": query["name"],
            "pipeline_id": query["pipelineid"],
            "pipeline_spec": _specification(package),
        }
        return self._make("versions", "pipeline_version_id", "V2beta1PipelineVersion", body)

    def _check_source(self, model: str, body: Mapping[str, Any]) -> None:
        if fault := fault_of(model, body):
            raise RefusedError(400, fault)
        reference = body.get("pipeline_version_reference") or {}
        version = self._held["versions"].get(reference.get("pipeline_version_id", ""))
        if version is None or version["pipeline_id"] != reference["pipeline_id"]:
            raise RefusedError(404, "no such version")
        if body.get("experiment_id") not in self._held["experiments"]:
            raise RefusedError(404, "no such experiment")
        inputs = version["pipeline_spec"]["root"].get("inputDefinitions", {}).get("parameters", {})
        given = (body.get("runtime_config") or {}).get("parameters") or {}
        if unknown := given.keys() - inputs.keys():
            raise RefusedError(400, f"the pipeline has no {sorted(unknown)}")
        if missing := [name for name in inputs if not inputs[name].get("isOptional") and name not in given]:
            raise RefusedError(400, f"{missing} are missing")

    def _start(self, _: Any, __: Any, body: Any) -> dict[str, Any]:
        self._check_source("V2beta1Run", body)
        return {**self._make("runs", "run_id", "V2beta1Run", body), "state": "PENDING"}

    def _look_at_run(self, groups: tuple[str], _: Any, __: Any) -> dict[str, Any]:
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        tasks = [{"display_name": name, "state": "FAILED"} for name in self._settings.get("failed", [])]
        return {**self._held["runs"][groups[0]], "state": state, "run_details": {"task_details": tasks}}

    def _make_recurring(self, _: Any, __: Any, body: Any) -> dict[str, Any]:
        from tests.backends.kubeflow.scheduler import NotCronError, parse

        self._check_source("V2beta1RecurringRun", body)
        if not 1 <= int(body.get("max_concurrency", 0)) <= 10:
            raise RefusedError(400, "max concurrency must be at least 1 and at most 10")
        (schedule,) = body["trigger"].values()
        try:
            parse(schedule.get("cron", "0 0 0 * * *"))
        except NotCronError as error:
            raise RefusedError(400, f"no cron: {error}") from None
        if int(schedule.get("interval_second", 1)) < 1:
            raise RefusedError(400, "no interval")
        made = self._make("recurringruns", "recurring_run_id", "V2beta1RecurringRun", body)
        made["status"] = "ENABLED" if body["mode"] == "ENABLE" else "DISABLED"
        return made

    def _set_mode(self, groups: tuple[str, str], _: Any, __: Any) -> dict[str, Any]:
        self._held["recurringruns"][groups[0]]["status"] = groups[1].upper() + "D"
        return {}

    def _remove(self, id: str) -> dict[str, Any]:
        self._held["recurringruns"][id] = {"display_name": None, "experiment_id": None}
        return {}


def _specification(package: str) -> dict[str, Any]:
    """The specification of a file, which has to fit the protobufs."""
    import yaml

    json_format = import_module("google.protobuf.json_format")
    models = import_module("kfp.pipeline_spec.pipeline_spec_pb2")
    specification, *platforms = yaml.safe_load_all(package)
    try:
        json_format.ParseDict(specification, models.PipelineSpec())
        for platform in platforms:
            json_format.ParseDict(platform, models.PlatformSpec())
    except json_format.ParseError as error:
        raise RefusedError(400, f"no specification: {error}") from None
    found: dict[str, Any] = specification
    return found


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def serve(record: Path, settings: Mapping[str, Any]) -> None:
    """Listens on a free port, which is told on the first line of the output, for ever."""
    api = Api(settings)

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            body = self._body()
            token = self.headers.get("authorization")
            try:
                if settings.get("token") is not None and token != f"Bearer {settings['token']}":
                    raise RefusedError(401, "who are you?")
                status, answer = 200, api.answer(self.command, address.path.removeprefix(_API), query, body)
            except RefusedError as error:
                status, answer = error.status, {"error": str(error), "code": 3, "message": str(error), "details": []}
            asked = {"method": self.command, "path": address.path, "query": query, "body": body, "token": token}
            with record.open("a", encoding="utf-8") as file:
                print(json.dumps({**asked, "status": status}), file=file)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _handle  # noqa: N815

        def _body(self) -> Any:
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            kind = self.headers.get("content-type", "")
            if kind.startswith("multipart/"):
                parts = message_from_bytes(f"content-type: {kind}\r\n\r\n".encode() + content).get_payload()
                assert isinstance(parts, list)
                uploaded = parts[0].get_payload(decode=True)  # type: ignore[union-attr]
                assert isinstance(uploaded, bytes)
                return uploaded.decode()
            return json.loads(content) if content else None

        def log_message(self, *_: Any) -> None:
            """Nothing: the record has it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), json.loads(sys.argv[2]))
