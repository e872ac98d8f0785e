"""What a revision scored on the day it came into force: computed once, since neither changes."""

from django.db import models

from openline.server.plans.models import Revision


class Score(models.Model):
    """The figures of one revision; `rules` names the rules that judged it, so that other rules judge anew."""

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE)
    rules = models.CharField(max_length=64)
    as_of = models.DateField()
    readiness = models.FloatField(null=True)
    proven = models.FloatField(null=True)
    critical = models.PositiveIntegerField()
    high = models.PositiveIntegerField()
    medium = models.PositiveIntegerField()
    low = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.revision} {self.as_of}"
