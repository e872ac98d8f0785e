"""Who stands in for a while, calendars that were handed out, and the daily looks at who could not be reached."""

from django.db import models
from django.utils import timezone


class Standing(models.Model):
    """Somebody stands in for a role for a while; withdrawn rather than deleted."""

    slug = models.SlugField(max_length=64, db_index=True)
    role = models.CharField(max_length=64)
    person = models.CharField(max_length=64)
    start_at = models.DateTimeField()
    end_at = models.DateTimeField(db_index=True)
    why = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=120)
    made_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("start_at", "pk")

    def __str__(self) -> str:
        return f"{self.person} for {self.role}"


class Feed(models.Model):
    """A calendar's secret address, until it is withdrawn."""

    slug = models.SlugField(max_length=64)
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    by = models.CharField(max_length=120)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Look(models.Model):
    """What a daily look found."""

    slug = models.SlugField(max_length=64, db_index=True)
    at = models.DateTimeField(default=timezone.now)
    people = models.PositiveIntegerField()
    unreachable = models.PositiveIntegerField()
    empty_roles = models.PositiveIntegerField()
    gaps = models.PositiveIntegerField()
    told = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.slug} {self.at:%Y-%m-%d}"
