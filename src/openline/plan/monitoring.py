"""What watches, what is maintained, and what sets a response off: signals, levels, triggers, assessment forms."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openline.plan.record import (
    Amount,
    Days,
    Entity,
    EvidenceRef,
    Formula,
    Name,
    NodeRef,
    ObjectRef,
    Record,
    Ref,
    RoleRef,
    Seconds,
    Slug,
    Text,
)

LevelRef = Annotated[Slug, Ref(("levels",))]
TemplateRef = Annotated[Slug, Ref(("templates",))]
ActivityRef = Annotated[Slug, Ref(("activities",))]


class Monitor(Entity):
    """A signal: what watches what, how often, and who hears of it."""

    method: Literal[
        "heartbeat", "synthetic_call", "ping", "queue_metric", "power_alarm", "temperature", "weather_feed",
        "status_page", "human",
    ]  # fmt: skip
    object: ObjectRef | None = Field(None, description="What it looks at.")
    detects: tuple[ObjectRef, ...] = Field((), description="What else it sees fail.")
    interval_s: Seconds | None = None
    window_s: Seconds | None = Field(None, description="How long it must last to count.")
    alert_delay_s: Seconds | None = None
    alert_path: tuple[NodeRef, ...] = Field((), description="Systems that carry the alarm.")
    hosted_at: NodeRef | None = Field(None, description="Site or system that it runs on; none when outside.")

    @property
    def detection_s(self) -> float | None:
        """Expected time to detect: interval / 2 + window + delay of the alarm (MON-01)."""
        if self.interval_s is None:
            return None
        return self.interval_s / 2 + (self.window_s or 0.0) + (self.alert_delay_s or 0.0)


class MaintenanceTask(Entity):
    """Work that keeps plant and systems from failing."""

    object: ObjectRef
    kind: Name
    interval_d: Days | None = None
    last_done: date | None = None
    result: Literal["passed", "failed", "passed_with_remarks"] | None = None
    proof: EvidenceRef | None = None


class LevelTarget(Record):
    """What an activity aims at while a level is in force."""

    activity: ActivityRef
    x: Annotated[float, Field(ge=0, le=1)]
    t_s: Seconds
    formula_id: Formula


class Level(Entity):
    """An activation level: who may declare it, whom it calls, and when it ends."""

    number: Annotated[int, Field(ge=0, le=4)]
    authority: tuple[RoleRef, ...] = Field((), description="Roles that may declare it.")
    roles_called: tuple[RoleRef, ...] = ()
    messages: tuple[TemplateRef, ...] = ()
    procedures: tuple[Annotated[Slug, Ref(("procedures",))], ...] = ()
    meeting_every_s: Seconds | None = None
    time_limit_s: Seconds | None = Field(None, description="Decide again after this time.")
    exit_criteria: tuple[Text, ...] = Field((), description="What must be true to stand down.")
    exit_measurable: bool | None = Field(None, description="Each criterion names a figure or a signed form.")
    targets: tuple[LevelTarget, ...] = ()


class Trigger(Entity):
    """A measured sign that calls for a level."""

    metric: Name | None = None
    monitor: Annotated[Slug, Ref(("monitors",))] | None = None
    comparator: Literal["above", "below", "at_least", "at_most", "equals"] | None = None
    threshold: float | None = None
    unit: Name | None = None
    window_s: Seconds | None = None
    hold_s: Seconds | None = None
    clear_threshold: float | None = None
    level: LevelRef | None = None
    authority: Literal["automatic", "duty_officer", "executive"] | None = None
    notify: tuple[RoleRef, ...] = ()
    scenarios: tuple[Annotated[Slug, Ref(("scenarios",))], ...] = ()
    false_alarms_per_month: Amount | None = Field(None, description="From a back-test on past data.")


class AssessmentForm(Entity):
    """A form for assessing damage to some objects."""

    stage: Literal["initial", "detailed"]
    objects: tuple[ObjectRef, ...] = Field((), description="What it is for; empty means everything of its classes.")
    classes: tuple[Literal["site", "system", "network", "power", "people", "vendor"], ...] = ()
    assessor: RoleRef | None = None
