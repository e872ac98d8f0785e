"""What is asked when something is looked at: by class of object and stage, safety first (ACT-06, MON-06)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from openline.incident.damage import Stage, latest
from openline.incident.state import State
from openline.plan.document import Plan

ObjectClass = Literal["site", "system", "network", "power", "people", "vendor"]
CLASSES: dict[ObjectClass, tuple[str, ...]] = {
    "site": ("sites", "entrances", "cooling"),
    "power": ("feeds", "ups", "generators"),
    "network": ("network_paths", "trunk_groups", "numbers"),
    "system": ("systems", "components", "data_sets", "backups"),
    "people": ("persons", "teams", "agent_groups"),
    "vendor": ("vendors", "partners"),
}
"""The collections of the plan whose objects belong to each class."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something to look at; `detailed` ones are asked only at the second look."""

    id: str
    text: str
    detailed: bool = False


SAFETY: dict[ObjectClass, str] = {
    "site": "Is anybody in danger? Fire, smoke, gas, water, live wires, loose parts. If in doubt, stay outside.",
    "power": "Live parts, battery acid, fuel, exhaust fumes. Only trained people open anything.",
    "network": "Is it safe to reach the cabinet or the street box? Water, live wires, traffic.",
    "system": "Is the room safe to enter? Smoke, water, extinguishing gas, heat.",
    "people": "Is anybody hurt or missing? Call the emergency number before anything else.",
    "vendor": "Is anybody of theirs or ours in danger there?",
}
"""What is asked before anything else."""

QUESTIONS: dict[ObjectClass, tuple[Question, ...]] = {
    "site": (
        Question("enter", "Can people enter, and which parts?"),
        Question("utilities", "Power, water, heating or cooling: what works?"),
        Question("authority", "Who holds the building now, and what did they say?"),
        Question("seats", "How many seats can be used?", detailed=True),
        Question("structure", "Structure, roof, ceilings, floors: what was found, by whom?", detailed=True),
        Question("contents", "Equipment and records that can be saved", detailed=True),
        Question("insurer", "Insurer told, pictures taken, reference", detailed=True),
    ),
    "power": (
        Question("source", "What carries the load now: mains, batteries, generator, nothing?"),
        Question("left", "How long will batteries or fuel last?"),
        Question("ticket", "Ticket of the utility or contractor, and what they said"),
        Question("phases", "Phases, breakers, transfer switch: what was measured?", detailed=True),
        Question("load", "What can be switched off to last longer?", detailed=True),
    ),
    "network": (
        Question("reach", "What can not be reached: numbers, sites, vendors?"),
        Question("other_path", "Does the other path carry, and how full is it?"),
        Question("ticket", "Carrier's ticket and what they said"),
        Question("where", "Where is it cut or broken, and how is that known?", detailed=True),
        Question("spare", "Spare parts or a temporary line: what and when?", detailed=True),
    ),
    "system": (
        Question("symptom", "What do agents and customers see?"),
        Question("change", "What changed in the last day?"),
        Question("standby", "Does the standby run, and with which data?"),
        Question("data", "Data lost or wrong: since when, how much?", detailed=True),
        Question("root", "Root cause, and how it was shown", detailed=True),
        Question("evidence", "Logs and images kept; signs of an attack", detailed=True),
    ),
    "people": (
        Question("how_many", "How many are missing, hurt, or can not come?"),
        Question("roles", "Which roles and skills are not filled?"),
        Question("until", "Until when, as far as anybody can tell?"),
        Question("support", "Care, transport, food, rest: what is needed?", detailed=True),
    ),
    "vendor": (
        Question("said", "What do they say, who said it, ticket number"),
        Question("service", "Which of their services fail?"),
        Question("promise", "What do they promise, and what does the contract say?"),
        Question("escalated", "To whom was it escalated?", detailed=True),
        Question("instead", "Who or what can stand in?", detailed=True),
    ),
}
"""What is asked of each class, in the order in which one sees it (assumed: from the forms of 6.4)."""


def class_of(plan: Plan, object_id: str) -> ObjectClass:
    """Return the class of an object; what belongs to none is asked as a system."""
    for name, collections in CLASSES.items():
        if any(object_id in plan.collection(c) for c in collections):
            return name
    return "system"


def questions(plan: Plan, object_id: str, stage: Stage) -> tuple[Question, ...]:
    """Return what is asked of an object at a stage."""
    return tuple(q for q in QUESTIONS[class_of(plan, object_id)] if stage == "detailed" or not q.detailed)


def assessors(plan: Plan, object_id: str, stage: Stage) -> tuple[str, ...]:
    """Return the roles that the plan's forms name for an object, those for it by name before those of its class."""
    forms = [f for f in plan.assessment_forms.values() if f.stage == stage and f.assessor]
    own = [f.assessor for f in forms if object_id in f.objects]
    of_class = [f.assessor for f in forms if not f.objects and class_of(plan, object_id) in f.classes]
    return tuple(dict.fromkeys(r for r in [*own, *of_class] if r))


def not_yet(state: State, stage: Stage) -> Iterator[str]:
    """Yield what is or was hit and has no assessment of a stage; detailed is asked of what was found not sound."""
    for i in dict.fromkeys([*state.hit, *(i for i, _ in state.damage)]):
        last = latest(state, i)
        if (i, stage) not in state.damage and (stage == "initial" or (last is not None and last.state != "ok")):
            yield i


def told(state: State, plan: Plan, name: dict[str, str]) -> str:
    """Return the results in plain words, as they are sent to teams; `name` is what people call each object."""
    lines = []
    for i in dict.fromkeys(i for i, _ in state.damage):
        last = latest(state, i)
        assert last is not None  # noqa: S101 - it is in the list
        parts = [f"{name.get(i, i)}: {last.state}"]
        parts += [f"cause {last.cause}"] if last.cause else []
        parts += [f"safety: {last.safety}"] if last.safety else []
        lines.append(", ".join(parts))
    left = list(not_yet(state, "initial"))
    if left:
        lines.append(f"Not looked at yet: {', '.join(name.get(i, i) for i in left)}")
    return "\n".join(lines)[:3900]
