"""Contacts and communication."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed
from openline.audit.rules.vendors import critical_vendors
from openline.plan.communication import SLOTS, Audience, MessageTemplate
from openline.plan.people import Person
from openline.plan.roles import CallTree
from openline.plan.systems import System
from openline.units import format_duration as dur

MUST_HEAR: tuple[Audience, ...] = (
    "leaders", "regulator", "first_responders", "customers", "agents", "clients", "partners", "media",
)  # fmt: skip
"""The four audiences of seed 004, and staff, clients, partners, media (COM-03)."""


def _role_holders(g: Ground) -> list[Person]:
    """Return the active people who hold a key role, first or behind."""
    ids = dict.fromkeys(p for r in g.key_roles for p in r.holders)
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
    Computed: fewer than two ways to reach a holder of a key role, or all of them depend on the company.
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
        if not p.contacts:
            yield unknown(p, "contacts")
        elif len(p.contacts) < 2 or (len(ways) < 2 and len({c.value for c in p.contacts}) < 2):
            yield fail(p, f"{p.title} can be reached in one way only", at="contacts", ways=len(p.contacts))
        elif all(c.corporate_dependent for c in p.contacts):
            yield fail(p, f"every way to reach {p.title} fails with our own systems", at="contacts", ways=len(ways))
        elif all(c.corporate_dependent is None for c in p.contacts):
            yield unknown(p, "contacts.corporate_dependent")
        else:
            yield ok(p)


def reach(g: Ground, tree: CallTree) -> tuple[float, float | None]:
    """Return the expected share reached and the seconds until the last call, by a call tree.

    Everybody answers a try with the same probability, independently; a caller calls in order, the time-out for each
    try; where a caller is not reached the fallback calls on, if reached. Seconds are None when no time-out is stated.
    """
    nodes = {n.person: n for n in tree.nodes}
    answer = g.limits.answer_frac
    reached: dict[str, float] = {tree.root: 1.0}
    start: dict[str, float] = {tree.root: 0.0}
    timed = all(n.timeout_s is not None for n in tree.nodes)
    waiting = [tree.root]
    while waiting:
        person = waiting.pop(0)
        node = nodes.get(person)
        if node is None:
            continue
        tries = node.retries + 1
        each = 1.0 - (1.0 - answer) ** tries
        caller = reached[person]
        if node.fallback is not None and node.fallback != person:
            caller = 1.0 - (1.0 - caller) * (1.0 - answer)
        at = start[person]
        for child in node.children:
            at += (node.timeout_s or 0.0) * (1.0 + (1.0 - answer) * (tries - 1))
            if child not in reached:
                reached[child], start[child] = caller * each, at
                waiting.append(child)
    share = sum(reached.values()) / len(reached)
    return share, max(start.values()) if timed else None


@rule("AR-103", "high", serves="COM-09 PPL-01")
def call_tree_is_weak(g: Ground) -> Verdicts:
    """A call tree breaks easily.

    Why: a broken link silently cuts off everybody below it [domain R35].
    Computed: a caller with children and no fallback; more than 10 calls by one; somebody who has left in it; expected
    reach (85 % answer a try) under its target, or the last call later than its target.
    Fix: rebuild it. (Unreachable people are refused on loading.)

        call_trees:
          - {id: tree, root: a, target: {share: 0.9, within_s: 60m}, nodes: [{person: a, children: [b],
             fallback: b, retries: 2, timeout_s: 3m}]}
    """
    yield from nothing_listed(g.plan, "call_trees")
    for tree in g.plan.call_trees.values():
        alone = [n.person for n in tree.nodes if n.children and n.fallback is None]
        wide = [n.person for n in tree.nodes if len(n.children) > g.limits.fan_out]
        faults = [f"nobody steps in for {names(alone)}"] if alone else []
        faults += [f"{names(wide)} must make more than {g.limits.fan_out:g} calls"] if wide else []
        share, last_s = reach(g, tree)
        if tree.target is not None:
            if share < tree.target.share:
                faults.append(f"{share:.0%} are reached on average, {tree.target.share:.0%} are wanted")
            if last_s is not None and last_s > tree.target.within_s:
                faults.append(f"the last call is made after {dur(last_s)}, {dur(tree.target.within_s)} is wanted")
        if faults:
            yield fail(
                tree,
                f"{tree.title}: {'; '.join(faults)}",
                *alone,
                *wide,
                at="nodes",
                reach_frac=round(share, 3),
                last_s=last_s,
            )
        elif tree.target is None or last_s is None:
            yield unknown(tree, "target" if tree.target is None else "timeout_s")
        else:
            yield ok(tree)


@rule("AR-104", "medium", serves="COM-09 TST-01")
def call_tree_not_drilled(g: Ground) -> Verdicts:
    """A call tree was not drilled lately, or the drill fell short.

    Why: quarterly drills with 95 % relaying the message rightly are the advice [domain R35].
    Computed: last drill over 180 days ago or never; reached under 90 % within 60 min; right messages under 95 %.
    Fix: drill.

        call_trees:
          - {id: tree, root: a, drill: {on: 2026-09-15, reached_frac: 0.96, within_s: 42m, accuracy_frac: 0.97},
             nodes: [{person: a}]}
    """
    yield from nothing_listed(g.plan, "call_trees")
    for tree in g.plan.call_trees.values():
        d = tree.drill
        if g.older(d.on, g.limits.tree_drill_d):
            age = g.age_d(d.on)
            told = "was never drilled" if age is None else f"was drilled {age} days ago"
            yield fail(tree, f"{tree.title} {told}", at="drill", age_d=age)
            continue
        faults = (
            [f"{d.reached_frac:.0%} were reached"]
            if d.reached_frac is not None and d.reached_frac < g.limits.tree_reach_frac
            else []
        )
        faults += [f"it took {dur(d.within_s)}"] if d.within_s is not None and d.within_s > 3600 else []
        faults += (
            [f"{d.accuracy_frac:.0%} relayed the message rightly"]
            if d.accuracy_frac is not None and d.accuracy_frac < g.limits.tree_accuracy_frac
            else []
        )
        if faults:
            yield fail(
                tree,
                f"in the drill of {tree.title} {names(faults)}",
                at="drill",
                reached_frac=d.reached_frac,
                within_s=d.within_s,
            )
        elif d.reached_frac is None or d.within_s is None:
            yield unknown(tree, "drill.reached_frac", "drill.within_s")
        else:
            yield ok(tree)


@rule("AR-105", "high", serves="COM-03 PPL-11 COM-06")
def audience_is_forgotten(g: Ground) -> Verdicts:
    """A group that must hear has no message ready, or no contact.

    Why: speak with your leaders, regulator, first responders and customers; staff, clients, partners and media hear
    anyway [seed 004].
    Computed: of the eight groups, one without a template for level 2 or above, or without a stakeholder entry that
    has a contact; a reason under not_applicable excuses it.
    Fix: write it, and enter the contact.

        stakeholders:
          - {id: regulator, group: regulator, contacts: [{name: Supervisor, channel: phone}]}
    """
    if not g.plan.stakeholders and not g.plan.templates:
        yield unknown(g.plan.organization, why="the plan lists neither stakeholders nor messages")
        return
    ready = {t.audience for t in g.plan.templates.values() if t.languages}
    known = {s.group: s for s in g.plan.stakeholders.values() if s.contacts or s.channels}
    for group in MUST_HEAR:
        if g.plan.organization.not_applicable.get(group):
            yield ok(g.plan.organization)
            continue
        lacks = [*(["message"] if group not in ready else []), *(["contact"] if group not in known else [])]
        subject = known.get(group) or g.plan.organization
        if lacks:
            message = f"there is no {' and no '.join(lacks)} for {group.replace('_', ' ')}"
            yield fail(subject, message, at=group, group=group, lacks=lacks)
        else:
            yield ok(subject)


def _length(text: str) -> int:
    """Return how many characters a text has once each slot is filled with about twenty."""
    for slot in SLOTS:
        text = text.replace(f"{{{slot}}}", "x" * 20)
    return len(text)


@rule("AR-106", "medium", serves="COM-02 COM-11")
def message_can_not_be_used(g: Ground) -> Verdicts:
    """A message can not be used as it is.

    Why: it is found out at the moment it is needed [ISO 22301 8.4.3].
    Computed: a slot that nobody knows ({...} other than what, since, effect, doing, ask, next_update, contact), no
    approver, no text in a language that the plan's customers speak, or longer than max_length (a slot counts as 20).
    Fix: mend it.

        templates:
          - {id: delay, audience: customers, channel: sms, languages: {en: "{what} since {since}."},
             max_length: 320, approver: communications-lead}
    """
    yield from nothing_listed(g.plan, "templates")
    for t in g.plan.templates.values():
        faults = _template_faults(g, t)
        if not t.languages:
            yield unknown(t, "languages")
        elif faults:
            yield fail(t, f"{t.title}: {'; '.join(faults)}", at="languages", faults=len(faults))
        else:
            yield ok(t)


def _template_faults(g: Ground, t: MessageTemplate) -> list[str]:
    faults = []
    slots = {s for text in t.languages.values() for s in _slots(text)}
    strange = sorted(slots - set(SLOTS))
    faults += [f"nobody fills the slot {names(strange)}"] if strange else []
    faults += ["nobody approves it"] if t.approver is None or g.vacant(t.approver) else []
    missing = [i for i in g.plan.languages if t.audience in ("customers", "agents") and i not in t.languages]
    faults += [f"there is no text in {names(missing)}"] if missing and t.languages else []
    if t.max_length is not None:
        long = [k for k, text in t.languages.items() if _length(text) > t.max_length]
        faults += [f"the text in {names(long)} is longer than {t.max_length}"] if long else []
    return faults


def _slots(text: str) -> list[str]:
    return [part.partition("}")[0] for part in text.split("{")[1:] if "}" in part]


@rule("AR-107", "high", serves="COM-03")
def legal_notice_at_risk(g: Ground) -> Verdicts:
    """A notice that the law asks for may come too late.

    Why: GDPR 72 h, DORA 4 h and 24 h, HIPAA 60 days, PCI at once (verify for your case).
    Computed: a stakeholder with a legal basis without a deadline; or the message for its group with send_within_s >
    deadline - 50 %, or without send_within_s.
    Fix: set the clock.

        stakeholders:
          - {id: regulator, group: regulator, deadline_s: 24h, legal_basis: Rules of the supervisor}
    """
    bound = [s for s in g.plan.stakeholders.values() if s.legal_basis or s.group == "regulator"]
    if not bound and g.plan.organization.regulators:
        yield unknown(g.plan.organization, why="the plan names regulators but no stakeholder with a deadline")
    if not bound and not g.plan.stakeholders:
        yield unknown(g.plan.organization, why="the plan lists no stakeholders")
    for s in bound:
        if s.deadline_s is None:
            told = f"{s.title} must be told by law ({s.legal_basis})" if s.legal_basis else f"{s.title} must be told"
            yield fail(s, f"{told}, and no deadline is set", at="deadline_s")
            continue
        theirs = [t for t in g.plan.templates.values() if t.audience == s.group]
        stated = [t.send_within_s for t in theirs if t.send_within_s is not None]
        latest = s.deadline_s * (1 - g.limits.notify_share_frac)
        if not theirs:
            continue  # AR-105 says so
        if not stated:
            yield unknown(theirs[0], "send_within_s")
        elif min(stated) > latest:
            message = f"{s.title} is told within {dur(min(stated))}, the law gives {dur(s.deadline_s)}"
            yield fail(
                s, message, *(t.id for t in theirs), at="deadline_s", send_within_s=min(stated), deadline_s=s.deadline_s
            )
        else:
            yield ok(s)


@rule("AR-108", "high", serves="COM-06 COM-09")
def notification_fails_with_us(g: Ground) -> Verdicts:
    """In some scenario every way to notify people is down.

    Why: the means of communication must be available during the disruption [ISO 22301 8.4.3].
    Computed: for each scenario: all systems that notify (mass notification, e-mail, SMS) are down, or can not be signed
    on to, and no role holder has a private way (a contact that does not depend on the company).
    Fix: a second way that shares nothing.

        systems:
          - {id: notification, kind: mass_notification, deployment: saas, region: us-east}
    """
    ways: list[System] = [s for s in g.plan.systems.values() if s.kind in ("mass_notification", "sms", "email")]
    private = any(c.corporate_dependent is False for p in _role_holders(g) for c in p.contacts)
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


@rule("AR-109", "medium", serves="VEN-05")
def vendor_card_is_incomplete(g: Ground) -> Verdicts:
    """The card of a carrier or vendor lacks what its desk will ask for.

    Why: without number, circuit and name the desk hangs up [Vendor Support].
    Computed: of vendors that tier 1 depends on: no account, no authorized caller, no escalation; of carriers and
    network providers, no circuit id. What stands under carrier_access counts.
    Fix: fill it in.

        vendors:
          - {id: brightwave, account: BW-2231, circuit_ids: [BW-77120], authorised_callers: [Duty officer],
             escalation: [{name: Desk}]}
    """
    lines = {t.carrier for t in g.plan.trunk_groups.values()} | {p.isp for p in g.plan.network_paths.values()}
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
        if len(lacks) == len(there):
            yield unknown(v, why=f"the plan has no card of {v.title}")
        elif lacks:
            yield fail(v, f"the card of {v.title} lacks {names(lacks)}", at="account", lacks=lacks)
        else:
            yield ok(v)
