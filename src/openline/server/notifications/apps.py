"""The application of notifications."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Knows the providers."""

    name = "openline.server.notifications"
    label = "notifications"
