"""Subscribing by e-mail with double opt-in, and leaving by one click; nobody can find out who subscribed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from django.core import signing
from django.db import transaction
from django.utils import timezone

from openline.incident.state import Message
from openline.incident.telling import PUBLIC, headline
from openline.notifiers.base import NotifierError, Outgoing, send_to_asker
from openline.server.engine import port as engine
from openline.server.incidents.models import Incident
from openline.server.incidents.releasing import Reader
from openline.server.incidents.store import pinned
from openline.server.notifications.store import providers
from openline.server.security import Limit
from openline.server.status_pages.export import address
from openline.server.status_pages.models import StatusPage, Subscriber
from openline.server.status_pages.words import words

KIND = "subscription"
CONFIRM, LEAVE = "openline.status.confirm", "openline.status.leave"
HOURS = 48
"""How long a confirmation link holds."""
ASKS = 3
"""Mails that one address can be made to get in a day without having confirmed anything."""
CLIENTS: Final = Limit(most=6, window_s=600)
EVERYBODY: Final = Limit(most=600, window_s=3600)
"""Confirmation mails of this node in an hour: nobody can make it write to the whole world."""
CHANNELS = ("web", "email")


class BadLink(ValueError):
    """The link is not one that was sent."""


class Expired(BadLink):
    """The link is older than two days."""


@transaction.atomic
def ask(page: StatusPage, address: str, language: str) -> None:
    """Begin a subscription: a mail goes out, also to who is subscribed already, so that the answer tells nothing."""
    now = timezone.now()
    stale = Subscriber.objects.filter(confirmed_at=None, asked_at__lt=now - timedelta(hours=HOURS))
    stale.delete()
    row, _ = Subscriber.objects.get_or_create(page=page, address=address.lower(), defaults={"language": language})
    if row.asked_at < now - timedelta(days=1):
        row.asks = 0
    if row.asks >= ASKS:
        return
    row.asks, row.asked_at = row.asks + 1, now
    row.save(update_fields=["asks", "asked_at"])
    key = f"subscription/{row.pk}/{now:%Y%m%d%H%M%S%f}"
    engine.enqueue([engine.NewJob(key=key, kind=KIND, topic="status", payload={"subscriber": row.pk})])


def send_asked(key: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    """Send the mail that asks for confirmation. Raises NotifierError to be tried again."""
    row = Subscriber.objects.select_related("page").filter(pk=payload["subscriber"]).first()
    if row is None:
        return None
    message = _asking(row, key) if row.confirmed_at is None else _known(row, key)
    last: NotifierError | None = None
    for _, provider in providers("email"):
        try:
            send_to_asker(provider, message)
            return None
        except NotifierError as error:
            last = error
    if last is None:
        raise engine.Refused("no provider for e-mail is set up")
    if last.retry:
        raise last
    raise engine.Refused(str(last))


def asked_ended(key: str, payload: dict[str, Any], outcome: engine.Outcome) -> None:
    """Keep nothing: who asked can ask again."""


def _asking(row: Subscriber, key: str) -> Outgoing:
    w, title = words(row.language), row.page.title
    text = f"{w['mail_text'].format(title=title)}\n\n{confirm_link(row)}\n\n{w['mail_ignore']}\n"
    return Outgoing(key, "email", row.address, f"{title}: {w['mail_subject']}", text)


def _known(row: Subscriber, key: str) -> Outgoing:
    w, title = words(row.language), row.page.title
    text = f"{w['mail_known'].format(title=title)}\n\n{leave_link(row)}\n"
    return Outgoing(key, "email", row.address, f"{title}: {w['mail_known_subject']}", text, _headers(row))


def confirm_link(row: Subscriber) -> str:
    """Return the link that confirms; it holds for two days."""
    return f"{address(row.page.slug)}confirm/{signing.dumps([row.pk, row.code], salt=CONFIRM)}/"


def leave_link(row: Subscriber) -> str:
    """Return the link that ends a subscription; it holds as long as there is one."""
    return f"{address(row.page.slug)}leave/{signing.dumps([row.pk, row.code], salt=LEAVE)}/"


def _headers(row: Subscriber) -> tuple[tuple[str, str], ...]:
    """Return what lets mail programs show a button that unsubscribes (RFC 2369, RFC 8058)."""
    return ("List-Unsubscribe", f"<{leave_link(row)}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


def opened(text: str, salt: str, slug: str) -> Subscriber | None:
    """Return the subscriber of a link, None when there is none any more. Raises BadLink and Expired."""
    max_age = HOURS * 3600 if salt == CONFIRM else None
    try:
        pk, code = signing.loads(text, salt=salt, max_age=max_age)
    except signing.SignatureExpired:
        raise Expired("this link has expired") from None
    except (signing.BadSignature, ValueError, TypeError):
        raise BadLink("this link is not one that was sent") from None
    return Subscriber.objects.select_related("page").filter(pk=pk, code=code, page__slug=slug).first()


def confirm(row: Subscriber) -> None:
    """Let the mails begin."""
    Subscriber.objects.filter(pk=row.pk, confirmed_at=None).update(confirmed_at=timezone.now())


def leave(row: Subscriber) -> None:
    """Delete the address."""
    row.delete()


def forget(page: StatusPage, address: str) -> int:
    """Delete an address that asks to be deleted by other means; returns how many subscriptions it had here."""
    return Subscriber.objects.filter(page=page, address=address.strip().lower()).delete()[0]


def readers(incident: Incident, message: Message) -> Iterator[Reader]:
    """Yield who subscribed and confirmed, for words to customers and the public."""
    if message.audience not in PUBLIC or message.channel not in CHANNELS:
        return
    page = StatusPage.objects.filter(slug=incident.slug, is_on=True).first()
    if page is None:
        return
    template = pinned(incident).templates.get(message.template or "")
    others = set(template.languages) - {message.language} if template is not None else set()
    rows = page.subscribers.exclude(confirmed_at=None).exclude(language__in=others).order_by("pk")
    for row in rows.iterator(chunk_size=1000):
        row.page = page
        yield _reader(row, message)


def _reader(row: Subscriber, message: Message) -> Reader:
    w, page = words(row.language), row.page
    why = w["mail_why"].format(title=page.title)
    after = f"\n\n{address(page.slug)}\n\n--\n{why}\n{w['mail_stop']} {leave_link(row)}\n"
    subject = f"{page.title}: {headline(message)}"
    return Reader(f"subscriber.{row.pk}", "email", row.address, subject, "", after, _headers(row))
