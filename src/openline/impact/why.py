"""Why an object is as it is: the chain of causes from it to the disruption."""

from openline.impact.course import ChangePoint, at
from openline.impact.timeline import Timeline


def chain(timeline: Timeline, name: str, at_s: float) -> list[tuple[str, ChangePoint]]:
    """Return (object, its change point in force) from this object along its causes to the first."""
    found: list[tuple[str, ChangePoint]] = []
    while name in timeline.objects and all(name != n for n, _ in found):
        p = at(timeline.objects[name], at_s)
        found.append((name, p))
        if not p.cause_id:
            break
        name = p.cause_id
    return found
