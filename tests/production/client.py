"""Airflow's REST API, as a program of a user would call it."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

POLL_SECONDS = 0.5
Found = TypeVar("Found")

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class RefusedError(Exception):
    """The API answered with an error: `status` is the code of HTTP, the message says why."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(f"{status}: {message}")


class Client:
    """Calls the API at an address such as `http://127.0.0.1:8080`; every user may do everything there."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._token: str | None = None

    def get(self, *path: str, **query: Any) -> Any:
        """What GET answers. The parts of a path are quoted."""
        return self._call("GET", path, query=query)

    def post(self, *path: str, body: Mapping[str, Any]) -> Any:
        """What POST answers."""
        return self._call("POST", path, body)

    def patch(self, *path: str, body: Mapping[str, Any]) -> Any:
        """What PATCH answers."""
        return self._call("PATCH", path, body)

    def healthy(self, *components: str) -> bool:
        """Whether the API answers and says that these components are well."""
        try:
            health = self._send(f"{self._address}/api/v2/monitor/health", "GET", None, {})
        except (RefusedError, OSError):
            return False
        return all(health.get(component, {}).get("status") == "healthy" for component in components)

    def _call(
        self,
        method: str,
        path: tuple[str, ...],
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Any:
        if self._token is None:
            self._token = self._send(f"{self._address}/auth/token", "GET", None, {})["access_token"]
        address = "/".join((self._address, "api/v2", *(quote(part, safe="~") for part in path)))
        if query:
            address += "?" + urlencode(query, doseq=True)
        return self._send(address, method, body, {"Authorization": f"Bearer {self._token}"})

    def _send(self, address: str, method: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data, {**headers, "Content-Type": "application/json"}, method=method)
        try:
            with _DIRECT.open(request, timeout=60) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            raise RefusedError(error.code, error.read().decode("utf-8", "replace")) from None
        return json.loads(content) if content else None


def wait_for(look: Callable[[], Found | None], what: str, seconds: float) -> Found:
    """What `look` gives as soon as that is neither None nor false; an AssertionError names `what` did not come."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"after {seconds:g} s still waiting for {what}"
        time.sleep(POLL_SECONDS)
