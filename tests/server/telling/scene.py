"""Incidents with messages, an engine that works when told to, and a real mail server on loopback."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from openline.incident import messages
from openline.incident.command import Actor
from openline.incident.opening import DeclareLevel, Report
from openline.notifiers.base import NotifierError

if TYPE_CHECKING:
    from openline.server.incidents.models import Incident
    from openline.server.status_pages.models import StatusPage

COMMANDER = Actor("Commander", "account:1", role="incident-commander", person="commander-a")


def incident(*, exercise: bool = False, level: int = 2, slug: str = "harbor") -> "Incident":
    """Return an incident with a level in force."""
    from openline.server.incidents.store import carry_out, report
    from openline.server.plans.store import centre

    revision = centre(slug)
    opening = Report(
        title="Gas leak in cellar",
        plan_slug=slug,
        plan_hash=revision.content_hash,
        objects=("quay",),
        exercise=exercise,
    )
    found = report(revision, opening, COMMANDER)
    carry_out(found, DeclareLevel(level=level), COMMANDER)
    return found


def release(found: "Incident", text: str = "Calls wait longer.", *, last: bool = False, **said: Any) -> str:
    """Draft, approve and release a message; returns its id."""
    from openline.server.incidents.store import carry_out

    draft = {"audience": "customers", "channel": "web", "text": text, **said}
    entry = carry_out(found, messages.DraftMessage.model_validate(draft), COMMANDER)[0]
    name: str = entry.event.message  # type: ignore[attr-defined]
    carry_out(found, messages.ApproveMessage(message=name), COMMANDER)
    carry_out(found, messages.ReleaseMessage(message=name, is_last=last), COMMANDER)
    return name


def work(*kinds: str) -> int:
    """Do the jobs of some kinds that wait, as the engine does; returns how many failed for good."""
    from openline.server.engine import port as engine
    from openline.server.engine.models import Job
    from openline.server.incidents import world

    failed = 0
    for job in Job.objects.filter(state="waiting", kind__in=kinds).order_by("made_at"):
        try:
            outcome = engine.Outcome("done", world.act(job.kind, job.key, job.payload, 1) or {}, "", 1, False)
        except (engine.Refused, NotifierError, RuntimeError, OSError) as error:
            outcome, failed = engine.Outcome("failed", {}, str(error), 8, False), failed + 1
        world.record(job.topic, job.kind, job.key, job.payload, outcome)
        Job.objects.filter(pk=job.pk).update(state="done")
    return failed


def status_page(**more: Any) -> "StatusPage":
    """Return harbor's page, switched on."""
    from openline.server.status_pages.models import StatusPage

    StatusPage.objects.filter(slug="harbor").delete()
    given = {"is_on": True, "title": "Harbor Mutual", "languages": ["en"], "services": {"claims": "Claims"}, **more}
    return StatusPage.objects.create(slug="harbor", **given)


class Mailbox:
    """A mail server that keeps what it is given, and can be told to refuse."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses = ""

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        if self.refuses:
            return self.refuses
        mail = BytesParser(policy=default).parsebytes(envelope.content)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """Return the mails to an address."""
        return [m for m in self.mails if m["To"] == address]


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, int]]:
    """Run a mail server on a free port of this machine."""
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()
