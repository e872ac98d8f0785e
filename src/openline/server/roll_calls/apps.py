"""The application of roll calls."""

from django.apps import AppConfig


class RollCallsConfig(AppConfig):
    """Counts people after a disruption."""

    name = "openline.server.roll_calls"
    label = "roll_calls"
