"""The plan to read."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from openline.server.accounts.roles import needs
from openline.server.plans.models import Revision
from openline.server.plans.reading import sections
from openline.server.plans.store import NoSuchCentre, centre, plan_of


def revision_or_404(slug: str) -> Revision:
    """Return the revision in force of a centre, or answer that there is none."""
    try:
        return centre(slug)
    except NoSuchCentre as error:
        raise Http404 from error


@needs("read_plan")
def plan_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the plan, section by section, as people read it."""
    revision = revision_or_404(slug)
    plan = plan_of(revision)
    return render(request, "plans/plan.html", {"revision": revision, "plan": plan, "sections": sections(plan)})
