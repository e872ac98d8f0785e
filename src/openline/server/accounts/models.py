"""Accounts, and the log of acts, which is only ever added to."""

from collections.abc import Iterable
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from openline.server.accounts.rights import ROLES, Right, Role, rights_of, words


class Accounts(BaseUserManager["Account"]):
    """Makes accounts and finds them by their address, whatever its case."""

    def make(
        self, email: str, name: str, roles: Iterable[Role], password: str | None = None, *, is_demo: bool = False
    ) -> "Account":
        """Make an account; without a password nobody can sign in to it until one is set by a link."""
        account = self.model(email=self.normalize_email(email).lower(), name=name, is_demo=is_demo)
        account.roles = roles
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

    @roles.setter
    def roles(self, roles: Iterable[Role]) -> None:
        given = set(roles)
        self.role_names = " ".join(r for r in ROLES if r in given)

    @property
    def role_words(self) -> str:
        """Return the roles as people read them."""
        return words(self.roles)

    @property
    def rights(self) -> frozenset[Right]:
        """Return everything that this account may."""
        return rights_of(self.roles)


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
