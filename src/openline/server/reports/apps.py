"""The application of after-action reports."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Shows what an incident taught."""

    name = "openline.server.reports"
    label = "reports"
