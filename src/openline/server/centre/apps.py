"""The application of the first page."""

from django.apps import AppConfig


class CentreConfig(AppConfig):
    """Shows a centre at a glance."""

    name = "openline.server.centre"
    label = "centre"
