"""The application of incidents."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Keeps the logs of incidents."""

    name = "openline.server.incidents"
    label = "incidents"
