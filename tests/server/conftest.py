"""Pages without a browser: Django's test client on a database of its own."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("server")
    os.environ["OPENLINE_DATA"] = str(data)
    from openline.server.start import prepare

    prepare(data, [ROOT / "examples" / "harbor", ROOT / "examples" / "one-seat"])


@pytest.fixture
def client(_server: None) -> "Client":
    from django.test import Client

    return Client(SERVER_NAME="127.0.0.1")
