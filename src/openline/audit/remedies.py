"""Which arrangements help an object, and how soon they and standbys do."""

from collections.abc import Iterable

from openline.audit.ground import Ground
from openline.plan.arrangements import Arrangement
from openline.plan.systems import System


def arrangements_for(g: Ground, names: Iterable[str]) -> list[Arrangement]:
    """Return the arrangements for any of these objects."""
    found = {r.id: r for name in names for r in g.arrangements.get(name, ())}
    return list(found.values())


def switch_over_s(g: Ground, s: System) -> float | None:
    """Return the seconds from the onset until a system's own standby carries, None when unknown."""
    f = s.failover
    own = f.measured_s if f.measured_s is not None else f.claimed_s
    before = g.plan.organization.response.detect_s if f.mode == "automatic" else g.decision_s
    return None if own is None else before + own


def effect_s(g: Ground, r: Arrangement) -> float:
    """Return the time from the loss until an arrangement helps; a redundancy waits for nobody's decision."""
    return r.time_to_effect_s + (0.0 if r.option == "redundancy" else g.decision_s)
