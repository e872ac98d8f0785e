"""The application of messages."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    """Shows and takes the words for every audience."""

    name = "openline.server.messages"
    label = "words"
