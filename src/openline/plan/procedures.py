"""Procedures: the steps that people take, in which order, and how long each takes."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from openline.plan.record import Entity, Name, ObjectRef, Record, Ref, RoleRef, Seconds, Slug, Text


class StepDuration(Record):
    """How long a step takes; the mean is (o + 4 m + p) / 6 (PERT, domain 3.6)."""

    optimistic_s: Seconds
    likely_s: Seconds
    pessimistic_s: Seconds

    @model_validator(mode="after")
    def _ascends(self) -> "StepDuration":
        if not self.optimistic_s <= self.likely_s <= self.pessimistic_s:
            raise ValueError("optimistic_s, likely_s and pessimistic_s must not fall")
        return self


class MeasuredDuration(Record):
    """What a step took when it was done, read off the log of an incident or an exercise."""

    on: date
    took_s: Seconds
    incident: Annotated[Slug, Ref(("incidents",))] | None = Field(None, description="Where it was measured.")
    in_exercise: bool = Field(False, description="It was an exercise: people knew that it would come.")


class Automation(Record):
    """A step that Openline does by itself when its turn comes."""

    kind: Literal["webhook", "roll_call", "page", "message", "arrangement"]
    options: dict[Slug, Text] = Field(
        default_factory=dict, description="What the kind needs, such as url, roles, template or arrangement."
    )


class Step(Record):
    """One thing to do; it starts when all its predecessors are done."""

    id: Slug = Field(description="Unique in its procedure.")
    text: Annotated[Text, Field(min_length=1)] = Field(description="What to do, beginning with a verb.")
    role: Annotated[Slug, Ref(("roles", "teams"))] | None = Field(None, description="Who does it.")
    alternates_allowed: bool = True
    duration: StepDuration | None = None
    measured: tuple[MeasuredDuration, ...] = Field(
        (), description="What it took when it was done; the stated duration stays as it is until a person changes it."
    )
    predecessors: tuple[Slug, ...] = Field((), description="Steps of this procedure that come before.")
    objects: tuple[ObjectRef, ...] = Field((), description="Systems and people that the step uses.")
    resources: tuple[Name, ...] = Field((), description="What only one step can use at a time.")
    kind: Literal["act", "verify", "rollback", "reconcile", "backlog", "notify", "roll_call", "walkthrough"] = "act"
    expected_result: Text = ""
    if_fails: Text = ""
    rollback: Text = ""
    safety: bool = Field(False, description="Protects life; comes before everything else.")
    irreversible: bool = Field(False, description="Can not be undone; a second person must agree first.")
    approver: RoleRef | None = Field(None, description="Role that must agree before it begins.")
    approval_timeout_s: Seconds | None = Field(None, description="Then the next in the order of succession is asked.")
    automation: Automation | None = Field(None, description="Done by Openline itself; none means by people.")

    @property
    def mean_s(self) -> float | None:
        """PERT mean (o + 4 m + p) / 6 in seconds; golden 10, 20, 60 give 25."""
        d = self.duration
        return None if d is None else (d.optimistic_s + 4 * d.likely_s + d.pessimistic_s) / 6

    @property
    def measured_mean_s(self) -> float | None:
        """Mean of what was measured in seconds, None when nothing was."""
        return sum(m.took_s for m in self.measured) / len(self.measured) if self.measured else None

    @property
    def variance_s2(self) -> float:
        """PERT variance ((p - o) / 6)^2; golden 10, 20, 60 give 69.44."""
        d = self.duration
        return 0.0 if d is None else ((d.pessimistic_s - d.optimistic_s) / 6) ** 2


class Procedure(Entity):
    """Steps to prevent, respond or restore."""

    phase: Literal[
        "prevent", "detect", "assess", "notify", "safety", "activate", "recover", "operate", "restore", "validate",
        "stand_down",
    ]  # fmt: skip
    covers: tuple[ObjectRef, ...] = Field((), description="What it is for.")
    scenarios: tuple[Annotated[Slug, Ref(("scenarios",))], ...] = ()
    team: Annotated[Slug, Ref(("teams",))] | None = None
    goal: Text = ""
    prerequisites: tuple[ObjectRef, ...] = Field((), description="Systems and people it can not do without.")
    version: Name | None = None
    version_on: date | None = Field(None, description="Day of the last change.")
    approved_by: RoleRef | None = None
    approved_on: date | None = None
    review_due: date | None = None
    stored_on: tuple[Annotated[Slug, Ref(("systems",))], ...] = Field((), description="Systems that hold its text.")
    offline_location: Text = Field("", description="Where a copy lies that needs no system.")
    steps: tuple[Step, ...] = Field(min_length=1)

    def in_order(self) -> list[Step]:
        """Return the steps so that each comes after its predecessors."""
        left, done, found = list(self.steps), set[str](), list[Step]()
        while left:
            ready = [s for s in left if done.issuperset(s.predecessors)]
            found += ready
            done.update(s.id for s in ready)
            left = [s for s in left if s.id not in done]
        return found
