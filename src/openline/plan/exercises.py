"""Exercises, what they found, and what people learned."""

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from openline.plan.record import (
    OBJECT_COLLECTIONS,
    Days,
    Entity,
    Formula,
    Fraction,
    Name,
    PersonRef,
    Record,
    Ref,
    RoleRef,
    Seconds,
    Slug,
    Text,
)  # fmt: skip

ExerciseKind = Literal["seminar", "workshop", "tabletop", "game", "drill", "functional", "full_scale"]
OPERATIONS: tuple[ExerciseKind, ...] = get_args(ExerciseKind)[4:]
"""Kinds in which something is really done; the others are discussions (glossary 2.6)."""


Tried = Annotated[Slug, Ref((*OBJECT_COLLECTIONS, "plans", "procedures", "call_trees", "arrangements"))]


class Inject(Record):
    """Something the players are told, and what they are expected to do."""

    at_s: Seconds
    to: Name
    text: Text
    expected: Text = ""


class Evaluation(Record):
    """What an evaluator saw of a capability: P, S, M or U (glossary 2.6)."""

    capability: Name
    target: Text = ""
    task: Text = ""
    rating: Literal["P", "S", "M", "U"] | None = None
    note: Text = ""


class Measured(Record):
    """What the clock said."""

    rta_s: Seconds | None = Field(None, description="Time until the minimum was reached.")
    rpa_s: Seconds | None = Field(None, description="Age of the recovered data.")
    reach_frac: Fraction | None = None
    failover_s: Seconds | None = None


class Exercise(Entity):
    """A planned trial of the plan."""

    kind: ExerciseKind
    planned_on: date | None = None
    held_on: date | None = None
    objectives: tuple[Text, ...] = ()
    scenario: Annotated[Slug, Ref(("scenarios",))] | None = None
    scope: tuple[Tried, ...] = Field((), description="What was tried.")
    tests_recovery: bool | None = Field(None, description="Something was recovered, so its time can be measured.")
    participants: tuple[PersonRef, ...] = ()
    vendors: tuple[Annotated[Slug, Ref(("vendors", "partners"))], ...] = Field(
        (), description="Outsiders who took part."
    )
    injects: tuple[Inject, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    measured: Measured = Measured()
    passed: bool | None = None
    hotwash_on: date | None = None
    report_on: date | None = Field(None, description="Day of the after-action report.")
    predicted_sl: Fraction | None = Field(None, description="Service level expected while the exercise runs.")
    least_sl: Fraction | None = Field(None, description="Service level below which it is not held.")
    sl_formula_id: Formula = Field("SL3", description="How both are counted.")


class CorrectiveAction(Entity):
    """Something to mend, with owner and date."""

    source: Text = Field("", description="Finding, exercise or incident it comes from.")
    exercise: Annotated[Slug, Ref(("exercises",))] | None = None
    incident: Annotated[Slug, Ref(("incidents",))] | None = None
    due: date | None = None
    status: Literal["open", "in_progress", "done", "cancelled"] = "open"
    done_on: date | None = None
    approved: bool | None = None
    retest: Annotated[Slug, Ref(("exercises",))] | None = None
    repeat_of: Annotated[Slug, Ref(("corrective_actions",))] | None = None


class Course(Entity):
    """Something people are taught, and how long it counts."""

    audience_roles: tuple[RoleRef, ...] = ()
    awareness: bool = Field(False, description="For all employees.")
    validity_d: Days | None = None


class TrainingRecord(Entity):
    """One person's course, or the number of employees who have taken it."""

    course: Annotated[Slug, Ref(("courses",))]
    person: PersonRef | None = None
    people: Annotated[int, Field(ge=0)] | None = Field(None, description="How many employees are current.")
    score: Fraction | None = None
    on: date | None = None
