"""A mail server for the tests of messages."""

from collections.abc import Iterator

import pytest

from tests.server.telling.scene import Mailbox, mail_server


@pytest.fixture
def mailbox(_server: None) -> Iterator[Mailbox]:
    """Give the mailbox of a real mail server, to which the only provider hands e-mail."""
    from openline.server.notifications import store

    with mail_server() as (box, port):
        options = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "openline@harbor.example"}
        row = store.keep(None, name="post", kind="smtp", options=options, channels=["email"], order=1)
        yield box
        row.delete()
        store.forget()


@pytest.fixture(autouse=True)
def _calm(_server: None) -> Iterator[None]:
    """Begin each test without anything waiting, published or counted."""
    from openline.server.engine.models import Job
    from openline.server.incidents.models import Incident
    from openline.server.messages import views
    from openline.server.status_pages import export, public, subscribing
    from openline.server.status_pages.models import StatusPage

    Job.objects.filter(state="waiting").update(state="cancelled")
    Incident.objects.filter(slug="harbor").update(slug="past")
    export.KEPT.forget()
    for limit in (views.LIMIT, public.READS, public.ACTS, subscribing.CLIENTS, subscribing.EVERYBODY):
        limit.forget()
    yield
    StatusPage.objects.all().delete()
    export.KEPT.forget()
