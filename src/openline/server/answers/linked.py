"""The door of links: what a person who opened the link of a message sees, and what they press."""

from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from django.template.loader import get_template
from pydantic import ValidationError

from openline.incident.command import Refused
from openline.incident.people import Page
from openline.incident.state import State
from openline.plan.document import Plan
from openline.server.answers import reading
from openline.server.answers.reading import Call, NoAnswer
from openline.server.answers.request import CLIENT, EACH, WRONG, Answer, Ask, Request
from openline.server.incidents.answering import NoSuchCall, opened
from openline.server.incidents.gathering import Asking, Result, Shown
from openline.server.incidents.models import Incident
from openline.server.incidents.store import NoSuchIncident, Wish

ENDED = ("stood_down", "closed", "dismissed")


def not_here() -> Answer:
    """Return the page for an address at which there is no door."""
    return _page(404, "There is nothing at this address", "Open the link from the message again.")


def by_link(request: Request) -> Ask | Answer:
    """Take what was pressed behind a link, or show what is asked there."""
    token = request.path.removeprefix("/a/").rstrip("/")
    try:
        call = Call(*opened(token))
    except NoSuchCall:
        if not WRONG.allows(request.client):
            return _busy()
        return _cut_off()
    if not EACH.allows(token) or not CLIENT.allows(request.client):
        return _busy()
    form = dict(parse_qsl(request.body.decode(errors="replace"))) if request.method == "POST" else None
    is_changing = "change=1" in request.query

    def wish(plan: Plan, state: State) -> Wish | None:
        asked = reading.asked(state, call)
        if form is None:
            return None
        try:
            command = reading.by_form(call, asked.ask, form, asked.before)
        except ValidationError as error:
            raise NoAnswer(f"Look at what you wrote again: {error.errors()[0]['msg']}") from None
        key = f"a/{call.incident}/{call.page}/{call.person}/{form.get('key', '')[:32] or uuid4().hex}"
        return Wish(command, reading.actor(plan, call.person), key=key)

    def show(found: Incident, plan: Plan, state: State, result: Result) -> Shown:
        return _shown(found, plan, state, call, result) | {"changing": is_changing and form is None}

    return Ask(Asking(lambda: call.incident, wish, show), _say_link, _link_failed)


def _shown(found: Incident, plan: Plan, state: State, call: Call, result: Result) -> dict[str, Any]:
    page = state.pages.get(call.page)
    if page is None or not any(call.person in r for r in page.rungs):
        return {"page": None}
    return {
        "title": found.title,
        "is_exercise": state.is_exercise,
        "is_demo": state.is_demo,
        "page": page,
        "ask": page.ask,
        "is_over": state.phase in ENDED,
        "report": _report(state, page, call.person),
        "acknowledged_by_me": page.by == call.person,
        "acknowledged": page.state == "acknowledged",
        "tz": plan.organization.tz,
        "refusal": str(result) if isinstance(result, Refused) else "",
        "is_new": isinstance(result, tuple),
        "key": uuid4().hex,
    }


def _report(state: State, page: Page, person: str) -> object:
    """Return what this person's answer to this call is; None when there is none yet."""
    report = state.reports.get(person)
    if page.ask not in ("roll_call", "recall") or report is None or report.at is None or report.at < page.ordered_at:
        return None
    return report


def _say_link(shown: Shown) -> Answer:
    if shown["page"] is None:
        return _page(404, "This call is not there any more", "Ask who called you.")
    return Answer(409 if shown["refusal"] else 200, get_template("answers/answer.html").render(dict(shown)))


def _link_failed(error: Exception) -> Answer:
    if isinstance(error, NoSuchIncident):
        return _cut_off()
    return _page(503, "Your answer was not written down yet", "Go back and press again; or answer by the code.")


def _cut_off() -> Answer:
    text = "It may have been cut off: open it from the message again, or answer by the code in the message."
    return _page(404, "This link is not complete", text)


def _busy() -> Answer:
    return _page(429, "Too many at once", "Wait a minute, then send it again.")


def _page(status: int, title: str, text: str) -> Answer:
    shown = {"page": None, "said": title, "text": text}
    return Answer(status, get_template("answers/answer.html").render(shown))
