"""What the loss of one place or one thing does."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.loss import below_minimum, done_at_partners, locked_out, reason_short
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import nothing_listed, untiered
from openline.plan.people import AgentGroup
from openline.plan.sites import Site
from openline.plan.systems import System
from openline.plan.telephony import Number


@rule("AR-028", "high", serves="IMP-15 STR-06")
def one_site_carries_too_much(g: Ground) -> Verdicts:
    """The loss of one site takes a tier-1 activity below its minimum for longer than its RTO.

    Why: two separated sites are the usual least for work that must go on [GSA: provide site diversity].
    Computed: for each site, everything in it gone; agents left by the RTO, with people sent home and partners called
    out, against the agents of the minimum (where volumes are not known, the share of people left against the
    minimum's share of contacts, assumed); and the technical way of the contacts. Of work that only partners do, their
    sites count; of work that names no people, the sites where it is done. Homes are not one site.
    Fix: a second site, people at home, or a partner.

        arrangements:
          - {id: home, for: [quay-claims], option: remote_work, time_to_effect_s: 1h}
    """
    yield from untiered(g)
    yield from nothing_listed(g.plan, "sites")
    for site in g.plan.sites.values():
        hit = {a.id: a for a in (*g.hit_by(site.id), *done_at_partners(g, site.id))}
        for a in hit.values() if site.role != "home_virtual" else ():
            short = below_minimum(g, a, (site.id,))
            if short is None:
                yield unknown(a, why=f"{reason_short(g, a)} so the loss of {site.title} can not be judged")
            elif short.lasts:
                yield fail(
                    a, f"without {site.title}, {a.title} {short.told}", site.id, at="needs", figures=short.figures
                )
            else:
                yield ok(a)


@rule("AR-029", "critical", serves="STR-19 IMP-05 STR-06")
def single_point_of_failure(g: Ground) -> Verdicts:
    """The loss of one thing takes a tier-1 activity below its minimum, and nothing brings it back in time.

    Why: one fault must not stop what can not stop [NIST SP 800-53 CP-8(2); hot standby of all critical systems].
    Computed: each object that tier 1 needs is taken out in turn, with what nobody can sign on to without it, and what
    is left is worked out again; no arrangement for it brings the minimum back within the RTO. Sites, and the people
    in them, are AR-028's; a number is one by nature, its ways are AR-050's.
    Fix: add redundancy, or a workaround that was tried.

        systems:
          - {id: acd, kind: acd, needs: [{to: [acd-a, acd-b], mode: or, switch_s: 4m}]}
    """
    yield from untiered(g)
    unsure: set[str] = set()
    for name in sorted(g.needed):
        entity = g.plan.node(name)
        if entity is None or isinstance(entity, Site | Number) or name in g.plan.activities:
            continue
        if isinstance(entity, System) and g.is_composite(entity):
            continue
        if isinstance(entity, AgentGroup) and g.work.headcount(entity) != 1:
            continue  # people do not fail together but with their place, and that is AR-028's
        hurt = []
        for a in g.hit_by(name):
            short = below_minimum(g, a, (name, *locked_out(g, a, name)))
            if short is None:
                unsure.add(a.id)
            elif short.lasts:
                hurt.append((a, short))
        if hurt:
            told = "; ".join(f"{a.title} {short.told}" for a, short in hurt[:3])
            ids = (a.id for a, _ in hurt)
            yield fail(entity, f"without {entity.title}, {told}", *ids, figures=hurt[0][1].figures)
        else:
            yield ok(entity)
    for name in sorted(unsure):
        a = g.plan.activities[name]
        yield unknown(a, why=f"{reason_short(g, a)} so single points of failure can not be found for {a.title}")
