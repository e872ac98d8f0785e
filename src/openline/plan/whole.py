"""Invariants that need more than one entity (domain 3.8); breaking one is an error."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from openline.plan.document import Plan
from openline.plan.refs import Path
from openline.plan.roles import CallTree

DEEPEST_TREE = 8


@dataclass(frozen=True, slots=True)
class WholeBreach:
    """An invariant that an entity breaks together with others."""

    collection: str
    entity: str
    path: Path
    message: str
    hint: str = ""


Read = tuple[str, str]
"""A field that a rule reads, as (collection, key in the files)."""


def whole_breaches(plan: Plan, wrong: AbstractSet[Read] = frozenset()) -> Iterator[WholeBreach]:
    """Yield every invariant that entities break together.

    `wrong` are the fields with a problem somewhere: a rule that reads one of them can not be judged and is left out.
    """
    for rule, reads in _RULES:
        if not wrong & reads:
            yield from rule(plan)


def _levels(plan: Plan) -> Iterator[WholeBreach]:
    """No two levels have one number (invariant 13)."""
    first: dict[int, str] = {}
    for level in plan.levels.values():
        if level.number in first:
            message = f"level {level.number} stands twice, the first is {first[level.number]!r}"
            yield WholeBreach("levels", level.id, ("number",), message, "levels are told apart by their number")
        first.setdefault(level.number, level.id)


def _shares(plan: Plan) -> Iterator[WholeBreach]:
    """Shares of an activity's contact types make 1 within 0.001 (invariant 19)."""
    kinds = defaultdict(list)
    for kind in plan.contact_types.values():
        kinds[kind.activity].append(kind)
    for activity, found in kinds.items():
        stated = [k.share for k in found if k.share is not None]
        if len(stated) == len(found) and abs(sum(stated) - 1) > 0.001:
            message = f"the shares of {activity!r} make {sum(stated):.4g}, not 1"
            yield WholeBreach("contact_types", found[-1].id, ("share",), message, "they are shares of all its contacts")


def _ratings(plan: Plan) -> Iterator[WholeBreach]:
    """Ratings lie within the scale, one for each step (invariant 5)."""
    scale = plan.organization.impact_scale
    for activity in plan.activities.values():
        for kind, ratings in activity.impact.items():
            if len(ratings) != len(scale.steps_s):
                message = f"{len(ratings)} ratings where the scale has {len(scale.steps_s)} steps"
                hint = "write null for a step not rated"
                yield WholeBreach("activities", activity.id, ("impact", kind), message, hint)
            elif any(r is not None and r > scale.highest for r in ratings):
                message = f"a rating above {scale.highest}, the highest of the scale"
                yield WholeBreach("activities", activity.id, ("impact", kind), message)


def _drives(plan: Plan) -> Iterator[WholeBreach]:
    for site in plan.sites.values():
        for other in site.drive_min:
            if other not in plan.sites or other == site.id:
                message = f"{other!r} is no other site"
                yield WholeBreach("sites", site.id, ("drive_min", other), message, "keys are ids of other sites")


def _trees(plan: Plan) -> Iterator[WholeBreach]:
    for tree in plan.call_trees.values():
        yield from _tree(tree)


def _tree(tree: CallTree) -> Iterator[WholeBreach]:
    """Everybody is called once and from the root, less than eight calls away (invariant 17)."""
    children = {n.person: n.children for n in tree.nodes}
    called = Counter(c for n in tree.nodes for c in n.children)
    for number, node in enumerate(tree.nodes):
        for i, child in enumerate(node.children):
            if called[child] > 1 or child == tree.root:
                message = f"{child!r} is called more than once"
                yield WholeBreach("call_trees", tree.id, ("nodes", number, "children", i), message, "once is enough")
    reached, depth = _reached(tree.root, children)
    if depth >= DEEPEST_TREE:
        yield WholeBreach("call_trees", tree.id, ("nodes",), f"the tree is {depth} deep", "less than 8")
    for number, node in enumerate(tree.nodes):
        if node.person not in reached:
            message = f"nobody calls {node.person!r}"
            yield WholeBreach("call_trees", tree.id, ("nodes", number, "person"), message, "make it a child of another")


def _reached(root: str, children: dict[str, tuple[str, ...]]) -> tuple[set[str], int]:
    reached, ring, depth = {root}, [root], 0
    while ring := [c for p in ring for c in children.get(p, ()) if c not in reached]:
        reached.update(ring)
        depth += 1
    return reached, depth


def _of(collection: str, *keys: str) -> frozenset[Read]:
    return frozenset((collection, key) for key in ("id", *keys))


_RULES: tuple[tuple[Callable[[Plan], Iterator[WholeBreach]], frozenset[Read]], ...] = (
    (_levels, _of("levels", "number")),
    (_shares, _of("contact_types", "activity", "share")),
    (_ratings, _of("activities", "impact") | _of("organization", "impact_scale")),
    (_drives, _of("sites", "drive_min")),
    (_trees, _of("call_trees", "root", "nodes")),
)
