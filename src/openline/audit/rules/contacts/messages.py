"""Who must hear, and in what words."""

import re

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed
from openline.plan.communication import SLOTS, Audience, MessageTemplate
from openline.units import format_duration as dur

MUST_HEAR: tuple[Audience, ...] = (
    "leaders", "regulator", "first_responders", "customers", "agents", "clients", "partners", "media",
)  # fmt: skip
"""The four audiences of seed 004, and staff, clients, partners, media (COM-03)."""

MANY = ("customers", "agents")
"""Audiences that are told all at once, so that a channel is as good as a contact."""


@rule("AR-105", "high", serves="COM-03 PPL-11 COM-06")
def audience_is_forgotten(g: Ground) -> Verdicts:
    """A group that must hear has no message ready, or no contact.

    Why: speak with your leaders, regulator, first responders and customers; staff, clients, partners and media hear
    anyway [seed 004].
    Computed: of the eight groups, one without a template for level 2 or above, or without a stakeholder entry that
    has a contact (a channel is enough for customers and agents); a reason under not_applicable excuses it.
    Fix: write the message, and enter whom to reach and how.

        stakeholders:
          - {id: regulator, group: regulator, contacts: [{name: Supervisor, channel: phone}]}
    """
    if not g.plan.stakeholders and not g.plan.templates:
        yield unknown(g.plan.organization, why="the plan lists neither stakeholders nor messages")
        return
    ready = {t.audience for t in g.plan.templates.values() if t.languages}
    reached = (s for s in g.plan.stakeholders.values() if s.contacts or (s.channels and s.group in MANY))
    known = {s.group: s for s in reached}
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
    Computed: a slot that nobody knows ({...} other than what, since, effect, doing, ask, next_update, contact), a blank
    still to be written ([...], TBD, ___), no approver, no text in a language that the plan's customers speak, or longer
    than max_length (a slot counts as 20); or no text at all, where other messages have theirs. Where no message is in
    any language of the plan by its id, languages are not compared.
    Fix: finish the text in every language, within its length, and name who approves it.

        templates:
          - {id: delay, audience: customers, channel: sms, languages: {en: "{what} since {since}."},
             max_length: 320, approver: communications-lead}
    """
    yield from nothing_listed(g.plan, "templates")
    for t in g.plan.templates.values():
        faults = _template_faults(g, t)
        at = "approver" if faults == [NO_APPROVER] else "languages"
        if not t.languages and not any(o.languages for o in g.plan.templates.values()):
            yield unknown(t, "languages")
        elif faults:
            yield fail(t, f"{t.title}: {'; '.join(faults)}", at=at, faults=len(faults))
        else:
            yield ok(t)


BLANK = re.compile(r"\[[^\]]*\]|<[^>]*>|_{3,}|\b(TBD|TBC|TODO|XXX+)\b")
"""What writers leave where something is still to be written."""


NO_APPROVER = "nobody approves it"


def _template_faults(g: Ground, t: MessageTemplate) -> list[str]:
    faults = [] if t.languages else ["it has no text"]
    slots = {s for text in t.languages.values() for s in _slots(text)}
    strange = sorted(slots - set(SLOTS))
    faults += [f"nobody fills the slot {names(strange)}"] if strange else []
    blank = [k for k, text in t.languages.items() if BLANK.search(text) or not text]
    faults += [f"the text in {names(blank)} is not finished"] if blank else []
    faults += [NO_APPROVER] if t.approver is None or g.vacant(t.approver) else []
    spoken = [i for i in g.plan.languages if t.audience in ("customers", "agents")]
    used = {i for o in g.plan.templates.values() for i in o.languages}
    missing = [i for i in spoken if i not in t.languages] if used & set(spoken) else []
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
    Fix: enter the deadline, and a time to send that leaves half of it.

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
        if not theirs and s.group in MUST_HEAR:
            continue  # AR-105 says so
        if not theirs:
            yield unknown(s, why=f"no message is for {s.group.replace('_', ' ')}, so when {s.title} hear is not known")
        elif not stated:
            yield unknown(theirs[0], "send_within_s")
        elif min(stated) > latest:
            message = f"{s.title} is told within {dur(min(stated))}, the law gives {dur(s.deadline_s)}"
            yield fail(
                s, message, *(t.id for t in theirs), at="deadline_s", send_within_s=min(stated), deadline_s=s.deadline_s
            )
        else:
            yield ok(s)
