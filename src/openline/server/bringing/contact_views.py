"""Pages that take an interval export in: send it, say which column is what, see the usual week, say yes."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from openline.exchange.intervals import decoded, names_of
from openline.server.accounts.roles import needs
from openline.server.accounts.store import holder
from openline.server.bringing.contacts import Brought, Columns, brought, said_at_first
from openline.server.bringing.models import Upload
from openline.server.bringing.store import wait, waiting
from openline.server.bringing.upload import MOST_BYTES, TOO_LARGE
from openline.server.bringing.views import LIMIT, ONE_AT_A_TIME, SHOWN, refusal_of
from openline.server.errors import page
from openline.server.plans.models import Revision
from openline.server.plans.store import keep, plan_of
from openline.server.plans.views import revision_or_404

SUFFIXES = (".csv", ".txt", ".tsv")
OTHER = "This is no CSV file: let the telephone system export intervals as CSV."


@needs("change_plan")
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for an export; keep it and lead to its columns."""
    revision, account = revision_or_404(slug), holder(request)
    shown = {"revision": revision, "most": MOST_BYTES // 1_000_000}
    if request.method != "POST":
        return render(request, "bringing/ask_contacts.html", shown)
    if account is None or not LIMIT.allows(str(account.pk)):
        return page(request, 429, "Too many files in a minute", "Wait a moment, then send it again.")
    sent = request.FILES.get("file")
    refusal = refusal_of(request, sent, SUFFIXES, OTHER)
    if refusal or sent is None:
        status = 413 if TOO_LARGE in request.META else 400
        return render(request, "bringing/ask_contacts.html", {**shown, "refusal": refusal}, status=status)
    found = wait(account, slug, str(sent.name), sent.read())
    return redirect("bringing:preview_contacts", slug=slug, pk=found.pk)


@needs("change_plan")
def preview(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Show the usual week of an export under a choice of columns; with a yes, keep it as a revision."""
    revision, account = revision_or_404(slug), holder(request)
    sent = waiting(account, slug, pk) if account is not None else None
    if sent is None:
        raise Http404
    text, plan = decoded(bytes(sent.content)), plan_of(revision)
    names, said = names_of(text), request.POST if request.method == "POST" else request.GET
    form = Columns(said or said_at_first(names, plan), plan=plan, names=names)
    found = Brought()
    if form.is_valid():
        with ONE_AT_A_TIME:
            found = brought(revision.files, plan, sent.name, text, form.mapping(), form.cleaned_data["activity"])
    if request.method != "POST":
        return _preview(request, revision, sent, form, found)
    if request.POST.get("based_on") != revision.content_hash:
        refusal = "Somebody changed the plan meanwhile. Look at what would change now, then say yes again."
        return _preview(request, revision, sent, form, found, refusal, 409)
    if found.files is None:
        return _preview(request, revision, sent, form, found, "Nothing was changed.", 409)
    source, why = f"contacts from {sent.name}", request.POST.get("why", "").strip()
    keep(slug, revision.title, found.files, source, by=account, why=why)
    sent.delete()
    return redirect("plans:plan", slug=slug)


def _preview(
    request: HttpRequest, revision: Revision, sent: Upload, form: Columns, found: Brought,
    refusal: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    shown = {
        "revision": revision,
        "sent": sent,
        "form": form,
        "found": found,
        "problems": found.problems[:SHOWN],
        "left_out": found.week.left_out[:SHOWN] if found.week else (),
        "queue": dict(form.fields["activity"].choices).get(form["activity"].value(), ""),  # type: ignore[attr-defined]
        "is_new": found.files is not None and found.files != revision.files,
        "refusal": refusal,
    }
    return render(request, "bringing/contacts.html", shown, status=status)
