"""Posting JSON to a web service. Addresses and headers may hold secrets: no message has more than the host's name."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from http.client import HTTPException, InvalidURL
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from pipec.runtime.notices import AlertError, in_one_line

_POST_DELAYS = (0.3, 1.0)
"""Seconds before each further attempt."""

_LONGEST_ANSWER = 64 * 1024


class _UnavailableError(AlertError):
    """Another attempt may help."""


def post_json(
    url: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None, *, timeout: float = 10.0
) -> bytes:
    """Post an object and return the answer, cut at 64 KiB.

    A service that cannot be reached or has an error of its own (5xx) is tried twice more; redirections are not
    followed. `timeout` seconds are for each step on the network. Raises AlertError.
    """
    host = _host_of(url)
    if not all(value.isprintable() and value.isascii() for value in (headers or {}).values()):
        raise AlertError("a header holds what cannot be sent")
    given = {"Content-Type": "application/json", "User-Agent": "pipec", **(headers or {})}
    try:
        request = Request(url, json.dumps(body).encode(), given, method="POST")
    except ValueError:
        raise AlertError("the address is not valid") from None
    for delay in _POST_DELAYS:
        try:
            return _post_once(request, host, timeout)
        except _UnavailableError:
            time.sleep(delay)
    return _post_once(request, host, timeout)


def _post_once(request: Request, host: str, timeout: float) -> bytes:
    # `from None` everywhere: the exceptions of the library hold addresses and headers.
    try:
        with build_opener(_NoRedirect).open(request, timeout=timeout) as answer:
            content: bytes = answer.read(_LONGEST_ANSWER)
            return content
    except HTTPError as error:
        error.close()
        if error.code >= 500:
            raise _UnavailableError(f"{host} answered {error.code}") from None
        if 300 <= error.code < 400:
            raise AlertError(f"{host} answered {error.code}, a redirection: give the address it leads to") from None
        raise AlertError(f"{host} answered {error.code}") from None
    except TimeoutError:
        raise AlertError(f"{host} did not answer in time") from None
    except URLError as error:
        raise _connection_error(host, error.reason) from None
    except InvalidURL:
        raise AlertError("the address is not valid") from None
    except (OSError, HTTPException) as error:
        raise _connection_error(host, error) from None
    except ValueError:
        raise AlertError("the address or a header holds what cannot be sent") from None


def _connection_error(host: str, reason: object) -> AlertError:
    match reason:
        case TimeoutError():
            return AlertError(f"{host} did not answer in time")
        case ssl.SSLCertVerificationError():
            return AlertError(f"the certificate of {host} is not to be trusted: {in_one_line(reason.verify_message)}")
        case ssl.SSLError():
            return AlertError(f"no secure connection with {host}: {reason.reason or 'TLS failed'}")
        case OSError(strerror=str(why)):
            return _UnavailableError(f"cannot reach {host}: {in_one_line(why)}")
        case _:
            return _UnavailableError(f"the connection with {host} broke off")


def _host_of(url: str) -> str:
    """The host of an address. Raises AlertError where it is no web address, or one with a user and password."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or "@" in parts.netloc:
        raise AlertError("the address must begin with https:// or http:// and a host, without user and password")
    return host


class _NoRedirect(HTTPRedirectHandler):
    """Follows no redirection: headers would go to whom they are not for."""

    def redirect_request(self, *details: Any) -> None:
        return None
