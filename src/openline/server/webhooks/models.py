"""Addresses that are told what happens, how far each was told of each incident, and what could not be delivered."""

from django.db import models
from django.utils import timezone

from openline.server.accounts.models import Account
from openline.server.incidents.models import Incident


class Hook(models.Model):
    """An address that proved that it wants to be called. `secret` is encrypted with the server's own key."""

    name = models.CharField(max_length=60)
    url = models.CharField(max_length=500)
    kinds = models.JSONField(default=list)
    wants_exercises = models.BooleanField(default=False)
    secret = models.TextField()
    is_on = models.BooleanField(default=True)
    made_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL)
    verified_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class Cursor(models.Model):
    """How far an address was told of an incident. One job at a time holds it, so that the order is kept."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT)
    seq = models.PositiveIntegerField(default=0)
    busy_until = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("hook", "incident"), name="one_cursor_an_incident"),)

    def __str__(self) -> str:
        return f"{self.hook_id}/{self.incident_id} at {self.seq}"


class DeadLetter(models.Model):
    """An entry that an address did not take however often it was tried."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="dead_letters")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=48)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)
    is_being_sent = models.BooleanField(default=False)

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (models.UniqueConstraint(fields=("hook", "incident", "seq"), name="one_dead_letter_an_entry"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.incident_id}/{self.seq}"
