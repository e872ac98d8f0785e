"""Pages without a browser: Django's test client on a database of its own."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from openline.server.accounts.rights import Role
    from openline.server.plans.models import Revision

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("server")
    os.environ["OPENLINE_DATA"] = str(data)
    from openline.server.start import prepare

    prepare(data, [ROOT / "examples" / "harbor", ROOT / "examples" / "one-seat"])
    from django.test import override_settings

    # The hash that guards passwords takes a third of a second on purpose; tests sign in hundreds of times.
    override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]).enable()


@pytest.fixture(autouse=True)
def _doors_forget(_server: None) -> None:
    """Let each test knock as often as it likes, whatever the others did."""
    from openline.server.accounts import roles

    roles.OPEN_DOOR.forget()


@pytest.fixture
def stranger(_server: None) -> "Client":
    """Somebody who has not signed in."""
    from django.test import Client

    return Client(SERVER_NAME="127.0.0.1")


@pytest.fixture
def signed_in(_server: None) -> "Callable[[Role | Literal['owner']], Client]":
    """Give a client that is signed in with a role; `owner` has those of who set the server up."""
    from django.test import Client

    from openline.server.accounts.models import Account
    from openline.server.accounts.rights import OWNER

    def client_of(role: "Role | Literal['owner']") -> Client:
        email = f"{role}@example.org"
        account = Account.objects.filter(email=email).first()
        if account is None:
            account = Account.objects.make(email, role.replace("_", " ").title(), OWNER if role == "owner" else (role,))
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return client_of


@pytest.fixture
def client(signed_in: "Callable[[Role | Literal['owner']], Client]") -> "Client":
    """Give the client of the server's owner, who may do everything."""
    return signed_in("owner")


@pytest.fixture
def centre_(_server: None) -> "Revision":
    """A centre of its own, fresh, with nobody asked."""
    from openline.server.links import door, views
    from openline.server.links.models import Link, Turn
    from openline.server.plans.models import Revision
    from openline.server.plans.store import keep

    for limit in (door.USES, door.WRONG, door.SENDS, views.LIMIT):
        limit._acts.clear()
    Turn.objects.filter(slug="asking").delete()
    Link.objects.filter(slug="asking").delete()
    Revision.objects.filter(slug="asking").delete()
    from openline.plan.directory import read_directory

    files, _ = read_directory(ROOT / "examples" / "harbor")
    return keep("asking", "Asking", files, "test", by=None, why="a test")


@pytest.fixture
def owner(client: "Client", centre_: "Revision") -> str:
    from tests.server.asking import made

    return made(client)


@pytest.fixture
def vendor(client: "Client", centre_: "Revision") -> str:
    from tests.server.asking import made

    return made(client, "vendor:tidewater")


@pytest.fixture
def outsider(_server: None) -> "Client":
    """Somebody with a link, whose requests must carry what protects against forged ones."""
    from django.test import Client

    return Client(SERVER_NAME="127.0.0.1", enforce_csrf_checks=True)
