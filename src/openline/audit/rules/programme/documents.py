"""The plan's papers: read, approved, copied, kept."""

from datetime import date

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed
from openline.plan.programme import Approval, OfflineCopy, PlanDocument
from openline.plan.sites import Site
from openline.plan.systems import System


@rule("AR-158", "high", serves="MNT-02 MNT-03")
def plan_not_reviewed(g: Ground) -> Verdicts:
    """A plan was not reviewed within a year, or since something changed.

    Why: plans age [ISO 22301 8.6, 9.3].
    Computed: the last review (last_reviewed or a review that is done) over 365 days, or the plan's own interval, ago or
    never; or a site or system that the plan is for changed since (changed_on), or a review of it since found a material
    change.
    Fix: review it, and note the day and what changed.

        plans:
          - {id: continuity-plan, last_reviewed: 2026-06-20, review_interval_d: 365}
    """
    yield from nothing_listed(g.plan, "plans")
    for p in g.plan.plans.values():
        day = _reviewed(g, p)
        most = p.review_interval_d or g.limits.review_age_d
        changed = _changed(g, p, day) if day is not None else []
        if g.older(day, most):
            told = "was never reviewed" if day is None else f"was reviewed {g.age_d(day)} days ago"
            yield fail(p, f"{p.title} {told}", at="last_reviewed", age_d=g.age_d(day))
        elif changed:
            yield fail(
                p,
                f"{p.title} was reviewed before {names(list(changed))} changed",
                *(e.id for e in changed),
                at="last_reviewed",
            )
        else:
            yield ok(p)


def _changed(g: Ground, p: PlanDocument, day: date) -> list[Site | System]:
    """Return sites and systems that a plan is for and that changed after a day, by themselves or as a review says."""
    about = g.closure(list(p.covers))
    seen = {r.object for r in g.plan.reviews.values() if r.material_change and r.done is not None and r.done > day}
    things: list[Site | System] = [*g.plan.sites.values(), *g.plan.systems.values()]
    return [
        e
        for e in things
        if ((e.changed_on is not None and e.changed_on > day) or e.id in seen) and (not p.covers or e.id in about)
    ]


def _reviewed(g: Ground, p: PlanDocument) -> date | None:
    done = [r.done for r in g.plan.reviews.values() if r.object == p.id]
    return max((d for d in (*done, p.last_reviewed) if d is not None), default=None)


@rule("AR-159", "high", serves="PLN-10")
def plan_not_approved(g: Ground) -> Verdicts:
    """A plan is not approved as it is now.

    Why: a change loses an approval; a management body must stand behind the plan [ISO 22301 5, 7.5; DORA].
    Computed: no approval of its present version (or of the plan's content hash; where it names neither, given since the
    last change); or who approved has left, or everybody in the role that approved.
    Fix: have it approved as it is now, and note version or hash.

        approvals:
          - {id: a1, object: continuity-plan, version: "7", by: incident-commander, on: 2026-06-25}
    """
    yield from nothing_listed(g.plan, "plans")
    for p in g.plan.plans.values():
        given = [a for a in g.plan.approvals.values() if a.object == p.id]
        if not given:
            yield fail(p, f"{p.title} is not approved", at="version", approvals=0)
            continue
        valid = [a for a in given if _is_for(g, a, p)]
        if not valid and any(_is_for(g, a, p) is None for a in given):
            yield unknown(p, "version")
        elif not valid:
            message = f"{p.title} changed since it was approved"
            yield fail(p, message, *(a.id for a in given), at="version", version=p.version, approved=given[-1].version)
        elif all(_approver_left(g, a) for a in valid):
            yield fail(p, f"who approved {p.title} has left", *(a.id for a in valid), at="version", version=p.version)
        elif all(a.on is not None and p.version_on is not None and a.on < p.version_on for a in valid):
            yield fail(
                p,
                f"{p.title} was approved before its last change",
                *(a.id for a in valid),
                at="version_on",
                version_on=p.version_on,
            )
        else:
            yield ok(p)


def _is_for(g: Ground, a: Approval, p: PlanDocument) -> bool | None:
    """Tell whether an approval is for a plan as it is now; None when it can not be told."""
    if a.content_hash is not None:
        return a.content_hash == g.plan_hash
    if a.version is not None:
        return None if p.version is None else a.version == p.version
    return None if a.on is None or p.version_on is None else a.on >= p.version_on


def _approver_left(g: Ground, a: Approval) -> bool:
    """Tell whether whoever gave an approval has left: the person, or everybody who held the role."""
    ids = (a.by_person,) if a.by_person is not None else g.plan.roles[a.by].holders if a.by is not None else ()
    return bool(ids) and all(g.plan.persons[i].status == "left" for i in ids)


@rule("AR-160", "medium", serves="MNT-02 PPL-14")
def offline_copy_is_outdated(g: Ground) -> Verdicts:
    """A copy on paper is not of the present version.

    Why: check what lies in the bag half-yearly or yearly [domain R52].
    Computed: version of an offline copy differs from the document's (or the plan's), or it was made before the present
    version; a document not of the plan's present version counts as well.
    Fix: issue it again, and collect the old one.

        documents:
          - {id: printed-plan, kind: plan, version: "7", offline_copies: [{place: Command bag, version: "7",
             on: 2026-06-28}]}
    """
    yield from nothing_listed(g.plan, "documents")
    for d in g.plan.documents.values():
        current = g.plan.plans[d.object].version if d.object else d.version
        made = g.plan.plans[d.object].version_on if d.object else d.generated_at
        if not d.offline_copies:
            continue
        judged = [_is_old(c, current, made) for c in d.offline_copies]
        old = [c.place for c, is_old in zip(d.offline_copies, judged, strict=True) if is_old]
        if not old and None in judged:
            yield unknown(d, "version")
            continue
        stale = d.version is not None and current is not None and d.version != current
        if stale and not old:
            message = f"{d.title} is of version {d.version}, the present one is {current}"
            yield fail(d, message, at="version", version=current, old=d.version)
        elif old:
            yield fail(
                d,
                f"{d.title}: not of version {current or made} are the copies at {names(old)}",
                at="offline_copies",
                version=current,
                old=old,
            )
        else:
            yield ok(d)


def _is_old(copy: OfflineCopy, current: str | None, made: date | None) -> bool | None:
    """Tell whether a copy is not the present version, or older than it; None when neither can be told."""
    if copy.version is not None and current is not None:
        return copy.version != current
    return None if copy.on is None or made is None else copy.on < made


@rule("AR-161", "medium", serves="RSK-16 MNT-03")
def assumption_expired_or_untested(g: Ground) -> Verdicts:
    """An assumption has run out, or nobody has tested it.

    Why: plans die of what they took for granted [FFIEC, assumptions].
    Computed: expires before the day of the audit, or no exercise that was held tests it.
    Fix: test or renew it.

        assumptions:
          - {id: phones, text: Mobile phones work., expires: 2027-06-20, tested_by: tree-drill}
    """
    yield from nothing_listed(g.plan, "assumptions")
    for a in g.plan.assumptions.values():
        held_on = g.plan.exercises[a.tested_by].held_on if a.tested_by is not None else None
        tested = held_on is not None and held_on <= g.as_of
        if a.expires is not None and a.expires < g.as_of:
            yield fail(a, f"the assumption {a.title} ran out on {a.expires}", at="expires", expires=a.expires)
        elif not tested:
            yield fail(a, f"nobody has tested the assumption {a.title}", at="tested_by")
        elif a.expires is None:
            yield unknown(a, "expires")
        else:
            yield ok(a)


@rule("AR-166", "medium", serves="PPL-10 PPL-11")
def personal_data_beyond_need(g: Ground) -> Verdicts:
    """Personal data are kept without a limit.

    Why: minimum needed, and no longer than needed [privacy law].
    Computed: people or data sets with personal, card or health data, and no retention; contacts of somebody who has
    left. (Home addresses, secrets and medical facts are refused on loading.)
    Fix: trim, and set a retention.

        organization:
          data_retention: Contacts go when somebody leaves the role
    """
    sensitive = [
        d
        for d in g.plan.data_sets.values()
        if set(d.contains) & {"personal", "card", "health", "recordings", "contact_list"}
    ]
    if not g.plan.persons and not g.plan.data_sets:
        yield unknown(g.plan.organization, why="the plan lists neither people nor data")
    if g.plan.persons:
        kept = bool(g.plan.organization.data_retention.strip())
        yield (
            ok(g.plan.organization)
            if kept
            else fail(g.plan.organization, "nothing says how long people's contacts are kept", at="data_retention")
        )
    for d in sensitive:
        yield ok(d) if d.retention.strip() else fail(d, f"nothing says how long {d.title} are kept", at="retention")
    for p in g.plan.persons.values():
        if p.status == "left" and any(c.value for c in p.contacts):
            yield fail(p, f"{p.title} has left, and contacts are still kept", at="contacts", contacts=len(p.contacts))


@rule("AR-169", "low", serves="PLN-10")
def one_person_plan(g: Ground) -> Verdicts:
    """The same person writes and approves the plan.

    Why: nobody finds their own slips (assumed).
    Computed: the holders of the roles that wrote a plan are exactly those who approved it.
    Fix: a second pair of eyes.

        plans:
          - {id: continuity-plan, authors: [continuity-manager]}
    """
    yield from nothing_listed(g.plan, "plans")
    for p in g.plan.plans.values():
        authors = {g.plan.roles[r].primary for r in p.authors or ((p.owner_role,) if p.owner_role else ())}
        given = [a for a in g.plan.approvals.values() if a.object == p.id]
        approvers = {a.by_person or (g.plan.roles[a.by].primary if a.by else None) for a in given}
        if not authors - {None} or not approvers - {None}:
            yield (
                unknown(p, "authors")
                if not authors - {None}
                else unknown(p, why=f"who approved {p.title} is not known")
            )
        elif len(authors | approvers) == 1:
            yield fail(p, f"{p.title} was written and approved by one person", *(a.id for a in given), at="authors")
        else:
            yield ok(p)
