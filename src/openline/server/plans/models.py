"""A plan as it was taken in: its files, never changed afterwards."""

from django.db import models


class Revision(models.Model):
    """A content that came into force. `files` maps relative paths to text; the latest row of a centre is in force."""

    slug = models.SlugField(max_length=64)
    title = models.CharField(max_length=200)
    content_hash = models.CharField(max_length=64)
    files = models.JSONField()
    source = models.CharField(max_length=1000)
    who = models.CharField(max_length=120)
    why = models.CharField(max_length=200, blank=True)
    taken_in_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-taken_in_at", "-pk")

    def __str__(self) -> str:
        return f"{self.slug} {self.content_hash[:12]}"
