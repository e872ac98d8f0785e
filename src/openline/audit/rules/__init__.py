"""The 160 rules, one module a group; importing this package enters them in RULES."""

from openline.audit.rule import RULES
from openline.audit.rules import (
    contacts,
    detection,
    impact,
    network,
    partners,
    people,
    place,
    power,
    procedures,
    programme,
    systems,
    telephony,
    vendors,
)

__all__ = ["GROUPS", "RULES"]

_in_order = sorted(RULES.items())
RULES.clear()
RULES.update(_in_order)

GROUPS = {
    module.__name__.rpartition(".")[2]: (module.__doc__ or "").partition("\n")[0].rstrip(".")
    for module in (
        impact, place, power, network, telephony, systems, vendors, people, contacts, partners, detection, procedures,
        programme,
    )
}  # fmt: skip
"""Groups in the order of their ids, with their titles."""
