"""The pages' answers, their refusals and their headers."""

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from openline.server.security import Limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from openline.server.accounts.rights import Role

ROOT = Path(__file__).parents[2]
ASK = "/harbor/what-if/?what=scenario:{what}&at={at}&lasts={lasts}"


def text_of(client: "Client", path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:500]
    return str(answer.content.decode())


def test_shows_the_first_centre_first(client: "Client") -> None:
    page = text_of(client, "/")

    assert "Harbor Mutual takes about" in page
    assert 'href="/harbor/what-if/"' in page


@pytest.mark.parametrize("path", ["/harbor/", "/harbor/plan/", "/harbor/what-if/", "/corner-repairs/"])
def test_answers_a_page_within_100_ms_once_it_is_warm(client: "Client", path: str) -> None:
    client.get(path)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        text_of(client, path)
        times.append(time.perf_counter() - start)

    assert min(times) < 0.1


def test_fetches_nothing_from_elsewhere(client: "Client") -> None:
    page = text_of(client, "/harbor/")

    assert not re.findall(r'(?:src|href)="https?://', page)
    assert "default-src 'none'" in client.get("/harbor/").headers["Content-Security-Policy"]
    assert client.get("/harbor/").headers["X-Frame-Options"] == "DENY"


def test_refuses_another_host_name(client: "Client") -> None:
    assert client.get("/harbor/", SERVER_NAME="evil.example").status_code == 400


@pytest.mark.parametrize("path", ["/nowhere/", "/nowhere/plan/", "/nowhere/what-if/", "/harbor/x/"])
def test_says_what_to_do_at_an_unknown_address(client: "Client", path: str) -> None:
    assert "nothing at this address" in text_of(client, path, 404)


@pytest.mark.parametrize(
    ("what", "at", "lasts", "says"),
    [
        ("ghost", "2026-11-30T10:00", "", "not one of the available choices"),
        ("fire", "yesterday", "", "valid date"),
        ("fire", "2026-11-30T10:00", "soon", "not a duration"),
        ("fire", "2026-11-30T10:00", "-3h", "not a duration"),
        ("fire", "2026-11-30T10:00", "9999d", "10 years"),
        ("fire", "0001-01-01T00:00", "", "year between"),
        ("fire", "9999-12-31T23:59", "", "year between"),
        ("<script>alert(1)</script>", "2026-11-30T10:00", "", "not one of the available choices"),
    ],
)
def test_says_what_is_wrong_with_a_question(client: "Client", what: str, at: str, lasts: str, says: str) -> None:
    page = text_of(client, ASK.format(what=what, at=at, lasts=lasts))

    assert says in page
    assert "<script>alert" not in page


def test_answers_only_the_fragment_to_htmx(client: "Client") -> None:
    path = ASK.format(what="records-down", at="2026-11-30T10:00", lasts="1h")

    whole, part = client.get(path).content.decode(), client.get(path, headers={"HX-Request": "true"}).content.decode()

    assert "<html" in whole
    assert "<html" not in part
    assert "More customers not served" in part


def test_says_by_which_tier_and_formula_a_figure_came(client: "Client") -> None:
    page = text_of(client, ASK.format(what="records-down", at="2026-11-30T10:00", lasts="1h"))

    assert "Tier: event kernel" in page
    assert "SL3 = answered in target / (answered + abandoned)" in page


def test_leads_every_change_back_to_its_first_cause(client: "Client") -> None:
    """IMP-05: the path from a queue to what began it."""
    page = text_of(client, ASK.format(what="power-cut", at="2026-11-30T09:00", lasts="30h"))

    row = page[page.index("Telephone system at Quay House</th>") :]
    assert "from Battery at Quay House: the battery is empty" in row[:600]


def test_strikes_objects_and_lays_overlays(client: "Client") -> None:
    page = text_of(
        client, "/harbor/what-if/?what=object:quay&at=2026-11-30T10:00&lasts=2h&overlays=one-cable&versus=none"
    )

    assert "One cable for all access" in page
    assert "The plan as it is" in page


def test_shows_a_disruption_of_a_year_without_simulating_all_of_it(client: "Client") -> None:
    page = text_of(client, ASK.format(what="pandemic-wave", at="2026-11-30T10:00", lasts="365d"))

    assert "customers would" in page or "Customers would" in page


def test_allows_so_many_questions_a_minute() -> None:
    now = [0.0]
    limit = Limit(most=2, window_s=60.0, clock=lambda: now[0])

    assert [limit.allows("a"), limit.allows("a"), limit.allows("a"), limit.allows("b")] == [True, True, False, True]
    now[0] = 60.0
    assert limit.allows("a")


def test_takes_a_plan_in_once_for_the_same_content(client: "Client") -> None:
    from openline.server.plans.models import Revision
    from openline.server.plans.store import take_in

    before = Revision.objects.count()
    _, problems = take_in(ROOT / "examples" / "harbor")

    assert not problems
    assert Revision.objects.count() == before


def test_refuses_a_plan_that_is_not_sound(client: "Client", tmp_path: Path) -> None:
    from openline.server.plans.store import take_in

    (tmp_path / "openline.yaml").write_text("format: 1\n")
    revision, problems = take_in(tmp_path)

    assert revision is None
    assert problems


def test_keeps_its_secret_key_to_its_owner(client: "Client") -> None:
    from openline.server.settings import DATA

    assert (DATA / "secret-key").stat().st_mode & 0o077 == 0


def test_shows_a_centre_whose_normal_day_can_not_be_computed(client: "Client", tmp_path: Path) -> None:
    """A plan without activities is well formed; the page says what is missing instead of failing."""
    from openline.server.plans.store import take_in

    (tmp_path / "openline.yaml").write_text("format: 1\norganization: {id: bare, name: Bare}\n")
    take_in(tmp_path)

    assert "add them in activities.yaml" in text_of(client, "/bare/")
    assert "What happens?" in text_of(client, "/bare/what-if/")
    assert "The plan of Bare" in text_of(client, "/bare/plan/")


def test_pages_what_is_too_much_for_one_page(client: "Client") -> None:
    from openline.plan.directory import read_directory
    from openline.server.plans.models import Revision
    from openline.server.plans.store import keep

    Revision.objects.filter(slug="many").delete()
    files, _ = read_directory(ROOT / "examples" / "one-seat")
    people = "".join(f"  - {{id: p{n:03}, name: Person {n}}}\n" for n in range(130))
    keep(
        "many",
        "Many",
        {**files, "people.yaml": files["people.yaml"] + "\npersons:\n" + people},
        "test",
        by=None,
        why="a test",
    )

    first, third = text_of(client, "/many/plan/"), text_of(client, "/many/plan/?only=persons&page=3")

    assert '<a href="?only=persons&amp;page=2">70 more</a>' in first
    assert 'id="persons-p059"' in first
    assert 'id="persons-p060"' not in first
    assert 'id="persons-p129"' in third
    assert "page 3 of 3" in third
    assert "page 1 of 3" in text_of(client, "/many/plan/?only=persons&page=-4")
    assert "page 3 of 3" in text_of(client, "/many/plan/?only=persons&page=9999999")
    assert "has " in text_of(client, "/many/plan/?only=castles")


def test_says_what_to_do_when_a_form_is_not_taken(signed_in: "Callable[[Role], Client]") -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True, SERVER_NAME="127.0.0.1")
    strict.cookies = signed_in("commander").cookies

    answer = strict.post("/harbor/incidents/script/")

    assert answer.status_code == 403
    assert "load the page anew and send it again" in answer.content.decode()


def test_says_what_an_address_is_for_that_only_takes_forms(client: "Client") -> None:
    answer = client.get("/harbor/asked/file/")

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "only takes what a form sends" in answer.content.decode()
