"""The application of bringing in."""

from django.apps import AppConfig


class BringingConfig(AppConfig):
    """Takes files in."""

    name = "openline.server.bringing"
    label = "bringing"
