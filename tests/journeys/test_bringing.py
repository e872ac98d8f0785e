"""Bringing a workbook in on a desk and on a phone: see what would change, say yes, see the trend."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from openline.exchange.workbook import workbook_bytes
from tests.examples.test_harbor import harbor
from tests.journeys.test_incident import sound
from tests.journeys.test_what_if import fits
from tests.server.test_bringing_contacts import long_form

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Keep = Callable[[Page, str], None]


@pytest.mark.parametrize("width", [1280, 390])
def test_shows_what_a_workbook_would_change_and_then_changes_it(
    open_page: Open, keep: Keep, tmp_path: Path, width: int
) -> None:
    book = load_workbook(io.BytesIO(workbook_bytes(harbor())))
    book["skills"].append([f"brought-{width}", f"Brought at {width}"])
    book.save(tmp_path / "plan.xlsx")
    page = open_page("/harbor/plan/", width=width)
    page.get_by_role("link", name="bring a workbook in").click()
    page.get_by_label("File").set_input_files(tmp_path / "plan.xlsx")
    page.get_by_role("button", name="Show what would change").click()
    if page.get_by_label("What differs").count():
        page.get_by_label("What differs").select_option("skip")
        page.get_by_role("button", name="Show again").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("The file would make 1 change")
    assert fits(page)
    keep(page, f"bring-in-{width}")
    page.get_by_label("Why do you bring it in?").fill("one more skill")
    page.get_by_role("button", name="Keep as a new revision").click()

    expect(page.locator(f"#skills-brought-{width}")).to_be_visible()
    for path in ("revisions/", "revisions/trend/", "plan/edit/", "plan/edit/organization/", "findings/"):
        page.goto(page.url.partition("/harbor/")[0] + "/harbor/" + path)
        assert fits(page), path
    keep(page, f"findings-after-{width}")


@pytest.mark.parametrize("width", [1280, 390])
def test_shows_the_usual_week_of_an_interval_export_and_then_keeps_it(
    open_page: Open, keep: Keep, tmp_path: Path, width: int
) -> None:
    (tmp_path / "acd.csv").write_text(long_form())
    page = open_page("/harbor/bring-in/", width=width)
    page.get_by_role("link", name="by a page of their own").click()
    page.get_by_label("File").set_input_files(tmp_path / "acd.csv")
    page.get_by_role("button", name="Choose the columns").click()
    page.get_by_label("Column with the queue").select_option("Queue")
    page.get_by_label("Take the rows of this queue").fill("claims")
    page.get_by_label("Queue of the plan").select_option("claims")
    page.get_by_label("How dates are written").fill("%d/%m/%Y")
    page.get_by_role("button", name="Show again").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Claims: 504 contacts in a usual week")
    sound(page)
    keep(page, f"contacts-{width}")
