"""What a person may answer to a call, and the command that an answer, or a level, means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from openline.incident.command import Actor, Command, Refused
from openline.incident.paging import AcknowledgePage, Ask
from openline.incident.roll_call import ReportPerson, Safe, Where
from openline.incident.state import State
from openline.incident.telephone import DeclareFromCall
from openline.plan.document import Plan

Source = Literal["link", "code", "key"]


class NoAnswer(Refused):
    """What was sent is no answer to this call; the message says what would be."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of one person, as the link or code names it."""

    incident: int
    page: str
    person: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call asks, and what was known of the person's safety before."""

    ask: Ask
    before: Safe


def asked(state: State, call: Call) -> Asked:
    """Return what a call asks of a person; raises NoAnswer when the incident has no such call."""
    page, report = state.pages.get(call.page), state.reports.get(call.person)
    if page is None or not any(call.person in r for r in page.rungs):
        raise NoAnswer("This call is not there any more: ask who called you.")
    return Asked(page.ask, report.safe if report else "unknown")  # type: ignore[arg-type]


def actor(plan: Plan, person: str) -> Actor:
    """Return who acts when a person answers without signing in."""
    known = plan.persons.get(person)
    return Actor(known.title if known else person, f"person:{person}", person=person)


def by_number(call: Call, ask: Ask, digit: str, source: Source, before: Safe = "unknown") -> Command:
    """Return the command that a digit means, sent as a reply or pressed on a phone. Raises NoAnswer.

    `before` is what was known of the person's safety, which an answer to a recall does not take back.
    """
    if ask in ("acknowledge", "inform", "remind"):
        if digit in ("", "1"):
            return AcknowledgePage(page=call.page, person=call.person, how=source)
        raise NoAnswer("Reply 1 to say that you have it.")
    if ask == "recall":
        if digit in ("1", "2"):
            return _recalled(call, before, source, is_coming=digit == "1")
        raise NoAnswer("Reply 1 when you come, 2 when you can not.")
    if digit == "3":
        return ReportPerson(person=call.person, safe="needs_help", source=source)
    if digit in ("1", "2"):
        return ReportPerson(person=call.person, safe="safe", able=digit == "1", source=source)
    raise NoAnswer("Reply 1 safe and able to work, 2 safe but not able, 3 need help.")


def by_level(call: Call, level: int, reason: str, source: Source) -> Command:
    """Return the command that a level means, sent with the code of a call or pressed in it."""
    how: Literal["code", "key"] = "key" if source == "key" else "code"
    return DeclareFromCall(page=call.page, person=call.person, level=level, reason=reason, how=how)


def _recalled(call: Call, before: Safe, source: Source, *, is_coming: bool, note: str = "") -> Command:
    safe: Safe = "safe" if is_coming else before
    return ReportPerson(person=call.person, safe=safe, able=is_coming, note=note, source=source)


def by_form(call: Call, ask: Ask, sent: Mapping[str, str], before: Safe = "unknown") -> Command:
    """Return the command that a form means. Raises NoAnswer."""
    if ask in ("acknowledge", "inform", "remind"):
        return AcknowledgePage(page=call.page, person=call.person, how="link")
    note = sent.get("note", "").strip()[:500]
    if ask == "recall":
        if sent.get("coming") not in ("yes", "no"):
            raise NoAnswer("Press I will come, or I can not come.")
        return _recalled(call, before, "link", is_coming=sent["coming"] == "yes", note=note)
    if sent.get("safe") not in ("safe", "needs_help"):
        raise NoAnswer("Press I am safe, or I need help.")
    where = sent.get("where", "")
    return ReportPerson(
        person=call.person,
        safe="safe" if sent["safe"] == "safe" else "needs_help",
        able=_yes(sent.get("able", "")),
        where=where if where in get_args(Where) else "",
        kit=_yes(sent.get("kit", "")),
        note=note,
        source="link",
    )


def _yes(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)
