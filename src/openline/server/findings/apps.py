"""The application of findings."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Shows what the audit says."""

    name = "openline.server.findings"
    label = "findings"
