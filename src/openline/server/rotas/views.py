"""The pages of rotas and of who can be reached, and the calendars behind secret addresses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from openline.incident.rota import Turn
from openline.plan.document import Plan
from openline.server.accounts.roles import needs
from openline.server.accounts.store import record as log_act
from openline.server.errors import page
from openline.server.plans.store import plan_of
from openline.server.plans.views import revision_or_404
from openline.server.rotas import store
from openline.server.rotas.look import reach as looked
from openline.server.rotas.models import Feed, Look, Standing
from openline.server.rotas.store import BadStandIn, NoSuchFeed
from openline.server.security import Limit, client_of

A_PAGE = 100
LIMIT = Limit(most=60, window_s=60)
FETCHES = Limit(most=120, window_s=60)
WEEK_S = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A turn as the week shows it: where it begins and how long it is, in percent of the week."""

    turn: Turn
    left: float
    width: float
    who: str


@needs("read_plan", to_change="work_tasks")
def on_call(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who is on call now, next and in the week ahead; let somebody stand in."""
    revision = revision_or_404(slug)
    plan = plan_of(revision)
    refusal = ""
    if request.method == "POST":
        if not LIMIT.allows(str(request.user.pk)):
            return page(request, 429, "Too many changes in a minute", "Wait a moment, then send it again.")
        try:
            made = _put_in(request, plan, slug)
        except (BadStandIn, ValueError) as error:
            refusal = str(error)
        else:
            log_act(request, "put a stand-in in", slug=slug, about=str(made))
            return redirect("rotas:on_call", slug=slug)
    return _shown(request, slug, plan, refusal=refusal)


def _shown(request: HttpRequest, slug: str, plan: Plan, *, refusal: str = "", link: str = "") -> HttpResponse:
    now = timezone.now()
    found = store.rota(plan, slug, now, now + timedelta(days=7))
    rows = [(plan.roles[r], _bars(plan, turns, now), _now_and_next(plan, turns, now)) for r, turns in found.items()]
    gaps = [t for turns in found.values() for t in turns if t.is_gap]
    shown = {
        "revision": revision_or_404(slug),
        "plan": plan,
        "rows": rows,
        "gaps": [(plan.roles[t.role].title, t) for t in gaps],
        "standing": Standing.objects.filter(slug=slug, end_at__gt=now, withdrawn_at=None),
        "feeds": Feed.objects.filter(slug=slug, withdrawn_at=None),
        "people": [p for p in plan.persons.values() if p.status == "active"],
        "days": [now.astimezone(ZoneInfo(plan.organization.tz)) + timedelta(days=n) for n in range(7)],
        "tz": plan.organization.tz,
        "refusal": refusal,
        "link": link,
        "sent": request.POST or request.GET,
    }
    return render(request, "rotas/on_call.html", shown, status=409 if refusal else 200)


def _bars(plan: Plan, turns: list[Turn], now: datetime) -> list[Bar]:
    return [
        Bar(
            t,
            (t.start_at - now).total_seconds() / WEEK_S * 100,
            (t.end_at - t.start_at).total_seconds() / WEEK_S * 100,
            _name(plan, t),
        )
        for t in turns
    ]


def _name(plan: Plan, turn: Turn) -> str:
    if turn.person is None:
        return "nobody"
    return plan.persons[turn.person].title if turn.person in plan.persons else turn.person


def _now_and_next(plan: Plan, turns: list[Turn], now: datetime) -> tuple[Bar | None, Bar | None]:
    bars = _bars(plan, turns, now)
    current = next((b for b in bars if b.turn.start_at <= now < b.turn.end_at), None)
    return current, next((b for b in bars if b.turn.start_at > now), None)


def _put_in(request: HttpRequest, plan: Plan, slug: str) -> Standing:
    sent = request.POST
    return store.put_in(
        plan,
        slug,
        role=sent.get("role", ""),
        person=sent.get("person", ""),
        start=_moment(sent.get("start", ""), plan.organization.tz),
        end=_moment(sent.get("end", ""), plan.organization.tz),
        why=sent.get("why", "").strip(),
        by=str(request.user),
    )


def _moment(text: str, tz: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadStandIn(f"{text[:40]!r} is no time: write 2026-11-30T14:05") from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(tz))


@needs("work_tasks")
@require_POST
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a stand-in back."""
    if not store.withdraw(slug, pk):
        raise Http404
    log_act(request, "took a stand-in back", slug=slug, about=str(pk))
    return redirect("rotas:on_call", slug=slug)


@needs("work_tasks")
@require_POST
def hand_out(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a calendar's secret address and show it once."""
    plan = plan_of(revision_or_404(slug))
    kind, _, name = request.POST.get("of", "").partition(":")
    try:
        token = store.feed(plan, slug, kind, name, str(request.user))
    except NoSuchFeed as error:
        return _shown(request, slug, plan, refusal=str(error))
    log_act(request, "handed a calendar out", slug=slug, about=f"{kind} {name}")
    base = settings.PUBLIC_URL or settings.OWN_URL
    return _shown(request, slug, plan, link=f"{base}{reverse('rotas:calendar', args=[token])}")


@needs("work_tasks")
@require_POST
def withdraw_feed(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a calendar's address back."""
    if not Feed.objects.filter(slug=slug, pk=pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        raise Http404
    log_act(request, "took a calendar back", slug=slug, about=str(pk))
    return redirect("rotas:on_call", slug=slug)


@login_not_required
@never_cache
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Give a calendar to who has its secret address."""
    if not FETCHES.allows(client_of(request.META.get("REMOTE_ADDR", ""))):
        return HttpResponse("Too many at once: wait a minute.", status=429, content_type="text/plain")
    try:
        text = store.calendar(token)
    except LookupError:
        return HttpResponse("This calendar is not there, or was withdrawn.", status=404, content_type="text/plain")
    headers = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)


@needs("read_contacts")
def reach(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who could not be reached if something happened now."""
    revision = revision_or_404(slug)
    plan, now = plan_of(revision), timezone.now()
    found = looked(revision, now)
    named = [(plan.persons[p].title, reasons) for p, reasons in found.reasons.items()]
    shown_people = Paginator(named, A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "revision": revision,
        "found": found,
        "people": shown_people,
        "roles": [plan.roles[r].title for r in found.empty_roles],
        "gaps": [(plan.roles[t.role].title, t) for t in found.gaps],
        "looks": Look.objects.filter(slug=slug)[:14],
        "tz": plan.organization.tz,
    }
    return render(request, "rotas/reach.html", shown)
