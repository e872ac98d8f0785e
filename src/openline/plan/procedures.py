"""Procedures: the steps that people take, in which order, and how long each takes."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from openline.plan.record import Entity, Name, NodeRef, Record, Seconds, Slug, Text


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


class Step(Record):
    """One thing to do; it starts when all its predecessors are done."""

    id: Slug = Field(description="Unique in its procedure.")
    text: Annotated[Text, Field(min_length=1)] = Field(description="What to do, beginning with a verb.")
    role: Name = Field(description="Who does it.")
    duration: StepDuration | None = None
    predecessors: tuple[Slug, ...] = Field((), description="Steps of this procedure that come before.")
    expected_result: Text = ""
    if_fails: Text = ""
    safety: bool = Field(False, description="Protects life; comes before everything else.")


class Procedure(Entity):
    """Steps to prevent, respond or restore."""

    phase: Literal[
        "prevent", "detect", "assess", "notify", "safety", "activate", "recover", "operate", "restore", "validate",
        "stand_down",
    ]  # fmt: skip
    covers: tuple[NodeRef, ...] = Field((), description="What it is for.")
    steps: tuple[Step, ...] = Field(min_length=1)
