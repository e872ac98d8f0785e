"""Pages of the wizard: choose a size, answer at most thirty questions, read the gaps."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from openline.plan.document import Plan
from openline.plan.load import load_plan
from openline.server.accounts.roles import needs
from openline.server.accounts.store import holder
from openline.server.errors import page as error_page
from openline.server.plans.store import RESERVED, keep, taken
from openline.server.security import Limit
from openline.start.build import NAMELESS, plan_from, slug
from openline.start.questions import TEMPLATES, Answers, Question, Template, WrongAnswer, checked, questions

LIMIT = Limit(most=20, window_s=60)
SIZES: dict[Template, tuple[str, str]] = {
    "one-seat": ("One place", "A shop, a practice, a small office: one room where the phone rings."),
    "two-site": ("Two sites", "Two places, one of which could take over from the other."),
    "group": ("A group", "Several sites, and partners who take calls."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with what was answered, and what is wrong with it."""

    question: Question
    answer: str
    error: str


@needs("change_plan")
def choose(request: HttpRequest) -> HttpResponse:
    """Let people choose the size."""
    return render(request, "wizard/choose.html", {"sizes": [(t, *SIZES[t]) for t in TEMPLATES]})


@needs("change_plan")
def ask(request: HttpRequest, template: str) -> HttpResponse:
    """Ask the questions; with sound answers make the plan and show its findings."""
    size = next((t for t in TEMPLATES if t == template), None)
    if size is None:
        raise Http404
    if request.method != "POST":
        asked = [Asked(q, q.default, "") for q in questions(size)]
        return render(request, "wizard/ask.html", {"asked": asked, "template": size, "title": SIZES[size][0]})
    if not LIMIT.allows(request.META.get("REMOTE_ADDR", "")):
        return error_page(
            request,
            429,
            "Too many plans in a minute",
            "Nothing was changed. Wait a minute, then go back and try again.",
        )
    asked, answers = _answered(request, size)
    files = {} if any(a.error for a in asked) else plan_from(answers, size)
    loaded = load_plan(files) if files else None
    refusal = "" if loaded is None else "; ".join(map(str, loaded.problems[:3]))
    if loaded is not None and loaded.plan is not None:
        return _begun(request, loaded.plan, files)
    shown = {"asked": asked, "template": size, "title": SIZES[size][0], "refusal": refusal}
    return render(request, "wizard/ask.html", {**shown, "wrong": sum(bool(a.error) for a in asked)}, status=400)


def _begun(request: HttpRequest, plan: Plan, files: dict[str, str]) -> HttpResponse:
    """Keep the plan as the first revision of a new centre, and lead to its findings."""
    short = plan.organization.id
    keep(short, plan.organization.title, files, "the wizard", by=holder(request), why="first plan")
    return redirect("findings:findings", slug=short)


def _free(name: str) -> str:
    """Return the name of a new centre; raises WrongAnswer when its address is in use."""
    short = slug(name, NAMELESS)
    if short in RESERVED:
        raise WrongAnswer(f"{short!r} is an address of this server: give it another name")
    if taken(short):
        raise WrongAnswer(f"There is already a centre with the short name {short!r}: give this one another name")
    return name


def _answered(request: HttpRequest, template: Template) -> tuple[list[Asked], Answers]:
    asked: list[Asked] = []
    answers: Answers = {}
    for q in questions(template):
        text = request.POST.get(q.id, "")
        try:
            answers[q.id] = _free(checked(q, text)) if q.id == "name" else checked(q, text)
            asked.append(Asked(q, text, ""))
        except WrongAnswer as error:
            asked.append(Asked(q, text, str(error)))
    return asked, answers
