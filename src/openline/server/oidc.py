"""The identity provider, as the environment names it; its secret comes from a file and goes nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from openline.server.accounts.rights import ROLES, Role

LOOPBACK = ("127.0.0.1", "::1", "localhost")
ID = "provider"


class WrongProvider(ValueError):
    """The identity provider can not be used as it is named; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID Connect provider; `roles` maps a group to its roles, and without it admins give them."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    name: str
    groups_claim: str
    roles: dict[str, tuple[Role, ...]]
    trusts_addresses: bool


def from_environment(env: Mapping[str, str]) -> Provider | None:
    """Return the provider that OPENLINE_OIDC_* name, or None when they name none. Raises WrongProvider."""
    issuer = env.get("OPENLINE_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    at = urlsplit(issuer)
    if at.scheme != "https" and not (at.scheme == "http" and at.hostname in LOOPBACK):
        raise WrongProvider(f"the issuer {issuer!r} must begin with https://")
    client_id = env.get("OPENLINE_OIDC_CLIENT_ID", "")
    if not client_id:
        raise WrongProvider("name the client id that the identity provider gave to this server")
    return Provider(
        issuer=issuer,
        client_id=client_id,
        secret=_secret(env),
        name=env.get("OPENLINE_OIDC_NAME", "") or at.hostname or "the identity provider",
        groups_claim=env.get("OPENLINE_OIDC_GROUPS_CLAIM", "") or "groups",
        roles=roles_by_group(env.get("OPENLINE_OIDC_ROLES", "")),
        trusts_addresses=env.get("OPENLINE_OIDC_TRUST_ADDRESSES", "") == "1",
    )


def _secret(env: Mapping[str, str]) -> str:
    file = env.get("OPENLINE_OIDC_SECRET_FILE", "")
    try:
        found = Path(file).read_text(encoding="utf-8").strip() if file else env.get("OPENLINE_OIDC_SECRET", "")
    except OSError as error:
        raise WrongProvider(f"can not read the client secret from {file}: {error.strerror}") from error
    if not found:
        raise WrongProvider("name a file that holds the client secret of the identity provider")
    return found


def roles_by_group(text: str) -> dict[str, tuple[Role, ...]]:
    """Read `group=role+role, group=role`; raises WrongProvider for a role that there is not."""
    found: dict[str, tuple[Role, ...]] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        group, _, names = part.rpartition("=")
        given = tuple(r for r in ROLES if r in names.replace(" ", "").split("+"))
        if not group or len(given) != len(names.split("+")):
            raise WrongProvider(f"{part!r} does not map a group to roles: write GROUP=duty_officer+editor")
        found[group.strip()] = given
    return found


def as_allauth(provider: Provider | None) -> dict[str, object]:
    """Return the setting by which django-allauth knows the provider; nothing of it is kept in the database."""
    if provider is None:
        return {}
    app = {
        "provider_id": ID,
        "name": provider.name,
        "client_id": provider.client_id,
        "secret": provider.secret,
        "settings": {"server_url": provider.issuer},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
