"""What the engine keeps beside DBOS: the jobs that were asked for, the nodes that live, and what went wrong.

A job's row is the truth; an engine row (`run_id`) is only what carries it now, and can be made anew from it.
"""

from django.db import models


class State(models.TextChoices):
    """Where a job stands. `acted` means: the action is over, its outcome is kept, and waits to be recorded."""

    WAITING = "waiting"
    RUNNING = "running"
    ACTED = "acted"
    DONE = "done"
    CANCELLED = "cancelled"


OPEN = (State.WAITING, State.RUNNING, State.ACTED)


class Job(models.Model):
    """One thing to do. `attempts` counts actions begun, so above 1 an effect may have happened twice."""

    key = models.CharField(max_length=200, primary_key=True)
    topic = models.CharField(max_length=100)
    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    run = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    is_cancel_asked = models.BooleanField(default=False)
    outcome = models.JSONField(null=True)
    made_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["state", "due_at"], name="engine_job_open"),
            models.Index(fields=["topic"], name="engine_job_topic"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.state}"

    @property
    def run_id(self) -> str:
        """The id of the engine row that carries this job now."""
        return f"{self.key}~{self.run}"


class Node(models.Model):
    """A process that runs jobs, on PostgreSQL. `beat` grows each second while it lives."""

    id = models.CharField(max_length=120, primary_key=True)
    beat = models.BigIntegerField(default=0)
    lock_key = models.IntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.id


class EngineAlarm(models.Model):
    """Something that the engine repaired or could not repair; one row for each `code` and `about`, counted."""

    code = models.CharField(max_length=40)
    about = models.CharField(max_length=220)
    message = models.CharField(max_length=500)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["code", "about"], name="engine_alarm_once"),)

    def __str__(self) -> str:
        return f"{self.code} {self.about}: {self.message}"
