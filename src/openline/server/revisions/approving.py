"""The page that approves a plan: bound to its content, so that any later change loses it by itself."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from openline.audit.approval import approval, hindrances, is_approved
from openline.plan.document import Plan, approval_hash
from openline.plan.programme import Approval, PlanDocument
from openline.server.accounts.roles import needs
from openline.server.accounts.store import holder
from openline.server.errors import page
from openline.server.findings.store import judged
from openline.server.plans.forms import edited
from openline.server.plans.models import Revision
from openline.server.plans.store import keep, plan_of
from openline.server.plans.views import revision_or_404
from openline.server.security import Limit

LIMIT = Limit(most=30, window_s=60)


@dataclass(frozen=True, slots=True)
class Paper:
    """A plan document, whether it is approved as it is now, and its last approval."""

    document: PlanDocument
    is_approved: bool
    last: Approval | None


def papers_of(plan: Plan) -> list[Paper]:
    """Return the plan documents of a plan with their approvals."""
    given = list(plan.approvals.values())
    last = {a.object: a for a in sorted(given, key=lambda a: str(a.on or ""))}
    return [Paper(d, is_approved(plan, d), last.get(d.id)) for d in plan.plans.values()]


@needs("approve_plan")
def approve(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what would be approved and what stands in the way; with a yes, keep the approval as a revision."""
    revision = revision_or_404(slug)
    plan, found = plan_of(revision), judged(revision, timezone.now().date())
    shown = {
        "revision": revision,
        "plan": plan,
        "papers": papers_of(plan),
        "hash": approval_hash(plan),
        "hindrances": {d.id: list(hindrances(plan, d, found.audit)) for d in plan.plans.values()},
        "open": [f for f in found.audit.findings if f.result == "fail" and f.excluded is None],
        "is_own": revision.who == str(request.user),
        "first_role": plan.organization.approval_authority,
    }
    if request.method != "POST":
        return render(request, "revisions/approve.html", shown)
    if not LIMIT.allows(request.META.get("REMOTE_ADDR", "")):
        return page(request, 429, "Too many approvals in a minute", "Wait a moment, then try again.")
    refusal, status = _given(request, revision, plan, shown["hindrances"])  # type: ignore[arg-type]
    if not refusal:
        return redirect("revisions:revisions", slug=slug)
    return render(request, "revisions/approve.html", {**shown, "refusal": refusal}, status=status)


def _given(request: HttpRequest, revision: Revision, plan: Plan, against: dict[str, list[str]]) -> tuple[str, int]:
    """Keep the approval; returns why not, with the status to answer, or nothing."""
    document, role = plan.plans.get(request.POST.get("document", "")), request.POST.get("role", "")
    if request.POST.get("based_on") != revision.content_hash:
        return "Somebody changed the plan meanwhile. Look at what is there now, then approve that.", 409
    if document is None or role not in plan.roles:
        return "Choose what you approve, and the role in which you do.", 400
    if against[document.id]:
        return f"{document.title} can not be approved yet: {against[document.id][0]}.", 409
    today = timezone.now().astimezone(ZoneInfo(plan.organization.tz)).date()
    made = edited(revision.files, "approvals", None, approval(plan, document, role, today))
    if not made.files:
        return "; ".join([*made.errors.values(), *made.others]), 409
    source, why = f"approved {document.id} as {role}", request.POST.get("why", "").strip()
    keep(revision.slug, revision.title, made.files, source, by=holder(request), why=why)
    return "", 200
