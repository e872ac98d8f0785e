"""The application of the outbox."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Shows messages."""

    name = "openline.server.outbox"
    label = "outbox"
