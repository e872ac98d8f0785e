"""Pages that a link opens: what an owner or a vendor is asked, the same as a file, and their answers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from openline.exchange.answers import Key, Outcome
from openline.exchange.owner import things
from openline.server.links import files, forms, store
from openline.server.links.door import Refused, Visit, based_on, behind_link
from openline.server.links.store import By

LONGEST_NAME = 60
NO_NAME = "Write your name, so that the plan can say who answered."


@behind_link("GET", "HEAD", "POST")
def start(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what is asked, or take answers in."""
    if request.method == "POST":
        return _answered(request, visit, ("vendors", visit.asked.id) if visit.asked.kind == "vendor" else None)
    return _start(request, visit)


def _start(
    request: HttpRequest,
    visit: Visit,
    came: forms.Came | None = None,
    outcome: Outcome | None = None,
    who_error: str = "",
) -> HttpResponse:
    asked, said = visit.asked, came or forms.Came({}, {})
    errors = said.lacking()
    found = outcome or Outcome({}, {}, {})
    shown = forms.Shown(said.typed, found.errors, found.clashes)
    page: dict[str, object] = {
        **_page(request, visit, came, found, who_error),
        "file_max": files.MOST_BYTES // 1_000_000,
    }
    if asked.kind == "vendor":
        vendor = asked.plan.vendors[asked.id]
        page |= {"questions": forms.questions(asked.plan, asked.id, shown), "vendor": vendor}
        page["besides"] = forms.besides(asked.plan, asked.id, shown)
        page |= {"score": vendor.questionnaire.scored(), "answered": len(vendor.questionnaire.answers)}
    else:
        page["count"] = len(things(asked.part))
        page |= {"things": forms.to_verify(asked, said.said, errors), "wrong": len(errors) + bool(who_error)}
        page["listed"] = forms.MOST_VERDICTS
    wrong = 409 if found.clashes else 400
    return render(request, f"links/{asked.kind}.html", page, status=wrong if came is not None else 200)


def _page(
    request: HttpRequest, visit: Visit, came: forms.Came | None, found: Outcome, who_error: str
) -> dict[str, object]:
    """Return what every page behind a link shows."""
    return {
        "visit": visit,
        "asked": visit.asked,
        "organization": visit.asked.plan.organization,
        "key": visit.key,
        "others": found.others,
        "clashes": len(found.clashes),
        "wrong": len(found.errors) + bool(who_error),
        "who": request.POST.get("who", visit.link.answered_by)[:LONGEST_NAME],
        "who_error": who_error,
        "signs": bool(request.POST.get("signs")),
        "kept": request.GET.get("kept") == "1" and came is None,
    }


@behind_link("GET", "HEAD", "POST")
def analysis(request: HttpRequest, visit: Visit, activity: str) -> HttpResponse:
    """Show the impact analysis of one activity, or take its answers in."""
    if visit.asked.kind != "owner" or activity not in visit.asked.part.activities:
        raise Refused("scope")
    if request.method == "POST":
        return _answered(request, visit, ("activities", activity))
    return _analysis(request, visit, activity)


def _analysis(
    request: HttpRequest,
    visit: Visit,
    activity: str,
    came: forms.Came | None = None,
    outcome: Outcome | None = None,
    who_error: str = "",
) -> HttpResponse:
    found, plan = outcome or Outcome({}, {}, {}), visit.asked.plan
    entity = visit.asked.part.activities[activity]
    shown = forms.Shown((came or forms.Came({}, {})).typed, found.errors, found.clashes)
    page = _page(request, visit, came, found, who_error) | {
        "activity": entity,
        "fields": forms.analysis(entity, shown),
        "ratings": forms.ratings(plan, entity, shown),
        "steps": forms.steps(plan),
        "scale": plan.organization.impact_scale,
    }
    status = 200 if came is None else 409 if found.clashes else 400
    return render(request, "links/analysis.html", page, status=status)


def _answered(request: HttpRequest, visit: Visit, only: Key | None) -> HttpResponse:
    """Take answers in; when something is wrong, show the form again with all of them."""
    revision = based_on(request, visit.scope)
    came = _read(request, visit)
    if any(key != only for key in came.typed):
        raise Refused("scope")
    who = request.POST.get("who", "").strip()[:LONGEST_NAME]
    who_error = "" if who else NO_NAME
    by, verdicts = By(who, visit.link), came.verdicts()
    if who_error or came.lacking():
        on = visit.now.date()
        outcome = store.tried(visit.asked, by, based_on=revision, typed=came.typed, verdicts=verdicts, on=on)
        return _again(request, visit, only, came, outcome, who_error)
    outcome = store.take(
        visit.asked,
        by,
        based_on=revision,
        typed=came.typed,
        verdicts=verdicts,
        signs=bool(request.POST.get("signs")),
        now=visit.now,
    )
    if not outcome.files:
        return _again(request, visit, only, came, outcome, "")
    return redirect(f"{reverse('links:open', args=[visit.token])}?kept=1")


def _again(
    request: HttpRequest, visit: Visit, only: Key | None, came: forms.Came, outcome: Outcome | None, who_error: str
) -> HttpResponse:
    if only is not None and only[0] == "activities":
        return _analysis(request, visit, only[1], came, outcome, who_error)
    return _start(request, visit, came, outcome, who_error)


def _read(request: HttpRequest, visit: Visit) -> forms.Came:
    try:
        return forms.read(visit.asked, request.POST.dict())
    except forms.NotAsked:
        raise Refused("scope") from None


@behind_link("GET", "HEAD")
def form(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Send the form as a workbook."""
    response = HttpResponse(files.form_file(visit.asked), content_type=files.MEDIA)
    response["Content-Disposition"] = f'attachment; filename="{visit.asked.slug}-{visit.asked.id}.xlsx"'
    return response


@behind_link("POST")
def file(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what a filled form would change."""
    based_on(request, visit.scope)
    sent = request.FILES.get("file")
    if sent is None:
        found = files.Preview(problems=("Choose the file that you filled in.",))
    elif (sent.size or 0) > files.MOST_BYTES:
        raise Refused("large")
    else:
        found = files.preview(visit.asked, sent, sent.name or "form.xlsx", visit.now.date())
    return _preview(request, visit, found, "")


def _preview(request: HttpRequest, visit: Visit, found: files.Preview, who_error: str) -> HttpResponse:
    page = _page(request, visit, None, Outcome({}, {}, {}), who_error)
    page |= {"found": found, "take": reverse("links:take", args=[visit.token]), "base": "links/outside.html"}
    page["back"] = reverse("links:open", args=[visit.token])
    return render(request, "links/preview.html", page, status=400 if found.problems else 200)


@behind_link("POST")
def take_file(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take in what a file would change, as it was shown."""
    revision = based_on(request, visit.scope)
    came, who = _read(request, visit), request.POST.get("who", "").strip()[:LONGEST_NAME]
    if not who:
        return _preview(request, visit, files.Preview(problems=(f"{NO_NAME} Then send the file again.",)), "")
    outcome = store.take(
        visit.asked,
        By(who, visit.link, way="file"),
        based_on=revision,
        typed=came.typed,
        verdicts=came.verdicts(),
        signs=bool(request.POST.get("signs")),
        now=visit.now,
    )
    if not outcome.files:
        return _preview(request, visit, files.Preview(problems=told(outcome)), "")
    return redirect(f"{reverse('links:open', args=[visit.token])}?kept=1")


def told(outcome: Outcome) -> tuple[str, ...]:
    """Return in sentences why answers were not taken in."""
    errors = [f"{i}, {f}: {m}" for (_, i, f), m in outcome.errors.items()]
    again = "It was changed while you looked: send the file again."
    clashes = [
        f"{i}, {f}: the plan now says {c.now!r}, the file {c.typed!r}. {again}"
        for (_, i, f), c in outcome.clashes.items()
    ]
    return (*errors, *clashes, *outcome.others)
