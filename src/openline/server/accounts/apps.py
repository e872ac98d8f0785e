"""The application of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Knows who is who."""

    name = "openline.server.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Listen to sign-ins, so that they stand in the log."""
        from openline.server.accounts import second_factor, signing_in

        signing_in.listen()
        second_factor.listen()
