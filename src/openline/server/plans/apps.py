"""The application of plans."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Keeps plans."""

    name = "openline.server.plans"
    label = "plans"
