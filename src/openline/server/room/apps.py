"""The application of the room."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """Shows an incident as it is now."""

    name = "openline.server.room"
    label = "room"
