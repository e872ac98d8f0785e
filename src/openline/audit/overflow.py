"""What overflow agreements are meant for, and what calls them out."""

from openline.audit.ground import Ground
from openline.plan.activities import Activity
from openline.plan.arrangements import Arrangement
from openline.plan.partners import OverflowAgreement


def calls(g: Ground) -> list[tuple[Arrangement, OverflowAgreement]]:
    """Return the arrangements that call an agreement out."""
    return [(r, g.plan.agreements[r.agreement]) for r in g.plan.arrangements.values() if r.agreement is not None]


def meant(g: Ground, agreement: OverflowAgreement) -> list[Activity]:
    """Return the activities that an agreement is meant for: as stated or as arrangements say, else by skill."""
    stated = {*agreement.covers, *(i for r, o in calls(g) if o.id == agreement.id for i in r.for_)}
    activities = g.plan.activities.values()
    named = [a for a in activities if a.id in stated]
    if agreement.covers or named:
        return named
    return [a for a in activities if a.skills and set(a.skills) <= set(agreement.skills)]


def served(g: Ground, agreement: OverflowAgreement) -> list[Activity]:
    """Return the tier-1 activities that an agreement is meant for, and others that it names with an RTO."""
    stated = set(agreement.covers)
    return [a for a in meant(g, agreement) if g.tier(a) == 1 or (a.id in stated and a.rto_s is not None)]
