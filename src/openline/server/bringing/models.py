"""A file that waits between its preview and the yes of who sent it."""

import uuid

from django.db import models
from django.utils import timezone

from openline.server.accounts.models import Account


class Upload(models.Model):
    """A file as it came. `slug` names the centre that it is for; empty for a new one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    slug = models.SlugField(max_length=64, blank=True)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
