"""The telephone system's counts through pages: columns guessed and chosen, the week shown, kept with a yes (MON-05)."""

import io
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from openline.exchange.intervals import decoded, guessed, names_of
from tests.server.conftest import ROOT
from tests.server.test_bringing import send, shelf
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from openline.server.accounts.rights import Role
    from openline.server.plans.models import Revision

__all__ = ["shelf"]
AT = "/shelf/bring-in/contacts/"
MONDAY = date(2026, 6, 1)
TIMES = [f"{n // 2:02}:{n % 2 * 30:02}" for n in range(48)]


def long_form(*, gap: str = "", mark: str = ";") -> str:
    """Return a week of half hours with 1,5 contacts each; the queue `sales` has others, and one day may have a gap."""
    rows = [mark.join(("Interval start", "Queue", "Calls offered"))]
    for n in range(7):
        day = MONDAY + timedelta(days=n)
        for time in TIMES:
            if f"{day} {time}" != gap:
                rows.append(mark.join((f"{day:%d/%m/%Y} {time}", "claims", "1,5")))
            rows.append(mark.join((f"{day:%d/%m/%Y} {time}", "sales", "99")))
    return "\n".join(rows) + "\n"


CHOSEN = {
    "activity": "claims", "start": "Interval start", "count": "Calls offered", "queue": "Queue", "only": "claims",
    "zone": "Europe/London", "date_format": "%d/%m/%Y",
}  # fmt: skip


def test_guesses_columns_shows_the_week_and_keeps_it_with_a_yes(client: "Client", shelf: "Revision") -> None:
    from openline.server.plans.store import centre, plan_of

    address = send(client, AT, "acd.csv", long_form().encode())
    first = text_of(client, address)
    assert '<option value="Interval start" selected>' in first
    assert '<option value="Calls offered" selected>' in first

    page = text_of(client, f"{address}?{urlencode(CHOSEN)}")
    assert "504 contacts in a usual week, the mean of 7 days" in page
    assert centre("shelf").pk == shelf.pk

    response = client.post(address, {**CHOSEN, "based_on": shelf.content_hash, "why": "June"})

    now = centre("shelf")
    assert response["Location"] == "/shelf/plan/"
    profile = plan_of(now).profiles[plan_of(now).activities["claims"].volumes or ""]
    assert profile.days["mon"] == (1.5,) * 48
    assert (now.why, now.source) == ("June", "contacts from acd.csv")
    untouched = {f for f, t in shelf.files.items() if now.files[f] == t}
    assert {f for f in shelf.files if f not in untouched} == {"volumes/claims.csv"}
    assert client.get(address).status_code == 404


def test_keeps_the_days_that_the_table_has_of_their_own(client: "Client", shelf: "Revision") -> None:
    from openline.server.plans.store import centre, keep, plan_of

    table = plan_of(shelf).profiles["volumes/claims.csv"]
    own = "".join(f"2026-12-24,{t},3\n" for t in TIMES)
    assert table.slot_s == 1800
    files = {**shelf.files, "volumes/claims.csv": shelf.files["volumes/claims.csv"] + own}
    based = keep("shelf", "Shelf", files, "test", by=None, why="a day of its own")
    address = send(client, AT, "acd.csv", long_form().encode())

    client.post(address, {**CHOSEN, "based_on": based.content_hash})

    assert plan_of(centre("shelf")).profiles["volumes/claims.csv"].days["2026-12-24"] == (3.0,) * 48


def test_gives_a_queue_without_a_table_one(client: "Client", shelf: "Revision") -> None:
    from openline.server.plans.store import centre, keep, plan_of

    bare = {f: t for f, t in shelf.files.items() if f != "volumes/mail.csv"}
    bare["activities.yaml"] = re.sub(r"\n *volumes: volumes/mail.csv", "", bare["activities.yaml"])
    based = keep("shelf", "Shelf", bare, "test", by=None, why="mail was never counted")
    address = send(client, AT, "acd.csv", long_form().encode())
    assert "not stated" in text_of(client, f"{address}?{urlencode({**CHOSEN, 'activity': 'mail'})}")

    client.post(address, {**CHOSEN, "activity": "mail", "based_on": based.content_hash})

    plan = plan_of(centre("shelf"))
    assert plan.activities["mail"].volumes == "volumes/mail.csv"
    assert sum(map(sum, plan.profiles["volumes/mail.csv"].days.values())) == 504


@pytest.mark.parametrize(
    ("text", "said", "says"),
    [
        (long_form(gap="2026-06-03 10:00"), {}, "a usual week needs each of its days"),
        (long_form(), {"count": "Queue"}, "is not a count"),
        (long_form(), {"zone": "Mars/Base"}, "is not a time zone"),
        (long_form(), {"start": "No such"}, "Select a valid choice"),
        (long_form(), {"activity": "no-such"}, "Select a valid choice"),
        (long_form(), {"date_format": "%y%y"}, "is not a date and time"),
        (long_form().replace("/2026", "/9999"), {}, "is not a date and time"),
        ("\x00\x01\x02", {}, "Say which column is what"),
        ("Interval start;Queue;Calls offered\n" + "x;claims;y\n" * 3000, {}, "1002 problems"),
    ],
)
def test_says_what_is_wrong_and_changes_nothing(
    client: "Client", shelf: "Revision", text: str, said: dict[str, str], says: str
) -> None:
    from openline.server.plans.store import centre

    address = send(client, AT, "acd.csv", text.encode())

    asked = client.get(f"{address}?{urlencode({**CHOSEN, **said})}")
    sent = client.post(address, {**CHOSEN, **said, "based_on": shelf.content_hash})

    assert asked.status_code == 200
    assert says in asked.text or says in sent.text
    assert sent.status_code == 409
    assert centre("shelf").pk == shelf.pk


def test_does_not_lay_counts_over_a_plan_that_somebody_changed_meanwhile(client: "Client", shelf: "Revision") -> None:
    address = send(client, AT, "acd.csv", long_form().encode())

    answer = client.post(address, {**CHOSEN, "based_on": "0" * 64})

    assert answer.status_code == 409
    assert "Somebody changed the plan meanwhile" in answer.text


def test_is_for_those_who_change_plans_and_shows_a_file_to_who_sent_it_only(
    client: "Client", shelf: "Revision", signed_in: "Callable[[Role], Client]"
) -> None:
    address = send(client, AT, "acd.csv", long_form().encode())

    assert signed_in("viewer").get(AT).status_code == 403
    assert signed_in("editor").get(address).status_code == 404
    assert client.get(address.replace("/shelf/", "/harbor/")).status_code == 404


@pytest.mark.parametrize(("name", "content"), [("acd.xlsx", b"x"), ("acd.csv", b"")])
def test_takes_no_other_file(client: "Client", shelf: "Revision", name: str, content: bytes) -> None:
    stream = io.BytesIO(content)
    stream.name = name

    assert client.post(AT, {"file": stream}).status_code == 400


def test_guesses_the_wide_form_and_reads_what_windows_writes() -> None:
    names = ["Tag", *TIMES]

    assert guessed(names, "UTC").wide
    assert guessed(names, "UTC").start == "Tag"
    assert names_of(decoded("Datum;Anrufe für Müller\n".encode("cp1252"))) == ["Datum", "Anrufe für Müller"]
    assert names_of(decoded("Datum\tAnrufe\n".encode("utf-16"))) == ["Datum", "Anrufe"]


def test_is_told_of_where_workbooks_are_brought_in(client: "Client", shelf: "Revision") -> None:
    assert re.search(r'href="/shelf/bring-in/contacts/"', text_of(client, "/shelf/bring-in/"))
    assert (ROOT / "docs" / "pages.md").read_text().count("Bring contacts in")
