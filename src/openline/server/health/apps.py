"""The application of health."""

from django.apps import AppConfig


class HealthConfig(AppConfig):
    """Counts requests by route."""

    name = "openline.server.health"
    label = "health"
