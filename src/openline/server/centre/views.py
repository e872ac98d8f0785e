"""The centre at a glance: a normal day, and what the centre stands on."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from openline.plan.document import Plan
from openline.server.accounts.roles import may, needs
from openline.server.charts import Series, over_time
from openline.server.plans.models import Revision
from openline.server.plans.store import centres, plan_of
from openline.server.plans.views import revision_or_404
from openline.server.whatif.picture import intervals
from openline.server.whatif.store import REFUSALS, normal_day


@needs("own_account")
def home(request: HttpRequest) -> HttpResponse:
    """Show the first centre, or say how to take one in, or what somebody may who does not read plans."""
    if not may(request, "read_plan"):
        return render(request, "centre/few_rights.html")
    known = centres()
    if known:
        return glance(request, known[0].slug)
    return render(request, "centre/empty.html")


def usual_day(revision: Revision) -> datetime:
    """Return noon of the coming Monday on the centre's clock, the day that the pages show as normal."""
    zone = ZoneInfo(plan_of(revision).organization.tz)
    today = timezone.now().astimezone(zone)
    monday = today + timedelta(days=(7 - today.weekday()) % 7 or 7)
    return monday.replace(hour=12, minute=0, second=0, microsecond=0)


@needs("read_plan")
def glance(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the centre does on a normal day and what it stands on."""
    revision = revision_or_404(slug)
    plan, day = plan_of(revision), usual_day(revision)
    shown: dict[str, object] = {"revision": revision, "plan": plan, "day": day, "sites": _sites(plan), "here": slug}
    try:
        shown |= _normal(revision, day)
    except REFUSALS as refusal:
        shown["refusal"] = str(refusal)
    return render(request, "centre/centre.html", shown)


def _normal(revision: Revision, day: datetime) -> dict[str, object]:
    """Return the picture and the figures of a normal day."""
    plan, normal = plan_of(revision), normal_day(revision, day)
    rows = intervals(normal)
    zone = ZoneInfo(plan.organization.tz)
    contacts = Series("Contacts", [r.normal["attempts"] for r in rows], "accent", "bar", stack="contacts")
    agents = Series("Agents at work", [r.normal_agents for r in rows], "text", dashed=True)
    labels = [r.start.astimezone(zone).strftime("%H:%M") for r in rows]
    return {
        "chart": over_time(labels, [contacts, agents], unit="per half hour"),
        "normal": normal,
        "most_agents": max((r.normal_agents for r in rows), default=0),
        "queues": [(plan.activities[q.queue].title, q) for q in normal.baseline.queues],
    }


def _sites(plan: Plan) -> list[dict[str, object]]:
    """Return each site with what stands in it."""
    return [
        {
            "site": site,
            "teams": [g for g in plan.agent_groups.values() if g.site == site.id],
            "systems": [s for s in plan.systems.values() if s.location == site.id],
            "paths": [p for p in plan.network_paths.values() if p.site == site.id],
            "feeds": [f for f in plan.feeds.values() if f.site == site.id],
            "ups": [u for u in plan.ups.values() if u.site == site.id],
            "generators": [g for g in plan.generators.values() if g.site == site.id],
        }
        for site in plan.sites.values()
    ]
