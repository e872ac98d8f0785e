"""The application of revisions."""

from django.apps import AppConfig


class RevisionsConfig(AppConfig):
    """Shows how a plan changed."""

    name = "openline.server.revisions"
    label = "revisions"
