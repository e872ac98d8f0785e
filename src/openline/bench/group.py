"""A group of contact centres of any size, made from a few shapes; every figure is invented.

One unit is a region of two sites with 250 agents each, its own queues, lines and people; the platforms are common.
Ten regions are the example of 5,000 agents.
"""

from collections import defaultdict
from typing import Any

from openline.plan.document import Plan
from openline.plan.organization import Organization
from openline.plan.sections import COLLECTIONS
from openline.plan.tables import Profile

REGIONS = 10
SITES = ("a", "b")
TEAMS = 10
AGENTS = 25
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Document = dict[str, list[dict[str, Any]]]

ORGANIZATION: dict[str, Any] = {
    "id": "group",
    "name": "Meridian Group",
    "sector": "bpo",
    "tz": "Europe/London",
    "currency": "GBP",
    "employees": 5200,
    "plan_owner_role": "continuity-manager",
    "data_retention": "Contacts go when somebody leaves the role",
    "emergency_location_process": "People at home confirm their place every quarter",
    "response": {"detect_s": 180, "decide_s": 420},
    "notes": "Invented: made by a script to show size, not to be believed.",
}


def group_document(regions: int = REGIONS) -> Document:
    """Return the collections of a group with so many regions."""
    document: Document = defaultdict(list)
    _common(document, regions)
    for n in range(1, regions + 1):
        _region(document, f"r{n:03}", n)
    return dict(document)


def group_tables() -> dict[str, str]:
    """Return the tables that all regions use: a flat day from 08:00 to 20:00."""
    return {"volumes/queue.csv": _table("contacts", 120.0), "rosters/team.csv": _table("agents", 22.0)}


def group_plan(regions: int = REGIONS) -> Plan:
    """Return the plan without writing files; what the files would give."""
    document = group_document(regions)
    found = {
        name: {e["id"]: COLLECTIONS[name].model.model_validate(e) for e in entities}
        for name, entities in document.items()
    }
    flat = {"volumes/queue.csv": 120.0, "rosters/team.csv": 22.0}
    profiles = {file: Profile(1800, {d: _day(value) for d in WEEK}) for file, value in flat.items()}
    return Plan(organization=Organization.model_validate(ORGANIZATION), **found, profiles=profiles)  # type: ignore[arg-type]


def _day(value: float) -> tuple[float, ...]:
    return tuple(value if 16 <= n < 40 else 0.0 for n in range(48))


def _table(column: str, value: float) -> str:
    rows = [f"all,{n // 2:02}:{n % 2 * 30:02},{v:g}" for n, v in enumerate(_day(value))]
    return "\n".join([f"day,start,{column}", *rows]) + "\n"


def _common(d: Document, regions: int) -> None:
    d["vendors"] += [
        {
            "id": i,
            "name": i.title(),
            "criticality": "critical",
            "parent": f"{i}-group",
            "support": {"agreement": f"Contract {i}", "hours": "24x7", "resolve_s": 1800, "clock": "onset"},
            "contingency": {"has_plan": True, "evidence_text": "Test report", "tested_on": "2026-03-01"},
            "questionnaire": {"on": "2026-03-01", "score": 0.9},
            "clients_in_region": "few",
            "contract_end": "2029-01-01",
            "exit_plan": "Export tried",
        }
        for i in ("cloudline", "otherline", "carrier-one", "carrier-two", "isp-one", "isp-two", "keys", "names")
    ]
    common = {"criticality": "critical", "deployment": "saas", "rto_s": 1800, "remote_usable": True, "licences": 100000}
    d["systems"] += [
        {"id": "ccaas-a", "kind": "ccaas", "vendor": "cloudline", "region": "west", **common},
        {"id": "ccaas-b", "kind": "ccaas", "vendor": "otherline", "region": "north", **common},
        {"id": "ccaas", "kind": "ccaas", "needs": [{"to": ["ccaas-a", "ccaas-b"], "mode": "or", "switch_s": 300}]},
        {"id": "sign-on", "kind": "identity", "vendor": "keys", "region": "west", **common},
        {"id": "crm", "kind": "crm", "vendor": "cloudline", "region": "west", **common},
    ]
    d["skills"] += [{"id": "networks", "technical": True}]
    d["roles"] += [
        {"id": "continuity-manager", "ics_function": "command", "primary": "r001-a-t01-p01", "alternates": []}
    ]
    d["courses"] += [{"id": "awareness", "awareness": True, "validity_d": 365}]
    if regions:
        d["levels"] += [{"id": f"level-{n}", "number": n, "authority": ["continuity-manager"]} for n in range(5)]


def _region(d: Document, r: str, n: int) -> None:
    queues = [f"{r}-q{k}" for k in range(1, 5)]
    d["skills"] += [{"id": f"{r}-skill"}]
    d["hazard_zones"] += [{"id": f"{r}-river", "kind": "flood", "annual_probability": 0.005}]
    for k, queue in enumerate(queues, 1):
        tier = 1 if k == 1 else 2 + k % 2
        d["numbers"] += [
            {
                "id": f"{queue}-number",
                "e164": f"+4420{70000000 + n * 1000 + k}",
                "published_where": ["website"],
                "routing_plans": [{"to": f"{r}-{s}-lines", "time_s": 0 if s == "a" else 30} for s in SITES],
            }
        ]
        d["activities"] += [
            {
                "id": queue,
                "kind": "inbound_queue",
                "criticality": tier,
                "hours": "mon-sun 08:00-20:00",
                "numbers": [f"{queue}-number"],
                "skills": [f"{r}-skill"],
                "volumes": "volumes/queue.csv",
                "aht_s": 300,
                "patience_s": 120,
                "sl": {"formula_id": "SL3", "x": 0.8, "t_s": 20},
                "mtpd_s": 4 * 3600 * tier,
                "rto_s": 3600 * tier,
                "wrt_s": 600,
                "minimum_capacity": {"share": 0.5, "x": 0.6, "t_s": 60},
                "owner_role": "continuity-manager",
                "needs": [{"to": ["ccaas"]}, {"to": ["crm"], "capacity_effect": 0.3}],
            }
        ]
    for s in SITES:
        _site(d, r, f"{r}-{s}", n)


def _site(d: Document, r: str, site: str, n: int) -> None:
    d["sites"] += [
        {
            "id": site,
            "role": "primary" if site.endswith("a") else "secondary",
            "building_id": f"{site}-house",
            "lat": 50 + n * 0.001 + (0.5 if site.endswith("b") else 0.0),
            "lon": 0.0,
            "seats_total": 300,
            "hazard_zones": [f"{r}-river"] if site.endswith("a") else [],
            "grid_region": site,
        }
    ]
    d["feeds"] += [{"id": f"{site}-mains", "kind": "electric", "site": site, "feeder": f"{site}-feeder"}]
    d["ups"] += [{"id": f"{site}-ups", "site": site, "runtime_at_load_s": 900, "last_test": "2026-08-01"}]
    d["generators"] += [{"id": f"{site}-set", "site": site, "tank_l": 3000, "burn_l_per_h": 40, "start_s": 10}]
    d["cooling"] += [{"id": f"{site}-cooling", "site": site, "on_backup_power": True}]
    d["systems"] += [{"id": f"{site}-lan", "kind": "lan", "deployment": "on_prem", "location": site, "rto_s": 1800}]
    for k, isp in enumerate(("isp-one", "isp-two"), 1):
        d["entrances"] += [{"id": f"{site}-door-{k}", "site": site, "conduit_ids": [f"{site}-duct-{k}"]}]
        d["network_paths"] += [
            {
                "id": f"{site}-path-{k}",
                "site": site,
                "isp": isp,
                "entrance": f"{site}-door-{k}",
                "down_mbps": 1000,
                "role": "primary" if k == 1 else "backup",
                "auto_failover": True,
                "failover_s": 20,
            }
        ]
    d["trunk_groups"] += [
        {
            "id": f"{site}-lines",
            "kind": "sip",
            "carrier": "carrier-one" if site.endswith("a") else "carrier-two",
            "site": site,
            "channels": 400,
            "needs": [{"to": [f"{site}-path-1", f"{site}-path-2"], "mode": "or", "switch_s": 20}],
        }
    ]
    d["components"] += [
        {
            "id": f"{site}-switch-{k}",
            "kind": "switch",
            "system": f"{site}-lan",
            "site": site,
            "qty_spare": 1,
            "on_ups": True,
        }
        for k in range(1, 21)
    ]
    for t in range(1, TEAMS + 1):
        _team(d, r, site, f"{site}-t{t:02}")


def _team(d: Document, r: str, site: str, team: str) -> None:
    d["teams"] += [{"id": team, "kind": "operations", "sites": [site], "size": AGENTS, "activities": [f"{r}-q1"]}]
    d["agent_groups"] += [
        {
            "id": f"{team}-agents",
            "site": site,
            "skills": [f"{r}-skill"],
            "roster": "rosters/team.csv",
            "headcount": AGENTS,
            "team": team,
            "home_area": site,
            "remote": {
                "able_frac": 0.5,
                "verified_on": "2026-09-01",
                "ramp": [{"t_s": 1800, "share": 1}],
                "needs": [{"to": ["sign-on"]}],
            },
            "needs": [{"to": [f"{site}-lan"]}, {"to": ["sign-on"], "grace_s": 28800}],
        }
    ]
    for p in range(1, AGENTS + 1):
        person = f"{team}-p{p:02}"
        d["persons"] += [
            {
                "id": person,
                "employer": "Meridian Group",
                "employment": "employee",
                "team": team,
                "site": site,
                "home_area": f"{site}-town",
                "shifts": "mon-fri 08:00-20:00",
                "skills": [{"skill": f"{r}-skill"}],
                "contacts": [{"channel": "mobile", "verified_on": "2026-09-15", "corporate_dependent": False}],
            }
        ]
        if p % 5:
            d["training_records"] += [
                {"id": f"{person}-course", "course": "awareness", "person": person, "on": "2026-05-01"}
            ]
