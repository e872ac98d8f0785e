"""The application of rotas."""

from django.apps import AppConfig


class RotasConfig(AppConfig):
    """Knows who stands in for whom."""

    name = "openline.server.rotas"
    label = "rotas"
