"""Servers on this machine that alerts are sent to: they remember what came and answer as they are told."""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword


@dataclass
class Posted:
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class WebServer:
    """`answers` are status, body and headers, one a request, the last for all further ones."""

    answers: list[tuple[int, bytes, dict[str, str]]]
    posted: list[Posted] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def web_server(*answers: tuple[int, bytes, dict[str, str]]) -> Iterator[WebServer]:
    web = WebServer(list(answers) or [(200, b"ok", {})])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            web.posted.append(Posted(self.path, dict(self.headers), json.loads(content)))
            status, body, headers = web.answers.pop(0) if len(web.answers) > 1 else web.answers[0]
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            web.posted.append(Posted(f"GET {self.path}", dict(self.headers), None))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and never says a word; its port."""
    over = threading.Event()
    with _tcp_server(lambda connection: over.wait(30)) as port:
        try:
            yield port
        finally:
            over.set()


@contextmanager
def dripping_server() -> Iterator[int]:
    """Sends a byte of a header every tenth of a second, so that no timeout of a socket is ever over; its port."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not over.wait(0.1):
            connection.sendall(b"x")

    with _tcp_server(drip) as port:
        try:
            yield port
        finally:
            over.set()


@dataclass
class Connections:
    port: int
    count: int = 0


@contextmanager
def hanging_up_server() -> Iterator[Connections]:
    """Reads a request and hangs up; how often it was called."""
    connections = Connections(0)

    def hang_up(connection: socket.socket) -> None:
        connections.count += 1
        connection.recv(65536)

    with _tcp_server(hang_up) as connections.port:
        yield connections


@contextmanager
def _tcp_server(answer: Callable[[socket.socket], object]) -> Iterator[int]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                answer(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


@dataclass
class MailServer:
    """`refused` are addresses it does not take; `password` is the one it lets in."""

    refused: tuple[str, ...] = ()
    password: str = ""
    envelopes: list[Envelope] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802  # the library calls it so
        self, server: SMTP, session: object, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: object, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return "250 OK"

    def authenticate(self, server: SMTP, session: object, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        lets_in = isinstance(data, LoginPassword) and data.password.decode() == self.password
        return AuthResult(success=lets_in, handled=False, message=None if lets_in else f"535 not {data.password!r}")


@contextmanager
def mail_server(mail: MailServer, tls: str = "none", context: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """`tls` as in PIPEC_SMTP_TLS."""
    controller = Controller(
        mail,
        hostname="127.0.0.1",
        port=free_port(),
        ssl_context=context if tls == "tls" else None,
        tls_context=context if tls == "starttls" else None,
        require_starttls=tls == "starttls",
        authenticator=mail.authenticate if mail.password else None,
        auth_required=bool(mail.password),
        auth_require_tls=False,
    )
    controller.start()
    mail.port = controller.port
    try:
        yield mail
    finally:
        controller.stop()


def free_port() -> int:
    """A port nobody listens at."""
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        port: int = server.server_address[1]
        return port
