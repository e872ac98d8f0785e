"""The application of editing."""

from django.apps import AppConfig


class EditingConfig(AppConfig):
    """Changes plans."""

    name = "openline.server.editing"
    label = "editing"
