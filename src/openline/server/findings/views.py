"""Pages of findings, and the plan on paper and as files."""

import io
from collections.abc import Callable
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from openline.audit.rules import RULES
from openline.exchange.calendar import calendar_bytes
from openline.exchange.workbook import write_workbook
from openline.plan.document import Plan
from openline.server.accounts.roles import needs
from openline.server.accounts.store import note_reading
from openline.server.errors import page as error_page
from openline.server.findings import shown
from openline.server.findings.store import OF_WEAKNESSES, judged, seen_by
from openline.server.plans.masking import kept_back, seen
from openline.server.plans.store import BrokenOverlay, overlays_of
from openline.server.plans.views import revision_or_404
from openline.server.security import Limit
from openline.start.gaps import top_gaps
from openline.start.printable import printable

LIMIT = Limit(most=60, window_s=60)
MANY = 12
"""More kinds of faults than these, and the page begins with the ten worst."""


@needs("read_plan")
def findings(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what is wrong with the plan on a day, with an overlay when one is chosen."""
    revision = revision_or_404(slug)
    as_of, refusal = _day(request.GET.get("as_of", ""))
    overlays = overlays_of(revision)
    overlay = request.GET.get("with", "")
    if overlay and overlay not in {name for name, _, _ in overlays}:
        overlay, refusal = "", f"There is no overlay {overlay!r}; the plan is shown as it is."
    if not LIMIT.allows(request.META.get("REMOTE_ADDR", "")):
        return error_page(
            request,
            429,
            "Too many questions in a minute",
            "Nothing was changed. Wait a minute, then go back and try again.",
        )
    try:
        found = judged(revision, as_of, overlay)
    except BrokenOverlay as error:
        found, refusal = judged(revision, as_of), f"This overlay does not fit the plan: {error}"
    if found.loaded.plan is None:
        raise Http404
    plan, whole = found.loaded.plan, found
    found = seen_by(request, whole, slug=slug)
    faults = shown.groups(found.audit.findings, "fail")
    return render(
        request,
        "findings/findings.html",
        {
            "revision": revision,
            "found": found,
            "kept_back": len(whole.audit.failures) - len(found.audit.failures),
            "sentence": shown.sentence(plan.organization.title, whole),
            "faults": faults,
            "blind": shown.groups(found.audit.findings, "cannot_evaluate"),
            "gaps": top_gaps(found.audit) if len(faults) > MANY else [],
            "aside": shown.set_aside(found),
            "bars": shown.bars(found),
            "places": shown.places(plan),
            "judged": sum(o.applies for o in found.audit.outcomes.values()),
            "as_of": as_of,
            "overlays": overlays,
            "overlay": overlay,
            "refusal": refusal,
        },
        status=400 if refusal else 200,
    )


def _day(text: str) -> tuple[date, str]:
    today = timezone.now().date()
    if not text:
        return today, ""
    try:
        return date.fromisoformat(text), ""
    except ValueError:
        return today, f"{text[:40]!r} is not a day, so today is shown: write 2026-11-01."


@needs("read_plan")
def rule(request: HttpRequest, slug: str, rule_id: str) -> HttpResponse:
    """Show a rule's page, with what it found in this plan."""
    revision = revision_or_404(slug)
    if rule_id not in RULES:
        raise Http404
    as_of, _ = _day(request.GET.get("as_of", ""))
    found = seen_by(request, judged(revision, as_of), slug=slug)
    if found.loaded.plan is None:
        raise Http404
    theirs = [f for f in found.audit.findings if f.rule == rule_id and f.excluded is None]
    is_kept_back = rule_id in OF_WEAKNESSES and "read_weaknesses" in kept_back(request)
    page = {
        "revision": revision,
        "rule": RULES[rule_id],
        "as_of": as_of,
        "count": len(theirs),
        "kept_back": is_kept_back,
    }
    places = shown.places(found.loaded.plan)
    return render(request, "findings/rule.html", {**page, "found": theirs[: shown.MOST], "places": places})


@needs("read_plan")
def paper(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the plan's two pages to print."""
    found = seen_by(request, judged(revision_or_404(slug), timezone.now().date()), slug=slug)
    _note_export(request, slug, "two pages to print")
    if found.loaded.plan is None:
        raise Http404
    page = printable(found.loaded.plan, top_gaps(found.audit), found.audit.as_of, found.audit.plan_hash)
    response = HttpResponse(page)
    response["X-Own-Style"] = "1"
    return response


def _workbook(plan: Plan) -> bytes:
    target = io.BytesIO()
    write_workbook(plan, target)
    return target.getvalue()


FORMS: dict[str, tuple[Callable[[Plan], bytes], str]] = {
    "plan.xlsx": (_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "due.ics": (lambda plan: calendar_bytes(plan, timezone.now().date()), "text/calendar"),
}
"""What the plan can be taken out as: how it is made, and its media type."""


@needs("read_plan")
def take_out(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """Send the plan as a workbook, or its due dates as a calendar."""
    revision = revision_or_404(slug)
    if form not in FORMS:
        raise Http404
    if not LIMIT.allows(request.META.get("REMOTE_ADDR", "")):
        return error_page(
            request,
            429,
            "Too many files in a minute",
            "Nothing was changed. Wait a minute, then go back and try again.",
        )
    plan = seen(request, revision)
    _note_export(request, slug, form)
    make, media = FORMS[form]
    response = HttpResponse(make(plan), content_type=media)
    # A file from which something was left out says so by its name, since it must not be brought back in.
    part = "-part" if kept_back(request) and form == "plan.xlsx" else ""
    response["Content-Disposition"] = f'attachment; filename="{slug}{part}-{form}"'
    return response


def _note_export(request: HttpRequest, slug: str, form: str) -> None:
    if "read_contacts" not in kept_back(request):
        note_reading(request, "took out contact data", slug=slug, about=form)
