"""Forms as files, what vendors answer, and who has been heard (IMP-06, PAR-03, VEN-03)."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook, load_workbook

from openline.exchange.questionnaire import FIRST_ROW
from openline.exchange.verdicts import SHEET
from openline.plan.vendors import QUESTIONS
from tests.server.asking import (
    ASKED,
    CLAIMS,
    TIDE,
    acts,
    bytes_of,
    change_meanwhile,
    hidden,
    key_of,
    now,
    put,
    say,
    send,
    upload,
    workbook,
)
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from django.test import Client

    from openline.server.plans.models import Revision


# The same as a file.


def test_holds_in_the_file_only_what_the_owner_answers_for(outsider: "Client", owner: str) -> None:
    book = workbook(outsider, owner)

    assert "organization" not in book.sheetnames
    assert "tables" not in book.sheetnames
    assert "vendors" not in book.sheetnames
    owners = {c.value for c in book["activities"][1]}
    assert "owner_role" in owners
    assert {r[0].value for r in book["activities"].iter_rows(min_row=2)} == {
        a.id for a in now().activities.values() if a.owner_role == "operations-manager"
    }


def test_shows_what_a_file_would_change_and_takes_it_in(outsider: "Client", owner: str) -> None:
    book = workbook(outsider, owner)
    put(book, "activities", "claims", "rto_s", "95m")
    put(book, "activities", "sales", "notes", "Quiet in January.")
    say(book, "policy", "no", "The hours are longer on Saturdays.")
    say(book, "claims", "yes")

    status, page = upload(outsider, owner, book)

    assert status == 200
    assert "2 fields and answers for 2 things" in page
    assert "1h35m" in page
    assert now().activities["claims"].rto_s != 5700
    taken = outsider.post(owner + "take/", {**hidden(page), "who": "Jo Finch"})
    plan = now()
    assert taken.status_code == 302
    assert plan.activities["claims"].rto_s == 5700
    assert plan.activities["sales"].notes == "Quiet in January."
    assert plan.activities["claims"].last_reviewed == datetime.now(UTC).date()
    assert "asked-activities-policy" in plan.corrective_actions


def test_takes_back_a_file_that_nobody_filled_in_without_any_change(outsider: "Client", owner: str) -> None:
    assert "The file says the same as the plan" in upload(outsider, owner, workbook(outsider, owner))[1]


def test_lets_choose_where_a_file_and_the_plan_differ_since_it_was_made(outsider: "Client", owner: str) -> None:
    book = workbook(outsider, owner)
    put(book, "activities", "claims", "rto_s", "95m")
    change_meanwhile("activities", "claims", rto_s="3h", wrt_s="25m")

    _, page = upload(outsider, owner, book)

    assert "1 field changed in the plan after this file was made" in page
    choices = re.findall(rf'name="{CLAIMS}rto_s" value="([^"]+)"( checked)?', page)
    assert choices == [("3h", " checked"), ("1h35m", "")]
    outsider.post(owner + "take/", {**hidden(page), "who": "Jo", CLAIMS + "rto_s": "3h"})
    assert (now().activities["claims"].rto_s, now().activities["claims"].wrt_s) == (10800, 1500)


def wrong_books(outsider: "Client", client: "Client", owner: str) -> Iterator[tuple[Workbook, str]]:
    book = workbook(outsider, owner)
    put(book, "activities", "claims", "rto_s", '=HYPERLINK("http://evil.example","1h")')
    yield book, "the cell holds a formula"
    book = workbook(outsider, owner)
    say(book, "claims", "=1+1")
    yield book, "a cell holds a formula"
    book = workbook(outsider, owner)
    put(book, "activities", "claims", "owner_role", "director")
    yield book, "there is no &#x27;director&#x27; among the roles"
    book = workbook(outsider, owner)
    put(book, "activities", "claims", "owner_role", "it-lead")
    yield book, "owner_role is not changed by a form"
    book = workbook(outsider, owner)
    book["activities"].append(["new-queue"])
    yield book, "new-queue is not among what Operations manager answers for"
    book = workbook(outsider, owner)
    put(book, "activities", "claims", "mtpd_s", "soon")
    yield book, "is not a duration"
    book = workbook(outsider, owner)
    book[SHEET]["B1"] = "it-lead"
    yield book, "This is another owner"
    book = workbook(outsider, owner)
    del book[SHEET]
    yield book, "This is not the form that was asked for"
    whole = load_workbook(io.BytesIO(client.get("/asking/plan/plan.xlsx/").content))
    yield whole, "This is not the form that was asked for"
    book = workbook(outsider, owner)
    say(book, "claims", "no")
    yield book, "nothing says what needs to change"
    book = workbook(outsider, owner)
    say(book, "claims", "perhaps")
    yield book, "is no answer"
    book = workbook(outsider, owner)
    book[SHEET].append(["systems", "acd", "", "yes"])
    yield book, "acd is not among what Operations manager answers for"


def test_says_what_is_wrong_with_a_file_and_changes_nothing(outsider: "Client", client: "Client", owner: str) -> None:
    from openline.server.plans.store import centre

    before = centre("asking").pk

    for book, told in wrong_books(outsider, client, owner):
        status, page = upload(outsider, owner, book)
        assert status == 400, told
        assert told in page
    assert centre("asking").pk == before


def test_takes_no_file_that_is_none_or_too_large(outsider: "Client", owner: str) -> None:
    key = key_of(text_of(outsider, owner))

    def sent(content: bytes) -> tuple[int, str]:
        out = io.BytesIO(content)
        out.name = "form.xlsx"
        response = outsider.post(owner + "file/", {"key": key, "file": out})
        return response.status_code, response.content.decode()

    assert "not readable as an XLSX workbook" in sent(b"no workbook")[1]
    assert sent(b"x" * 2_000_001)[0] == 413
    assert sent(b"x" * 3_000_000)[0] == 413
    assert outsider.post(owner + "file/", {"key": key}).status_code == 400


def test_refuses_a_large_request_to_an_unknown_address_before_reading_it(outsider: "Client", owner: str) -> None:
    assert outsider.post("/link/x.y.z/file/", b"x" * 3_000_000, content_type="text/plain").status_code == 413


def test_refuses_what_grows_when_it_is_unpacked(outsider: "Client", vendor: str, owner: str) -> None:
    import zipfile

    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", b"0" * 60_000_000)
    for path in (vendor, owner):
        bomb.seek(0)
        bomb.name = "form.xlsx"
        key = key_of(text_of(outsider, path))
        assert "is too large" in outsider.post(path + "file/", {"key": key, "file": bomb}).content.decode()


# What a vendor says.


def test_takes_a_vendors_answers_with_score_and_evidence(outsider: "Client", client: "Client", vendor: str) -> None:
    said = {TIDE + "recovery_strategy.value": "yes", TIDE + "recovery_strategy.evidence_text": "ISO 22301",
            TIDE + "recovery_strategy.valid_until": "2020-01-31", TIDE + "spares.value": "no",
            TIDE + "remote_access.value": "partly", TIDE + "backup_power.value": "not_applicable"}  # fmt: skip

    status, _ = send(outsider, vendor, said)

    sheet = now().vendors["tidewater"].questionnaire
    assert status == 302
    assert (sheet.on, sheet.scored()) == (datetime.now(UTC).date(), 0.5)
    assert "ready to 50.0 %, by 4 of 10 answers" in text_of(outsider, vendor)
    page = text_of(client, ASKED + "vendors/")
    card = page.partition('id="tidewater"')[2].partition("</tr>")[0]
    assert "1 expired" in card
    assert "50.0 %" in card
    assert "ISO 22301" in page.partition('id="a-tidewater"')[2].partition("</section>")[0]
    assert "Jo Finch, Tidewater by link" in card


def test_says_at_the_question_what_is_wrong(outsider: "Client", vendor: str) -> None:
    said = {
        TIDE + "spares.remark": "Counted in May",
        TIDE + "off_site.value": "yes",
        TIDE + "off_site.valid_until": "May",
    }

    status, page = send(outsider, vendor, said)

    assert status == 400
    assert f'id="e-{TIDE}spares.value"' in page
    assert f'id="e-{TIDE}off_site.valid_until"' in page
    assert "Counted in May" in page


def test_shows_a_vendor_nothing_of_the_plan(outsider: "Client", vendor: str) -> None:
    page = text_of(outsider, vendor)

    assert all(question in page for question in QUESTIONS.values())
    for hidden_word in ("Contract 333", "TIDEWA-909", "Northline", "Claims"):
        assert hidden_word not in page


def test_takes_a_vendors_file_in(outsider: "Client", vendor: str) -> None:
    book = workbook(outsider, vendor)
    for row, value in ((FIRST_ROW, "yes"), (FIRST_ROW + 1, "partly")):
        book["readiness"].cell(row, 3).value = value
    book["readiness"].cell(FIRST_ROW, 6).value = datetime(2030, 5, 1)  # noqa: DTZ001 - as workbooks have it

    status, page = upload(outsider, vendor, book)
    taken = outsider.post(vendor + "take/", {**hidden(page), "who": "Jo"})

    answers = now().vendors["tidewater"].questionnaire.answers
    assert (status, taken.status_code) == (200, 302)
    assert answers["recovery_strategy"].valid_until == date(2030, 5, 1)
    assert now().vendors["tidewater"].questionnaire.scored() == 0.75
    again = workbook(outsider, vendor)["readiness"].cell(FIRST_ROW, 6).value
    assert str(again)[:10] == "2030-05-01"


def test_asks_a_vendor_in_the_file_what_the_form_asks(outsider: "Client", vendor: str) -> None:
    """Every field of the page is filled in on the sheet and comes back; the sheet has nothing to fill in besides."""
    page = text_of(outsider, vendor)
    book = workbook(outsider, vendor)
    sheet = book["readiness"]
    for row in range(FIRST_ROW, sheet.max_row + 1):
        days = sheet.cell(row, 1).value not in QUESTIONS
        for column in (3,) if days else (3, 4, 5, 6):
            sheet.cell(row, column).value = "2031-05-01" if days or column == 6 else ("yes", "r", "e")[column - 3]

    _, preview = upload(outsider, vendor, book)

    asked = set(re.findall(r'name="(vendors:tidewater:[^"]+)"', page))
    assert len(asked) == 4 * len(QUESTIONS) + 1
    assert set(re.findall(r'name="(vendors:tidewater:[^"]+)"', preview)) == asked


@pytest.mark.parametrize(
    ("cell", "value", "told"),
    [("B2", "northline", "another vendor"), ("C5", "=1+1", "holds a formula"), ("C5", "perhaps", "is no answer")],
)
def test_says_what_is_wrong_with_a_vendors_file(
    outsider: "Client", vendor: str, cell: str, value: str, told: str
) -> None:
    book = workbook(outsider, vendor)
    book["readiness"][cell] = value

    status, page = upload(outsider, vendor, book)

    assert status == 400
    assert told in page


# Who has been heard.


def row_of(page: str, title: str) -> str:
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition(f'<th scope="row">{title}')[2].partition("</tr>")[0])
    )


def test_shows_who_was_asked_opened_answered_and_signed_off(client: "Client", outsider: "Client", owner: str) -> None:
    before = text_of(client, ASKED)
    send(outsider, owner + "work/claims/", {CLAIMS + "rto_s": "95m", "signs": "1"})

    page = text_of(client, ASKED)

    assert "not asked" in row_of(before, "IT lead")
    assert "not yet" in row_of(before, "Operations manager")
    row = row_of(page, "Operations manager")
    assert "heard" in row
    assert row.count("Jo Finch, Operations manager by link") == 2
    assert "Claims" in row
    assert "8 of 9" in row
    assert re.search(r"1 of \d+ owners has been heard", page)
    assert "Facilities" in page.partition("Departments:")[2][:200]
    assert ">answered</span>" in page
    assert {did for _, did in acts()} >= {"opened a link", "made a link", "answered by link", "signed off"}


def test_counts_a_file_that_was_handed_out_and_brought_in(client: "Client", centre_: "Revision") -> None:
    handed = client.post(ASKED + "owner/it-lead/form.xlsx")
    book = load_workbook(io.BytesIO(handed.content))
    say(book, "identity", "yes")
    say(book, "dns-a", "no", "A new release is in place.")

    shown = client.post(ASKED + "file/", {"file": bytes_of(book)})
    taken = client.post(ASKED + "take/", {**hidden(shown.content.decode()), "who": "Sam Reed"})

    row = row_of(text_of(client, ASKED), "IT lead")
    assert (shown.status_code, taken.status_code) == (200, 302)
    assert "Sam Reed, IT lead by file (file)" in row
    assert "Owner (file)" in row
    assert now().systems["identity"].last_reviewed == datetime.now(UTC).date()
    assert ("Owner", "brought an answer in") in acts()
    assert ("Owner", "handed a form out") in acts()


def test_brings_a_vendors_file_in_too(client: "Client", centre_: "Revision") -> None:
    book = load_workbook(io.BytesIO(client.post(ASKED + "vendor/ledgerly/form.xlsx").content))
    book["readiness"].cell(FIRST_ROW, 3).value = "yes"

    shown = client.post(ASKED + "file/", {"file": bytes_of(book)})
    client.post(ASKED + "take/", {**hidden(shown.content.decode()), "who": "Sam"})

    assert now().vendors["ledgerly"].questionnaire.scored() == 1.0


@pytest.mark.parametrize("content", [b"no workbook", b""])
def test_says_when_a_file_is_no_form(client: "Client", centre_: "Revision", content: bytes) -> None:
    out = io.BytesIO(content)
    out.name = "x.xlsx"

    response = client.post(ASKED + "file/", {"file": out})

    assert response.status_code == 400


def test_takes_no_file_without_its_preview(client: "Client", centre_: "Revision") -> None:
    said = {"kind": "owner", "subject": "it-lead", "key": "x", "verdict:systems:crm": "right"}

    assert client.post(ASKED + "take/", said).status_code == 403
    assert client.post(ASKED + "take/", {**said, "subject": "nobody"}).status_code == 404


def test_knows_what_is_not_there(client: "Client", centre_: "Revision") -> None:
    assert client.post(ASKED + "owner/nobody/form.xlsx").status_code == 404
    assert client.post(ASKED + "999999/withdraw/").status_code == 404
    assert client.get("/nowhere/asked/").status_code == 404


def test_can_be_found_from_the_plan_and_the_account(client: "Client", centre_: "Revision") -> None:
    assert text_of(client, "/asking/plan/").count('href="/asking/asked/"') == 2


def test_leads_a_form_to_where_its_answers_count_when_it_is_brought_in_as_a_workbook(
    client: "Client", centre_: "Revision"
) -> None:
    from openline.server.bringing.reading import brought

    handed = client.post(ASKED + "owner/it-lead/form.xlsx")

    found = brought(centre_.files, handed.content, "form.xlsx", "update")

    assert "bring it in under Asked and answered" in found.merged.problems[0].hint
