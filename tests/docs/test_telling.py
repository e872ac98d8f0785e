"""What the docs say of messages, the API, webhooks and figures agrees with the program."""

import re
from pathlib import Path
from typing import get_args

import pytest

from openline.incident.messages import Channel
from openline.incident.telling import BY_HAND
from tests.server.conftest import _server  # noqa: F401 - the figures need a database

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.usefixtures("_server")
def test_describes_every_figure() -> None:
    from openline.server.health.figures import REGISTRY

    page = (DOCS / "metrics.md").read_text()

    names = {m.name for m in REGISTRY.collect()} - {"openline_engine_round_age_seconds"}
    assert {n for n in names if n not in page} == set()


def test_says_where_every_channel_goes() -> None:
    rows = [r for r in (DOCS / "messages.md").read_text().splitlines() if r.startswith("| `")]

    assert set(re.findall(r"`(\w+)`", " ".join(r.split("|")[1] for r in rows))) == set(get_args(Channel))
    assert all(f"`{c}`" in next(r for r in rows if "task with the text" in r) for c in BY_HAND)


@pytest.mark.usefixtures("_server")
def test_names_every_reading_door_of_the_api() -> None:
    from openline.server.api import urls  # noqa: F401 - opens the doors
    from openline.server.api.door import RIGHTS_OF

    page = (DOCS / "api.md").read_text()
    reading = {p.replace("<int:pk>", "{id}") for p, method in RIGHTS_OF if method == "GET"}

    assert {p for p in reading if f"`GET /{p}`" not in page} == set()


def test_checks_a_signature_as_the_docs_say() -> None:
    import time

    from openline.server.webhooks.sending import signature

    code = re.search(r"    import hashlib.*?< 300\n", (DOCS / "webhooks.md").read_text(), re.DOTALL)
    assert code is not None
    scope: dict[str, object] = {}
    exec(re.sub(r"^    ", "", code[0], flags=re.MULTILINE), scope)  # noqa: S102 - the page's own example
    is_ours = scope["is_ours"]
    assert callable(is_ours)

    header = signature("secret", int(time.time()), b"{}")

    assert is_ours("secret", header, b"{}")
    assert not is_ours("other", header, b"{}")
    assert not is_ours("secret", signature("secret", int(time.time()) - 900, b"{}"), b"{}")
