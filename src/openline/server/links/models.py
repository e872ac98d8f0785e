"""Links handed out, and the turns of asking and answering, which are only ever added to."""

from datetime import datetime
from typing import Literal

from django.db import models
from django.utils import timezone

from openline.server.accounts.models import Account

Kind = Literal["owner", "vendor"]
Did = Literal["asked", "opened", "answered", "signed_off"]
KINDS = [("owner", "owner"), ("vendor", "vendor")]
WAYS = [("link", "link"), ("file", "file")]


class Link(models.Model):
    """A door to one subject of one centre. Of the secret in its address only a hash is kept."""

    kind = models.CharField(max_length=8, choices=KINDS)
    slug = models.SlugField(max_length=64, db_index=True)
    subject = models.SlugField(max_length=64)
    secret_hash = models.CharField(max_length=64)
    made_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL)
    who = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=120, blank=True)
    opened_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"{self.kind} {self.slug}/{self.subject}"

    def state(self, now: datetime) -> str:
        """Return how far it has come: withdrawn, expired, answered, opened or sent."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.expires_at <= now:
            return "expired"
        return "answered" if self.answered_at else "opened" if self.opened_at else "sent"


class Turn(models.Model):
    """One turn of asking and answering: who did what about which subject, by a link or by a file."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    slug = models.SlugField(max_length=64, db_index=True)
    kind = models.CharField(max_length=8, choices=KINDS)
    subject = models.SlugField(max_length=64)
    did = models.CharField(max_length=12)
    way = models.CharField(max_length=4, choices=WAYS)
    who = models.CharField(max_length=120)
    content_hash = models.CharField(max_length=64, blank=True)
    link = models.ForeignKey(Link, null=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.who} {self.did} {self.slug}/{self.subject}"
