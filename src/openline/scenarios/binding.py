"""From a scenario's selectors to the objects of this plan."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from openline.plan.document import Plan
from openline.plan.scenarios import CallFate, Effect, Scenario, Selector
from openline.plan.sections import COLLECTIONS
from openline.scenarios.effects import EFFECTS
from openline.scenarios.fate import sharing


class UnboundScenario(ValueError):
    """A disruption that can not be bound to the plan; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class BoundEffect:
    """One effect on one object, in seconds after the onset."""

    target: str
    type: str
    factor: float | None
    start_s: float
    end_s: float
    calls: CallFate
    why: str


@dataclass(frozen=True, slots=True)
class Disruption:
    """What happens to the plan's objects, and for how long at the longest."""

    id: str
    title: str
    duration_s: float
    effects: tuple[BoundEffect, ...]


def bind(plan: Plan, scenario_id: str, *, duration_s: float | None = None) -> Disruption:
    """Return a scenario of the plan bound to its objects.

    Without `duration_s` the scenario's typical duration holds. With it, effects that state no duration of their own
    last that long, and those that do are stretched or shortened in the same proportion to the typical one.

    Raises UnboundScenario when there is no such scenario or one of its selectors finds nothing.
    """
    scenario = plan.scenarios.get(scenario_id)
    if scenario is None:
        raise UnboundScenario(f"there is no scenario {scenario_id!r}: {_near(scenario_id, plan.scenarios)}")
    typical = scenario.duration.typical_s
    lasts = typical if duration_s is None else duration_s
    scale = lasts / typical if typical > 0 else 1.0
    effects = tuple(b for e in scenario.effects for b in _bound(plan, scenario, e, lasts, scale))
    longest = max((e.end_s for e in effects), default=0.0)
    return Disruption(scenario.id, scenario.title, longest, effects)


def strike(plan: Plan, ids: Sequence[str], *, duration_s: float) -> Disruption:
    """Return a disruption in which the named objects fail outright; raises UnboundScenario for an unknown one."""
    known = {e.id: e for _, e in plan.nodes()}
    for name in ids:
        if name not in known:
            raise UnboundScenario(f"there is no object {name!r}: {_near(name, known)}")
    if not ids:
        raise UnboundScenario("name at least one object that fails")
    title = ", ".join(known[i].title for i in ids) + (" fails" if len(ids) == 1 else " fail")
    effects = tuple(BoundEffect(i, "down", None, 0.0, duration_s, "drop", f"{known[i].title} was struck") for i in ids)
    return Disruption("+".join(ids), title, duration_s, effects)


def _bound(plan: Plan, scenario: Scenario, effect: Effect, lasts: float, scale: float) -> Iterator[BoundEffect]:
    kind = EFFECTS[effect.type]
    targets = _targets(plan, effect)
    if not targets:
        found = _selector_text(effect.selector)
        raise UnboundScenario(f"scenario {scenario.id!r}: {effect.type} finds nothing with {found} in this plan")
    start = effect.start_s * scale
    length = lasts - start if effect.duration_s is None else effect.duration_s * scale
    why = f"{scenario.title} ({scenario.library})" if scenario.library else scenario.title
    for target in targets:
        yield BoundEffect(
            target, effect.type, effect.factor, start, start + max(length, 0.0), effect.calls or kind.calls, why
        )


def _targets(plan: Plan, effect: Effect) -> list[str]:
    """Return what an effect hits; one on people who are named by their site hits the groups that sit there."""
    allowed = EFFECTS[effect.type].targets
    found = []
    for name in selected(plan, effect.selector):
        if effect.type == "staff" and name in plan.sites:
            found += [g.id for g in plan.agent_groups.values() if g.site == name]
        elif any(name in plan.collection(c) for c in allowed):
            found.append(name)
        elif name in effect.selector.ids:
            raise UnboundScenario(f"{effect.type} can not hit {name!r}: it is for {', '.join(allowed)}")
    return list(dict.fromkeys(found))


def selected(plan: Plan, selector: Selector) -> tuple[str, ...]:
    """Return the ids that a selector names: its ids, and all that its kind and its fate key have in common."""
    found = list(selector.ids)
    if selector.kind is not None:
        of_kind = _of_kind(plan, selector.kind)
        if selector.fate is not None and selector.value is not None:
            shared = sharing(plan, selector.fate, selector.value)
            of_kind = [i for i in of_kind if i in shared]
        found += of_kind
    elif selector.fate is not None and selector.value is not None:
        found += sharing(plan, selector.fate, selector.value)
    return tuple(dict.fromkeys(found))


def _of_kind(plan: Plan, kind: str) -> list[str]:
    if kind in COLLECTIONS:
        return list(plan.collection(kind))
    return [i for i, s in plan.systems.items() if s.kind == kind]


def _selector_text(selector: Selector) -> str:
    parts = [*selector.ids]
    parts += [f"kind {selector.kind}"] if selector.kind else []
    parts += [f"{selector.fate} {selector.value}"] if selector.fate else []
    return ", ".join(parts)


def _near(word: str, known: Iterable[str]) -> str:
    names = list(known)
    match = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {match[0]!r}?" if match else "known are " + (", ".join(names[:15]) or "none")
