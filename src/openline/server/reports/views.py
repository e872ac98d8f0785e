"""The page of the after-action report."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from openline.server.accounts.roles import may, needs
from openline.server.incidents.shown import frame, looked_at
from openline.server.incidents.store import reading
from openline.server.reports.written import written


@needs("see_incidents")
def report(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show the report: a draft from the first entry on, accepted when the incident is closed."""
    look = looked_at(slug, pk)
    with reading(look.incident) as state:
        found = written(state, look.plan)
        more = {
            "w": found,
            "can_work": may(request, "work_tasks") and state.phase != "new",
            "can_close": may(request, "command") and state.phase == "stood_down",
            "can_feed": may(request, "change_plan") and state.phase in ("stood_down", "closed"),
        }
        return render(request, "reports/report.html", frame(request, look, **more))
