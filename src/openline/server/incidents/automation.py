"""Steps that Openline does itself when their turn comes; in an exercise they say what they would have done."""

from collections.abc import Callable
from typing import Any

from openline.incident.arrangements import InvokeArrangement
from openline.incident.command import SYSTEM, Refused
from openline.incident.messages import DraftMessage
from openline.incident.paging import OrderPage
from openline.incident.permit import permit
from openline.incident.roll_call import OpenRollCall
from openline.server.engine import port as engine
from openline.server.incidents.models import Incident
from openline.server.incidents.store import carry_out, incident, reading

Options = dict[str, str]


def run(key: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Do one automated step. Raises engine.Refused for what will not work, anything else to be tried again."""
    found = incident(payload["incident"])
    kind = payload["automation"]
    if kind not in AUTOMATIONS:
        raise engine.Refused(f"there is no automated step of the kind {kind!r}")
    with reading(found) as state:
        options = dict(state.tasks[payload["task"]].options)
    try:
        return {"told": AUTOMATIONS[kind](found, key, options)}
    except Refused as refusal:
        raise engine.Refused(str(refusal)) from refusal


def _roll_call(found: Incident, key: str, options: Options) -> str:
    carry_out(found, OpenRollCall(sites=_list(options, "sites"), teams=_list(options, "teams")), SYSTEM, key=f"{key}!")
    return "the roll call is open"


def _page(found: Incident, key: str, options: Options) -> str:
    order = OrderPage(
        ask="acknowledge", roles=_list(options, "roles"), subject=found.title, text=options.get("text", found.title)
    )
    carry_out(found, order, SYSTEM, key=f"{key}!")
    return f"called {', '.join(order.roles)}"


def _message(found: Incident, key: str, options: Options) -> str:
    carry_out(found, DraftMessage(template=options.get("template")), SYSTEM, key=f"{key}!")
    return "the message is drafted; somebody fills, approves and releases it"


def _arrangement(found: Incident, key: str, options: Options) -> str:
    name = options.get("arrangement", "")
    carry_out(found, InvokeArrangement(arrangement=name, reason="automated step"), SYSTEM, key=f"{key}!")
    return f"{name} is invoked"


def _webhook(found: Incident, key: str, options: Options) -> str:
    with reading(found) as state:
        is_caught = state.is_exercise or state.is_demo
        allowed = None if is_caught else permit(state, found.ref)
    if allowed is None:
        return f"exercise: would have called {options.get('url', 'no address')}"
    from openline.notifiers.webhook import call

    return call(allowed, options.get("url", ""), key, {"incident": found.ref, "title": found.title})


def _list(options: Options, name: str) -> tuple[str, ...]:
    return tuple(w.strip() for w in options.get(name, "").split(",") if w.strip())


AUTOMATIONS: dict[str, Callable[[Incident, str, Options], str]] = {
    "webhook": _webhook,
    "roll_call": _roll_call,
    "page": _page,
    "message": _message,
    "arrangement": _arrangement,
}
