"""The application of the demo's script."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Plays the script."""

    name = "openline.server.demo"
    label = "demo"
