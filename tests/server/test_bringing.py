"""Bringing files in through pages: a preview first, stop, skip or update, limits, and nothing outside the plan."""

import io
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from openline.exchange.csv_files import csv_files
from openline.exchange.workbook import workbook_bytes
from openline.plan.directory import read_directory
from openline.plan.load import load_plan
from tests.examples.test_harbor import harbor
from tests.server.conftest import ROOT
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from django.test import Client

    from openline.server.accounts.rights import Role
    from openline.server.plans.models import Revision


@pytest.fixture
def shelf(client: "Client") -> "Revision":
    """Give a fresh copy of harbor to bring things into."""
    from openline.server.bringing.views import LIMIT
    from openline.server.plans.models import Revision
    from openline.server.plans.store import keep

    LIMIT.forget()
    Revision.objects.filter(slug="shelf").delete()
    files, _ = read_directory(ROOT / "examples" / "harbor")
    return keep("shelf", "Shelf", files, "test", by=None, why="a test")


def edited_book() -> bytes:
    book = load_workbook(io.BytesIO(workbook_bytes(harbor())))
    sheet = book["activities"]
    sheet.cell(2, next(c.column for c in sheet[1] if c.value == "rto_s"), "30m")
    book["skills"].append(["italian", "Italian"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def packed(files: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return stream.getvalue()


def send(client: "Client", path: str, name: str, content: bytes) -> str:
    """Send a file and return the address of its preview."""
    stream = io.BytesIO(content)
    stream.name = name
    response = client.post(path, {"file": stream})
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


@pytest.mark.parametrize(
    ("way", "says", "kept"),
    [
        ("stop", "1 conflict: these are in the plan already", None),
        ("skip", "The file would make 1 change", 3600),
        ("update", "The file would make 2 changes", 1800),
    ],
)
def test_shows_what_would_change_and_changes_it_with_a_yes(
    client: "Client", shelf: "Revision", way: str, says: str, kept: float | None
) -> None:
    from openline.server.plans.store import centre, plan_of

    address = send(client, "/shelf/bring-in/", "plan.xlsx", edited_book())
    page = text_of(client, f"{address}?on_conflict={way}")
    assert says in page
    assert "activities.accidents" in page
    assert centre("shelf").pk == shelf.pk

    said = {"on_conflict": way, "based_on": shelf.content_hash, "why": "from the workbook"}
    status = client.post(address, said).status_code

    now = centre("shelf")
    assert status == (409 if kept is None else 302)
    assert (now.pk == shelf.pk) == (kept is None)
    if kept is not None:
        assert plan_of(now).activities["accidents"].rto_s == kept
        assert "italian" in plan_of(now).skills
        assert (now.who, now.why, now.source) == ("Owner", "from the workbook", "brought in plan.xlsx")
        assert client.get(address).status_code == 404


def test_says_that_nothing_would_change(client: "Client", shelf: "Revision") -> None:
    address = send(client, "/shelf/bring-in/", "plan.xlsx", workbook_bytes(harbor()))

    page = text_of(client, address)

    assert "The file changes nothing." in page
    assert "Keep as" not in page


def test_makes_a_new_centre_of_a_packed_directory_and_keeps_its_files_as_they_are(client: "Client") -> None:
    from openline.server.plans.models import Revision
    from openline.server.plans.store import centre

    Revision.objects.filter(slug="corner-repairs-two").delete()
    files, _ = read_directory(ROOT / "examples" / "one-seat")
    slug = load_plan(files).plan.organization.id  # type: ignore[union-attr]
    files["openline.yaml"] = files["openline.yaml"].replace(f"id: {slug}", "id: corner-repairs-two")

    address = send(client, "/bring-in/", "plan.zip", packed({f"plan/{f}": t for f, t in files.items()}))
    assert "Keep as a new centre" in text_of(client, address)
    response = client.post(address, {"on_conflict": "stop"})

    assert response["Location"] == "/corner-repairs-two/plan/"
    assert centre("corner-repairs-two").files == files


def test_does_not_make_a_centre_that_is_there(client: "Client") -> None:
    files, _ = read_directory(ROOT / "examples" / "harbor")
    address = send(client, "/bring-in/", "plan.zip", packed(files))

    response = client.post(address, {})

    assert response.status_code == 409
    assert "There is a centre &#x27;harbor&#x27; already" in response.content.decode()


def test_takes_csv_files_in_an_archive(client: "Client", shelf: "Revision") -> None:
    texts = {f: t for f, t in csv_files(harbor()).items() if f in ("skills.csv", "vendors.csv")}
    texts["skills.csv"] = "id,name\nitalian,Italian\n"

    page = text_of(client, send(client, "/shelf/bring-in/", "tables.zip", packed(texts)))

    assert "The file would make 1 change" in page


def test_is_of_this_centre_only(client: "Client", shelf: "Revision") -> None:
    files, _ = read_directory(ROOT / "examples" / "one-seat")

    page = text_of(client, send(client, "/shelf/bring-in/", "plan.zip", packed(files)) + "?on_conflict=update")

    assert "not of &#x27;harbor&#x27;" in page


def test_does_not_overwrite_what_somebody_changed_meanwhile(client: "Client", shelf: "Revision") -> None:
    address = send(client, "/shelf/bring-in/", "plan.xlsx", edited_book())

    response = client.post(address, {"on_conflict": "update", "based_on": "0" * 64})

    assert response.status_code == 409
    assert "Somebody changed the plan meanwhile" in response.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("plan.xlsx", b"no workbook", "not readable as an XLSX workbook"),
        ("plan.zip", b"no archive", "not readable as a ZIP archive"),
        ("plan.zip", packed({"readme.txt": "x"}), "holds no YAML or CSV file"),
        ("plan.zip", packed({"castles.csv": "id\nx\n"}), "named after no collection"),
        ("plan.zip", packed({"openline.yaml": "format: 2\n"}), "must be 1"),
        (
            "plan.zip",
            packed({"../../etc/skills.csv": "id\nx\n", "/abs/skills.csv": "id\ny\n"}),
            "holds no YAML or CSV file",
        ),
    ],
)
def test_tells_what_is_wrong_with_a_file(
    client: "Client", shelf: "Revision", name: str, content: bytes, says: str
) -> None:
    assert says in text_of(client, send(client, "/shelf/bring-in/", name, content))


@pytest.mark.parametrize(
    ("name", "content", "status", "says"),
    [
        ("plan.xlsx", b"", 400, "empty"),
        ("plan.exe", b"MZ", 400, "neither a workbook"),
        ("plan.xlsx", b"x" * 8_100_000, 413, "larger than 8 MB"),
    ],
)
def test_refuses_what_is_too_large_or_of_another_kind(
    client: "Client", shelf: "Revision", name: str, content: bytes, status: int, says: str
) -> None:
    stream = io.BytesIO(content)
    stream.name = name

    response = client.post("/shelf/bring-in/", {"file": stream})

    assert response.status_code == status
    assert says in response.content.decode()


def test_refuses_an_archive_that_would_grow_without_bound(client: "Client", shelf: "Revision") -> None:
    bomb = packed({f"vendors/{n}.yaml": "#" * 3_900_000 for n in range(20)})

    assert "the archive is too large" in text_of(client, send(client, "/shelf/bring-in/", "plan.zip", bomb))


def test_is_for_editors_and_only_for_who_sent_it(
    client: "Client", shelf: "Revision", signed_in: "Callable[[Role], Client]"
) -> None:
    address = send(client, "/shelf/bring-in/", "plan.xlsx", workbook_bytes(harbor()))

    assert signed_in("viewer").get("/shelf/bring-in/").status_code == 403
    assert signed_in("editor").get(address).status_code == 404
    assert client.get(address.replace("/shelf/", "/harbor/")).status_code == 404


def test_leaves_aside_what_lies_outside_an_archives_folder(client: "Client") -> None:
    from openline.server.bringing.upload import unpacked

    names = ["../x.yaml", "a/../../y.yaml", "/z.yaml", ".git/config.yaml", "__MACOSX/openline.yaml"]
    files, _ = unpacked(packed(dict.fromkeys(names, "x: 1")), "p.zip")

    assert files == {}
