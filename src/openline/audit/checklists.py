"""The field's checklists, and the rules that answer each of their parts.

A part counts every rule that is about it and that found something to judge: passed over judged, each rule weighed by
its severity. What can not be judged counts as not passed.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a checklist; `holds` names a fact of the plan to look at besides the rules."""

    title: str
    rules: tuple[str, ...]
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """A list of parts that somebody in the field asks for."""

    id: str
    title: str
    source: str
    parts: tuple[Part, ...]


def _r(*numbers: int) -> tuple[str, ...]:
    return tuple(f"AR-{n:03}" for n in numbers)


CHECKLISTS: tuple[Checklist, ...] = (
    Checklist(
        "ten-parts",
        "Ten parts of a plan",
        "GSA, Contact Center Disaster Planning and Recovery (HowTo.gov); PLN-02",
        (
            Part("Critical systems and functions", _r(1, 2, 15, 16, 17)),
            Part("Back-up and failover", _r(20, 24, 25, 29, 60, 61, 62, 66, 67)),
            Part("Teams and roles", _r(85, 86, 87, 88, 89, 90, 91)),
            Part("Contact list", _r(97, 101, 102, 103, 109)),
            Part("Detection, notification, escalation", _r(105, 108, 120, 121, 124, 125)),
            Part("Damage assessment", _r(127)),
            Part("Activation criteria", _r(122, 123)),
            Part("Recovery procedures", _r(7, 130, 131, 134, 137, 138)),
            Part("Restoration procedures", _r(126, 132, 139)),
            Part("Validation", _r(133, 150, 151, 152, 153, 168)),
        ),
    ),
    Checklist(
        "ten-items",
        "Ten items of readiness",
        "Contact center emergency policy; PLN-03, PAR-03",
        (
            Part("Disaster recovery strategy", _r(158, 159), "plans"),
            Part("Backup power", _r(31, 32, 33, 34, 35, 36, 37, 38, 40)),
            Part("On-site technical people", _r(81, 92)),
            Part("Vendor support", _r(75, 76, 77, 82)),
            Part("Failsafe internet", _r(43, 44, 45, 46, 47)),
            Part("Telephony", _r(50, 51, 52, 53, 55, 58)),
            Part("Remote access", _r(48, 57, 94, 95)),
            Part("Hot standby", _r(29, 60, 61, 67)),
            Part("Off-site provisions", _r(20, 24, 30, 74, 100)),
            Part("Spare parts", _r(63, 64, 65), "components"),
        ),
    ),
    Checklist(
        "nine-considerations",
        "Nine considerations",
        "Call center BCP, table of key considerations; IMP-18",
        (
            Part("Business functions", _r(1, 2, 13, 131)),
            Part("Loss of revenue", _r(163, 174), "value"),
            Part("Office space", _r(98, 100), "seats"),
            Part("Social distancing", (), "distanced"),
            Part("Average call transfer", (), "transfer"),
            Part("Current climate", _r(96, 164, 171)),
            Part("External communication", _r(56, 59, 105, 106, 108)),
            Part("Human error", _r(138, 169), "preventive"),
            Part("Internet connection", _r(43, 44, 45, 46, 49)),
        ),
    ),
    Checklist(
        "three-protocols",
        "Three protocols",
        "DATAMARK, action plan; PLN-01",
        (
            Part("Identify the incident", _r(120, 122, 124, 127), "identification"),
            Part("Change to emergency mode", _r(60, 131, 136, 140), "emergency_mode"),
            Part("Resume normal operations", _r(126, 132, 139), "resumption"),
        ),
    ),
    Checklist(
        "four-categories",
        "Four categories of disruption, and cyber",
        "Causes of downtime; RSK-02 to RSK-06",
        (
            Part("Localised", (), "category:localised"),
            Part("Infrastructure", (), "category:infrastructure"),
            Part("Organisational", (), "category:organisational"),
            Part("Large scale", (), "category:large_scale"),
            Part("Cyber", (), "category:cyber"),
        ),
    ),
)
