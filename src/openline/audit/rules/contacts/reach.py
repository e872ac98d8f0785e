"""How people and vendors are reached."""

from collections.abc import Iterable

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names
from openline.audit.rules.vendors import critical_vendors
from openline.plan.people import Person
from openline.plan.systems import System


def _role_holders(g: Ground) -> list[Person]:
    """Return the active people who hold a key role: first, behind, or on call."""
    ids = dict.fromkeys(p for r in g.key_roles for p in (*r.holders, *(d.person for d in r.on_call)))
    return [g.plan.persons[p] for p in ids if g.active(p)]


@rule("AR-101", "high", serves="COM-05 MNT-02")
def contact_not_verified(g: Ground) -> Verdicts:
    """Nobody has checked lately that a role holder can be reached.

    Why: wrong numbers are a main cause of failed call-outs; update frequently [GSA; domain R34].
    Computed: of a holder of a key role, a contact that was not checked within 90 days, or never.
    Fix: a round of checks every quarter.

        persons:
          - {id: officer-a, contacts: [{channel: mobile, verified_on: 2026-10-06}]}
    """
    holders = _role_holders(g)
    if not holders:
        yield unknown(g.plan.organization, why="no key role is held by anybody")
    for p in holders:
        if not p.contacts:
            yield unknown(p, "contacts")
            continue
        stale = [c for c in p.contacts if g.older(c.verified_on, g.limits.contact_age_d)]
        if stale:
            ages = [age for c in stale if (age := g.age_d(c.verified_on)) is not None]
            told = f"checked {max(ages)} days ago" if len(ages) == len(stale) else "never checked"
            channels = names(list(dict.fromkeys(c.channel for c in stale)))
            yield fail(p, f"{channels} of {p.title} {told}", at="contacts", age_d=max(ages, default=None))
        else:
            yield ok(p)


@rule("AR-102", "high", serves="COM-05 COM-09")
def contact_fails_with_us(g: Ground) -> Verdicts:
    """A role holder can only be reached in ways that fail with our own systems.

    Why: office phones and company mail are down when they are needed (assumed).
    Computed: fewer than two channels to reach a holder of a key role, or all of them depend on the company. A plan that
    has no contact of anybody can not be judged.
    Fix: a private number, with consent.

        persons:
          - {id: officer-a, contacts: [{channel: mobile, corporate_dependent: false}, {channel: email,
             corporate_dependent: true}]}
    """
    holders = _role_holders(g)
    if not holders:
        yield unknown(g.plan.organization, why="no key role is held by anybody")
    for p in holders:
        ways = {c.channel for c in p.contacts}
        if not any(o.contacts for o in holders):
            yield unknown(p, "contacts")
        elif len(ways) < 2:
            told = f"can be reached by {names(list(ways))} only" if ways else "has no contact at all"
            yield fail(p, f"{p.title} {told}", at="contacts", ways=len(ways))
        elif any(c.corporate_dependent is False for c in p.contacts):
            yield ok(p)
        elif any(c.corporate_dependent is None for c in p.contacts):
            yield unknown(p, "contacts.corporate_dependent")
        else:
            yield fail(p, f"every way to reach {p.title} fails with our own systems", at="contacts", ways=len(ways))


@rule("AR-108", "high", serves="COM-06 COM-09")
def notification_fails_with_us(g: Ground) -> Verdicts:
    """In some scenario every way to notify people is down.

    Why: the means of communication must be available during the disruption [ISO 22301 8.4.3].
    Computed: for each scenario: all systems that notify (mass notification, e-mail, SMS) are down, or can not be signed
    on to, and people can not be called without them: there is no call tree in which everybody has a private way (a
    contact that does not depend on the company). Where the plan has no mass notification, it is enough that every
    holder of a key role has one.
    Fix: a second way that shares nothing.

        systems:
          - {id: notification, kind: mass_notification, deployment: saas, region: us-east}
    """
    ways: list[System] = [s for s in g.plan.systems.values() if s.kind in ("mass_notification", "sms", "email")]
    private = _by_hand(g, mass=any(s.kind == "mass_notification" for s in ways))
    if not ways and not private:
        yield unknown(
            g.plan.organization, why="the plan has no system that notifies, and no private way to reach role holders"
        )
        return
    for s in g.plan.scenarios.values():
        lost = g.lost_in(s)
        if not lost:
            continue
        after = g.standing.after(lost)
        down = [w for w in ways if any(i in after and after[i].capacity <= 0 for i in (w.id, *w.login_path))]
        if ways and len(down) == len(ways) and not private:
            yield fail(s, f"in {s.title} every way to notify is down: {names(list(down))}", *(w.id for w in down))
        else:
            yield ok(s)
    if not g.plan.scenarios:
        yield unknown(g.plan.organization, why="the plan lists no scenarios")


def _by_hand(g: Ground, *, mass: bool) -> bool:
    """Tell whether people can be called one by one without any system of ours."""

    def reachable(ids: Iterable[str]) -> bool:
        people = [g.plan.persons[i] for i in dict.fromkeys(ids) if g.active(i)]
        return bool(people) and all(any(c.corporate_dependent is False for c in p.contacts) for p in people)

    trees = g.plan.call_trees.values()
    if any(reachable([t.root, *(i for n in t.nodes for i in (n.person, *n.children))]) for t in trees):
        return True
    return not mass and reachable(p.id for p in _role_holders(g))


CARD = {
    "account": "account",
    "authorized caller": "authorised_callers",
    "escalation": "escalation",
    "circuit id": "circuit_ids",
}
"""Fields of a vendor by what its desk will ask for."""


@rule("AR-109", "medium", serves="VEN-05")
def vendor_card_is_incomplete(g: Ground) -> Verdicts:
    """The card of a carrier or vendor lacks what its desk will ask for.

    Why: without number, circuit and name the desk hangs up [Vendor Support].
    Computed: of vendors that tier 1 depends on: no account, no authorized caller, no escalation; of carriers and
    network providers, no circuit id (lines in the cloud and mobile ones have none). What stands under carrier_access
    counts. A plan that has no card of anybody can not be judged.
    Fix: enter our number, who may call, who is next, and the circuits.

        vendors:
          - {id: brightwave, account: BW-2231, circuit_ids: [BW-77120], authorised_callers: [Duty officer],
             escalation: [{name: Desk}]}
    """
    lines = {t.carrier for t in g.plan.trunk_groups.values() if t.kind not in ("ccaas_native", "mobile_gateway")}
    lines |= {p.isp for p in g.plan.network_paths.values() if p.medium not in ("cellular", "satellite")}
    cards = any(v.account or v.authorised_callers or v.escalation or v.circuit_ids for v in g.plan.vendors.values())
    cards = cards or bool(g.plan.carrier_access)
    if not g.plan.vendors or not g.tiers_known:
        yield unknown(g.plan.organization, why="the plan lists no vendors, or tier 1 is not known")
        return
    for v in critical_vendors(g):
        doors = [d for d in g.plan.carrier_access.values() if d.carrier == v.id]
        there = {
            "account": bool(v.account or any(d.account for d in doors)),
            "authorized caller": bool(v.authorised_callers or any(d.authorised_callers for d in doors)),
            "escalation": bool(v.escalation or any(d.escalation for d in doors)),
        }
        if v.id in lines:
            there["circuit id"] = bool(v.circuit_ids or any(d.circuit_ids for d in doors))
        lacks = [k for k, has in there.items() if not has]
        if len(lacks) == len(there) and not cards:
            yield unknown(v, why=f"the plan has no card of {v.title}")
        elif lacks:
            yield fail(v, f"the card of {v.title} lacks {names(lacks)}", at=CARD[lacks[0]], lacks=lacks)
        else:
            yield ok(v)
