"""A mail server for the tests of messages."""

from collections.abc import Iterator

import pytest

from tests.server.telling.scene import Mailbox, Post, mail_server


@pytest.fixture
def mailbox(_server: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """Give the mailbox of a real mail server, to which the only provider hands e-mail."""
    from openline.server.incidents import releasing
    from openline.server.status_pages import subscribing

    with mail_server() as (box, port):

        def providers(channel: str) -> list[tuple[str, Post]]:
            return [("post", Post(port))] if channel == "email" else []

        monkeypatch.setattr(releasing, "providers", providers)
        monkeypatch.setattr(subscribing, "providers", providers)
        yield box


@pytest.fixture(autouse=True)
def _calm(_server: None) -> Iterator[None]:
    """Begin each test without anything waiting, published or counted."""
    from openline.server.engine.models import Job
    from openline.server.incidents.models import Incident
    from openline.server.messages import views
    from openline.server.status_pages import export, public, subscribing

    Job.objects.filter(state="waiting").update(state="cancelled")
    Incident.objects.filter(slug="harbor").update(slug="past")
    export.KEPT.forget()
    for limit in (views.LIMIT, public.READS, subscribing.CLIENTS, subscribing.EVERYBODY):
        limit.forget()
    yield
    export.KEPT.forget()
