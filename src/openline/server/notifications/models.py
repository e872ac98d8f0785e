"""Providers that reach people, as they were set up."""

from django.db import models
from django.utils import timezone


class Provider(models.Model):
    """A provider: its kind and options, which ways to people it serves, and when it is tried."""

    name = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=20)
    options = models.JSONField(default=dict)
    channels = models.JSONField(default=list)
    order = models.PositiveSmallIntegerField(default=1)
    is_on = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("order", "pk")

    def __str__(self) -> str:
        return self.name
