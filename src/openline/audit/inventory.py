"""The eleven classes of critical systems and support functions that a plan lists or explains away (IMP-14)."""

import re

from openline.plan.document import Plan

INVENTORY: dict[str, tuple[str, ...]] = {
    "network": ("lan", "wan", "dns", "vpn"),
    "ivr": ("ivr", "ccaas"),
    "acd": ("acd", "pbx", "ccaas"),
    "email": ("email",),
    "webchat": ("webchat",),
    "crm": ("crm",),
    "other applications": (
        "ticketing", "social", "sms", "bot", "dialler", "wfm", "recording_qm", "knowledge", "payment", "reporting",
        "identity", "storage", "database", "other",
    ),
    "electrical power": (),
    "it_support": ("it_support",),
    "hr_support": ("hr_support", "hr", "payroll"),
    "facility": (),
}  # fmt: skip
"""By class: the system kinds that fill it."""

ALSO: dict[str, tuple[str, ...]] = {
    "webchat": ("chat",),
    "email": ("mail",),
    "other applications": ("applications", "otherapps"),
    "electrical power": ("power", "electricity"),
    "hr_support": ("hr",),
    "it_support": ("it",),
    "facility": ("facilities", "site", "sites", "building"),
    "network": ("lan", "wan"),
}
"""Other words for a class that people write under not_applicable."""


SUPPORT = {"it_support": {"it", "helpdesk"}, "hr_support": {"hr", "payroll"}}
"""Words of activities that are the support themselves."""


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def classes_there(p: Plan) -> set[str]:
    """Return the classes of which the plan lists something."""
    kinds = {s.kind for s in p.systems.values()}
    there = {name for name, wanted in INVENTORY.items() if kinds & set(wanted)}
    there |= {"network"} if p.network_paths else set()
    there |= {"electrical power"} if p.feeds or p.ups or p.generators else set()
    there |= {"facility"} if p.sites else set()
    for a in p.activities.values():
        words = set(re.findall(r"[a-z]+", f"{a.id} {a.title}".lower()))
        if a.kind in ("support", "back_office"):
            there |= {name for name, known in SUPPORT.items() if words & known}
    return there


def classes_explained(p: Plan) -> set[str]:
    """Return the classes for which not_applicable gives a reason, however their names are written."""
    given = {_letters(name) for name, reason in p.organization.not_applicable.items() if reason}
    return {c for c in INVENTORY if given & {_letters(c), *ALSO.get(c, ())}}
