"""The application of links."""

from django.apps import AppConfig


class LinksConfig(AppConfig):
    """Asks those who can not sign in."""

    name = "openline.server.links"
    label = "links"
