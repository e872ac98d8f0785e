"""The page of messages: everybody who is owed word, and the words on their way."""

from datetime import datetime
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from openline.incident.command import Command, Refused
from openline.incident.messages import (
    TELLING,
    ApproveMessage,
    DraftMessage,
    EditMessage,
    ReleaseMessage,
    WithdrawMessage,
)
from openline.plan.communication import AUDIENCES
from openline.plan.document import Plan
from openline.server.accounts.roles import may, needs, refused
from openline.server.accounts.store import record as log_act
from openline.server.errors import page
from openline.server.incidents import acting
from openline.server.incidents.models import Incident
from openline.server.incidents.store import carry_out, pinned, reading
from openline.server.incidents.views import incident_or_404
from openline.server.messages import shown
from openline.server.security import Limit
from openline.server.status_pages.store import about as status_page

LIMIT = Limit(most=120, window_s=60)
ACTS: dict[str, type[Command]] = {
    c.__name__: c for c in (DraftMessage, EditMessage, ApproveMessage, ReleaseMessage, WithdrawMessage)
}
UPDATES = ((900, "15 minutes"), (1800, "30 minutes"), (3600, "1 hour"), (7200, "2 hours"), (14400, "4 hours"),
           (86400, "1 day"))  # fmt: skip


@needs("see_incidents", to_change="work_tasks")
def messages(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show who is owed word and who is told what; take one act on a message, and lose nothing that was typed."""
    found = incident_or_404(slug, pk)
    if request.method != "POST":
        return _page(request, found)
    act = request.POST.get("act", "")
    if act not in ACTS:
        return page(request, 400, "There is no such act", "Go back: what you typed is still there.")
    right = acting.COMMAND_RIGHTS[ACTS[act]]
    if not may(request, right):
        return refused(request, right)
    if not LIMIT.allows(str(request.user.pk)):
        return _page(request, found, "Too many acts in a minute: wait a moment, then send it again.", 429)
    try:
        target = _done(request, found, act)
    except Refused as refusal:
        return _page(request, found, str(refusal), 409)
    log_act(request, f"did {act}", slug=slug, about=f"{found.ref} {target}"[:300])
    return redirect(f"{request.path}#{target}")


def _done(request: HttpRequest, found: Incident, act: str) -> str:
    """Carry the act out and return the id of its message. Raises Refused.

    Who approves what they have just changed approves it as changed: it is saved first.
    """
    plan, sent = pinned(found), request.POST
    who = acting.actor(request, plan)
    key = sent.get("key", "")[:64]
    if act == "ApproveMessage" and _is_changed(found, sent):
        carry_out(found, acting.read("EditMessage", _part(sent, EditMessage)), who, key=_key(found, key, "saved"))
    command = acting.read(act, _part(sent, ACTS[act]))
    entries = carry_out(found, command, who, key=_key(found, key, act))
    return str(getattr(entries[0].event, "message", "")) if entries else ""


def _key(found: Incident, key: str, act: str) -> str:
    return f"words/{found.pk}/{key}/{act}" if key else ""


def _part(sent: QueryDict, command: type[Command]) -> QueryDict:
    """Return those fields of a form that a command has; buttons of one form are several commands."""
    part = QueryDict(mutable=True)
    for name in sent:
        if name.split(".")[0] in command.model_fields:
            part.setlist(name, sent.getlist(name))
    return part


def _is_changed(found: Incident, sent: QueryDict) -> bool:
    with reading(found) as state:
        m = state.messages.get(sent.get("message", ""))
        if m is None:
            return False
        typed = {"text": m.text, "differs_because": m.differs_because} | {f"slots.{k}": v for k, v in m.slots.items()}
        for name in (n for n in sent if n.startswith("services.")):
            _, activity, field = (*name.split("."), "", "")[:3]
            if field in ("kind", "words"):
                typed[name] = getattr(m.services.get(activity), field, "")
    fields = [n for n in sent if n in ("text", "differs_because") or n.startswith(("slots.", "services."))]
    return any(_lines(sent.get(n, "")) != _lines(typed.get(n, "")) for n in fields)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _page(request: HttpRequest, found: Incident, refusal: str = "", status: int = 200) -> HttpResponse:
    plan, now = pinned(found), timezone.now()
    sent = {k: v for k, v in request.POST.items() if isinstance(v, str)}
    about = sent.get("message", "")
    with reading(found) as state:
        cards = [
            shown.card(
                state,
                plan,
                m,
                refusal=refusal if m.id == about else "",
                typed=sent if m.id == about and refusal else None,
            )
            for m in reversed(state.messages.values())
        ]
        told = {
            "owed": shown.owed(state, plan, now),
            "audiences": shown.audiences(state, plan),
            "waiting": sorted((c for c in cards if c.message.state in ("draft", "approved")), key=_pressing),
            "out": [c for c in cards if c.message.state in ("released", "withdrawn")],
            "can_tell": state.phase in TELLING,
            "phase": state.phase,
        }
    return render(
        request,
        "messages/messages.html",
        {
            **told,
            "revision": found.revision,
            "incident": found,
            "tz": plan.organization.tz,
            "now": now,
            "plan_roles": plan.roles,
            "templates": sorted(plan.templates.values(), key=lambda t: (AUDIENCES.index(t.audience), t.title)),
            "languages": _languages(plan),
            "audience_names": AUDIENCES,
            "channel_names": shown.CHANNELS,
            "service_kinds": shown.KINDS,
            "updates": UPDATES,
            "status_page": status_page(found.slug),
            "refusal": refusal if not any(c.refusal for c in cards) else "",
            "sent": sent if refusal else {},
            "key": uuid4().hex,
        },
        status=status,
    )


def _pressing(c: shown.Card) -> tuple[bool, datetime]:
    """Put what only waits for its release first, then what is due first."""
    return c.message.state != "approved", c.message.due_at or c.message.drafted_at


def _languages(plan: Plan) -> list[str]:
    return list(dict.fromkeys(["en", *(lang for t in plan.templates.values() for lang in t.languages)]))
