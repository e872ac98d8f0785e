"""What tests of links share: a centre whose owners and vendors are asked, links to them, forms filled in and sent."""

import io
import re
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook, load_workbook

from openline.exchange.csv_files import typed_cells
from openline.exchange.documents import Laid, relaid
from openline.exchange.verdicts import FIRST_ROW as FIRST_VERDICT
from openline.exchange.verdicts import SHEET
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from django.test import Client

    from openline.plan.document import Plan

ASKED = "/asking/asked/"
OPS = "owner:operations-manager"
CLAIMS = "activities:claims:"
TIDE = "vendors:tidewater:questionnaire.answers."


def now() -> "Plan":
    from openline.server.plans.store import centre, plan_of

    return plan_of(centre("asking"))


def made(client: "Client", whom: str = OPS, days: str = "14") -> str:
    """Return the path of a new link."""
    response = client.post(ASKED, {"whom": whom, "days": days})
    assert response.status_code == 200, response.content.decode()[:400]
    return response.content.decode().partition('class="copy">')[2].partition("<")[0].removeprefix("http://127.0.0.1")


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
