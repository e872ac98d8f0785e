"""Who sees contact data and weaknesses, in every page and export (6.4 sharing rules)."""

import io
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from tests.server.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from openline.plan.document import Plan
    from openline.server.accounts.rights import Role
    from openline.server.incidents.models import Incident

PHONE = "+44 7700 900123"
HOME = "moor-side-of-the-commander"
NOTE = "sings in the choir of the old mill"
ENVELOPE = "Envelope 2 in the safe of Hill Court"
CIRCUIT = "BW-77120"
SHUT_OFF = "behind the boiler, left of the door"
SECRETS = {"read_contacts": (PHONE, HOME, NOTE), "read_weaknesses": (ENVELOPE, CIRCUIT, SHUT_OFF)}


@pytest.fixture(scope="module")
def _masked(_server: None) -> None:
    """Keep two revisions of a plan in which there is something to keep back."""
    from openline.plan.directory import read_directory
    from openline.server.plans.store import keep

    files, _ = read_directory(ROOT / "examples" / "harbor")
    files["openline.yaml"] = files["openline.yaml"].replace("id: harbor\n", "id: kept-back\n", 1)
    people = files["people.yaml"].replace(
        "channel: mobile, order: 1", f"channel: mobile, value: '{PHONE}', order: 1", 1
    )
    people = people.replace(
        "    job: Director of operations\n    site: quay\n    home_area: harbor-side",
        f"    job: Director of operations\n    site: quay\n    notes: {NOTE}\n    home_area: {HOME}",
        1,
    )
    assert PHONE in people
    assert HOME in people
    files["people.yaml"] = people
    marked = f"classification: restricted, notes: '{SHUT_OFF}', name: Telephone system at Quay House,"
    files["systems.yaml"] = files["systems.yaml"].replace("name: Telephone system at Quay House,", marked, 1)
    assert SHUT_OFF in files["systems.yaml"]
    keep("kept-back", "Kept back", files, "a test", by=None, why="first")
    changed = {**files, "people.yaml": people.replace(PHONE, f"{PHONE}4").replace(HOME, f"{HOME}-b")}
    keep("kept-back", "Kept back", changed, "a test", by=None, why="second")


def addresses() -> list[str]:
    from openline.server.plans.models import Revision

    new, old = Revision.objects.filter(slug="kept-back").values_list("pk", flat=True)[:2]
    places: tuple[str, ...] = (
        "",
        "plan/",
        "findings/",
        "plan/print/",
        "plan/plan.xlsx/",
        "plan/due.ics/",
        "what-if/",
        "revisions/",
    )
    places += ("findings/rules/AR-029/", "plan/?only=persons", "plan/?only=carrier_access")
    return [f"/kept-back/{p}" for p in (*places, f"revisions/{old}/{new}/")]


def shown(browser: "Client", path: str) -> str:
    """Return everything that an answer says, a workbook's cells too."""
    answer = browser.get(path)
    assert answer.status_code == 200, path
    if path.endswith(".xlsx/"):
        book = load_workbook(io.BytesIO(answer.content))
        return "\n".join(str(c) for sheet in book for row in sheet.values for c in row if c is not None)
    return answer.content.decode()


@pytest.mark.usefixtures("_masked")
@pytest.mark.parametrize("role", ["viewer", "lead", "auditor", "admin"])
def test_shows_contact_data_and_weaknesses_to_those_alone_who_need_them(
    signed_in: "Callable[[Role], Client]", role: "Role"
) -> None:
    from openline.server.accounts.rights import ROLES

    browser = signed_in(role)
    for path in addresses():
        if path.endswith("what-if/") and "what_if" not in ROLES[role].rights:
            continue
        text = shown(browser, path)
        for right, secrets in SECRETS.items():
            for secret in secrets:
                assert right in ROLES[role].rights or secret not in text, (role, path, secret)


@pytest.mark.usefixtures("_masked")
def test_shows_them_in_plan_workbook_and_print_to_who_may(client: "Client") -> None:
    text = {path: shown(client, path) for path in addresses()}

    for secret in (PHONE, HOME, NOTE, ENVELOPE, CIRCUIT, SHUT_OFF):
        assert secret in text["/kept-back/plan/"]
        assert secret in text["/kept-back/plan/plan.xlsx/"]
    assert PHONE in text["/kept-back/plan/print/"]
    assert any(PHONE in t for path, t in text.items() if "/revisions/" in path)


@pytest.mark.usefixtures("_masked")
def test_says_that_something_is_kept_back_and_how_many_findings(signed_in: "Callable[[Role], Client]") -> None:
    viewer, editor = signed_in("viewer"), signed_in("editor")

    assert "Some things are kept back from you" in shown(viewer, "/kept-back/plan/")
    assert "kept back from you" not in shown(editor, "/kept-back/plan/")
    few, all_of_them = shown(viewer, "/kept-back/findings/"), shown(editor, "/kept-back/findings/")
    assert "kept back from you; they count in the figures" in few
    assert few.count('<article class="finding') < all_of_them.count('<article class="finding')
    # The answer at the top is about the whole plan for everybody.
    assert few.partition("<h1>")[2].partition("</h1>")[0] == all_of_them.partition("<h1>")[2].partition("</h1>")[0]


@pytest.mark.usefixtures("_masked")
def test_lists_no_single_point_of_failure_for_a_viewer(signed_in: "Callable[[Role], Client]") -> None:
    from openline.server.findings.store import OF_WEAKNESSES

    def faults(role: "Role") -> set[str]:
        section = shown(signed_in(role), "/kept-back/findings/").partition('id="faults"')[2].partition("</section>")[0]
        return {r for r in OF_WEAKNESSES if f"/rules/{r}/" in section}

    assert {"AR-029"} <= OF_WEAKNESSES
    assert faults("viewer") == set()
    assert faults("auditor")


@pytest.mark.usefixtures("_masked")
def test_shows_what_a_rule_of_weaknesses_found_to_those_alone_who_may(signed_in: "Callable[[Role], Client]") -> None:
    address = "/kept-back/findings/rules/AR-043/"
    viewer, auditor = shown(signed_in("viewer"), address), shown(signed_in("auditor"), address)

    assert "kept back from you" in viewer
    assert "Nothing was found" not in viewer
    assert "kept back from you" not in auditor


@pytest.mark.usefixtures("_masked")
def test_names_a_file_from_which_something_was_left_out(signed_in: "Callable[[Role], Client]") -> None:
    def name(role: "Role") -> str:
        return str(signed_in(role).get("/kept-back/plan/plan.xlsx/")["Content-Disposition"])

    assert "kept-back-part-plan.xlsx" in name("viewer")
    assert "kept-back-plan.xlsx" in name("editor")


@pytest.mark.usefixtures("_masked")
def test_logs_who_read_what_is_sensitive_once_an_hour(signed_in: "Callable[[Role], Client]") -> None:
    from datetime import timedelta

    from django.utils import timezone

    from openline.server.accounts.models import Act

    Act.objects.filter(slug="kept-back").delete()

    def read() -> dict[str, int]:
        acts = Act.objects.filter(slug="kept-back", who="Editor")
        return {did: acts.filter(did=did).count() for did in set(acts.values_list("did", flat=True))}

    editor, viewer = signed_in("editor"), signed_in("viewer")
    for _ in range(3):
        for path in ("plan/", "findings/", "plan/plan.xlsx/"):
            editor.get(f"/kept-back/{path}")
            viewer.get(f"/kept-back/{path}")

    assert read() == {"read contact data": 1, "read weaknesses": 1, "took out contact data": 1}
    assert not Act.objects.filter(slug="kept-back", who="Viewer").exists()
    Act.objects.filter(slug="kept-back").update(at=timezone.now() - timedelta(hours=1, seconds=1))
    editor.get("/kept-back/plan/")
    assert read()["read contact data"] == 2


@pytest.fixture
def hurt(_server: None) -> "Incident":
    """Give an exercise in which somebody has said that they need help, and why."""
    from openline.incident.command import Actor
    from openline.incident.opening import Report
    from openline.incident.roll_call import OpenRollCall, ReportPerson
    from openline.server.incidents.store import carry_out, report
    from openline.server.plans.store import centre

    revision = centre("harbor")
    who = Actor("Commander", "account:77", role="incident-commander")
    first = Report(title="Hurt", exercise=True, plan_slug="harbor", plan_hash=revision.content_hash)
    found = report(revision, first, who)
    carry_out(found, OpenRollCall(), who)
    carry_out(found, ReportPerson(person="ops-head", safe="needs_help", note="cannot breathe well"), who)
    return found


def test_keeps_how_people_are_from_who_follows_only(signed_in: "Callable[[Role], Client]", hurt: "Incident") -> None:
    """The same in the page of the log, when words are looked for, and in what is taken out; who reads it is logged."""
    from openline.server.accounts.models import Act

    room = f"/harbor/incidents/{hurt.pk}/"
    viewer, lead = signed_in("viewer"), signed_in("lead")
    for path in ("log/", "log/?kind=person", "log.csv", "log.json"):
        hidden, shown = viewer.get(room + path), lead.get(room + path)
        assert "cannot breathe" not in _body(hidden), path
        assert "cannot breathe" in _body(shown), path
        assert (hidden.status_code, shown.status_code) == (200, 200)
    assert "hidden, since your roles" in _body(viewer.get(room + "log/?kind=person"))
    assert "person reported" not in _body(viewer.get(room + "log/?words=breathe")).lower().split("<ol")[-1]
    read = Act.objects.filter(slug="harbor", about=hurt.ref, did="read how people are")
    assert set(read.values_list("who", flat=True)) == {"Lead"}


def test_logs_who_reads_numbers_in_the_room_at_the_declaration_and_in_the_outbox(
    signed_in: "Callable[[Role], Client]", hurt: "Incident"
) -> None:
    from openline.server.accounts.models import Act

    Act.objects.filter(slug="harbor", did="read contact data").delete()
    for role in ("viewer", "duty_officer"):
        for path in (f"incidents/{hurt.pk}/", "incidents/declare/"):
            signed_in(role).get(f"/harbor/{path}")
    read = Act.objects.filter(slug="harbor", did="read contact data").values_list("who", "about")

    assert {about for _, about in read} == {f"{hurt.ref} room", "who may declare"}
    assert len({who for who, _ in read}) == 1


def _body(response: Any) -> str:
    return b"".join(response).decode()


@pytest.mark.usefixtures("_masked")
def test_logs_the_opening_of_a_person_to_change(signed_in: "Callable[[Role], Client]") -> None:
    from openline.server.accounts.models import Act

    Act.objects.filter(slug="kept-back").delete()

    signed_in("editor").get("/kept-back/plan/edit/persons/commander-a/")

    assert Act.objects.filter(slug="kept-back", did="read contact data").count() == 1


@pytest.mark.usefixtures("_masked")
def test_keeps_every_id_so_that_nothing_points_at_nothing() -> None:
    from openline.plan.sections import COLLECTIONS

    plan = the_plan()
    from openline.server.plans.masking import masked

    less = masked(plan, frozenset(("read_contacts", "read_weaknesses")))

    for name in COLLECTIONS:
        assert list(less.collection(name)) == list(plan.collection(name))
    assert less is not plan
    assert masked(plan, frozenset()) is plan


@pytest.mark.usefixtures("_masked")
def test_finds_no_field_of_people_that_it_forgot() -> None:
    """Walk over the whole plan slowly and look for every kept back value in the text of the masked one."""
    from openline.plan.sections import COLLECTIONS
    from openline.server.plans.masking import masked

    less = masked(the_plan(), frozenset(("read_contacts", "read_weaknesses")))
    text = "\n".join(e.model_dump_json() for name in COLLECTIONS for e in less.collection(name).values())

    for secret in (*SECRETS["read_contacts"], *SECRETS["read_weaknesses"]):
        assert secret not in text


def the_plan() -> "Plan":
    from openline.server.plans.store import centre, plan_of

    return plan_of(centre("kept-back"))
