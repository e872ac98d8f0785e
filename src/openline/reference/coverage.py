"""Which requirement is served by what: rules say it themselves, commands and pages are listed here."""

import csv
from collections import defaultdict
from importlib import resources

from openline.audit.rules import RULES
from openline.reference.pages import MADE

SERVED: dict[str, tuple[str, ...]] = {
    "openline simulate": (
        "IMP-02", "IMP-05", "IMP-12", "IMP-16", "IMP-17", "RSK-02", "RSK-03", "RSK-04", "RSK-05", "RSK-11", "RSK-13",
        "RSK-19", "STR-05", "STR-13", "STR-15", "STR-30", "TEC-10", "TST-02", "TST-03", "PAR-02", "MET-01", "MET-03",
        "MET-05", "MET-07", "MET-09", "COM-13",
    ),
    "page What if": ("IMP-02", "IMP-05", "IMP-12", "RSK-13", "RSK-19", "STR-05", "TEC-11", "MET-09"),
    "openline erlang": ("TEC-14", "PLN-08"),
    "openline audit": (
        "IMP-18", "PLN-01", "PLN-02", "PLN-03", "PAR-05", "TST-04", "TST-09", "MNT-02", "MNT-05", "MET-08", "TEC-12",
        "RSK-12",
    ),
    "openline audit --against": ("MNT-07", "TEC-11", "MNT-04"),
    "openline export": ("IMP-01", "IMP-06", "STR-22", "MNT-05", "TRN-04", "MNT-03", "TST-01"),
    "openline import": ("IMP-01", "PPL-05"),
    "openline volumes": ("MON-05", "IMP-08"),
    "page Bring contacts in": ("MON-05",),
    "openline init": ("MNT-06", "IMP-04"),
    "openline questionnaire": ("PAR-03", "VEN-03", "PAR-04"),
    "page Findings": ("PLN-02", "PLN-03", "MET-08", "TST-09", "IMP-18"),
    "page Revisions": ("MNT-07", "PLN-10"),
    "page Trend": ("MNT-07", "MET-08"),
    "page Bring in": ("IMP-01", "PPL-05"),
    "page Asked and answered": ("IMP-06", "IMP-01", "MNT-02"),
    "page Vendors' readiness": ("PAR-03", "VEN-03", "PAR-04"),
    "page Ways to reach people": ("COM-09",),
    "page behind a link": ("COM-09", "COM-10", "PPL-08"),
    "page On call": ("PPL-01", "PPL-07"),
    "page Reach": ("COM-05", "PPL-01"),
    "page Outbox": ("COM-09",),
    "openline incident": ("ACT-02", "ACT-08"),
    "openline now": ("PPL-09", "ACT-03"),
    "page Declare": ("MON-04", "ACT-02"),
    "page Room": ("ACT-02", "ACT-03", "ACT-04", "ACT-07", "ACT-08", "MET-05", "MET-06", "PLN-13"),
    "page Roll call": ("PPL-08", "COM-10"),
    "page Damage": ("ACT-06", "MON-06", "COM-08"),
    "page Messages": ("COM-01", "COM-02", "COM-03", "COM-04", "COM-06", "COM-11"),
    "page Status page": ("COM-06", "COM-07"),
    "page Way back": ("RST-02", "RST-03", "RST-04"),
    "page After-action report": ("TST-07", "MET-05", "MNT-04"),
    "page Change the plan": ("IMP-01", "IMP-14", "STR-22", "TEC-08"),
}  # fmt: skip
"""Commands and pages, and the requirements that they serve besides the rules' own."""


def requirements() -> dict[str, tuple[str, str]]:
    """Return (capability, priority) of every requirement by id."""
    text = resources.files("openline.reference").joinpath("requirements.csv").read_text(encoding="utf-8")
    return {row["id"]: (row["capability"], row["priority"]) for row in csv.DictReader(text.splitlines())}


def served() -> dict[str, list[str]]:
    """Return what serves each requirement."""
    found: dict[str, list[str]] = defaultdict(list)
    for r in RULES.values():
        for requirement in r.serves:
            found[requirement].append(r.id)
    for what, ids in SERVED.items():
        for requirement in ids:
            found[requirement].append(f"`{what}`" if what.startswith("openline") else what)
    return found


def coverage_page() -> str:
    """Return the page that lists all requirements."""
    by, all_ = served(), requirements()
    done = sum(bool(by.get(i)) for i in all_)
    lines = ["# Coverage of the requirements", "", MADE, ""]
    lines += [f"{done} of {len(all_)} requirements are served by something, in full or in part; the rest say so.", ""]
    lines += ["| id | priority | capability | served by |", "| --- | --- | --- | --- |"]
    for i, (capability, priority) in all_.items():
        lines.append(f"| {i} | {priority} | {capability} | {', '.join(by.get(i, [])) or 'not yet'} |")
    return "\n".join(lines) + "\n"
