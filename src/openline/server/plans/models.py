"""A plan as it was taken in: its files, never changed afterwards."""

from django.db import models


class Revision(models.Model):
    """One content of one plan. `files` maps relative paths to text; the latest taken in is in force."""

    slug = models.SlugField(max_length=64)
    title = models.CharField(max_length=200)
    content_hash = models.CharField(max_length=64)
    files = models.JSONField()
    source = models.CharField(max_length=1000)
    taken_in_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("slug", "content_hash"), name="one_row_a_content"),)
        ordering = ("-taken_in_at",)

    def __str__(self) -> str:
        return f"{self.slug} {self.content_hash[:12]}"
