"""Links and turns in and out of the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from openline.exchange.answers import Answers, Flat, Key, Outcome, answer
from openline.exchange.owner import owned
from openline.exchange.verdicts import Verdict
from openline.plan.document import Plan
from openline.server.accounts.models import Account, Act
from openline.server.accounts.store import holder, record
from openline.server.links import secret
from openline.server.links.models import Did, Kind, Link, Turn
from openline.server.plans.models import Revision
from openline.server.plans.store import NoSuchCentre, centre, hold, keep, plan_of

MOST_DAYS, USUAL_DAYS = 90, 14


class NoSuchLink(LookupError):
    """There is no such link, or its address was altered."""


class LinkShut(Exception):
    """A link that was good once: `why` is expired, withdrawn, or gone when what it asks about is."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is asked: a role that answers for things, or a vendor; `part` is all that may be shown of the plan."""

    kind: Kind
    id: str
    title: str
    revision: Revision
    plan: Plan
    part: Plan

    @property
    def slug(self) -> str:
        return self.revision.slug


def subject(revision: Revision, kind: str, name: str) -> Subject | None:
    """Return who is asked, None when the plan knows nobody of that name."""
    plan = plan_of(revision)
    if kind == "owner" and name in plan.roles:
        return Subject("owner", name, plan.roles[name].title, revision, plan, owned(plan, name))
    if kind == "vendor" and name in plan.vendors:
        part = Plan(organization=plan.organization, vendors={name: plan.vendors[name]})
        return Subject("vendor", name, plan.vendors[name].title, revision, plan, part)
    return None


@transaction.atomic
def make(request: HttpRequest, asked: Subject, *, days: int, now: datetime) -> str:
    """Make a link and return its address, which can not be shown again."""
    hidden, account = secret.new_secret(), holder(request)
    link = Link.objects.create(
        kind=asked.kind,
        slug=asked.slug,
        subject=asked.id,
        secret_hash=secret.hash_of(hidden),
        made_by=account,
        who=str(account or "nobody")[:120],
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    turn(asked, "asked", "link", link.who, now=now, link=link)
    record(request, "made a link", slug=asked.slug, about=f"{asked.kind} {asked.id}, {days} days")
    path = reverse("links:open", args=[secret.address(link.pk, hidden)])
    return (settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")) + path


def find(token: str, now: datetime) -> tuple[Link, Subject]:
    """Return the link of an address and whom it asks; raises NoSuchLink or LinkShut."""
    try:
        said = secret.read_address(token)
    except secret.NotOurs as error:
        raise NoSuchLink from error
    link = Link.objects.filter(pk=said.pk).first()
    if link is None or not secret.is_hash_of(said.secret, link.secret_hash):
        raise NoSuchLink
    if link.state(now) in ("withdrawn", "expired"):
        raise LinkShut(link.state(now))
    try:
        asked = subject(centre(link.slug), link.kind, link.subject)
    except NoSuchCentre:
        asked = None
    if asked is None:
        raise LinkShut("gone")
    return link, asked


@transaction.atomic
def opened(link: Link, asked: Subject, now: datetime) -> None:
    """Note that a link was used, and log it the first time."""
    first = Link.objects.filter(pk=link.pk, opened_at=None).update(opened_at=now)
    Link.objects.filter(pk=link.pk).update(last_used_at=now)
    if first:
        who = f"{asked.title}, by link"[:120]
        turn(asked, "opened", "link", who, now=now, link=link)
        Act.objects.create(at=now, who=who, did="opened a link", slug=link.slug, about=f"{link.kind} {link.subject}")


@transaction.atomic
def withdraw(request: HttpRequest, slug: str, pk: int, now: datetime) -> bool:
    """Withdraw a link; False when there is none, or it was withdrawn already."""
    who = str(holder(request) or "nobody")[:120]
    found = Link.objects.filter(pk=pk, slug=slug, withdrawn_at=None)
    link = found.first()
    if link is None or not found.update(withdrawn_at=now, withdrawn_by=who):
        return False
    record(request, "withdrew a link", slug=slug, about=f"{link.kind} {link.subject}")
    return True


def turn(
    asked: Subject, did: Did, way: str, who: str, *, now: datetime, link: Link | None = None, content_hash: str = ""
) -> None:
    """Add a turn of asking and answering."""
    Turn.objects.create(
        at=now, slug=asked.slug, kind=asked.kind, subject=asked.id, did=did, way=way, who=who[:120], link=link,
        content_hash=content_hash,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class By:
    """Who answers: the name that was typed behind a link, or the account that brings a file in."""

    name: str
    link: Link | None = None
    account: Account | None = None
    way: str = "link"

    def told(self, asked: Subject) -> str:
        """Return how revisions and the log name them."""
        if self.account is not None:
            return str(self.account)
        return f"{self.name[:60]}, {asked.title[:45]} by {self.way}"


def before(asked: Subject, revision_pk: int) -> Plan:
    """Return the plan of the revision that whoever answers looked at; the one in force when it is not there."""
    found = Revision.objects.filter(slug=asked.slug, pk=revision_pk).first()
    return plan_of(found) if found is not None else asked.plan


@transaction.atomic
def take(
    asked: Subject,
    by: By,
    *,
    based_on: int,
    typed: dict[Key, Flat],
    verdicts: tuple[Verdict, ...],
    signs: bool,
    now: datetime,
    on: date | None = None,
) -> Outcome:
    """Lay answers over the revision in force and keep what comes of it; raises LinkShut when it was shut meanwhile."""
    if by.link is not None:
        still = Link.objects.filter(pk=by.link.pk, withdrawn_at=None, expires_at__gt=now)
        if not still.update(answered_at=now, answered_by=by.name[:60], last_used_at=now):
            raise LinkShut("withdrawn")
    hold(asked.slug)
    revision = centre(asked.slug)
    current = subject(revision, asked.kind, asked.id)
    if current is None:
        raise LinkShut("gone")
    said = _said(asked, by, typed, verdicts, on or now.date())
    found = _laid(current, before(asked, based_on), said)
    if not found.files:
        transaction.set_rollback(True)
        return found
    _keep(current, by, found.files, signs=signs, now=now)
    return found


def tried(
    asked: Subject,
    by: By,
    *,
    based_on: int,
    typed: dict[Key, Flat],
    verdicts: tuple[Verdict, ...],
    on: date,
) -> Outcome:
    """Return what would come of answers and keep nothing, so that all that is wrong with a form is told at once."""
    return _laid(asked, before(asked, based_on), _said(asked, by, typed, verdicts, on))


def _said(asked: Subject, by: By, typed: dict[Key, Flat], verdicts: tuple[Verdict, ...], on: date) -> Answers:
    return Answers(asked.id if asked.kind == "owner" else None, by.told(asked), on, typed, verdicts)


def _laid(current: Subject, before: Plan, said: Answers) -> Outcome:
    """Lay answers over the plan in force, as far as they are about what this subject answers for."""
    lost = [k for k in _keys(said.typed, said.verdicts) if not _is_theirs(current, k)]
    if lost:
        told = tuple(f"{c} {i} is not among what {current.title} answers for (any more)" for c, i in lost)
        return Outcome({}, {}, {}, told)
    return answer(current.revision.files, current.plan, before, said)


def _keys(typed: Mapping[Key, Flat], verdicts: Iterable[Verdict]) -> list[Key]:
    return list(dict.fromkeys([*typed, *((v.collection, v.id) for v in verdicts)]))


def _is_theirs(asked: Subject, key: Key) -> bool:
    return key[1] in asked.part.collection(key[0])


def _keep(asked: Subject, by: By, files: dict[str, str], *, signs: bool, now: datetime) -> None:
    who = by.told(asked)
    kept = keep(
        asked.slug, asked.revision.title, files, f"answers of {asked.title} by {by.way}"[:300],
        by=by.account or who, why=f"asked as {asked.kind}: {asked.title}",
    )  # fmt: skip
    name = who if by.account is None else f"{by.name[:60]}, {asked.title[:45]} by file"
    turn(asked, "answered", by.way, name, now=now, link=by.link, content_hash=kept.content_hash)
    did = "answered by link" if by.link is not None else "brought an answer in"
    about = f"{asked.kind} {asked.id}: {kept.content_hash[:12]}"
    Act.objects.create(at=now, account=by.account, who=who, did=did, slug=asked.slug, about=about)
    if signs:
        turn(asked, "signed_off", by.way, name, now=now, link=by.link, content_hash=kept.content_hash)
        Act.objects.create(at=now, account=by.account, who=who, did="signed off", slug=asked.slug, about=about)


def turns(slug: str, kind: Kind) -> list[Turn]:
    """Return every turn of a centre, the earliest first."""
    return list(Turn.objects.filter(Q(slug=slug) & Q(kind=kind)))
