"""What the plan makes use of, told apart from what it only looks after."""

from openline.plan.document import Plan
from openline.plan.record import Ref
from openline.plan.refs import marked_values
from openline.plan.sections import COLLECTIONS

LOOKED_AFTER: dict[str, tuple[str, ...]] = {
    "backups": ("of",),
    "components": ("system",),
    "maintenance_tasks": ("object",),
    "monitors": ("object",),
    "reviews": ("object",),
    "procedures": ("covers",),
    "risks": ("*",),
    "controls": ("*",),
    "scenarios": ("*",),
    "exercises": ("*",),
    "exclusions": ("*",),
    "incidents": ("*",),
    "damage_assessments": ("*",),
    "corrective_actions": ("*",),
}
"""By collection: references (all with `*`) that keep, watch or strike an object and make no use of it."""


def uses(plan: Plan) -> dict[str, set[str]]:
    """Return the ids that something makes use of, by the collection that they may be of."""
    found: dict[str, set[str]] = {name: set() for name in COLLECTIONS}
    for collection in COLLECTIONS:
        aside = LOOKED_AFTER.get(collection, ())
        if "*" in aside:
            continue
        for entity in plan.collection(collection).values():
            for marked in marked_values(entity):
                if isinstance(marked.mark, Ref) and marked.path[0] not in aside:
                    for target in marked.mark.collections:
                        found.setdefault(target, set()).add(marked.value)
    return found
