"""Forms of set-up and of accounts."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from openline.server.accounts.models import Account
from openline.server.accounts.rights import ROLES, Right, words

CHOICES = [(role, f"{words((role,))}: {meaning.says}") for role, meaning in ROLES.items()]


class SetUp(forms.Form):
    """Who owns this server."""

    name = forms.CharField(max_length=100, label="Your name, or your role", help_text="Stands on what you change.")
    email = forms.EmailField(max_length=254, label="E-mail address", help_text="You sign in with it; nothing is sent.")
    password = forms.CharField(
        max_length=200,
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters; a few words that you remember are best.",
    )
    again = forms.CharField(
        max_length=200,
        label="The password once more",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Compare both passwords and ask the validators."""
        said = super().clean() or {}
        if said.get("password") and said.get("again") and said["password"] != said["again"]:
            self.add_error("again", "The two passwords differ.")
        elif said.get("password"):
            account = Account(email=said.get("email", ""), name=said.get("name", ""))
            try:
                validate_password(said["password"], account)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return said


class Ticks(forms.CheckboxSelectMultiple):
    """Boxes to tick, each a target that a thumb hits."""

    template_name = "accounts/ticks.html"


class NewAccount(forms.Form):
    """Somebody else who may sign in."""

    name = forms.CharField(max_length=100, label="Name, or role")
    email = forms.EmailField(max_length=254, label="E-mail address")
    roles = forms.MultipleChoiceField(choices=CHOICES, widget=Ticks, label="Roles, one or more")


class Rights(forms.Form):
    """What an account may do."""

    roles = forms.MultipleChoiceField(choices=CHOICES)
    is_active = forms.BooleanField(required=False)


class NewToken(forms.Form):
    """A way in for a program; it gets some of the rights of who makes it."""

    name = forms.CharField(
        max_length=60, label="What is it for?", help_text="Such as: wallboard, alerts of the network."
    )
    scopes = forms.MultipleChoiceField(widget=Ticks, label="What may it do?")
    days = forms.TypedChoiceField(
        coerce=int,
        label="How long?",
        choices=[(30, "30 days"), (90, "90 days"), (365, "a year")],
        initial=90,
    )

    def __init__(self, *args: Any, grantable: dict[Right, str]) -> None:
        super().__init__(*args)
        self.fields["scopes"].choices = [(r, f"{r}: {says}") for r, says in grantable.items()]  # type: ignore[attr-defined]
