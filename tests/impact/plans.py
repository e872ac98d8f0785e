"""Plans of a few lines for the timeline's tests."""

from openline.impact.course import ChangePoint
from openline.impact.timeline import Timeline, timeline
from openline.plan.document import Plan
from openline.plan.load import load_plan
from openline.scenarios.binding import strike

ROOT = "format: 1\norganization: {id: test, tz: UTC}\n"


def plan_of(**sections: str) -> Plan:
    """Return a plan from the text of its sections."""
    files = {"openline.yaml": ROOT, **{f"{name}.yaml": text for name, text in sections.items()}}
    loaded = load_plan(files)
    assert loaded.plan is not None, "\n".join(map(str, loaded.problems))
    return loaded.plan


def systems(*lines: str) -> Plan:
    """Return a plan that has only systems, each given as the inside of a YAML mapping."""
    return plan_of(systems="systems:\n" + "".join(f"  - {{kind: other, {line}}}\n" for line in lines))


def struck(plan: Plan, *ids: str, hours: float, horizon_h: float = 100.0) -> Timeline:
    """Return the timeline when objects fail at the onset for some hours."""
    return timeline(plan, strike(plan, ids, duration_s=hours * 3600), horizon_s=horizon_h * 3600)


def course(found: Timeline, name: str) -> list[tuple[float, float]]:
    """Return an object's (time, capacity) where its capacity changes."""
    points: list[ChangePoint] = []
    for p in found.objects[name]:
        if not points or points[-1].capacity != p.capacity:
            points.append(p)
    return [(p.at_s, p.capacity) for p in points]
