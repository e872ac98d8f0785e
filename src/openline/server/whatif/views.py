"""The what-if page: a form, and its answer when it was asked; works with and without script."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from openline.server.accounts.roles import needs
from openline.server.errors import page
from openline.server.plans.models import Revision
from openline.server.plans.store import overlays_of, plan_of
from openline.server.plans.views import revision_or_404
from openline.server.security import Limit
from openline.server.whatif.forms import Question, first_question
from openline.server.whatif.picture import Variant, on_one_scale, variant
from openline.server.whatif.store import REFUSALS, Asked, Busy, answer

_limit = Limit(most=120, window_s=60.0)


@needs("what_if")
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form; with a question, its answer too."""
    revision = revision_or_404(slug)
    plan, about = plan_of(revision), overlays_of(revision)
    asked = "what" in request.GET
    start = request.GET if asked else first_question(plan, timezone.now())
    question = Question(start, plan=plan, overlays=about)
    shown: dict[str, object] = {"revision": revision, "plan": plan, "question": question, "overlays": about}
    if asked and question.is_valid():
        if not _limit.allows(request.META.get("REMOTE_ADDR", "")):
            return page(request, 429, "Too many questions in a minute", "Wait a moment, then ask again.")
        shown |= _answered(revision, question, about)
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "whatif/answer.html" if fragment else "whatif/form.html", shown)


def _answered(revision: Revision, question: Question, about: list[tuple[str, str, str]]) -> dict[str, object]:
    """Return the variants that were asked for, or the sentence that says why there is none."""
    said = question.cleaned_data
    titles = {name: title for name, title, _ in about}
    chosen = [tuple(said["overlays"])]
    if said["versus"]:
        chosen.append(() if said["versus"] == "none" else (said["versus"],))
    try:
        return {
            "variants": on_one_scale([_variant(revision, said, names, titles, n) for n, names in enumerate(chosen)])
        }
    except REFUSALS as error:
        return {"refusal": str(error)}
    except Busy:
        return {"refusal": "Openline is busy with other questions. Ask again in a few seconds; nothing is lost."}


def _variant(
    revision: Revision, said: dict[str, object], names: tuple[str, ...], titles: dict[str, str], number: int
) -> Variant:
    asked = Asked(revision.pk, revision.content_hash, said["what"], said["at"], said["lasts"], names)  # type: ignore[arg-type]
    label = " + ".join(titles[n] for n in names) or "The plan as it is"
    return variant(answer(revision, asked), label, number)
