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


def spoken_of(plan: Plan) -> set[str]:
    """Return the words of fields that name a system or a vendor and are no references, such as a feed's provider."""
    found: set[str | None] = {f.provider for f in plan.feeds.values()}
    found |= {s.landlord_contact for s in plan.sites.values()} | {p.employer for p in plan.persons.values()}
    for v in plan.vendors.values():
        found |= {v.parent, *v.upstream, *v.subcontractors}
    for s in plan.systems.values():
        found |= {s.fate.identity, s.fate.dns}
    found |= {i for p in plan.network_paths.values() for i in p.upstream}
    found |= {i for t in plan.templates.values() for i in t.carried_by}
    found |= {i for p in plan.partners.values() for i in p.platforms}
    return {word for word in found if word}
