"""The log of every incident, a row that names each, and what was handed to people."""

from django.db import models
from django.utils import timezone

from openline.server.plans.models import Revision

OF_PEOPLE = ("person.reported",)
"""Entries that say how somebody is; shown to those who may reach people."""


class Incident(models.Model):
    """An incident or exercise; what is kept here beside its log is only what lists need, and is read off the log."""

    slug = models.SlugField(max_length=64, db_index=True)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT)
    title = models.CharField(max_length=200)
    is_exercise = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    phase = models.CharField(max_length=16, default="new", db_index=True)
    level = models.PositiveSmallIntegerField(default=0)
    last_seq = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField(default=timezone.now, db_index=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-opened_at", "-pk")

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def ref(self) -> str:
        """What people call it."""
        return f"{'EX' if self.is_exercise else 'INC'}-{self.pk}"


class Line(models.Model):
    """One entry of a log; never changed."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="lines")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=48, db_index=True)
    version = models.PositiveSmallIntegerField()
    data = models.JSONField()
    happened_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    by = models.CharField(max_length=200)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    key = models.CharField(max_length=200, null=True, unique=True)

    class Meta:
        ordering = ("incident", "seq")
        constraints = (models.UniqueConstraint(fields=("incident", "seq"), name="one_line_a_number"),)

    def __str__(self) -> str:
        return f"{self.incident_id}/{self.seq} {self.kind}"


class Delivery(models.Model):
    """A message to one person by one way: to be sent, being sent, taken by a provider, failed, or caught.

    A row that is found `sending` was cut off: what comes of sending it again may arrive twice, and says so.
    """

    key = models.CharField(max_length=200, unique=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="deliveries")
    page = models.CharField(max_length=64)
    turn = models.PositiveSmallIntegerField(default=0)
    person = models.CharField(max_length=64)
    state = models.CharField(max_length=8, default="sending", db_index=True)
    channel = models.CharField(max_length=16, blank=True)
    provider = models.CharField(max_length=64, blank=True)
    provider_ref = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=1)
    maybe_twice = models.BooleanField(default=False)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("incident", "page", "turn"), name="delivery_of_a_turn"),)

    def __str__(self) -> str:
        return f"{self.key} {self.state}"
