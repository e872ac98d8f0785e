"""The application of answers."""

from django.apps import AppConfig


class AnswersConfig(AppConfig):
    """Takes answers of people who have not signed in."""

    name = "openline.server.answers"
    label = "answers"
