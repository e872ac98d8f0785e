"""Pages of asking, for those who have signed in: links out, files out and in, who has been heard, vendors' scores."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from openpyxl import load_workbook

from openline.exchange import questionnaire, verdicts
from openline.exchange.workbook import UNREADABLE, Read, fits
from openline.server.accounts.roles import needs
from openline.server.accounts.store import holder, record
from openline.server.errors import page
from openline.server.links import door, files, forms, secret, store
from openline.server.links.models import Kind, Link
from openline.server.links.outside import LONGEST_NAME, told
from openline.server.links.participation import matrix, scorecards
from openline.server.links.store import By, Subject
from openline.server.plans.models import Revision
from openline.server.plans.store import plan_of
from openline.server.plans.views import revision_or_404
from openline.server.security import Limit

LIMIT = Limit(most=60, window_s=60)
SHOWN = 200


@needs("change_plan")
@never_cache
def asked(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who has been heard and every link; make a link."""
    revision = revision_or_404(slug)
    if request.method != "POST":
        return _asked(request, revision)
    if not LIMIT.allows(str(request.user.pk)):
        return page(request, 429, "Too many links in a minute", "Wait a moment, then send it again.")
    kind, _, name = request.POST.get("whom", "").partition(":")
    whom, days = store.subject(revision, kind, name), request.POST.get("days", "").strip()
    errors = {}
    if whom is None:
        errors["whom"] = "Choose who is asked."
    if not days.isdecimal() or not 1 <= int(days) <= store.MOST_DAYS:
        errors["days"] = f"Write a number of days from 1 to {store.MOST_DAYS}."
    if errors or whom is None:
        return _asked(request, revision, errors=errors, status=400)
    address = store.make(request, whom, days=int(days), now=timezone.now())
    return _asked(request, revision, address=address, whom=whom, days=int(days))


def _asked(
    request: HttpRequest,
    revision: Revision,
    *,
    errors: dict[str, str] | None = None,
    address: str = "",
    whom: Subject | None = None,
    days: int = store.USUAL_DAYS,
    problems: tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    plan, now = plan_of(revision), timezone.now()
    links = Link.objects.filter(slug=revision.slug)
    titles = {("owner", r.id): r.title for r in plan.roles.values()}
    titles |= {("vendor", v.id): v.title for v in plan.vendors.values()}
    listed = [(x, titles.get((x.kind, x.subject), x.subject), x.state(now)) for x in links[:SHOWN]]
    found = matrix(plan, store.turns(revision.slug, "owner"))
    page = {
        "revision": revision,
        "matrix": found,
        "links": listed,
        "vendors": plan.vendors.values(),
        "errors": errors or {},
    }
    page |= {"address": address, "whom": whom, "days": request.POST.get("days", days), "most": store.MOST_DAYS}
    page |= {"chosen": request.POST.get("whom") or request.GET.get("whom", ""), "problems": problems}
    page |= {"not_yet": [r for r in found.rows if not r.is_heard], "kept": request.GET.get("kept") == "1"}
    return render(request, "links/asked.html", page, status=status)


@needs("change_plan")
@require_POST
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Withdraw a link at once."""
    revision = revision_or_404(slug)
    if not Link.objects.filter(pk=pk, slug=slug).exists():
        raise Http404
    store.withdraw(request, revision.slug, pk, timezone.now())
    return redirect(f"{reverse('links:asked', args=[slug])}#links")


@needs("change_plan")
def vendors(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how ready each vendor is, by what they answered and what proves it."""
    revision = revision_or_404(slug)
    plan, today = plan_of(revision), timezone.now().date()
    cards = scorecards(plan, store.turns(revision.slug, "vendor"), today)
    page = {"revision": revision, "cards": cards, "today": today, "limits": plan.organization.thresholds}
    page |= {"scored": sum(c.score is not None for c in cards), "low": sum(c.is_low for c in cards)}
    page |= {"old": sum(c.is_old for c in cards), "expired": sum(c.expired for c in cards)}
    return render(request, "links/vendors.html", page)


def _whom(revision: Revision, kind: str, name: str) -> Subject:
    found = store.subject(revision, kind, name)
    if found is None:
        raise Http404
    return found


@needs("change_plan")
@require_POST
def hand_out(request: HttpRequest, slug: str, kind: Kind, name: str) -> HttpResponse:
    """Send a form as a workbook to hand over, and note that it was asked by a file."""
    if not LIMIT.allows(str(request.user.pk)):
        return page(request, 429, "Too many files in a minute", "Wait a moment, then try again.")
    whom = _whom(revision_or_404(slug), kind, name)
    response = HttpResponse(files.form_file(whom), content_type=files.MEDIA)
    response["Content-Disposition"] = f'attachment; filename="{slug}-{name}.xlsx"'
    store.turn(whom, "asked", "file", str(holder(request)), now=timezone.now())
    record(request, "handed a form out", slug=slug, about=f"{kind} {name}")
    return response


@needs("change_plan")
@require_POST
def file(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a form that came back as a file would change."""
    revision, sent = revision_or_404(slug), request.FILES.get("file")
    if not LIMIT.allows(str(request.user.pk)):
        return page(request, 429, "Too many files in a minute", "Wait a moment, then try again.")
    if sent is None or (sent.size or 0) > files.MOST_BYTES:
        wrong = "Choose a file." if sent is None else f"A form has {files.MOST_BYTES // 1_000_000} MB at most."
        return _asked(request, revision, problems=(wrong,), status=400)
    kind, name = _of_whom(sent)
    whom = store.subject(revision, kind, name)
    if whom is None:
        wrong = "This is no form that was handed out here: hand one out below, and bring that one in when it is filled."
        return _asked(request, revision, problems=(wrong,), status=400)
    sent.seek(0)
    return _preview(request, whom, files.preview(whom, sent, sent.name or "form.xlsx", timezone.now().date()))


def _of_whom(sent: object) -> tuple[str, str]:
    """Return kind and id of whoever a form says that it is of; nothing when it says so nowhere."""
    try:
        if not fits(sent, "", Read(), files.MOST_UNPACKED):  # type: ignore[arg-type]
            return "", ""
        book = load_workbook(sent, read_only=True, data_only=False)  # type: ignore[arg-type]
        for kind, title, cell in (("owner", verdicts.SHEET, "B1"), ("vendor", questionnaire.SHEET, "B2")):
            if title in book.sheetnames:
                return kind, str(book[title][cell].value or "")
    except UNREADABLE:
        pass
    return "", ""


def _scope(request: HttpRequest, whom: Subject) -> str:
    return f"account:{request.user.pk}:{whom.kind}:{whom.id}"


def _preview(request: HttpRequest, whom: Subject, found: files.Preview) -> HttpResponse:
    page = {
        "found": found,
        "asked": whom,
        "revision": whom.revision,
        "take": reverse("links:keep", args=[whom.slug]),
        "back": reverse("links:asked", args=[whom.slug]),
        "key": secret.form_key(_scope(request, whom), whom.revision.pk),
        "base": "base.html",
        "is_inside": True,
    }
    return render(request, "links/preview.html", page, status=400 if found.problems else 200)


@needs("change_plan")
@require_POST
def take(request: HttpRequest, slug: str) -> HttpResponse:
    """Take in what a file would change, as it was shown."""
    whom = _whom(revision_or_404(slug), request.POST.get("kind", ""), request.POST.get("subject", ""))
    who = request.POST.get("who", "").strip()[:LONGEST_NAME]
    try:
        revision = door.based_on(request, _scope(request, whom))
        came = forms.read(whom, request.POST.dict())
    except (door.Refused, forms.NotAsked):
        return page(request, 403, "This form can not be used", "Nothing was changed. Bring the file in once more.")
    outcome = store.take(
        whom,
        By(who or whom.title, account=holder(request), way="file"),
        based_on=revision,
        typed=came.typed,
        verdicts=came.verdicts(),
        signs=bool(request.POST.get("signs")),
        now=timezone.now(),
    )
    if not outcome.files:
        return _preview(request, whom, files.Preview(problems=told(outcome)))
    return redirect(f"{reverse('links:asked', args=[slug])}?kept=1")
