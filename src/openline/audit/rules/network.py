"""Network."""

from collections import defaultdict
from collections.abc import Iterator

from openline.audit.finding import Severity, fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, said, untiered, work_sites
from openline.plan.network import NetworkPath
from openline.plan.people import AgentGroup
from openline.plan.record import Dependency
from openline.plan.sites import Site
from openline.plan.systems import System
from openline.units import format_duration as dur

CALL_KBPS = 87.2
"""One call in one direction: G.711 over Ethernet, 20 ms packets (glossary 2.4)."""

WIRELESS = {"cellular", "satellite", "microwave", "fixed_wireless"}
"""Media that no cable carries, so that no route of theirs can be moved into another's."""

GATES = ("vpn", "vdi", "identity", "mfa")
"""Kinds of system that people at home go through."""


def _paths(g: Ground, site: str) -> list[NetworkPath]:
    return g.paths_at[site]


def _linked_sites(g: Ground) -> Iterator[Site]:
    """Yield the sites that tier 1 needs and that have people or systems to link."""
    for site in work_sites(g):
        busy = bool(g.groups_at[site.id])
        if busy or site.id in g.housed or _paths(g, site.id):
            yield site


@rule("AR-043", "critical", serves="STR-14 TEC-03")
def single_internet_path(g: Ground) -> Verdicts:
    """A site that tier 1 needs has one provider only.

    Why: two internet providers must serve the centre [Failsafe Internet].
    Computed: fewer than two providers among the site's paths, unless the site states why and AR-047 finds nothing
    wrong with what the one provider guarantees.
    Fix: a second provider.

        network_paths:
          - {id: quay-path-b, site: quay, isp: northline, role: backup, auto_failover: true, failover_s: 20s}
    """
    yield from untiered(g)
    for site in _linked_sites(g):
        paths = _paths(g, site.id)
        isps = {p.isp for p in paths if p.isp is not None}
        if not paths:
            yield unknown(site, why=f"the plan lists no network path of {site.title}")
        elif len(isps) >= 2:
            yield ok(site)
        elif any(p.isp is None for p in paths) and len(paths) > 1:
            yield unknown(next(p for p in paths if p.isp is None), "isp")
        elif said(site.single_isp_reason) and not any(_lacks(p) or _rolls_late(p, _rto(g, site.id)) for p in paths):
            yield ok(site)
        else:
            message = f"{site.title} hangs on one provider, {names(sorted(isps)) or 'not named'}"
            yield fail(site, message, *(p.id for p in paths), providers=len(isps))


def _rto(g: Ground, site: str) -> float | None:
    return min((a.rto_s for a in g.dependents.get(site, ()) if a.rto_s is not None), default=None)


def _lacks(p: NetworkPath) -> list[str]:
    """Return what the only provider's path does not guarantee."""
    lacks = [f for f in ("sla_availability", "sla_mttr_h", "failover_s") if getattr(p, f) is None]
    return lacks + (["auto_failover"] if p.auto_failover is False else [])


def _rolls_late(p: NetworkPath, rto: float | None) -> bool:
    return rto is not None and p.failover_s is not None and p.failover_s > rto


@rule("AR-044", "critical", serves="STR-05 RSK-12")
def paths_share_their_way(g: Ground) -> Verdicts:
    """Two paths run through one entrance, conduit, exchange or upstream.

    Why: one cut cable must not cut off the customers; two circuits are redundant, not diverse [GSA; NIST CP-8(2)].
    Computed: for each two paths of a site that tier 1 needs: entrance or conduit (of the path or its entrance) equal is
    critical, central office or upstream equal is high. Of two providers, those on whose network they stand count too:
    one may not buy from the other.
    Fix: a second entrance, or another medium.

        network_paths:
          - {id: quay-path-b, site: quay, entrance: quay-west, conduit: mill-lane-duct, central_office: mill-exchange}
    """
    yield from untiered(g)
    for site in _linked_sites(g):
        paths = _paths(g, site.id)
        for n, a in enumerate(paths):
            for b in paths[:n]:
                hard = _ways(g, a)[0] & _ways(g, b)[0]
                soft = _ways(g, a)[1] & _ways(g, b)[1] | _bought(g, a, b)
                shared = sorted(hard | soft)
                if shared:
                    told = f"{b.title} and {a.title} share {names(shared)}"
                    worst: Severity = "critical" if hard else "high"
                    field = shared[0].rpartition(" ")[0].replace(" ", "_")
                    yield fail(a, told, b.id, *_whose(g, shared), severity=worst, at=field, shared=shared)
                elif not _ways(g, a)[0] or not _ways(g, b)[0]:
                    if {a.medium, b.medium} & WIRELESS:
                        yield ok(a)
                    else:
                        lacking = a if not _ways(g, a)[0] else b
                        yield unknown(lacking, "entrance", "conduit")
                else:
                    yield ok(a)


def _ways(g: Ground, p: NetworkPath) -> tuple[set[str], set[str]]:
    """Return what a path runs through: entrance and conduits; exchange and upstream."""
    hard = {f"entrance {p.entrance}"} if p.entrance else set()
    hard |= {f"conduit {p.conduit}"} if p.conduit else set()
    if p.entrance and not p.conduit:
        hard |= {f"conduit {c}" for c in g.plan.entrances[p.entrance].conduit_ids}
    soft = {f"central office {p.central_office}"} if p.central_office else set()
    return hard, soft | {f"upstream {u}" for u in p.upstream}


def _whose(g: Ground, shared: list[str]) -> list[str]:
    """Return the entrances and vendors of the plan among what two paths share."""
    found = [s.rpartition(" ")[2] for s in shared]
    return [i for i in dict.fromkeys(found) if i in g.plan.entrances or i in g.plan.vendors]


def _bought(g: Ground, a: NetworkPath, b: NetworkPath) -> set[str]:
    """Return the networks on which the providers of two paths both stand; nothing when they are one provider."""
    if a.isp is None or b.isp is None or a.isp == b.isp:
        return set()
    stands = [{p.isp, *p.upstream, *g.plan.vendors[p.isp].upstream} for p in (a, b) if p.isp is not None]
    return {f"upstream {name}" for name in stands[0] & stands[1]}


@rule("AR-045", "high", serves="STR-15 TEC-03")
def survivor_can_not_carry_the_load(g: Ground) -> Verdicts:
    """When one path fails, what is left can not carry the load.

    Why: if one fails, the other must carry it [the other can carry the load].
    Computed: need = calls at once x 87.2 kbit/s x 1.1 + agents x desktop rate; need > 0.7 x the least Mbit/s that is
    left when any one path fails. Agents: the fullest interval of the site's rosters (headcount without), at most its
    seats, none in a data centre; calls: as many, at most the lines that end there; in a data centre all its lines. The
    smaller of down and up counts.
    Fix: a larger line, or a plan of what to shed.

        network_paths:
          - {id: quay-path-b, site: quay, isp: northline, down_mbps: 500, up_mbps: 500}
    """
    yield from untiered(g)
    for site in _linked_sites(g):
        paths = _paths(g, site.id)
        if len(paths) < 2:
            continue
        rates = [_mbps(p) for p in paths]
        agents = _agents_at(g, site.id)
        known = [r for r in rates if r is not None]
        if len(known) < len(rates) or agents is None:
            lacking = next((p for p, r in zip(paths, rates, strict=True) if r is None), None)
            yield unknown(lacking or site, "down_mbps" if lacking else "seats_total")
            continue
        lines = sum(t.channels for t in g.plan.trunk_groups.values() if t.site == site.id)
        calls = min(agents, lines) if lines and not _deserted(g, site) else max(agents, lines)
        desktop = site.desktop_mbps if site.desktop_mbps is not None else g.limits.desktop_mbps
        need = calls * CALL_KBPS * 1.1 / 1000 + agents * desktop
        left = sum(known) - max(known)
        if need > g.limits.survivor_frac * left:
            widest = paths[known.index(max(known))]
            message = f"without {widest.title}, {site.title} has {left:g} Mbit/s for {need:.0f} Mbit/s of need"
            figures = {"need_mbps": round(need, 1), "left_mbps": left, "agents": agents, "calls": calls}
            yield fail(site, message, *(p.id for p in paths), at="desktop_mbps", figures=figures)
        else:
            yield ok(site)


def _mbps(p: NetworkPath) -> float | None:
    known = [r for r in (p.down_mbps, p.up_mbps) if r is not None]
    return min(known, default=None)


def _agents_at(g: Ground, site: str) -> float | None:
    """Return the most people who work at a site at once: by roster, else headcount, at most its seats; else these."""
    seats = g.plan.sites[site].seats_total
    groups = g.groups_at[site]
    if _deserted(g, g.plan.sites[site]):
        return 0.0
    counts = [c for x in groups if (c := _at_once(g, x)) is not None]
    if groups and len(counts) == len(groups):
        return sum(counts) if seats is None else min(sum(counts), float(seats))
    return None if seats is None else float(seats)


def _deserted(g: Ground, site: Site) -> bool:
    """Tell whether nobody sits at a site, because it is there for machines."""
    return site.role == "data_centre" and not g.groups_at[site.id]


def _at_once(g: Ground, x: AgentGroup) -> float | None:
    if x.roster is None:
        return g.work.headcount(x)
    return max((max(v) for v in g.plan.profiles[x.roster].days.values()), default=0.0)


@rule("AR-046", "high", serves="STR-14 STR-16 STR-04")
def internet_failover_is_slow(g: Ground) -> Verdicts:
    """The other path takes over by hand, after an unmeasured time, or too late.

    Why: a quick rollover is what a second line is for [quick rollover].
    Computed: of a site with two or more paths, a path with auto_failover false or failover_s above the RTO of what
    needs the site, or a backup path (any but the first when none is called so) whose failover_s is unknown: it must be
    measured.
    Fix: automate it, and test it.

        network_paths:
          - {id: quay-path-b, site: quay, role: backup, auto_failover: true, failover_s: 20s}
    """
    yield from untiered(g)
    for site in _linked_sites(g):
        paths = _paths(g, site.id)
        spare = [p for p in paths if p.role == "backup"] or paths[1:]
        rto = _rto(g, site.id)
        for p in paths if len(paths) > 1 else ():
            if p.auto_failover is False:
                told = f"{p.title} takes over by hand only" if p in spare else f"{p.title} is left by hand only"
                yield fail(p, told, site.id, at="auto_failover", rto_s=rto)
            elif p.failover_s is None and p in spare:
                yield fail(p, f"how fast {p.title} takes over was never measured", site.id, at="failover_s", rto_s=rto)
            elif rto is not None and p.failover_s is not None and p.failover_s > rto:
                message = f"{p.title} takes over after {dur(p.failover_s)}, the RTO is {dur(rto)}"
                yield fail(p, message, site.id, at="failover_s", failover_s=p.failover_s, rto_s=rto)
            elif p.auto_failover is None and p in spare:
                yield unknown(p, "auto_failover")
            elif rto is None:
                yield unknown(p, why=f"no RTO is known with which {p.title} could be compared")
            else:
                yield ok(p)


@rule("AR-047", "medium", serves="STR-16")
def single_provider_without_a_guarantee(g: Ground) -> Verdicts:
    """There is one provider, by exception, and it guarantees too little.

    Why: where two are no option, the provider must guarantee reliability and a quick rollover [exception clause].
    Computed: a site with one provider that lacks SLA availability, repair time or a failover by itself, or whose
    failover is slower than the RTO.
    Fix: put it into the contract.

        network_paths:
          - {id: line, site: shop, isp: tidewater, sla_availability: 0.999, sla_mttr_h: 4, auto_failover: true,
             failover_s: 1m}
    """
    yield from untiered(g)
    for site in _linked_sites(g):
        paths = _paths(g, site.id)
        isps = {p.isp for p in paths if p.isp}
        if len(isps) != 1:
            if paths and not isps:
                yield unknown(paths[0], "isp")
            continue
        rto = _rto(g, site.id)
        for p in paths:
            lacks = _lacks(p)
            if lacks:
                yield fail(
                    p, f"the only provider of {site.title} does not guarantee {names(lacks)}", at=lacks[0], lacks=lacks
                )
            elif _rolls_late(p, rto):
                yield fail(
                    p,
                    f"{p.title} rolls over after {dur(p.failover_s or 0.0)}, the RTO is {dur(rto or 0.0)}",
                    at="failover_s",
                    rto_s=rto,
                )
            else:
                yield ok(p)


@rule("AR-048", "high", serves="TEC-01 TEC-02 STR-24")
def remote_access_too_small(g: Ground) -> Verdicts:
    """The VPN, virtual desktop or sign-on can not take everybody who works from home.

    Why: in 2020 technology and connectivity were the top problems of those who started at home [domain R58].
    Computed: licences or sessions of a vpn, vdi, identity or mfa system that people at home need < 1.05 x those people
    (home teams, and the able share of groups that can go home). They need what they name, what that needs and what
    signing on to it goes through; each of `or` must take all of them, each of `k_of_n` a k-th. A VPN or virtual desktop
    that nobody names is for all of them.
    Fix: more licences, or a way around the VPN for what does not need it.

        systems:
          - {id: vpn, kind: vpn, licences: 160}
    """
    load: dict[str, float] = defaultdict(float)
    lacking = set()
    gates = [s for s in g.plan.systems.values() if _is_gate(g, s)]
    for x in g.plan.agent_groups.values():
        people = g.work.headcount(x)
        share = 1.0 if x.site is None else (x.remote.able_frac if x.remote else 0.0)
        if share <= 0:
            continue
        for name, part in _gates_of(g, x).items():
            if people is None:
                lacking.add(x.id)
            load[name] += part * share * (people or 0.0)
    home = [x for x in g.plan.agent_groups.values() if x.site is None or x.remote]
    for s in gates if home else ():
        # Nobody lists a VPN for people in the office: when no group names one, it is for all who are at home.
        if s.kind in ("vpn", "vdi") and not any(t.id in load for t in gates if t.kind == s.kind):
            lacking |= {x.id for x in home if g.work.headcount(x) is None}
            load[s.id] = sum((g.work.headcount(x) or 0.0) * (x.remote.able_frac if x.remote else 1.0) for x in home)
    for name in sorted(lacking):
        yield unknown(g.plan.agent_groups[name], "headcount")
    for name, people in load.items():
        s = g.plan.systems[name]
        caps = _logins(s)
        need = people * g.limits.login_margin
        if not caps:
            yield unknown(s, "licences", "capacity.sessions")
        elif min(caps) < need - 1e-9:
            message = f"{s.title} takes {min(caps)}, but {people:.0f} people at home need {need:.0f}"
            yield fail(s, message, at="licences", licences=min(caps), people=round(people, 1), need=round(need, 1))
        else:
            yield ok(s)


def _logins(s: System) -> list[int]:
    """Return what a system says of how many it takes at once."""
    return [c for c in (s.licences, s.capacity.sessions, s.capacity.agents) if c is not None]


def _is_gate(g: Ground, s: System) -> bool:
    """Tell whether people sign on through a system; the name of a choice counts when it has licences of its own."""
    return s.kind in GATES and (not g.is_composite(s) or bool(_logins(s)))


def _gates_of(g: Ground, x: AgentGroup) -> dict[str, float]:
    """Return the gates that people of a group go through at home, with the share of them that each must take."""
    found: dict[str, float] = {}
    waiting = [(need, 1.0) for need in (x.needs if x.site is None else (x.remote.needs if x.remote else ()))]
    seen: set[str] = set()
    while waiting:
        need, part = waiting.pop()
        part /= (need.k or 1) if need.mode == "k_of_n" else 1
        for name in set(need.to) & g.plan.systems.keys() - seen:
            seen.add(name)
            s = g.plan.systems[name]
            if _is_gate(g, s):
                found[name] = part
            waiting += [(n, part) for n in s.needs]
            waiting += [(Dependency(to=(i,)), part) for i in s.login_path]
    return found


@rule("AR-049", "medium", serves="STR-05")
def diversity_not_verified_again(g: Ground) -> Verdicts:
    """Nobody has asked lately whether two routes are still apart.

    Why: carriers move circuits; the FCC expects yearly audits of 911 circuits [domain R14].
    Computed: of a site with two or more paths, a path whose survey (of its entrance where it states none) is over 365
    days old. Without a date it is not known, for a survey that is not written down may have been made; a path through
    the air needs none.
    Fix: ask the carrier for proof of the route.

        network_paths:
          - {id: quay-path-b, site: quay, diversity_surveyed_on: 2026-04-21}
    """
    yield from untiered(g)
    if work_sites(g) or not g.plan.sites:
        yield from nothing_listed(g.plan, "network_paths")
    for site in _linked_sites(g):
        paths = _paths(g, site.id)
        for p in paths if len(paths) > 1 else ():
            entrance = g.plan.entrances[p.entrance].surveyed_on if p.entrance else None
            day = p.diversity_surveyed_on or entrance
            if day is None:
                yield ok(p) if p.medium in WIRELESS else unknown(p, "diversity_surveyed_on")
            elif g.older(day, g.limits.diversity_age_d):
                told = f"was surveyed {g.age_d(day)} days ago"
                yield fail(p, f"the route of {p.title} {told}", site.id, at="diversity_surveyed_on", age_d=g.age_d(day))
            else:
                yield ok(p)
