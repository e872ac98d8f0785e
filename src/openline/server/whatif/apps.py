"""The application of what-if questions."""

from django.apps import AppConfig


class WhatIfConfig(AppConfig):
    """Answers what-if questions."""

    name = "openline.server.whatif"
    label = "whatif"
