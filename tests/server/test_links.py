"""Links for owners and vendors, and the same as files: what opens, what may be said, what is kept (IMP-06, PAR-03)."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook, load_workbook

from openline.exchange.csv_files import typed_cells
from openline.exchange.documents import Laid, relaid
from openline.exchange.questionnaire import FIRST_ROW
from openline.exchange.verdicts import FIRST_ROW as FIRST_VERDICT
from openline.exchange.verdicts import SHEET
from openline.plan.directory import read_directory
from openline.plan.vendors import QUESTIONS
from tests.server.conftest import ROOT
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from django.test import Client

    from openline.plan.document import Plan
    from openline.server.accounts.roles import Role
    from openline.server.plans.models import Revision

ASKED = "/asking/asked/"
OPS = "owner:operations-manager"
CLAIMS = "activities:claims:"
TIDE = "vendors:tidewater:questionnaire.answers."


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
    files, _ = read_directory(ROOT / "examples" / "harbor")
    return keep("asking", "Asking", files, "test", by=None, why="a test")


def now() -> "Plan":
    from openline.server.plans.store import centre, plan_of

    return plan_of(centre("asking"))


def made(client: "Client", whom: str = OPS, days: str = "14") -> str:
    """Return the path of a new link."""
    response = client.post(ASKED, {"whom": whom, "days": days})
    assert response.status_code == 200, response.content.decode()[:400]
    return response.content.decode().partition('class="copy">')[2].partition("<")[0].removeprefix("http://127.0.0.1")


@pytest.fixture
def owner(client: "Client", centre_: "Revision") -> str:
    return made(client)


@pytest.fixture
def vendor(client: "Client", centre_: "Revision") -> str:
    return made(client, "vendor:tidewater")


@pytest.fixture
def outsider(_server: None) -> "Client":
    """Somebody with a link, whose requests must carry what protects against forged ones."""
    from django.test import Client

    return Client(SERVER_NAME="127.0.0.1", enforce_csrf_checks=True)


def key_of(page: str) -> str:
    return page.partition('name="key" value="')[2].partition('"')[0]


def send(client: "Client", path: str, said: dict[str, Any], at: str = "") -> tuple[int, str]:
    """Open a page, fill in and send it; returns status and page."""
    key = key_of(text_of(client, at or path))
    response = client.post(path, {"key": key, "who": "Jo Finch", **said})
    return response.status_code, response.content.decode()


def acts() -> list[tuple[str, str]]:
    from openline.server.accounts.models import Act

    return [(a.who, a.did) for a in Act.objects.filter(slug="asking")[:8]]


def change_meanwhile(collection: str, name: str, **fields: str) -> None:
    """Let an editor change an entity."""
    from openline.exchange.columns import document_of
    from openline.plan.sections import COLLECTIONS
    from openline.server.plans.store import centre, keep

    revision = centre("asking")
    row = {**typed_cells(now().collection(collection)[name]), **fields}
    document, _ = document_of(dict(row), COLLECTIONS[collection].model)
    files, wrong = relaid(revision.files, [Laid(collection, name, document)])
    assert not wrong
    keep("asking", "Asking", files, "edited", by=None, why="meanwhile")


# What opens, and what does not.


def test_opens_without_sign_in_and_shows_only_what_the_owner_answers_for(outsider: "Client", owner: str) -> None:
    page = text_of(outsider, owner)

    assert "Operations manager" in page
    assert "Claims" in page
    assert "/work/claims/" in page
    for hidden in ("Tidewater", "Contract 333", "/asking/", "Sign out", "risk-fire"):
        assert hidden not in page


def test_tells_the_address_to_nobody(outsider: "Client", owner: str, caplog: pytest.LogCaptureFixture) -> None:
    response = outsider.get(owner)
    refused = outsider.get(owner + "work/nothing/")

    assert response["Referrer-Policy"] == refused["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
    assert "<script" not in response.content.decode()
    assert refused.status_code == 403
    assert owner.split("/")[2] not in caplog.text


def test_keeps_of_the_secret_only_a_hash(owner: str) -> None:
    from openline.server.accounts.models import Act
    from openline.server.links.models import Link

    secret = owner.split("/")[2].split(".")[1]
    row = Link.objects.filter(slug="asking").values().get()

    assert len(secret) == 43
    assert secret not in str(row)
    assert not Act.objects.filter(about__contains=secret).exists()


def altered(token: str) -> Iterator[str]:
    pk, secret, signature = token.split(".")
    yield f"{int(pk) + 1}.{secret}.{signature}"
    yield f"{pk}.{secret[::-1]}.{signature}"
    yield f"{pk}.{secret}.{signature[:-1]}"
    yield f"{pk}.{secret}"
    yield "x"
    yield "%00.%00.%00"


def test_says_the_same_of_an_altered_address_as_of_an_unknown_one(outsider: "Client", owner: str) -> None:
    from openline.server.links.secret import address, new_secret

    unknown = outsider.get(f"/link/{address(10**9, new_secret())}/")
    foreign = outsider.get(f"/link/{address(int(owner.split('/')[2].split('.')[0]), new_secret())}/")
    pages = [outsider.get(f"/link/{token}/") for token in altered(owner.split("/")[2])]

    assert {p.status_code for p in (unknown, foreign, *pages)} == {404}
    assert {p.content for p in (foreign, *pages)} == {unknown.content}
    assert "Ask whoever sent you the link for a new one" in unknown.content.decode()


def test_runs_out_by_the_clock(outsider: "Client", owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_of(text_of(outsider, owner))
    moment = datetime.now(UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment + timedelta(days=14, seconds=5))

    page = text_of(outsider, owner, 410)

    assert "This link has run out" in page
    assert outsider.post(owner, {"key": key, "who": "Jo"}).status_code == 410
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment + timedelta(days=13))
    assert outsider.get(owner).status_code == 200


def test_can_be_withdrawn_and_takes_nothing_any_more(client: "Client", outsider: "Client", owner: str) -> None:
    from openline.server.links.models import Link
    from openline.server.plans.store import centre

    key, before = key_of(text_of(outsider, owner)), centre("asking").pk
    pk = Link.objects.get(slug="asking").pk
    assert client.post(f"{ASKED}{pk}/withdraw/").status_code == 302

    answered = outsider.post(owner, {"key": key, "who": "Jo", "verdict:activities:claims": "right"})

    assert "was withdrawn" in text_of(outsider, owner, 410)
    assert answered.status_code == 410
    assert outsider.get(owner + "form.xlsx").status_code == 410
    assert centre("asking").pk == before
    assert ("Admin", "withdrew a link") in acts()


def test_takes_nothing_when_it_is_withdrawn_between_opening_and_keeping(owner: str) -> None:
    from openline.server.links import store
    from openline.server.links.models import Link

    link, asked = store.find(owner.split("/")[2], datetime.now(UTC))
    Link.objects.filter(pk=link.pk).update(withdrawn_at=datetime.now(UTC))

    with pytest.raises(store.LinkShut):
        store.take(asked, store.By("Jo", link), based_on=1, typed={}, verdicts=(), signs=False, now=datetime.now(UTC))


def test_shuts_when_the_plan_has_no_such_role_any_more(
    outsider: "Client", client: "Client", centre_: "Revision"
) -> None:
    from openline.server.plans.store import keep

    path = made(client, "vendor:ledgerly")
    files, _ = read_directory(ROOT / "examples" / "one-seat")
    keep("asking", "Asking", files, "test", by=None, why="another plan")

    assert "nothing left to answer" in text_of(outsider, path, 410)


def test_slows_down_who_tries_addresses(outsider: "Client", owner: str) -> None:
    found = [outsider.get(f"/link/{n}.x.y/").status_code for n in range(22)]

    assert found == [404] * 20 + [429] * 2
    assert outsider.get(owner).status_code == 200


def test_slows_down_who_sends_too_often(outsider: "Client", owner: str) -> None:
    found = [outsider.post(owner, {}).status_code for _ in range(32)]

    assert found == [403] * 30 + [429] * 2


@pytest.mark.parametrize("key", ["", "x", "link:1~1:a:b"])
def test_takes_no_form_that_was_not_made_for_this_link(outsider: "Client", owner: str, key: str) -> None:
    """A page elsewhere can not make a browser send answers: the form's key is signed for this link."""
    response = outsider.post(owner, {"key": key, "who": "Jo", "verdict:activities:claims": "right"})

    assert response.status_code == 403
    assert now().activities["claims"].last_reviewed is None


def test_takes_no_key_of_another_link(outsider: "Client", client: "Client", owner: str) -> None:
    other = key_of(text_of(outsider, made(client)))

    assert outsider.post(owner, {"key": other, "who": "Jo"}).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        "systems:acd:rto_s", "vendors:tidewater:account", "verdict:systems:acd", "note:systems:acd",
        "activities:claims:owner_role", "activities:claims:bia.approved_on", "activities:claims:id",
        "activities:nobody:rto_s", "castles:x:y", "organization:harbor:tz", "anything", "approvals:a:b",
        "activities:claims:impact.customer.99",
    ],
)  # fmt: skip
def test_takes_no_field_that_was_not_asked(outsider: "Client", owner: str, name: str) -> None:
    from openline.server.plans.store import centre

    before = centre("asking").pk
    key = key_of(text_of(outsider, owner))

    for path in (owner, owner + "work/claims/", owner + "take/"):
        assert outsider.post(path, {"key": key, "who": "Jo", name: "1h"}).status_code == 403
    assert centre("asking").pk == before


def test_takes_no_field_of_another_vendor(outsider: "Client", vendor: str) -> None:
    said = {"vendors:northline:questionnaire.answers.spares.value": "no"}

    assert send(outsider, vendor, said)[0] == 403
    assert send(outsider, vendor, {"vendors:tidewater:account": "x"})[0] == 403


def test_opens_no_page_of_another_centre_or_of_the_plan(outsider: "Client", owner: str, vendor: str) -> None:
    text_of(outsider, owner)

    assert outsider.get("/asking/plan/").status_code == 302
    assert outsider.get("/harbor/").status_code == 302
    assert outsider.get(vendor + "work/claims/").status_code == 403


def test_does_not_make_or_list_links_for_a_viewer(
    signed_in: "Callable[[Role], Client]", centre_: "Revision", stranger: "Client"
) -> None:
    viewer = signed_in("viewer")

    assert viewer.get(ASKED).status_code == 403
    assert viewer.post(ASKED, {"whom": OPS, "days": "5"}).status_code == 403
    assert viewer.get(ASKED + "vendors/").status_code == 403
    assert stranger.get(ASKED).status_code == 302
    assert signed_in("editor").get(ASKED).status_code == 200


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"whom": "", "days": "5"}, "Choose who is asked"),
        ({"whom": "owner:nobody", "days": "5"}, "Choose who is asked"),
        ({"whom": OPS, "days": "0"}, "from 1 to 90"),
        ({"whom": OPS, "days": "91"}, "from 1 to 90"),
        ({"whom": OPS, "days": "soon"}, "from 1 to 90"),
    ],
)
def test_says_what_a_link_needs(client: "Client", centre_: "Revision", said: dict[str, str], told: str) -> None:
    response = client.post(ASKED, said)

    assert response.status_code == 400
    assert told in response.content.decode()


def test_shows_the_address_once(client: "Client", owner: str) -> None:
    assert owner.split("/")[2] not in text_of(client, ASKED)


# What an owner says.


def test_takes_an_analysis_into_the_plan_with_who_and_when(outsider: "Client", owner: str) -> None:
    from openline.server.plans.store import centre

    said = {CLAIMS + "mtpd_s": "6h", CLAIMS + "rto_s": "90m", CLAIMS + "minimum_capacity.share": "0.5"}
    said |= {CLAIMS + f"impact.customer.{n}": str(min(n, 5)) for n in range(8)}

    status, _ = send(outsider, owner + "work/claims/", {**said, "signs": "1"})

    claims, revision = now().activities["claims"], centre("asking")
    assert status == 302
    assert (claims.mtpd_s, claims.rto_s) == (21600, 5400)
    assert claims.impact["customer"] == (0, 1, 2, 3, 4, 5, 5, 5)
    assert claims.bia.done_on == datetime.now(UTC).date()
    assert claims.bia.interviewee == "operations-manager"
    assert (revision.who, revision.why) == (
        "Jo Finch, Operations manager by link",
        "asked as owner: Operations manager",
    )
    assert {("Jo Finch, Operations manager by link", did) for did in ("answered by link", "signed off")} < set(acts())
    assert ("Jo Finch, Operations manager by link", "kept a revision") in acts()


def test_can_be_answered_again_until_it_runs_out(outsider: "Client", owner: str) -> None:
    for rto in ("2h", "3h"):
        assert send(outsider, owner + "work/claims/", {CLAIMS + "rto_s": rto})[0] == 302

    assert now().activities["claims"].rto_s == 10800
    assert "Jo Finch" in text_of(outsider, owner)


def test_says_at_the_field_what_is_wrong_and_loses_nothing(outsider: "Client", owner: str) -> None:
    said = {CLAIMS + "rto_s": "soon", CLAIMS + "mtpd_s": "7h", CLAIMS + "impact.staff.2": "9", "who": "Jo <b>"}

    status, page = send(outsider, owner + "work/claims/", said)

    assert status == 400
    assert f'id="e-{CLAIMS}rto_s"' in page
    assert "is not a duration" in page
    assert 'value="7h"' in page
    assert "Jo &lt;b&gt;" in page
    status, page = send(outsider, owner + "work/claims/", {**said, CLAIMS + "rto_s": "1h"})
    assert "staff: a rating above 5" in page


def test_asks_for_a_name(outsider: "Client", owner: str) -> None:
    status, page = send(outsider, owner + "work/claims/", {CLAIMS + "rto_s": "2h", "who": " "})

    assert status == 400
    assert "Write your name" in page
    assert f'name="{CLAIMS}rto_s" value="2h"' in page


def test_keeps_what_somebody_else_changed_meanwhile(outsider: "Client", owner: str) -> None:
    path = owner + "work/claims/"
    key = key_of(text_of(outsider, path))
    change_meanwhile("activities", "claims", wrt_s="25m")

    response = outsider.post(path, {"key": key, "who": "Jo", CLAIMS + "rto_s": "90m", CLAIMS + "wrt_s": old_wrt()})

    claims = now().activities["claims"]
    assert response.status_code == 302
    assert (claims.rto_s, claims.wrt_s) == (5400, 1500)


def old_wrt() -> str:
    from tests.examples.test_harbor import harbor

    return typed_cells(harbor().activities["claims"]).get("wrt_s", "")


def test_shows_both_when_the_same_field_changed_and_takes_the_second_sending(outsider: "Client", owner: str) -> None:
    path = owner + "work/claims/"
    key = key_of(text_of(outsider, path))
    change_meanwhile("activities", "claims", rto_s="3h")
    said = {"who": "Jo", CLAIMS + "rto_s": "90m", CLAIMS + "wrt_s": "20m"}

    clash = outsider.post(path, {"key": key, **said})
    page = clash.content.decode()

    assert clash.status_code == 409
    assert "The plan now says “3h”" in page
    assert f'name="{CLAIMS}rto_s" value="90m"' in page
    assert f'name="{CLAIMS}wrt_s" value="20m"' in page
    assert now().activities["claims"].rto_s == 10800
    assert outsider.post(path, {"key": key_of(page), **said}).status_code == 302
    assert now().activities["claims"].rto_s == 5400


def test_dates_what_is_still_right_and_makes_an_action_of_what_is_not(outsider: "Client", owner: str) -> None:
    said = {
        "verdict:activities:claims": "right",
        "verdict:activities:policy": "change",
        "note:activities:policy": "The hours are longer on Saturdays.",
        "verdict:activities:sales": "",
    }

    assert send(outsider, owner, said)[0] == 302

    plan = now()
    action = plan.corrective_actions["asked-activities-policy"]
    assert plan.activities["claims"].last_reviewed == datetime.now(UTC).date()
    assert plan.activities["policy"].last_reviewed is None
    assert (action.status, action.owner_role, action.notes) == (
        "open",
        "operations-manager",
        "The hours are longer on Saturdays.",
    )
    assert "Jo Finch" in action.source


def test_verifies_the_contacts_of_who_holds_the_role(outsider: "Client", owner: str) -> None:
    assert now().persons["ops-head"].contacts

    assert send(outsider, owner, {"verdict:persons:ops-head": "right"})[0] == 302

    assert {c.verified_on for c in now().persons["ops-head"].contacts} == {datetime.now(UTC).date()}


def test_does_not_call_right_what_was_changed_after_it_was_looked_at(outsider: "Client", owner: str) -> None:
    key = key_of(text_of(outsider, owner))
    change_meanwhile("activities", "claims", rto_s="3h")

    response = outsider.post(owner, {"key": key, "who": "Jo", "verdict:activities:claims": "right"})

    assert response.status_code == 400
    assert "changed meanwhile" in response.content.decode()
    assert now().activities["claims"].last_reviewed is None


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"verdict:activities:claims": "change"}, "Write what needs to change"),
        ({"note:activities:claims": "longer"}, "There is a note"),
    ],
)
def test_asks_what_needs_to_change(outsider: "Client", owner: str, said: dict[str, str], told: str) -> None:
    status, page = send(outsider, owner, {**said, "verdict:activities:sales": "right"})

    assert status == 400
    assert told in page
    assert 'name="verdict:activities:sales" value="right" checked' in page


# The same as a file.


def workbook(client: "Client", path: str) -> Workbook:
    response = client.get(path + "form.xlsx")
    assert response.status_code == 200
    return load_workbook(io.BytesIO(response.content))


def bytes_of(book: Workbook) -> io.BytesIO:
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    out.name = "form.xlsx"
    return out


def upload(client: "Client", path: str, book: Workbook) -> tuple[int, str]:
    key = key_of(text_of(client, path))
    response = client.post(path + "file/", {"key": key, "file": bytes_of(book)})
    return response.status_code, response.content.decode()


def hidden(page: str) -> dict[str, str]:
    """Return what the preview would send."""
    from html import unescape

    page = page.partition('take/">')[2].partition("</form")[0]
    found = dict(re.findall(r'<textarea hidden name="([^"]+)">([^<]*)</textarea>', page))
    found |= dict(re.findall(r'<input type="(?:hidden|radio)" name="([^"]+)" value="([^"]*)"', page))
    return {unescape(k): unescape(v) for k, v in found.items()}


def put(book: Workbook, sheet: str, name: str, column: str, value: object) -> None:
    titles = [c.value for c in book[sheet][1]]
    row = next(r for r in book[sheet].iter_rows() if r[titles.index("id")].value == name)
    row[titles.index(column)].value = value  # type: ignore[assignment]


def say(book: Workbook, name: str, answer: str, note: str = "") -> None:
    row = next(r for r in book[SHEET].iter_rows(min_row=FIRST_VERDICT) if r[1].value == name)
    row[3].value, row[4].value = answer, note


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
    assert "Admin (file)" in row
    assert now().systems["identity"].last_reviewed == datetime.now(UTC).date()
    assert ("Admin", "brought an answer in") in acts()
    assert ("Admin", "handed a form out") in acts()


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
