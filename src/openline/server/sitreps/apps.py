"""The application of situation reports."""

from django.apps import AppConfig


class SitrepsConfig(AppConfig):
    """Drafts and issues situation reports."""

    name = "openline.server.sitreps"
    label = "sitreps"
