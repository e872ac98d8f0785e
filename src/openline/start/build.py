"""From the wizard's answers to the files of a plan: what was said, and nothing that was not."""

import math
import re
from collections import defaultdict
from typing import Any

from openline.exchange.tables import profile_text
from openline.exchange.yaml_files import block, entity_text
from openline.plan.hours import DAYS, spans
from openline.plan.sections import COLLECTIONS
from openline.plan.tables import Profile
from openline.start.questions import Answers, Template
from openline.units import parse_duration

Document = dict[str, list[dict[str, Any]]]
NAMELESS = "my-centre"
"""The id of an organization whose name has no letter or digit that an id can hold."""


def slug(text: str, default: str) -> str:
    """Return a short id made from a name."""
    found = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
    return found or default


def plan_from(answers: Answers, template: Template) -> dict[str, str]:
    """Return the files of a plan that says what the answers say."""
    d: Document = defaultdict(list)
    a = defaultdict(str, answers)
    _places(d, a, template)
    _calls(d, a)
    _systems(d, a)
    _people(d, a)
    _work(d, a)
    _response(d, a, template)
    files = {"openline.yaml": "format: 1\norganization:\n" + block(_organization(a), 2)}
    sections: dict[str, str] = defaultdict(str)
    for name, collection in COLLECTIONS.items():
        if d.get(name):
            sections[collection.section] += f"{name}:\n" + "".join(map(entity_text, d[name]))
    files |= {f"{section}.yaml": text for section, text in sections.items()}
    return files | _tables(a)


def _organization(a: Answers) -> dict[str, Any]:
    found: dict[str, Any] = {"id": slug(a["name"], NAMELESS), "name": a["name"], "tz": a["tz"]}
    if a["currency"]:
        found["currency"] = a["currency"]
    found["plan_owner_role"] = "lead"
    found["service_statement"] = f"{a['service']}: {a['hours'] or 'hours not said'}."
    return found


def _site_ids(a: Answers, template: Template) -> list[tuple[str, str]]:
    names = [a["site"]] + ([a["second_site"] or "Second site"] if template != "one-seat" else [])
    ids = [slug(n, "site") for n in names]
    return list(zip([i if ids.index(i) == n else f"{i}-{n + 1}" for n, i in enumerate(ids)], names, strict=True))


def _places(d: Document, a: Answers, template: Template) -> None:
    for n, (site, name) in enumerate(_site_ids(a, template)):
        d["sites"] += [{"id": site, "name": name, "role": "secondary" if n else "primary"}]
        d["feeds"] += [{"id": f"{site}-mains", "name": f"Mains at {name}", "kind": "electric", "site": site}]
    first, name = _site_ids(a, template)[0]
    if a["battery"]:
        d["ups"] += [{"id": "battery", "name": f"Battery at {name}", "site": first, "runtime_at_load_s": a["battery"]}]
    if a["generator"]:
        hours = parse_duration(a["generator"]) / 3600
        assumed = {"tank_l": {"source": "Made from the hours you gave: 10 l an hour", "confidence": "default"}}
        d["generators"] += [
            {
                "id": "generator",
                "name": f"Generator at {name}",
                "site": first,
                "tank_l": round(hours * 10, 2),
                "usable_fraction": 1.0,
                "burn_l_per_h": 10,
                "start_s": "30s",
                "provenance": assumed,
            }
        ]
    for n, isp in enumerate(i for i in (a["isp"], a["isp_two"]) if i):
        vendor = _vendor(d, isp, "Internet")
        path = {"id": f"internet-{n + 1}", "name": f"Internet by {isp}", "site": first, "isp": vendor}
        d["network_paths"] += [path | ({"role": "backup"} if n else {"role": "primary"})]


def _vendor(d: Document, name: str, service: str) -> str:
    found = slug(name, "vendor")
    known = next((v for v in d["vendors"] if v["id"] == found), None)
    if known is None:
        d["vendors"] += [{"id": found, "name": name, "services": [service]}]
    elif service not in known["services"]:
        known["services"] += [service]
    return found


def _calls(d: Document, a: Answers) -> None:
    if not a["number"]:
        return
    agents = int(a["agents"] or 1)
    line: dict[str, Any] = {"id": "line", "name": "Telephone line", "kind": "sip", "channels": max(2, agents * 2)}
    line["provenance"] = {"channels": {"source": "Twice the people who answer", "confidence": "default"}}
    if a["carrier"]:
        line["carrier"] = _vendor(d, a["carrier"], "Telephone line")
    if d["network_paths"]:
        line["needs"] = [{"to": [p["id"] for p in d["network_paths"]], "mode": "or", "switch_s": "1m"}]
    d["trunk_groups"] += [line]
    ways: list[dict[str, Any]] = [{"to": "line"}]
    if a["other_way"]:
        d["trunk_groups"] += [{"id": "other-way", "name": a["other_way"], "kind": "mobile_gateway", "channels": agents}]
        ways += [{"to": "other-way", "trigger": "carrier_portal", "time_s": "30m"}]
    number = {"id": "main-number", "name": "The number customers dial", "e164": a["number"]}
    d["numbers"] += [number | {"published_where": ["where customers find it"], "routing_plans": ways}]


def _systems(d: Document, a: Answers) -> None:
    site = d["sites"][0]["id"]
    phone: dict[str, Any] = {"id": "phone-system", "name": a["phone_system"] or "Phone system", "kind": "acd"}
    phone |= {"deployment": "saas"} if a["phone_cloud"] == "yes" else {"deployment": "on_prem", "location": site}
    d["systems"] += [phone]
    if a["records"]:
        records: dict[str, Any] = {"id": "records", "name": a["records"], "kind": "crm"}
        if a["paper"] == "yes":
            records["manual_workaround"] = {"text": "Write on paper and key it in later", "capacity_fraction": 0.5}
        d["systems"] += [records]
        d["data_sets"] += [
            {"id": "customer-data", "name": f"Data in {a['records']}", "contains": ["personal"], "system": "records",
             "used_by": ["service"]}
        ]  # fmt: skip
        if a["backup"]:
            copy = {"id": "copy", "name": f"Copy: {a['backup']}", "of": "customer-data", "method": "full"}
            d["backups"] += [copy | {"region": slug(a["backup"], "elsewhere")}]


def _people(d: Document, a: Answers) -> None:
    private = a["private"] != "no"
    contacts = [{"channel": "mobile", "corporate_dependent": not private}]
    d["persons"] += [{"id": "lead-person", "name": a["lead"] or "Lead", "status": "active", "contacts": contacts}]
    role: dict[str, Any] = {"id": "lead", "name": a["lead"] or "Lead", "ics_function": "command", "level_called": 1}
    role["primary"] = "lead-person"
    if a["deputy"]:
        d["persons"] += [{"id": "deputy-person", "name": a["deputy"], "status": "active", "contacts": contacts}]
        role["alternates"] = ["deputy-person"]
    d["roles"] += [role]


def _work(d: Document, a: Answers) -> None:
    site = d["sites"][0]["id"]
    d["skills"] += [{"id": "service", "name": a["service"]}]
    agents, home = int(a["agents"] or 1), int(a["home"] or 0)
    group: dict[str, Any] = {"id": "team", "name": "The team", "site": site, "skills": ["service"], "headcount": agents}
    group["roster"] = "team.csv"
    if home:
        share = min(1.0, home / max(agents, 1))
        group["remote"] = {"able_frac": round(share, 3), "ramp": [{"t_s": "1h", "share": 1.0}]}
    d["agent_groups"] += [group]
    goal, _, seconds = (a["goal"] or "80 in 20").partition(" in ")
    activity: dict[str, Any] = {"id": "service", "name": a["service"], "kind": "inbound_queue", "criticality": 1}
    activity |= {"hours": a["hours"]} if a["hours"] else {}
    activity |= {"numbers": ["main-number"]} if a["number"] else {}
    activity |= {"skills": ["service"], "volumes": "calls.csv", "aht_s": a["aht"] or "5m", "patience_s": "2m"}
    activity["sl"] = {"formula_id": "SL3", "x": int(goal) / 100, "t_s": f"{int(seconds)}s"}
    activity |= {"mtpd_s": a["mtpd"]} if a["mtpd"] else {}
    activity |= {"rto_s": a["rto"]} if a["rto"] else {}
    activity["owner_role"] = "lead"
    activity["needs"] = [{"to": ["phone-system"]}]
    if a["records"]:
        activity["needs"] += [{"to": ["records"], "capacity_effect": 0.5}]
    assumed = {"source": "The wizard's default; replace it with your own", "confidence": "default"}
    activity["provenance"] = {"patience_s": assumed, "volumes": assumed}
    d["activities"] += [activity]


def _response(d: Document, a: Answers, template: Template) -> None:
    """Add procedures and scenarios to begin with, and who else could answer."""
    _procedures(d, d["sites"][0]["id"])
    _scenarios(d, a, d["sites"][0]["id"])
    if template == "group" and a["partner"]:
        d["partners"] += [
            {"id": "partner", "name": a["partner"], "vendor": _vendor(d, a["partner"], "Overflow agents")}
        ]


def _procedures(d: Document, site: str) -> None:
    """Add a safety, a recovery and a return procedure."""
    d["procedures"] += [
        {
            "id": "people-first",
            "name": "See that people are safe",
            "phase": "safety",
            "covers": [site],
            "owner_role": "lead",
            "steps": [
                {
                    "id": "count",
                    "text": "Leave if you must, then count everybody",
                    "role": "lead",
                    "kind": "roll_call",
                    "safety": True,
                }
            ],
        },
        {
            "id": "keep-answering",
            "name": "Keep answering",
            "phase": "recover",
            "covers": ["service", "phone-system"],
            "owner_role": "lead",
            "steps": [
                {
                    "id": "announce",
                    "text": "Switch an announcement on or change the greeting",
                    "role": "lead",
                    "kind": "notify",
                },
                {
                    "id": "send",
                    "text": "Send calls to where somebody can answer",
                    "role": "lead",
                    "predecessors": ["announce"],
                    "rollback": "Send them back",
                },
                {
                    "id": "try",
                    "text": "Call the number from outside",
                    "role": "lead",
                    "kind": "verify",
                    "predecessors": ["send"],
                },
            ],
        },
        {
            "id": "back-to-normal",
            "name": "Back to normal",
            "phase": "restore",
            "covers": ["service", "phone-system"],
            "owner_role": "lead",
            "steps": [
                {
                    "id": "look",
                    "text": "Walk through the place and try every tool",
                    "role": "lead",
                    "kind": "walkthrough",
                },
                {
                    "id": "route",
                    "text": "Send calls back and call the number",
                    "role": "lead",
                    "kind": "verify",
                    "predecessors": ["look"],
                    "rollback": "Send them away again",
                },
                {
                    "id": "catch-up",
                    "text": "Key in what is on paper and call people back",
                    "role": "lead",
                    "kind": "reconcile",
                    "predecessors": ["route"],
                },
            ],
        },
    ]


def _scenarios(d: Document, a: Answers, site: str) -> None:
    """Add scenarios of every category."""
    lasts = {"min_s": "1h", "typical_s": "4h", "max_s": "2d"}
    ill = {"selector": {"ids": ["team"]}, "type": "staff", "factor": 0.5}
    line = "line" if a["number"] else "phone-system"
    for name, title, category, library, effect in (
        ("power-cut", "Power cut", "infrastructure", "SC-18", {"selector": {"ids": [f"{site}-mains"]}, "type": "down"}),
        ("line-dead", "The line is dead", "infrastructure", "SC-24", {"selector": {"ids": [line]}, "type": "down"}),
        ("closed", "Nobody may enter", "localised", "SC-16", {"selector": {"ids": [site]}, "type": "access_denied"}),
        ("ill", "Half of us are ill", "large_scale", "SC-60", ill),
        ("fire", "Fire", "organisational", "SC-50", {"selector": {"ids": [site]}, "type": "down"}),
        ("ransomware", "Ransomware", "cyber", "SC-44", {"selector": {"ids": ["phone-system"]}, "type": "untrusted"}),
    ):
        book = ["people-first", "keep-answering", "back-to-normal"]
        d["scenarios"] += [
            {"id": name, "name": title, "library": library, "category": category, "duration": lasts, "playbook": book,
             "effects": [effect]}
        ]  # fmt: skip


def _tables(a: Answers) -> dict[str, str]:
    """Return the volume and roster tables: the day's calls spread evenly over the opening hours (an assumption)."""
    week = spans(a["hours"] or "8x5")
    open_: dict[str, list[bool]] = {
        day: [any(s <= n * 1440 + m < e for s, e in week) for m in range(0, 1440, 30)] for n, day in enumerate(DAYS)
    }
    calls, agents = float(a["calls"] or 0), math.ceil(float(a["agents"] or 1))
    volumes = {d: tuple(round(calls / max(sum(o), 1), 3) if x else 0.0 for x in o) for d, o in open_.items()}
    rosters = {d: tuple(float(agents) if x else 0.0 for x in o) for d, o in open_.items()}
    return {
        "calls.csv": profile_text(Profile(1800, volumes), "contacts"),
        "team.csv": profile_text(Profile(1800, rosters), "agents"),
    }
