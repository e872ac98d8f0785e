"""E-mail by SMTP: a server of one's own or a provider's, one connection for many messages."""

import contextlib
import smtplib
import ssl
import threading
import time
from collections import deque
from email.message import EmailMessage
from email.utils import formatdate
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from openline.notifiers.base import Kind, NotifierError, Outgoing
from openline.notifiers.secret import NoSuchSecret, SecretName, secret
from openline.plan.record import Name, Record

IDLE_S = 20.0
"""How long a connection lies unused before a new one is opened instead; servers close idle ones."""

Address = Annotated[str, StringConstraints(pattern=r"^[^\s@<>\"]+@[^\s@<>\"]+$", max_length=254)]


class SmtpOptions(Record):
    """How the mail server is reached."""

    host: Name = Field(description="Name or address of the mail server.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(
        587, description="587 with starttls, 465 with tls, 25 with none."
    )
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the connection is encrypted.")
    verify: bool = Field(True, description="Refuse a server whose certificate is not valid for its name.")
    user: Name | None = Field(None, description="Name to sign in with; nothing to send without signing in.")
    secret: SecretName | None = Field(None, description="Name of the secret that is the password.")
    sender: Address = Field(description="Address that messages come from.")
    timeout_s: Annotated[float, Field(gt=0, le=60)] = Field(10.0, description="Longest wait for the server, seconds.")

    @model_validator(mode="after")
    def _sound(self) -> "SmtpOptions":
        if self.user and self.secret is None:
            raise ValueError("to sign in, name the secret that is the password")
        if self.user and self.security == "none":
            raise ValueError("a password is sent over an encrypted line only: choose starttls or tls")
        return self


class Smtp:
    """Hands e-mail to a mail server."""

    def __init__(self, options: SmtpOptions) -> None:
        self.options = options
        self._idle: deque[tuple[float, smtplib.SMTP]] = deque()
        self._lock = threading.Lock()

    def hand_over(self, message: Outgoing) -> str:
        """Hand one e-mail over on a connection that is free, or on a new one."""
        mail = self.mail(message)
        server, is_used = self._taken()
        try:
            server.send_message(mail, self.options.sender, [message.to])
        except smtplib.SMTPServerDisconnected as error:
            _drop(server)
            # A used connection that the server had closed took nothing; a fresh one may have been cut off after DATA.
            raise NotifierError(f"the mail server hung up: {error}", retry=True, maybe_sent=not is_used) from error
        except smtplib.SMTPRecipientsRefused as error:
            self._back(server)
            code, text = next(iter(error.recipients.values()))
            raise _answered(code, text) from error
        except smtplib.SMTPResponseException as error:
            _drop(server)
            raise _answered(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            _drop(server)
            raise NotifierError(f"the mail server did not answer: {error}", retry=True, maybe_sent=True) from error
        self._back(server)
        return str(mail["Message-ID"])

    def mail(self, message: Outgoing) -> EmailMessage:
        """Return the e-mail; the same key has the same Message-ID, so that a mailbox can tell a repeat."""
        mail = EmailMessage()
        domain = self.options.sender.rpartition("@")[2]
        mail["From"], mail["To"] = self.options.sender, _one_line(message.to)
        mail["Subject"] = _one_line(message.subject)[:200] or "Message"
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{sha256(message.key.encode()).hexdigest()[:32]}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        for name, value in message.headers:
            mail[name] = _one_line(value)
        mail.set_content(message.text)
        return mail

    def close(self) -> None:
        """Say goodbye on every idle connection."""
        while self._idle:
            with contextlib.suppress(IndexError):
                _drop(self._idle.pop()[1])

    def _taken(self) -> tuple[smtplib.SMTP, bool]:
        """Return (connection, whether it was used before)."""
        while True:
            with self._lock:
                if not self._idle:
                    break
                since, server = self._idle.pop()
            if time.monotonic() - since < IDLE_S and _is_alive(server, since):
                return server, True
            _drop(server)
        return self._opened(), False

    def _back(self, server: smtplib.SMTP) -> None:
        with self._lock:
            self._idle.append((time.monotonic(), server))

    def _opened(self) -> smtplib.SMTP:
        o = self.options
        context = _context(verify=o.verify)
        try:
            if o.security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(o.host, o.port, timeout=o.timeout_s, context=context)
            else:
                server = smtplib.SMTP(o.host, o.port, timeout=o.timeout_s)
        except smtplib.SMTPResponseException as error:
            raise _answered(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotifierError(f"the mail server {o.host} can not be reached: {error}", retry=True) from error
        try:
            if o.security == "starttls":
                server.starttls(context=context)
            if o.user:
                server.login(o.user, secret(o.secret or ""))
        except smtplib.SMTPResponseException as error:
            _drop(server)
            # A password that is wrong now may be put right while the incident lasts, so it is worth another try.
            raise NotifierError(
                f"the mail server does not let us in: {_words(error.smtp_error)}", retry=True
            ) from error
        except (NoSuchSecret, OSError, smtplib.SMTPException) as error:
            _drop(server)
            raise NotifierError(f"the mail server {o.host} can not be used: {error}", retry=True) from error
        return server


def _context(*, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _is_alive(server: smtplib.SMTP, since: float) -> bool:
    """Ask a connection that lay idle for a second or more whether it still works."""
    if time.monotonic() - since < 1.0:
        return True
    try:
        return server.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _drop(server: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError, smtplib.SMTPException):
        server.close()


def _answered(code: int, text: bytes | str) -> NotifierError:
    """Return what an answer of the server means: 4xx asks to come back, 5xx is final."""
    return NotifierError(f"the mail server answered {code} {_words(text)}", retry=400 <= code < 500)


def _words(text: bytes | str) -> str:
    return (text.decode(errors="replace") if isinstance(text, bytes) else text)[:160]


def _one_line(text: str) -> str:
    return " ".join(text.split())


KIND = Kind("E-mail (SMTP)", SmtpOptions, ("email", "pager"), Smtp)
