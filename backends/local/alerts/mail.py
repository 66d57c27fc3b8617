"""Alerts by mail, through the SMTP server of the settings."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Literal

from pipec.runtime.notices import AlertError, in_one_line, mail_subject

from .notice import Notice
from .settings import is_this_machine, needed

_Tls = Literal["starttls", "tls", "none"]

_PORTS: dict[str, tuple[_Tls, int]] = {"starttls": ("starttls", 587), "tls": ("tls", 465), "none": ("none", 25)}


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    tls: _Tls
    user: str
    password: str


def send(notice: Notice, environment: Mapping[str, str], *, timeout: float = 10.0) -> None:
    """Raises AlertError. `timeout` seconds are for each step on the network."""
    server = _server(environment)
    message = compose(notice, _sender(environment))
    # `from None` everywhere: a server may answer with what it was sent.
    try:
        with _connect(server, timeout) as connection:
            refused = connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        raise AlertError(f"{server.host} refused {_listed(error.recipients)}") from None
    except smtplib.SMTPSenderRefused as error:
        raise AlertError(f"{server.host} refused the sender of PIPEC_SMTP_FROM ({error.smtp_code})") from None
    except smtplib.SMTPAuthenticationError as error:
        code = error.smtp_code
        raise AlertError(
            f"{server.host} refused PIPEC_SMTP_USER with PIPEC_SMTP_PASSWORD ({code}: authentication failed)"
        ) from None
    except smtplib.SMTPResponseException as error:
        raise AlertError(f"{server.host} answered {error.smtp_code}") from None
    except smtplib.SMTPNotSupportedError:
        raise AlertError(f"{server.host} does not offer TLS, a login, or addresses beyond ASCII") from None
    except smtplib.SMTPException:
        raise AlertError(f"the connection with {server.host} broke off") from None
    except TimeoutError:
        raise AlertError(f"{server.host} did not answer in time") from None
    except ssl.SSLCertVerificationError as error:
        why = in_one_line(error.verify_message)
        raise AlertError(f"the certificate of {server.host} is not to be trusted: {why}") from None
    except ssl.SSLError:
        raise AlertError(f"no secure connection with {server.host}: see PIPEC_SMTP_TLS and PIPEC_SMTP_PORT") from None
    except OSError as error:
        raise AlertError(
            f"cannot reach {server.host} at port {server.port}: {error.strerror or 'no connection'}"
        ) from None
    if refused:
        raise AlertError(f"{server.host} refused {_listed(refused)}, others were told")


def compose(notice: Notice, sender: Address) -> EmailMessage:
    """The mail. Raises AlertError where an address is none, which could end a header and begin another."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = [_address(text) for text in notice.arguments["to"]]
    message["Subject"] = mail_subject(notice, notice.arguments.get("subject"))
    message["Date"] = format_datetime(datetime.fromtimestamp(int(notice.at), UTC))
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notice.text + "\n")
    return message


def _connect(server: _Server, timeout: float) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.tls == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=timeout)
    try:
        if server.tls == "starttls":
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _server(environment: Mapping[str, str]) -> _Server:
    host = needed(environment, "PIPEC_SMTP_HOST", "the name of the mail server")
    written = environment.get("PIPEC_SMTP_TLS", "").strip().lower() or "starttls"
    if written not in _PORTS:
        raise AlertError("set PIPEC_SMTP_TLS to starttls, tls or none")
    tls, usual_port = _PORTS[written]
    port = environment.get("PIPEC_SMTP_PORT", "").strip() or str(usual_port)
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise AlertError("set PIPEC_SMTP_PORT to the number of a port")
    user = environment.get("PIPEC_SMTP_USER", "").strip()
    password = needed(environment, "PIPEC_SMTP_PASSWORD", "the password of PIPEC_SMTP_USER") if user else ""
    if user and tls == "none" and not is_this_machine(host):
        raise AlertError("PIPEC_SMTP_PASSWORD is not sent in the open: set PIPEC_SMTP_TLS to starttls or tls")
    return _Server(host, int(port), tls, user, password)


def _sender(environment: Mapping[str, str]) -> Address:
    user = environment.get("PIPEC_SMTP_USER", "").strip()
    if "@" in user and not environment.get("PIPEC_SMTP_FROM"):
        return _address(user)
    return _address(needed(environment, "PIPEC_SMTP_FROM", "the address that alerts come from"))


def _address(text: str) -> Address:
    try:
        address = Address(addr_spec=text)
    except Exception:  # the parser of addresses raises what it likes
        raise AlertError(f"{in_one_line(text)} is no mail address") from None
    if not address.username or not address.domain:
        raise AlertError(f"{in_one_line(text)} is no mail address")
    return address


def _listed(refused: Mapping[str, object]) -> str:
    return ", ".join(sorted(map(in_one_line, refused)))
