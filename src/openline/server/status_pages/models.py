"""A centre's status page as it was set up, and who subscribed to it."""

import secrets

from django.db import models
from django.utils import timezone


def _code() -> str:
    return secrets.token_urlsafe(18)


class StatusPage(models.Model):
    """A centre's public page. `services` maps activities of the plan to the names that readers know them by."""

    slug = models.SlugField(max_length=64, unique=True)
    is_on = models.BooleanField(default=False)
    title = models.CharField(max_length=120)
    intro = models.CharField(max_length=600, blank=True)
    languages = models.JSONField(default=list)
    services = models.JSONField(default=dict)
    takes_subscribers = models.BooleanField(default=True)
    exports = models.BooleanField(default=False)
    exported_at = models.DateTimeField(null=True)
    export_error = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"status page of {self.slug}"


class Subscriber(models.Model):
    """An address that asked for mails, and, once `confirmed_at` is set, confirmed it. Deleted when it leaves."""

    page = models.ForeignKey(StatusPage, on_delete=models.CASCADE, related_name="subscribers")
    address = models.EmailField(max_length=254)
    language = models.CharField(max_length=8, default="en")
    code = models.CharField(max_length=32, default=_code)
    asked_at = models.DateTimeField(default=timezone.now)
    asks = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("page", "address"), name="one_subscription_an_address"),)

    def __str__(self) -> str:
        return f"subscriber {self.pk}"
