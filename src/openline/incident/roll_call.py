"""Roll call: safe, needs help, unknown; able to work, where, with which kit (PPL-08)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from openline.incident.command import BEGUN, OPEN, Command, Context, NotThere, Refused, decides, folds
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.paging import REPEATS, PageOrdered, is_active, page_id
from openline.incident.people import GroupCount, Report, RollCall
from openline.incident.state import State
from openline.plan.document import Plan
from openline.plan.record import Count, Name, Slug, Text

WAIT_S = 300.0
"""How long people have before they are asked again (domain 6.3: reports at +5, +15, +30 min)."""
Safe = Literal["safe", "needs_help", "unknown"]
Where = Literal["site", "home", "elsewhere", ""]
TEXT = "Are you safe? Can you work? Answer by the link, or reply 1 safe and able, 2 safe but not able, 3 need help."


class OpenRollCall(Command):
    """Ask people whether they are safe and can work: everybody, or those of some sites and teams."""

    title: Name = "Roll call"
    sites: tuple[Slug, ...] = ()
    teams: tuple[Slug, ...] = ()
    text: Annotated[Text, Field(min_length=1)] = TEXT


@stored("roll_call.opened")
class RollCallOpened(Event):
    """People are being accounted for."""

    roll_call: Slug
    title: Name
    persons: tuple[Slug, ...]
    groups: tuple[Slug, ...] = ()


class ReportPerson(Command):
    """Say how somebody is; `source` is how it is known."""

    person: Slug
    safe: Safe
    able: bool | None = None
    where: Where = ""
    kit: bool | None = None
    note: Text = ""
    source: Literal["link", "code", "key", "page", "lead", "told"] = "page"


@stored("person.reported")
class PersonReported(Event):
    """It is known how somebody is."""

    person: Slug
    safe: Safe
    able: bool | None = None
    where: Where = ""
    kit: bool | None = None
    note: Text = ""
    source: Name = "page"


class CountGroup(Command):
    """Report a group by numbers, as a lead does with a paper list."""

    group: Slug
    safe: Count
    needs_help: Count = 0
    unknown: Count = 0
    able: Count | None = None


@stored("group.counted")
class GroupCounted(Event):
    """A lead reported numbers."""

    group: Slug
    safe: int
    needs_help: int = 0
    unknown: int = 0
    able: int | None = None


class CloseRollCall(Command):
    """End it; who is not accounted for stays unknown."""

    roll_call: Slug


@stored("roll_call.closed")
class RollCallClosed(Event):
    """Nobody is asked further."""

    roll_call: Slug


@decides(OpenRollCall, OPEN)
def open_roll_call(state: State, command: OpenRollCall, c: Context) -> Sequence[Event]:
    """Ask those who were named, and everybody when nobody was."""
    sites, teams = set(command.sites), set(command.teams)
    for s in sites - set(c.plan.sites):
        raise Refused(f"the plan has no site {s!r}")
    for t in teams - set(c.plan.teams):
        raise Refused(f"the plan has no team {t!r}")
    members = {m for t in teams for m in c.plan.teams[t].members}
    people = tuple(
        p.id
        for p in c.plan.persons.values()
        if is_active(c.plan, p.id)
        and (not sites or p.site in sites)
        and (not teams or p.team in teams or p.id in members)
    )
    groups = tuple(
        g.id for g in c.plan.agent_groups.values() if (not sites or g.site in sites) and (not teams or g.team in teams)
    )
    if not people and not groups:
        raise Refused("nobody of the plan is there to be asked")
    name = f"roll-call-{len(state.roll_calls) + 1}"
    found: list[Event] = [RollCallOpened(roll_call=name, title=command.title, persons=people, groups=groups)]
    if people:
        found.append(
            PageOrdered(
                page=page_id(state),
                ask="roll_call",
                rungs=(people,),
                wait_s=WAIT_S,
                repeats=REPEATS,
                subject=command.title,
                text=command.text,
            )
        )
    return found


@folds(RollCallOpened)
def _opened(state: State, e: RollCallOpened, entry: Entry) -> None:
    state.roll_calls[e.roll_call] = RollCall(e.roll_call, e.title, entry.entered_at, e.persons, expected=e.groups)


@decides(ReportPerson, BEGUN)
def report_person(state: State, command: ReportPerson, c: Context) -> Sequence[Event]:
    """Write down how somebody is."""
    if command.person not in c.plan.persons:
        raise NotThere("this person is not in the plan: count them with their group")
    return [PersonReported(**command.model_dump())]


@folds(PersonReported)
def _reported(state: State, e: PersonReported, entry: Entry) -> None:
    if e.safe != "unknown":
        state.heard.setdefault(e.person, []).append(entry.happened_at)
    before = state.reports.get(e.person)
    if before is None or before.at is None or entry.happened_at >= before.at:
        state.reports[e.person] = Report(
            e.person, e.safe, e.able, e.where, e.kit, e.note, entry.happened_at, f"{e.source} ({entry.by})"
        )


@decides(CountGroup, OPEN)
def count_group(state: State, command: CountGroup, c: Context) -> Sequence[Event]:
    """Write down a lead's numbers."""
    if command.group not in c.plan.agent_groups and command.group not in c.plan.teams:
        raise NotThere(f"the plan has no group or team {command.group!r}")
    if not state.roll_calls:
        raise Refused("no roll call is open: open one first")
    if command.able is not None and command.able > command.safe:
        raise Refused("more people are able to work than are safe: look at the numbers again")
    return [GroupCounted(**command.model_dump())]


@folds(GroupCounted)
def _counted(state: State, e: GroupCounted, entry: Entry) -> None:
    latest = next(reversed(state.roll_calls.values()))
    latest.groups[e.group] = GroupCount(e.group, e.safe, e.needs_help, e.unknown, e.able, entry.happened_at, entry.by)


@decides(CloseRollCall, BEGUN)
def close_roll_call(state: State, command: CloseRollCall, c: Context) -> Sequence[Event]:
    """End it."""
    found = state.roll_calls.get(command.roll_call)
    if found is None:
        raise NotThere(f"there is no roll call {command.roll_call!r}")
    if not found.is_open:
        raise Refused("this roll call is closed already")
    return [RollCallClosed(roll_call=command.roll_call)]


@folds(RollCallClosed)
def _closed(state: State, e: RollCallClosed, entry: Entry) -> None:
    state.roll_calls[e.roll_call].is_open = False
    for page in state.pages.values():
        if page.ask == "roll_call" and page.state == "open":
            page.state = "cancelled"


@dataclass(slots=True)
class Headcount:
    """People of one site, team, role or skill; `able` of those known to be safe."""

    title: str
    people: int = 0
    safe: int = 0
    needs_help: int = 0
    unknown: int = 0
    able: int = 0
    at_home: int = 0
    with_kit: int = 0


@dataclass(slots=True)
class Headcounts:
    """A roll call counted every way that is asked for."""

    total: Headcount
    by: dict[str, dict[str, Headcount]] = field(default_factory=dict)
    needs_help: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def headcounts(plan: Plan, state: State, roll: RollCall) -> Headcounts:
    """Return the counts of a roll call by site, team, role and skill; a person may count under several roles."""
    found = Headcounts(Headcount("Everybody"), {"site": {}, "team": {}, "role": {}, "skill": {}})
    roles = _roles(plan)
    for name in roll.persons:
        person = plan.persons.get(name)
        report = state.reports.get(name)
        known = report if report is not None and report.at is not None and report.at >= roll.opened_at else None
        keys: list[tuple[str, str]] = []
        if person is not None:
            keys = [("site", person.site or "none"), ("team", person.team or "none")]
            keys += [("role", r) for r in roles.get(name, ())] + [("skill", s.skill) for s in person.skills]
        _count(found.total, known)
        for kind, key in keys:
            _count(found.by[kind].setdefault(key, Headcount(_title(plan, kind, key))), known)
        if known is None or known.safe == "unknown":
            found.unknown.append(name)
        elif known.safe == "needs_help":
            found.needs_help.append(name)
    for g in roll.groups.values():
        _add_group(plan, found, g)
    return found


def _roles(plan: Plan) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for r in plan.roles.values():
        for p in r.holders:
            found.setdefault(p, []).append(r.id)
    return found


def _title(plan: Plan, kind: str, key: str) -> str:
    table = {"site": plan.sites, "team": plan.teams, "role": plan.roles, "skill": plan.skills}[kind]
    entity = table.get(key)  # type: ignore[attr-defined]
    return entity.title if entity is not None else "not stated"


def _count(into: Headcount, report: Report | None) -> None:
    into.people += 1
    if report is None or report.safe == "unknown":
        into.unknown += 1
        return
    into.safe += report.safe == "safe"
    into.needs_help += report.safe == "needs_help"
    into.able += bool(report.able)
    into.at_home += report.where == "home"
    into.with_kit += bool(report.kit)


def _add_group(plan: Plan, found: Headcounts, g: GroupCount) -> None:
    group = plan.agent_groups.get(g.group)
    into = [found.total]
    team = group.team if group is not None else g.group
    if team is not None:
        into.append(found.by["team"].setdefault(team, Headcount(_title(plan, "team", team))))
    if group is not None:
        into.append(
            found.by["site"].setdefault(group.site or "none", Headcount(_title(plan, "site", group.site or "")))
        )
        into += [found.by["skill"].setdefault(s, Headcount(_title(plan, "skill", s))) for s in group.skills]
    for h in into:
        h.people += g.safe + g.needs_help + g.unknown
        h.safe, h.needs_help, h.unknown = h.safe + g.safe, h.needs_help + g.needs_help, h.unknown + g.unknown
        h.able += g.able or 0


def tally(state: State, roll: RollCall) -> Counter[str]:
    """Return how many of a roll call are safe, need help or are unknown, without looking at the plan."""
    found: Counter[str] = Counter(safe=0, needs_help=0, unknown=0)
    for p in roll.persons:
        report = state.reports.get(p)
        found[report.safe if report is not None and report.at and report.at >= roll.opened_at else "unknown"] += 1
    for g in roll.groups.values():
        found.update(safe=g.safe, needs_help=g.needs_help, unknown=g.unknown)
    return found


def uncounted(plan: Plan, roll: RollCall) -> list[tuple[str, str, int | None]]:
    """Return (id, title, people or None) of the groups that no lead has reported yet; they are in no count."""
    groups = (plan.agent_groups.get(g) for g in roll.expected if g not in roll.groups)
    return [(g.id, g.title, g.headcount) for g in groups if g is not None]


def curve(state: State, roll: RollCall) -> list[tuple[float, float]]:
    """Return (seconds since it was opened, share of people accounted for), one point for each answer (PPL-08).

    Groups count from the moment their lead reported numbers; those who are unknown in them stay unaccounted for.
    """
    heard = [(first, 1) for p in roll.persons if (first := _first(state, p, roll)) is not None]
    heard += [(g.at, g.safe + g.needs_help) for g in roll.groups.values()]
    everybody = len(roll.persons) + sum(g.safe + g.needs_help + g.unknown for g in roll.groups.values())
    points, known = [(0.0, 0.0)], 0
    for at, people in sorted(heard):
        known += people
        points.append(((at - roll.opened_at).total_seconds(), known / everybody if everybody else 0.0))
    return points


def _first(state: State, person: str, roll: RollCall) -> datetime | None:
    return min((at for at in state.heard.get(person, ()) if at >= roll.opened_at), default=None)
