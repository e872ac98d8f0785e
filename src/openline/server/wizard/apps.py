"""The application of the wizard."""

from django.apps import AppConfig


class WizardConfig(AppConfig):
    """Makes first plans."""

    name = "openline.server.wizard"
    label = "wizard"
