"""The application of the engine."""

from django.apps import AppConfig


class EngineConfig(AppConfig):
    """Keeps jobs, nodes and alarms."""

    name = "openline.server.engine"
    label = "engine"
