"""The application of restoration."""

from django.apps import AppConfig


class RestorationConfig(AppConfig):
    """Leads the way back to normal."""

    name = "openline.server.restoration"
    label = "restoration"
