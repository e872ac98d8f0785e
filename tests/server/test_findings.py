"""Pages of findings: the answer first, every figure with its formula, each finding with its place and its remedy."""

import io
import re
import time
from datetime import date
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar

from openline.audit.rules import RULES
from openline.exchange.merge import merge
from openline.exchange.workbook import read_workbook
from openline.plan.document import content_hash
from openline.start.build import plan_from
from tests.examples.test_harbor import harbor
from tests.server.conftest import ROOT
from tests.server.test_pages import text_of
from tests.start.test_wizard import answered

if TYPE_CHECKING:
    from django.test import Client

PAGE = "/harbor/findings/?as_of=2026-11-01"


def test_answers_first_with_a_number(client: "Client") -> None:
    page = text_of(client, PAGE)

    assert "Harbor Mutual has 3 findings, none critical (1 high, 2 medium)." in page
    assert "sites.yaml:" in page
    assert "a second supplier, order earlier, agree priority." in page
    assert "98<small>of 100" in page


def test_shows_a_trap_with_its_objects_and_links_to_them(client: "Client") -> None:
    page = text_of(client, PAGE + "&with=standby-beside-primary")

    assert "1 of them critical" not in page
    assert "of them critical" in page
    assert 'href="/harbor/plan/#systems-acd-standby"' in page
    assert "capped while something critical is open" in page


@pytest.mark.parametrize(
    ("query", "says"),
    [("as_of=soon", "is not a day"), ("with=nothing", "There is no overlay"), ("as_of=2026-99-01", "day")],
)
def test_says_what_is_wrong_with_the_address_and_shows_the_page(client: "Client", query: str, says: str) -> None:
    response = client.get(f"/harbor/findings/?{query}")

    assert response.status_code == 400
    assert says in response.content.decode()
    assert "Harbor Mutual has" in response.content.decode()


def test_shows_on_a_rules_page_what_it_found_here(client: "Client") -> None:
    page = text_of(client, "/harbor/findings/rules/AR-035/?as_of=2026-11-01")

    assert "fuel comes after 13 h" in page
    assert "left h 11.25" in page
    assert 'href="/harbor/plan/#generators-quay-generator"' in page
    assert "Nothing was found" in text_of(client, "/harbor/findings/rules/AR-020/?as_of=2026-11-01")


def test_leads_from_a_figure_to_what_does_not_count(client: "Client") -> None:
    page = text_of(client, "/harbor/findings/?as_of=2027-11-01")

    assert "18 do not count" in page
    assert 'href="/harbor/plan/#arrangements-quay-fuel"' in page


def test_leads_from_each_part_of_a_list_to_what_fails_and_what_can_not_be_told_in_it(client: "Client") -> None:
    from openline.server.findings.store import judged
    from openline.server.plans.models import Revision
    from openline.server.plans.store import keep

    Revision.objects.filter(slug="bare").delete()
    bare = keep("bare", "Bare", plan_from(answered("one-seat"), "one-seat"), "test", by=None, why="a test")
    day = date(2026, 11, 1)
    page = text_of(client, f"/bare/findings/?as_of={day}")
    parts = re.findall(r'<tr><th scope="row">.*?</tr>', page, re.S)
    lines = [x for c in judged(bare, day).scores.checklists.values() for x in c]

    assert any(x.unjudged for x in lines)
    for part, line in zip(parts, lines, strict=True):
        assert set(re.findall(r"rules/(AR-\d+)/", part)) == {*line.failing, *line.unjudged}


def test_sets_a_finding_aside_from_its_page_with_reason_owner_and_end(client: "Client") -> None:
    """A finding leads to a form that knows it; without a reason, an owner and an end nothing is set aside."""
    from openline.plan.directory import read_directory
    from openline.server.plans.models import Revision
    from openline.server.plans.store import keep

    Revision.objects.filter(slug="aside").delete()
    kept = keep("aside", "Aside", read_directory(ROOT / "examples" / "harbor")[0], "test", by=None, why="a test")
    path = "/aside/plan/edit/exclusions/?id=ar-035-quay-generator&amp;rule=AR-035&amp;objects=quay-generator"
    assert f'href="{path}"' in text_of(client, "/aside/findings/?as_of=2026-11-01")
    known = {"id": "ar-035-quay-generator", "rule": "AR-035", "objects": "quay-generator"}
    page = path.partition("?")[0]

    lacking = client.post(page, {**known, "based_on": kept.content_hash}).content.decode()
    more = {"reason": "A tank is ordered", "owner": "facilities-lead", "until": "2027-02-28"}
    done = client.post(page, {**known, **more, "based_on": kept.content_hash})

    assert all(f'id="e-{field}"' in lacking for field in more)
    assert done.status_code == 302
    found = text_of(client, "/aside/findings/?as_of=2026-11-01")
    assert "Until 28 February 2027, facilities-lead: A tank is ordered" in found
    assert "has 2 findings" in found
    assert "A tank is ordered" not in text_of(client, "/aside/findings/?as_of=2027-03-01")


def test_tells_of_what_it_can_not_judge(client: "Client") -> None:
    page = text_of(client, "/corner-repairs/findings/")

    assert "What can not be told" in page
    assert "not known" in page


@pytest.mark.parametrize("rule_id", ["AR-001", "AR-020", "AR-174"])
def test_has_a_page_for_a_rule(client: "Client", rule_id: str) -> None:
    page = text_of(client, f"/harbor/findings/rules/{rule_id}/")

    assert RULES[rule_id].remedy.split("'")[0][1:30] in page


@pytest.mark.parametrize("path", ["/harbor/findings/rules/AR-999/", "/nowhere/findings/", "/harbor/plan/plan.exe/"])
def test_knows_what_is_not_there(client: "Client", path: str) -> None:
    assert client.get(path).status_code == 404


def test_gives_the_plan_as_a_workbook_that_can_be_taken_in_again(client: "Client") -> None:
    response = client.get("/harbor/plan/plan.xlsx/")

    found = merge({}, read_workbook(io.BytesIO(response.content), "plan.xlsx"), "stop")
    assert response["Content-Disposition"] == 'attachment; filename="harbor-plan.xlsx"'
    assert found.plan is not None
    assert content_hash(found.plan) == content_hash(harbor())


def test_gives_due_dates_as_a_calendar(client: "Client") -> None:
    response = client.get("/harbor/plan/due.ics/")

    assert len(Calendar.from_ical(response.content).walk("VEVENT")) > 100


def test_shows_two_pages_to_print_with_their_own_style_only(client: "Client") -> None:
    response = client.get("/harbor/plan/print/")

    assert "People first" in response.content.decode()
    assert "script-src" not in response["Content-Security-Policy"]
    assert "X-Own-Style" not in response


def test_answers_within_a_tenth_of_a_second_once_it_was_asked(client: "Client") -> None:
    client.get(PAGE)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        client.get(PAGE)
        times.append(time.perf_counter() - start)

    assert min(times) < 0.1
