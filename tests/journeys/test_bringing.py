"""Bringing a workbook in on a desk and on a phone: see what would change, say yes, see the trend."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from openline.exchange.workbook import workbook_bytes
from tests.examples.test_harbor import harbor
from tests.journeys.test_what_if import fits

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
