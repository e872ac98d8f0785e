"""From the roll call to the accepted report in a real browser, at a desk and on a phone (issue: response)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_what_if import fits

pytestmark = pytest.mark.browser


def part(page: Page, name: str) -> None:
    """Go to a part of the incident by its own navigation."""
    page.locator(".parts").get_by_role("link", name=name, exact=True).click()
    page.wait_for_load_state("load")
    assert fits(page)


def opened(page: Page) -> None:
    """Declare an exercise of level 1, so that one person can end it."""
    page.get_by_label("In a few words").fill("Gas smell at Quay House")
    page.locator("input[name=exercise]").check()
    place = page.locator("input[name=objects][value=quay]")
    page.locator("#hit details", has=place).locator("summary").click()
    place.check()
    page.locator("label.level-choice.l1").click()
    page.locator("select[name=role]").select_option("incident-commander")
    page.get_by_role("button", name="Report it now").click()
    page.wait_for_load_state("load")


@pytest.mark.parametrize(("width", "script"), [(1280, True), (390, False)])
def test_goes_from_the_roll_call_to_the_accepted_report(
    open_page: Callable[..., Page], keep: Callable[[Page, str], None], width: int, script: bool
) -> None:
    first = open_page("/harbor/incidents/declare/")
    first.set_default_timeout(8000)
    opened(first)
    page = open_page(f"/harbor/incidents/{first.url.rstrip('/').rsplit('/', 1)[1]}/", width=width, script=script)
    page.set_default_timeout(8000)

    part(page, "Roll call")
    page.get_by_role("button", name="Ask them now").click()
    page.get_by_role("button", name="Head of claims needs help").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 needs help.")
    keep(page, f"roll-call-{width}")

    part(page, "Damage")
    page.get_by_role("link", name=re.compile("Assess Quay House")).click()
    page.get_by_label("What you see that can hurt somebody").fill("smell of gas")
    page.get_by_label("unusable").check()
    page.get_by_label("Best case").fill("1h")
    page.get_by_label("Likely").fill("2h")
    page.get_by_label("Worst case").fill("6h")
    page.get_by_role("button", name="Send what I found").click()
    expect(page.get_by_role("main")).to_contain_text("Likely back")
    keep(page, f"damage-{width}")

    part(page, "Situation reports")
    page.get_by_role("button", name="Issue report 1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Situation report 1")
    assert fits(page)

    part(page, "Way back")
    page.get_by_label("Why it ends all the same").fill("only an exercise")
    page.get_by_label("You end it as").select_option("incident-commander")
    page.get_by_role("button", name="Stand down").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The response has ended.")
    keep(page, f"way-back-{width}")

    part(page, "Report")
    page.get_by_role("button", name="Accept and close").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The report is accepted")
    expect(page.locator(".exercise")).to_contain_text("EXERCISE")
    keep(page, f"report-{width}")
