"""Alerts by mail, through a real SMTP server."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from pipec.backends.local.alerts.deliver import deliver
from pipec.backends.local.alerts.mail import compose
from pipec.backends.local.alerts.notice import Notice

from pipec.runtime.notices import AlertError
from tests.backends.local.alerts.notices import notice, refusal
from tests.backends.local.alerts.servers import MailServer, free_port, mail_server, silent_server

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

TO = {"to": ["ml@example.com"]}


def settings(mail: MailServer, **others: str) -> dict[str, str]:
    own = {"PIPEC_SMTP_HOST": "127.0.0.1", "PIPEC_SMTP_PORT": str(mail.port), "PIPEC_SMTP_FROM": "pipec@example.com"}
    return own | {"PIPEC_SMTP_TLS": "none"} | {f"PIPEC_SMTP_{name}": value for name, value in others.items()}


def to(*addresses: str, **changes: Any) -> Notice:
    return notice("email", {"to": list(addresses)}, **changes)


def received(mail: MailServer) -> EmailMessage:
    [envelope] = mail.envelopes
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that only those trust who are told to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


# --- what arrives ------------------------------------------------------------------------------------


def test_a_mail() -> None:
    with mail_server(MailServer()) as mail:
        deliver(to("ml@example.com", "ops@example.com", message="1 > 0\n.\nGrüße"), settings(mail))
    message = received(mail)
    assert mail.envelopes[0].rcpt_tos == ["ml@example.com", "ops@example.com"]
    assert mail.envelopes[0].mail_from == "pipec@example.com"
    assert (message["From"], message["To"]) == ("pipec@example.com", "ml@example.com, ops@example.com")
    assert message["Subject"] == 'wafer_yield: train["rf"] failed'
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Thu, 01 Jan 2026 01:00:00 +0000"
    assert message.get_content().splitlines() == [
        'wafer_yield: train["rf"] failed',
        "1 > 0",
        ".",
        "Grüße",
        "",
        "Run: 20260101T020000-1a2b",
        "Started: 2026-01-01T00:00:00+00:00",
        "file:///data/.pipec/runs/20260101T020000-1a2b",
    ]


def test_a_subject_of_ones_own() -> None:
    with mail_server(MailServer()) as mail:
        deliver(notice("email", {**TO, "subject": "Zu spät"}), settings(mail))
    assert received(mail)["Subject"] == "Zu spät"


def test_the_user_is_the_sender_where_none_is_set() -> None:
    with mail_server(MailServer(password="password-secret")) as mail:
        environment = settings(mail, USER="bot@example.com", PASSWORD="password-secret", FROM="")
        deliver(to("ml@example.com"), environment)
    assert received(mail)["From"] == "bot@example.com"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_secure_connections(
    tls: str, context: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(MailServer(password="password-secret"), tls, context) as mail:
        environment = settings(mail, TLS=tls, USER="bot", PASSWORD="password-secret")
        deliver(to("ml@example.com"), environment)
    assert len(mail.envelopes) == 1


# --- what goes wrong ---------------------------------------------------------------------------------


def test_a_certificate_that_nobody_vouches_for(context: ssl.SSLContext) -> None:
    with mail_server(MailServer(), "starttls", context) as mail:
        said = refusal(to("ml@example.com"), settings(mail, TLS="starttls"))
    assert said.startswith("the certificate of 127.0.0.1 is not to be trusted: self")
    assert mail.envelopes == []


def test_a_server_without_tls_gets_no_password() -> None:
    with mail_server(MailServer()) as mail:
        environment = settings(mail, TLS="starttls", USER="bot", PASSWORD="password-secret")
        said = refusal(to("ml@example.com"), environment)
    assert said == "127.0.0.1 does not offer TLS, a login, or addresses beyond ASCII"


def test_a_wrong_password() -> None:
    with mail_server(MailServer(password="right")) as mail:
        said = refusal(to("ml@example.com"), settings(mail, USER="bot", PASSWORD="password-secret"))
    assert said == "127.0.0.1 refused PIPEC_SMTP_USER with PIPEC_SMTP_PASSWORD (535: authentication failed)"


def test_addresses_that_are_refused() -> None:
    with mail_server(MailServer(refused=("gone@example.com",))) as mail:
        assert refusal(to("gone@example.com"), settings(mail)) == "127.0.0.1 refused gone@example.com"
        said = refusal(to("gone@example.com", "ml@example.com"), settings(mail))
    assert said == "127.0.0.1 refused gone@example.com, others were told"
    assert [envelope.rcpt_tos for envelope in mail.envelopes] == [["ml@example.com"]]


def test_nobody_listens() -> None:
    port = free_port()
    said = refusal(to("ml@example.com"), settings(MailServer(port=port)))
    assert said == f"cannot reach 127.0.0.1 at port {port}: Connection refused"


def test_a_server_that_says_nothing() -> None:
    with silent_server() as port:
        said = refusal(to("ml@example.com"), settings(MailServer(port=port)), timeout=0.5)
    assert said == "email: nobody answered within 0.5s"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"HOST": ""}, "set PIPEC_SMTP_HOST to the name of the mail server"),
        ({"FROM": ""}, "set PIPEC_SMTP_FROM to the address that alerts come from"),
        ({"FROM": "nobody"}, "nobody is no mail address"),
        ({"TLS": "ssl"}, "set PIPEC_SMTP_TLS to starttls, tls or none"),
        ({"PORT": "smtp"}, "set PIPEC_SMTP_PORT to the number of a port"),
        ({"PORT": "99999"}, "set PIPEC_SMTP_PORT to the number of a port"),
        ({"USER": "bot"}, "set PIPEC_SMTP_PASSWORD to the password of PIPEC_SMTP_USER"),
        (
            {"HOST": "mail.example.com", "USER": "bot", "PASSWORD": "password-secret"},
            "PIPEC_SMTP_PASSWORD is not sent in the open: set PIPEC_SMTP_TLS to starttls or tls",
        ),
    ],
)
def test_settings_that_are_wrong(changes: dict[str, str], said: str) -> None:
    assert refusal(to("ml@example.com"), settings(MailServer(port=1), **changes)) == said


# --- nothing becomes a header ------------------------------------------------------------------------

_NASTY = st.text(st.sampled_from("\r\n\0 :@,<>\"'\\éb\u2028\x85=?"), max_size=20)


@given(subject=_NASTY, task=_NASTY, message=_NASTY)
def test_no_value_becomes_a_header(subject: str, task: str, message: str) -> None:
    sent = notice("email", {**TO, "subject": f"x{subject}\r\nBcc: a@b"}, task=f"{task}\nBcc: a@b", message=message)
    for one in (sent, notice("email", TO, task=f"{task}\r\nBcc: a@b", message=message)):
        composed = message_from_bytes(compose(one, compose_sender()).as_bytes(), policy=policy.default)
        assert sorted(composed.keys()) == HEADERS


@given(_NASTY, _NASTY)
def test_no_address_becomes_a_header_or_another_address(before: str, after: str) -> None:
    try:
        composed = compose(to(f"{before}a@b{after}"), compose_sender())
    except AlertError:
        return
    read = message_from_bytes(composed.as_bytes(), policy=policy.default)
    assert sorted(read.keys()) == HEADERS
    assert len(read["To"].addresses) == 1


@pytest.mark.parametrize("address", ["a@b\r\nBcc: c@d", "a@b, c@d", "a", "@b", "a@", "A <a@b>", "", "a@b\n"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(AlertError, match="is no mail address"):
        compose(to(address), compose_sender())


HEADERS = sorted(
    [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    ]
)


def compose_sender() -> Address:
    return Address(addr_spec="pipec@example.com")
