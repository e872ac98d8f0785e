"""Who calls whom."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed
from openline.plan.roles import CallTree, TreeDrill
from openline.units import format_duration as dur


def reach(g: Ground, tree: CallTree) -> tuple[float, float | None]:
    """Return the expected share reached and the seconds until the last call, by a call tree.

    Everybody answers a try with the same probability, independently; a caller calls in order, the time-out for each
    try; where a caller is not reached the fallback calls on, if reached. Seconds are None when no time-out is stated.
    """
    nodes = {n.person: n for n in tree.nodes}
    answer = g.limits.answer_frac
    reached: dict[str, float] = {tree.root: 1.0}
    start: dict[str, float] = {tree.root: 0.0}
    timed = all(n.timeout_s is not None for n in tree.nodes)
    waiting = [tree.root]
    while waiting:
        person = waiting.pop(0)
        node = nodes.get(person)
        if node is None:
            continue
        tries = node.retries + 1
        each = 1.0 - (1.0 - answer) ** tries
        caller = reached[person]
        if node.fallback is not None and node.fallback != person:
            caller = 1.0 - (1.0 - caller) * (1.0 - answer)
        at = start[person]
        for child in node.children:
            at += (node.timeout_s or 0.0) * (1.0 + (1.0 - answer) * (tries - 1))
            if child not in reached:
                reached[child], start[child] = caller * each, at
                waiting.append(child)
    share = sum(reached.values()) / len(reached)
    return share, max(start.values()) if timed else None


def _without_contact(g: Ground, tree: CallTree, left: list[str]) -> list[str]:
    """Return who of a tree has no contact; nobody where the plan keeps no contacts of any of them."""
    named = (i for n in tree.nodes for i in (n.person, *n.children))
    people = [i for i in dict.fromkeys((tree.root, *named)) if i not in left]
    mute = [i for i in people if not g.plan.persons[i].contacts]
    return mute if len(mute) < len(people) else []


@rule("AR-103", "high", serves="COM-09 PPL-01")
def call_tree_is_weak(g: Ground) -> Verdicts:
    """A call tree breaks easily.

    Why: a broken link silently cuts off everybody below it [domain R35].
    Computed: a caller with children and no fallback; more than 10 calls by one; somebody in it who has left, or of
    whom there is no contact though there is of others; expected reach (85 % answer a try) under its target, or the
    last call later than its target.
    Fix: name who steps in for each caller, and share the calls out. (Unreachable people are refused on loading.)

        call_trees:
          - {id: tree, root: a, target: {share: 0.9, within_s: 60m}, nodes: [{person: a, children: [b],
             fallback: b, retries: 2, timeout_s: 3m}]}
    """
    yield from nothing_listed(g.plan, "call_trees")
    for tree in g.plan.call_trees.values():
        alone = [n.person for n in tree.nodes if n.children and n.fallback in (None, n.person)]
        wide = [n.person for n in tree.nodes if len(n.children) > g.limits.fan_out]
        named = (i for n in tree.nodes for i in (n.person, *n.children, n.fallback) if i is not None)
        left = [i for i in dict.fromkeys((tree.root, *named)) if g.plan.persons[i].status == "left"]
        faults = [f"nobody steps in for {names(alone)}"] if alone else []
        faults += [f"{names([g.plan.persons[i] for i in left])} can not be reached any more"] if left else []
        mute = _without_contact(g, tree, left)
        faults += [f"there is no contact of {names([g.plan.persons[i] for i in mute])}"] if mute else []
        faults += [f"{names(wide)} must make more than {g.limits.fan_out:g} calls"] if wide else []
        share, last_s = reach(g, tree)
        if tree.target is not None:
            if share < tree.target.share:
                faults.append(f"{share:.1%} are reached on average, {tree.target.share:.1%} are wanted")
            if last_s is not None and last_s > tree.target.within_s:
                faults.append(f"the last call is made after {dur(last_s)}, {dur(tree.target.within_s)} is wanted")
        if faults:
            yield fail(
                tree,
                f"{tree.title}: {'; '.join(faults)}",
                *alone,
                *wide,
                *left,
                *mute,
                at="nodes",
                reach_frac=round(share, 3),
                last_s=last_s,
            )
        elif tree.target is None or last_s is None:
            yield unknown(tree, "target" if tree.target is None else "timeout_s")
        else:
            yield ok(tree)


@rule("AR-104", "medium", serves="COM-09 TST-01")
def call_tree_not_drilled(g: Ground) -> Verdicts:
    """A call tree was not drilled lately, or the drill fell short.

    Why: quarterly drills with 95 % relaying the message rightly are the advice [domain R35].
    Computed: last drill over 180 days ago or never; reached under 90 % within 60 min; right messages under 95 %. Where
    the tree states no drill, the last exercise that had it in scope is taken, with the share that was reached in it.
    Fix: drill it, and note how many were reached, how soon, and what they were told.

        call_trees:
          - {id: tree, root: a, drill: {on: 2026-09-15, reached_frac: 0.96, within_s: 42m, accuracy_frac: 0.97},
             nodes: [{person: a}]}
    """
    yield from nothing_listed(g.plan, "call_trees")
    for tree in g.plan.call_trees.values():
        d = tree.drill if tree.drill.on is not None else _exercised(g, tree)
        if g.older(d.on, g.limits.tree_drill_d):
            age = g.age_d(d.on)
            told = "was never drilled" if age is None else f"was drilled {age} days ago"
            yield fail(tree, f"{tree.title} {told}", at="drill", age_d=age)
            continue
        faults = (
            [f"{d.reached_frac:.0%} were reached"]
            if d.reached_frac is not None and d.reached_frac < g.limits.tree_reach_frac
            else []
        )
        faults += [f"it took {dur(d.within_s)}"] if d.within_s is not None and d.within_s > 3600 else []
        faults += (
            [f"{d.accuracy_frac:.0%} relayed the message rightly"]
            if d.accuracy_frac is not None and d.accuracy_frac < g.limits.tree_accuracy_frac
            else []
        )
        if faults:
            yield fail(
                tree,
                f"in the drill of {tree.title} {names(faults)}",
                at="drill",
                reached_frac=d.reached_frac,
                within_s=d.within_s,
            )
        elif lacks := [f for f in ("reached_frac", "within_s", "accuracy_frac") if getattr(d, f) is None]:
            yield unknown(tree, *(f"drill.{f}" for f in lacks))
        else:
            yield ok(tree)


def _exercised(g: Ground, tree: CallTree) -> TreeDrill:
    """Return the last exercise of a tree as a drill; an empty one when there was none.

    An exercise measures the share reached only, so time and accuracy count as kept when it passed.
    """
    held = [x for x in g.plan.exercises.values() if tree.id in x.scope and x.held_on and x.held_on <= g.as_of]
    if not held:
        return tree.drill
    last = max(held, key=lambda x: x.held_on or g.as_of)
    kept = (0.0, 1.0) if last.passed else (None, None)
    return TreeDrill(on=last.held_on, reached_frac=last.measured.reach_frac, within_s=kept[0], accuracy_frac=kept[1])
