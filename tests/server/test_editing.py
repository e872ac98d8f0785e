"""Editing in pages: forms from the models, errors at the field, nothing lost, a revision for every change."""

import html
import re
from typing import TYPE_CHECKING

import pytest

from openline.exchange.columns import columns
from openline.exchange.csv_files import typed_cells
from openline.plan.directory import read_directory
from openline.plan.load import load_plan
from openline.plan.sections import COLLECTIONS
from openline.server.plans.forms import edited
from tests.examples.test_harbor import harbor
from tests.server.conftest import ROOT
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from django.test import Client

    from openline.server.plans.models import Revision

PAGE = "/copy/plan/edit/{}/"


@pytest.fixture
def copy() -> "Revision":
    """A centre of its own to change."""
    from openline.server.plans.store import keep

    files, _ = read_directory(ROOT / "examples" / "harbor")
    return keep("copy", "Copy", files, "test", by=None, why="a test")


def form(collection: str, entity_id: str) -> dict[str, str]:
    return typed_cells(harbor().collection(collection)[entity_id])


def send(client: "Client", copy: "Revision", path: str, typed: dict[str, str], why: str = "") -> tuple[int, str]:
    response = client.post(PAGE.format(path), {**typed, "based_on": copy.content_hash, "why": why})
    return response.status_code, response.content.decode()


def test_changes_one_field_and_keeps_who_comes_after_informed(client: "Client", copy: "Revision") -> None:
    from openline.server.plans.store import centre, plan_of

    status, _ = send(
        client, copy, "activities/accidents", {**form("activities", "accidents"), "rto_s": "45m"}, "tighter"
    )

    now = centre("copy")
    assert status == 302
    assert plan_of(now).activities["accidents"].rto_s == 2700
    assert (now.source, now.who, now.why) == ("edited activities accidents", "Owner", "tighter")
    assert plan_of(copy).activities["accidents"].rto_s == 3600


def test_says_at_the_field_what_is_wrong_and_loses_nothing(client: "Client", copy: "Revision") -> None:
    typed = {**form("systems", "crm"), "rto_s": "soon", "vendor": "nobody", "name": "New <name>"}

    status, page = send(client, copy, "systems/crm", typed)

    assert status == 400
    assert 'id="e-rto_s"' in page
    assert "is not a duration" in page
    assert 'value="New &lt;name&gt;"' in page
    assert 'id="e-vendor"' in page
    assert "no &#x27;nobody&#x27; among the vendors" in page


def errors_of(page: str) -> set[str]:
    """Return the fields at which the page says that something is wrong."""
    return set(re.findall(r'id="e-([^"]+)"', page))


EACH_KIND = {
    "rto_s": "4 ours",  # no duration
    "needs": '[{"to": ["acd"]',  # cut off in the middle
    "vendor": "nobody",  # nothing in the plan
    "standby_system": "crm",  # breaks an invariant together with the id
    "capacity.agents": "many",  # letters in a number
    "kind": "",  # needed
}


def test_says_at_every_wrong_field_at_once_whatever_is_wrong_with_it(client: "Client", copy: "Revision") -> None:
    typed = {**form("systems", "crm"), **EACH_KIND, "notes": "kept <b>"}

    status, page = send(client, copy, "systems/crm", typed)

    assert status == 400
    assert errors_of(page) == set(EACH_KIND)
    kept = html.unescape(page)
    assert all(v in kept for v in (*EACH_KIND.values(), "kept <b>"))
    assert "6 fields can not be used yet" in page


def test_says_at_the_field_what_a_plan_says_as_a_whole(client: "Client", copy: "Revision") -> None:
    """A rating above the scale is seen with the organization; it shows beside a number that is none."""
    typed = {**form("activities", "claims"), "impact": '{"customer": [0, 1]}', "aht_s": "long"}

    _, page = send(client, copy, "activities/claims", typed)

    assert errors_of(page) == {"impact", "aht_s"}


def test_says_at_the_fields_of_the_organization_what_is_wrong(client: "Client", copy: "Revision") -> None:
    from openline.server.plans.store import plan_of

    typed = typed_cells(plan_of(copy).organization)
    wrong = {"id": "another", "employees": "few", "impact_scale.intolerable": "9"}

    _, page = send(client, copy, "organization", {**typed, **wrong})

    assert errors_of(page) == set(wrong)


@pytest.mark.parametrize("path", ["skills", "skills/claims"])
def test_says_at_the_fields_what_is_wrong_of_something_without_an_id(
    client: "Client", copy: "Revision", path: str
) -> None:
    _, page = send(client, copy, path, {"name": "New", "review_interval_d": "often"})

    assert errors_of(page) == {"id", "review_interval_d"}


def test_says_at_the_top_what_is_wrong_with_a_field_that_the_form_has_not(client: "Client", copy: "Revision") -> None:
    status, page = send(client, copy, "skills/claims", {**form("skills", "claims"), "password": "x"})

    assert status == 400
    assert "password: a plan never holds this" in page


@pytest.mark.parametrize("deep", ["[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900])
def test_says_at_the_field_that_json_is_nested_too_deeply(client: "Client", copy: "Revision", deep: str) -> None:
    status, page = send(client, copy, "systems/crm", {**form("systems", "crm"), "needs": deep, "provenance": deep})

    assert status == 400
    assert errors_of(page) == {"needs", "provenance"}
    assert deep in html.unescape(page)


@pytest.mark.parametrize("sign", ["\x7f", "\x80", "\x85", "\x9f", "\ufffe"])
def test_takes_no_sign_into_the_plan_that_its_files_can_not_hold(copy: "Revision", sign: str) -> None:
    """Text that was read in the wrong encoding has signs with which the whole plan could not be read again."""
    found = edited(copy.files, "skills", "claims", {**form("skills", "claims"), "notes": f"caf{sign} noir"})

    assert found.errors.keys() == {"notes"}


def test_keeps_what_it_says_of_a_long_text_short(copy: "Revision") -> None:
    found = edited(
        copy.files, "systems", "crm", {**form("systems", "crm"), "rto_s": "x" * 100_000, "mtpd_s": "9" * 400}
    )

    assert found.errors.keys() == {"rto_s", "mtpd_s"}
    assert max(map(len, found.errors.values())) < 200


def test_adds_an_entity_and_refuses_a_second_of_its_name(client: "Client", copy: "Revision") -> None:
    from openline.server.plans.store import centre, plan_of

    assert send(client, copy, "skills", {"id": "italian", "name": "Italian"})[0] == 302
    assert "italian" in plan_of(centre("copy")).skills

    status, page = send(client, centre("copy"), "skills", {"id": "italian"})

    assert status == 400
    assert "stands twice" in page


def test_does_not_overwrite_what_somebody_changed_meanwhile(client: "Client", copy: "Revision") -> None:
    assert send(client, copy, "skills", {"id": "welsh"})[0] == 302

    status, page = send(client, copy, "skills", {"id": "irish"})

    assert status == 409
    assert "Somebody changed the plan meanwhile" in page
    assert 'value="irish"' in page


@pytest.mark.parametrize("collection", [c for c in COLLECTIONS if harbor().collection(c)])
def test_shows_a_form_for_every_collection_that_changes_nothing_when_sent_back(
    client: "Client", copy: "Revision", collection: str
) -> None:
    entity_id = next(iter(harbor().collection(collection)))
    page = text_of(client, PAGE.format(f"{collection}/{entity_id}"))

    found = edited(copy.files, collection, entity_id, form(collection, entity_id))

    assert all(f'name="{c.name}"' in page for c in columns(COLLECTIONS[collection].model) if not c.is_record)
    assert not found.errors
    assert load_plan(found.files).plan == load_plan(copy.files).plan


@pytest.mark.parametrize("collection", [c for c in COLLECTIONS if harbor().collection(c)])
def test_keeps_all_that_was_typed_and_says_at_each_wrong_field_what_is_wrong(
    client: "Client", copy: "Revision", collection: str
) -> None:
    from openline.server.editing.views import LIMIT

    LIMIT.forget()
    entity_id = next(iter(harbor().collection(collection)))
    wrong = {"last_reviewed": "<soon>", "review_interval_d": "<often>", "classification": "<secret>"}
    typed = {**form(collection, entity_id), **wrong, "notes": "<kept>"}

    status, page = send(client, copy, f"{collection}/{entity_id}", typed)

    LIMIT.forget()
    assert status == 400
    assert {f"e-{name}" for name in wrong} <= set(re.findall(r'id="(e-[^"]+)"', page))
    places = r'value="([^"]*)"|<textarea[^>]*>([^<]*)|<option[^>]*selected[^>]*>([^<]*)'
    kept = {html.unescape(v) for found in re.findall(places, page) for v in found if v}
    assert {v for v in typed.values() if v and "\n" not in v} <= kept | set(wrong.values())
    assert wrong.keys() <= set(re.findall(r'name="(\w+)"', page))


@pytest.mark.parametrize("path", ["castles", "skills/nobody", "castles/x"])
def test_knows_what_is_not_there(client: "Client", copy: "Revision", path: str) -> None:
    assert copy
    assert client.get(PAGE.format(path)).status_code == 404


def test_lists_what_can_be_changed(client: "Client", copy: "Revision") -> None:
    assert copy
    page = text_of(client, "/copy/plan/edit/")

    assert all(c.title in page for c in COLLECTIONS.values())


def test_takes_an_entity_out_unless_something_names_it(client: "Client", copy: "Revision") -> None:
    from openline.server.plans.store import centre, plan_of

    assert "out of the plan?" in text_of(client, PAGE.format("vendors/brightwave/remove"))
    status, page = send(client, copy, "vendors/brightwave/remove", {})
    assert status == 409
    assert "Other parts of the plan name it" in page
    assert "trunk_groups.trunk-quay.carrier" in page

    status, _ = send(client, copy, "corrective_actions/{}/remove".format(*plan_of(copy).corrective_actions), {}, "done")

    now = centre("copy")
    assert status == 302
    assert len(plan_of(now).corrective_actions) == len(plan_of(copy).corrective_actions) - 1
    assert (now.source[:26], now.why) == ("removed corrective_actions", "done")


def test_changes_the_organization_but_not_its_id(client: "Client", copy: "Revision") -> None:
    from openline.server.plans.store import centre, plan_of

    organization = plan_of(copy).organization
    typed = typed_cells(organization)

    assert send(client, copy, "organization", {**typed, "employees": "301"})[0] == 302
    assert plan_of(centre("copy")).organization.employees == 301

    status, page = send(client, centre("copy"), "organization", {**typed, "id": "another"})
    assert status == 400
    assert "the address of this centre hangs on it" in page


def test_begins_a_form_with_what_its_address_says(client: "Client", copy: "Revision") -> None:
    assert copy
    page = text_of(client, PAGE.format("exclusions") + "?rule=AR-035&objects=quay-generator&id=ar-035&castle=x")

    assert 'value="AR-035"' in page
    assert "quay-generator</textarea>" in page
    assert "castle" not in page
