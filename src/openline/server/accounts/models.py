"""Accounts, and the log of acts, which is only ever added to."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from openline.server.accounts.rights import RIGHTS, ROLES, Right, Role, rights_of, words

PAPER_SESSION = timedelta(hours=8)
"""How long a paper code lets somebody in."""


class Accounts(BaseUserManager["Account"]):
    """Makes accounts and finds them by their address, whatever its case."""

    def make(
        self, email: str, name: str, roles: Iterable[Role], password: str | None = None, **marks: bool
    ) -> "Account":
        """Make an account; without a password nobody can sign in to it until one is set by a link."""
        account = self.model(email=self.normalize_email(email).lower(), name=name, **marks)
        account.give(roles)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> "Account":
        """Return the account of an address."""
        return self.get(email__iexact=username)


class Account(AbstractBaseUser):
    """Somebody who may sign in. Nothing is kept of a person but a name, an address to sign in with and roles."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=100)
    role_names = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    is_emergency = models.BooleanField(default=False)
    by_provider = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role_names"]
    objects = Accounts()

    class Meta:
        ordering = ("name", "email")
        constraints = (models.UniqueConstraint(Lower("email"), name="one_account_an_address"),)

    def __str__(self) -> str:
        return self.name

    @property
    def roles(self) -> tuple[Role, ...]:
        """Return the roles that were given, in the order of the table."""
        return tuple(r for r in ROLES if r in self.role_names.split())

    def give(self, roles: Iterable[Role]) -> None:
        """Give these roles and no others; the account is not saved yet."""
        given = set(roles)
        self.role_names = " ".join(r for r in ROLES if r in given)

    @property
    def role_words(self) -> str:
        """Return the roles as people read them."""
        return words(self.roles)

    @property
    def rights(self) -> frozenset[Right]:
        """Return everything that this account may."""
        return rights_of(self.role_names.split())


class Act(models.Model):
    """One thing that was done: who, when, what, to which centre."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL)
    who = models.CharField(max_length=120)
    did = models.CharField(max_length=60)
    slug = models.SlugField(max_length=64, blank=True, db_index=True)
    about = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.who} {self.did}"


class Policy(models.Model):
    """What this server asks of everybody; one row at most."""

    second_factor_for_all = models.BooleanField(default=False)

    def __str__(self) -> str:
        return "policy"


class ApiToken(models.Model):
    """A program's way in. Of its secret only a digest is kept; `prefix` names it in pages and in the log."""

    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scope_names = models.CharField(max_length=400)
    made_by = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tokens")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def scopes(self) -> frozenset[Right]:
        """Return what the program was given; it never may more than who made it."""
        return frozenset(r for r in RIGHTS if r in self.scope_names.split())

    @property
    def state(self) -> str:
        """Return whether it can be used, in a word, or why not."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.expires_at <= timezone.now():
            return "expired"
        return "valid" if self.made_by.is_active else "stopped: its maker's account is shut"


class Program(Account):
    """Who asks with a token: the account of who made it, with the token's name and no more than its scopes."""

    token: ApiToken
    objects = models.Manager["Program"]()  # type: ignore[misc,assignment]

    class Meta:
        proxy = True

    @property
    def roles(self) -> tuple[Role, ...]:
        """Return none: a program has rights, no role."""
        return ()

    @property
    def rights(self) -> frozenset[Right]:
        """Return the scopes that who made the token still has."""
        return self.token.scopes & super().rights

    def save(self, *args: object, **kwargs: object) -> None:
        """Refuse: the name is the program's, and must not become the account's."""
        raise NotImplementedError("a program is not an account that can be changed")


class PaperSheet(models.Model):
    """A printed sheet of codes; at most one is in force."""

    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"sheet {self.pk}"


class PaperCode(models.Model):
    """One code of a sheet, as a salted hash; who used it, and whether an admin has looked at that."""

    sheet = models.ForeignKey(PaperSheet, on_delete=models.CASCADE, related_name="codes")
    number = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=128)
    used_at = models.DateTimeField(null=True)
    used_by = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("sheet", "number"), name="one_code_a_number"),)

    def __str__(self) -> str:
        return f"code {self.number} of sheet {self.sheet_id}"

    @property
    def until(self) -> datetime | None:
        """Return when the session that it gave ends."""
        return None if self.used_at is None else self.used_at + PAPER_SESSION

    @property
    def is_running(self) -> bool:
        """Tell whether a session begun with it may still go on."""
        return self.until is not None and self.ended_at is None and self.until > timezone.now()
