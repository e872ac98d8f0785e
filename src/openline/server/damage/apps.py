"""The application of damage assessment."""

from django.apps import AppConfig


class DamageConfig(AppConfig):
    """Keeps what was found of each object."""

    name = "openline.server.damage"
    label = "damage"
