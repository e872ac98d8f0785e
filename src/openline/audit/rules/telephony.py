"""Telephony."""

from openline.audit.circuits import carriers_of, circuits, is_called, published, takes_calls
from openline.audit.falls import blocked, falls
from openline.audit.finding import Verdict, fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, said, untiered, work_sites
from openline.plan.network import NetworkPath
from openline.plan.telephony import TrunkGroup
from openline.plan.vendors import Vendor

SILENT = ("chat", "email", "back_office")
"""Kinds of activity in which nobody speaks, whatever channel is stated (voice when none is)."""


def _numbers_listed(g: Ground) -> Verdicts:
    """Yield that nothing can be said when people call and the plan lists no numbers."""
    if is_called(g):
        yield from nothing_listed(g.plan, "numbers")


@rule("AR-050", "critical", serves="STR-07 STR-29")
def number_without_another_route(g: Ground) -> Verdicts:
    """A published number has no other way.

    Why: the carrier can send calls elsewhere only if it was told where [leverage network carriers' capabilities].
    Computed: fewer than two routing plans with different destinations.
    Fix: define where calls go when the first way fails.

        numbers:
          - {id: main, e164: "+443301570010", routing_plans: [{to: trunk-quay}, {to: trunk-hill, time_s: 30s}]}
    """
    yield from _numbers_listed(g)
    for n in published(g):
        ways = {w.to for w in n.routing_plans}
        trunk = g.plan.trunk_groups[n.routing_plans[0].to]
        if len(ways) > 1:
            yield ok(n)
        else:
            yield fail(
                n, f"calls to {n.title} have one way only, {trunk.title}", *ways, at="routing_plans", ways=len(ways)
            )


@rule("AR-051", "high", serves="STR-07 TEC-14")
def one_carrier_for_all(g: Ground) -> Verdicts:
    """One carrier brings every call of tier 1.

    Why: in July 2022 one carrier was away nation-wide for 15 h and more; attacks on voice carriers lasted days
    [domain R21, R22].
    Computed: the lines that the numbers of tier-1 activities can use, those that stand in for them included, have one
    carrier in all (that of the number where the line states none).
    Fix: a second carrier, and numbers shared between them.

        trunk_groups:
          - {id: trunk-hill, kind: sip, carrier: coastal, channels: 240}
    """
    yield from untiered(g)
    ways = {a.id: carriers_of(g, a) for a in g.tier_one if takes_calls(a) or a.numbers}
    voice = [a for a in g.tier_one if any(ways.get(a.id, ()))]
    if not voice:
        yield from (unknown(g.plan.activities[i], "numbers") for i in ways if takes_calls(g.plan.activities[i]))
        return
    carriers = {c for found, _ in ways.values() for c in found}
    lacking = [t for _, none in ways.values() for t in none]
    if lacking and len(carriers) < 2:
        yield unknown(lacking[0], "carrier")
    elif len(carriers) == 1:
        only = carriers.pop()
        message = f"{g.plan.vendors[only].title} brings every call of {names(list(voice))}"
        yield fail(g.plan.vendors[only], message, *(a.id for a in voice), carriers=1)
    else:
        yield ok(voice[0])


@rule("AR-052", "high", serves="TEC-14 PAR-06")
def too_few_lines_at_the_alternate(g: Ground) -> Verdicts:
    """The lines of the alternate are too few for the calls that come then.

    Why: in a surge callers hold lines while they wait; 160 ports drown under 160 calls a minute [domain R57].
    Computed: Erlang B of the offered load on the alternate's channels > 1 %, after the loss of other lines: one group,
    or all of one site, platform or carrier. Load: busiest interval of every activity whose calls are here then, x the
    demand of the worst of the plan's own surge scenarios (1 when there is none), x (wait + handling time without
    wrap-up). Wait: Erlang A with the agents rostered then. What the carrier lets through of a number counts as channels
    for its calls.
    Fix: more channels, call-back, or a message that sends some away.

        trunk_groups:
          - {id: trunk-hill, kind: sip, carrier: coastal, channels: 240}
    """
    yield from untiered(g)
    loads: dict[tuple[str, float], float] = {}
    for trunk_id, cases in falls(g).items():
        trunk = g.plan.trunk_groups[trunk_id]
        worst = max((blocked(g, trunk, c, loads) for c in cases), key=lambda w: w.frac)
        lacking = [a for c in cases for a in c.all if a.volumes is None or a.aht_s is None]
        if worst.frac > g.limits.blocking_frac:
            message = (
                f"{trunk.title}: {worst.channels} channels for {worst.erlang:.0f} erlang, "
                f"{worst.frac:.1%} of calls find none"
            )
            told = {"channels": worst.channels, "erlang": round(worst.erlang, 1), "blocked_frac": round(worst.frac, 4)}
            yield fail(trunk, message, *(a.id for a in worst.activities), at="channels", figures=told)
        elif lacking:
            yield unknown(lacking[0], *(f for f in ("volumes", "aht_s") if getattr(lacking[0], f) is None))
        else:
            yield ok(trunk)


@rule("AR-053", "high", serves="STR-17")
def carrier_does_not_know_us(g: Ground) -> Verdicts:
    """The carrier has not agreed to restore us early.

    Why: the centre should be identified as a key provider, so that service is restored speedily [key provider].
    Computed: a trunk group or network path that tier 1 needs with neither a TSP code nor a priority contract.
    Fix: apply for the code, or put a clause into the contract.

        trunk_groups:
          - {id: trunk-quay, kind: sip, channels: 240, priority_contract: Clause 12 of the voice contract}
    """
    yield from untiered(g)
    for e in circuits(g):
        if e.tsp is not None or said(e.priority_contract):
            yield ok(e)
        else:
            yield fail(e, f"nothing says that {e.title} is restored early", at="priority_contract")
    if not g.plan.trunk_groups and not g.plan.network_paths and (is_called(g) or work_sites(g)):
        yield unknown(g.plan.organization, why="the plan lists neither lines nor network paths")


@rule("AR-054", "medium", serves="STR-17")
def priority_code_is_stale(g: Ground) -> Verdicts:
    """A priority code is revoked or was not renewed.

    Why: a code with the suffix 00 is revoked, and codes are to be confirmed again every three years [domain R8].
    Computed: suffix 00, or last confirmed over 1,095 days ago. (A code of the wrong form is refused on loading.)
    Fix: renew it.

        trunk_groups:
          - {id: trunk, kind: pri_tdm, channels: 23, tsp: TSP12345C-E1, tsp_validated_on: 2025-02-01}
    """
    every: list[TrunkGroup | NetworkPath] = [*g.plan.trunk_groups.values(), *g.plan.network_paths.values()]
    for e in every:
        if e.tsp is None:
            continue
        if e.tsp.endswith("00"):
            yield fail(e, f"the priority code of {e.title} is revoked", at="tsp", tsp=e.tsp)
        elif e.tsp_validated_on is None:
            yield unknown(e, "tsp_validated_on")
        elif g.older(e.tsp_validated_on, g.limits.tsp_age_d):
            message = f"the priority code of {e.title} was confirmed {g.age_d(e.tsp_validated_on)} days ago"
            yield fail(e, message, at="tsp_validated_on", age_d=g.age_d(e.tsp_validated_on))
        else:
            yield ok(e)


@rule("AR-055", "high", serves="STR-07")
def reroute_hangs_on_one_person(g: Ground) -> Verdicts:
    """Calls can be rerouted by one person, or only while our sign-on works.

    Why: that person sleeps, and sign-on is down with the rest (assumed).
    Computed: fewer than two active people may act at a carrier that brings calls of the plan; or proving who we are
    needs a system of ours and no sealed copy exists; or fewer than two active people hold the roles that may invoke
    the other way of a number that does not switch by itself.
    Fix: more authorized callers, and sealed credentials.

        carrier_access:
          - {id: door, carrier: brightwave, authorised_callers: [engineer-a, engineer-b], sealed_credentials: true}
    """
    if is_called(g):
        yield from nothing_listed(g.plan, "trunk_groups")
    carriers = {t.carrier for t in g.plan.trunk_groups.values()} | {n.carrier for n in g.plan.numbers.values()}
    for carrier in sorted(c for c in carriers if c is not None):
        vendor = g.plan.vendors[carrier]
        doors = [d for d in g.plan.carrier_access.values() if d.carrier == carrier]
        if not doors:
            yield _without_a_door(vendor)
            continue
        door = doors[0]
        people = sorted({p for d in doors for p in d.authorised_callers if g.active(p)})
        if len(people) < 2:
            message = f"{len(people)} {'person' if len(people) == 1 else 'people'} may act at {vendor.title}"
            yield fail(door, message, *people, at="authorised_callers", callers=len(people))
        elif all(d.authentication_needs and not d.sealed_credentials for d in doors):
            systems = door.authentication_needs
            yield fail(
                door,
                f"nobody gets in at {vendor.title} without {names(list(systems))}",
                *systems,
                at="authentication_needs",
            )
        else:
            yield ok(door)
    yield from _invoked_by_one(g)


def _without_a_door(v: Vendor) -> Verdict:
    """Return what can be said of a carrier that has no entry under carrier_access."""
    if len(v.authorised_callers) == 1:
        return fail(v, f"{v.title} listens to {v.authorised_callers[0]} only", at="authorised_callers", callers=1)
    return unknown(v, why=f"who may act at {v.title} is not written down (carrier_access)")


def _invoked_by_one(g: Ground) -> Verdicts:
    """Yield numbers whose other way only one person may call for."""
    for n in published(g):
        by_hand = [w for w in n.routing_plans[1:] if w.who_may_invoke]
        if not by_hand or any(w.trigger == "automatic" for w in n.routing_plans[1:]):
            continue
        roles = {r for w in by_hand for r in w.who_may_invoke}
        people = {p for r in roles for p in g.holders(g.plan.roles[r])}
        if len(people) < 2:
            told = "nobody" if not people else "one person only"
            message = f"{told} may send the calls of {n.title} another way"
            yield fail(n, message, *sorted(roles), at="routing_plans", callers=len(people))
        else:
            yield ok(n)


@rule("AR-056", "medium", serves="COM-06")
def no_announcement_ready(g: Ground) -> Verdicts:
    """There is no announcement for a partial outage, or it can not be switched on from elsewhere.

    Why: the first thing customers meet is the line; it must say what is wrong [facilitating external communication].
    Computed: no announcement for level 2 or above with a text or a recording, or none in that of a number that
    customers know; or one with remote_activation false.
    Fix: record it, and test switching it on from home.

        announcements:
          - {id: delay, level: 2, text: Waits are long today., remote_activation: true, location: network}
    """
    yield from _numbers_listed(g)
    if not g.plan.numbers:
        return
    ready = [
        a
        for a in g.plan.announcements.values()
        if (a.level is None or a.level >= 2) and (said(a.text) or said(a.audio))
    ]
    if not ready:
        ids = (a.id for a in g.plan.announcements.values() if a not in ready)
        yield fail(g.plan.organization, "no announcement is ready for level 2 or above", *ids)
    empty = {n.announcement for n in published(g)} - {a.id for a in ready} - {None} if ready else set()
    for a in (g.plan.announcements[i] for i in sorted(empty, key=str) if i is not None):
        if not (said(a.text) or said(a.audio)):
            yield fail(a, f"{a.title} has neither a text nor a recording", at="text")
    for a in ready:
        if a.remote_activation is None:
            yield unknown(a, "remote_activation")
        elif not a.remote_activation:
            yield fail(a, f"{a.title} can not be switched on from elsewhere", at="remote_activation")
        else:
            yield ok(a)


@rule("AR-057", "medium", serves="TEC-02")
def place_of_remote_phones_not_kept(g: Ground) -> Verdicts:
    """Nobody keeps the place of telephones at home right for emergency calls.

    Why: an emergency call from a soft phone must lead help to the right door [Kari's Law, RAY BAUM's Act in the US;
    like duties elsewhere].
    Computed: people take or make calls at home, or can, and the organization describes no process. Where partners do
    all the work it is theirs.
    Fix: a registration that people confirm.

        organization:
          emergency_location_process: Home workers confirm their place every quarter
    """
    every = g.plan.activities.values()
    silent = {a.id for a in g.plan.activities.values() if a.channel != "voice" or a.kind in SILENT}
    serves: dict[str, set[str]] = {x: set() for x in g.plan.agent_groups}
    for a in g.plan.activities.values():
        for name in g.group_ids(a):
            serves[name].add(a.id)
    remote = [
        x
        for x in g.plan.agent_groups.values()
        if (x.site is None or x.remote is not None) and (not serves[x.id] or serves[x.id] - silent)
    ]
    if not g.plan.agent_groups and g.plan.activities and all(map(g.bought_in, filter(takes_calls, every))):
        return
    if not g.plan.agent_groups:
        yield unknown(g.plan.organization, why="the plan lists no agent groups")
    elif remote and not said(g.plan.organization.emergency_location_process):
        message = f"{names(list(remote))} take calls at home, and no process keeps their place for emergency calls"
        yield fail(g.plan.organization, message, *(x.id for x in remote), at="emergency_location_process")
    else:
        yield ok(g.plan.organization)


@rule("AR-058", "medium", serves="STR-07 TST-03")
def reroute_not_tested(g: Ground) -> Verdicts:
    """The other way of a number was not tried lately.

    Why: what was never tried works on paper only [simulate phone calls to assess recovery procedures].
    Computed: last_reroute_test of a published number over 365 days ago or never.
    Fix: a script of test calls, once a year.

        numbers:
          - {id: main, e164: "+443301570010", last_reroute_test: 2026-09-09, routing_plans: [{to: a}, {to: b}]}
    """
    yield from _numbers_listed(g)
    for n in published(g):
        if len(n.routing_plans) < 2:
            continue
        if g.older(n.last_reroute_test, g.limits.reroute_test_d):
            told = (
                "was never tried"
                if n.last_reroute_test is None
                else f"was tried {g.age_d(n.last_reroute_test)} days ago"
            )
            yield fail(
                n, f"the other way of {n.title} {told}", at="last_reroute_test", age_d=g.age_d(n.last_reroute_test)
            )
        else:
            yield ok(n)


@rule("AR-059", "medium", serves="COM-02 COM-07 COM-11")
def callers_are_not_told_why(g: Ground) -> Verdicts:
    """No message tells customers what is wrong, what else they can do, and when they hear more.

    Why: people who know wait or come another way; those who do not call again [performance goals to customers].
    Computed: no template for customers at level 2 or above whose text has the slots effect, ask and next_update; an
    announcement of level 2 or above of 15 words or more counts when no template is for customers.
    Fix: write it.

        templates:
          - {id: delay, audience: customers, level: 2, channel: web, languages: {en: "{effect} {ask} {next_update}"}}
    """
    for_customers = [t for t in g.plan.templates.values() if t.audience == "customers" and (t.level or 2) >= 2]
    told = [a for a in g.plan.announcements.values() if a.level is None or a.level >= 2]
    if not g.plan.templates and not g.plan.announcements:
        yield unknown(g.plan.organization, why="the plan lists neither messages nor announcements")
    elif any(
        all(f"{{{s}}}" in text for s in ("effect", "ask", "next_update"))
        for t in for_customers
        for text in t.languages.values()
    ) or (not for_customers and any(len(a.text.split()) >= 15 for a in told)):
        yield ok(g.plan.organization)
    else:
        message = "no message to customers says what is wrong, what they can do, and when they hear more"
        yield fail(g.plan.organization, message, *(t.id for t in for_customers))
