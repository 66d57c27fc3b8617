"""Posting JSON to a web service. Addresses and headers may hold secrets: no message has more than the host's name."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .notice import AlertError, in_one_line

_DELAYS = (0.3, 1.0)
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
    host = _host(url)
    if not all(value.isprintable() and value.isascii() for value in (headers or {}).values()):
        raise AlertError("a header holds what cannot be sent")
    given = {"Content-Type": "application/json", "User-Agent": "pipec", **(headers or {})}
    try:
        request = urllib.request.Request(url, json.dumps(body).encode(), given, method="POST")
    except ValueError:
        raise AlertError("the address is not valid") from None
    for delay in _DELAYS:
        try:
            return _attempt(request, host, timeout)
        except _UnavailableError:
            time.sleep(delay)
    return _attempt(request, host, timeout)


def _attempt(request: urllib.request.Request, host: str, timeout: float) -> bytes:
    # `from None` everywhere: the exceptions of the library hold addresses and headers.
    try:
        with _opener().open(request, timeout=timeout) as answer:
            content: bytes = answer.read(_LONGEST_ANSWER)
            return content
    except urllib.error.HTTPError as error:
        error.close()
        if error.code >= 500:
            raise _UnavailableError(f"{host} answered {error.code}") from None
        if 300 <= error.code < 400:
            raise AlertError(f"{host} answered {error.code}, a redirection: give the address it leads to") from None
        raise AlertError(f"{host} answered {error.code}") from None
    except TimeoutError:
        raise AlertError(f"{host} did not answer in time") from None
    except urllib.error.URLError as error:
        raise _connection_error(host, error.reason) from None
    except http.client.InvalidURL:
        raise AlertError("the address is not valid") from None
    except (OSError, http.client.HTTPException) as error:
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


def _host(url: str) -> str:
    """The host of an address. Raises AlertError where it is no web address, or one with a user and password."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or "@" in parts.netloc:
        raise AlertError("the address must begin with https:// or http:// and a host, without user and password")
    return host


def _opener() -> urllib.request.OpenerDirector:
    """What opens http and https alone, by proxies where they are set.

    It follows no redirection: headers would go to whom they are not for.
    """
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener
