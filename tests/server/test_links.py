"""Links for owners and vendors: what opens, what may be said, what is kept of an owner's answers (IMP-06)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from openline.exchange.csv_files import typed_cells
from openline.plan.directory import read_directory
from tests.server.asking import ASKED, CLAIMS, OPS, acts, change_meanwhile, key_of, made, now, send
from tests.server.conftest import ROOT
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from django.test import Client

    from openline.server.accounts.rights import Role
    from openline.server.plans.models import Revision


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
    assert ("Owner", "withdrew a link") in acts()


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
    assert send(outsider, vendor, {"vendors:tidewater:contingency.has_plan": "yes"})[0] == 403


def test_asks_a_vendor_when_it_last_tested_its_own_plan(outsider: "Client", vendor: str) -> None:
    field = "vendors:tidewater:contingency.tested_on"
    assert f'name="{field}"' in text_of(outsider, vendor)

    status, page = send(outsider, vendor, {field: "soon"})
    assert status == 400
    assert 'value="soon"' in page

    assert send(outsider, vendor, {field: "2026-10-05"})[0] == 302
    assert str(now().vendors["tidewater"].contingency.tested_on) == "2026-10-05"


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
    assert "staff: a rating above 5" in page


def test_says_at_every_wrong_field_at_once_and_asks_for_the_name_beside_them(outsider: "Client", owner: str) -> None:
    wrong = {CLAIMS + "rto_s": "soon", CLAIMS + "bia.weekly_contacts": "many", CLAIMS + "impact.staff.2": "9"}

    status, page = send(outsider, owner + "work/claims/", {**wrong, CLAIMS + "mtpd_s": "7h", "who": " "})

    assert status == 400
    assert "Write your name" in page
    assert f'id="e-{CLAIMS}rto_s"' in page
    assert f'id="e-{CLAIMS}bia.weekly_contacts"' in page
    assert "staff: a rating above 5" in page
    assert 'value="7h"' in page
    assert "4 fields can not be used yet" in page


def test_says_what_is_wrong_beside_a_field_that_somebody_changed_meanwhile(outsider: "Client", owner: str) -> None:
    path = owner + "work/claims/"
    key = key_of(text_of(outsider, path))
    change_meanwhile("activities", "claims", rto_s="3h")

    response = outsider.post(path, {"key": key, "who": "Jo", CLAIMS + "rto_s": "90m", CLAIMS + "wrt_s": "soon"})

    page = response.content.decode()
    assert response.status_code == 409
    assert "The plan now says “3h”" in page
    assert f'id="e-{CLAIMS}wrt_s"' in page


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
