"""An incident in a real browser, from the first sign to the stand-down (issue: response)."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Keep = Callable[[Page, str], None]
DECLARE = "/harbor/incidents/declare/"
PHONE: Any = {"width": 390, "height": 844}


def sound(page: Page) -> None:
    """Fail on anything that axe finds, and on a page that is wider than the window."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def declared(open_page: Open, title: str, *, script: bool = True, **look: Any) -> Page:
    """Open the room of a new exercise at level 3 in which Quay House is lost."""
    page = open_page(DECLARE, script=script, **look)
    page.get_by_label("In a few words").fill(title)
    page.get_by_label("This is an exercise").check()
    page.get_by_text("Buildings and sites").click()
    page.get_by_label("Quay House", exact=True).check()
    page.locator('input[name="level"][value="3"]').check()
    page.get_by_label("You act as").select_option("incident-commander")
    page.get_by_role("button", name="Report it now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    return page


def test_proposes_a_level_while_the_questions_are_answered(open_page: Open, keep: Keep) -> None:
    page = open_page(DECLARE, **PHONE)
    page.get_by_label("Find by name").fill("quay")
    expect(page.get_by_label("Quay House", exact=True)).to_be_visible()
    page.get_by_label("Quay House", exact=True).check()

    page.locator('input[name="site_lost"][value="yes"]').check(force=True)

    expect(page.locator("#proposal")).to_contain_text("a site can not be used")
    expect(page.locator('input[name="level"][value="3"]')).to_be_checked()
    sound(page)
    keep(page, "declare-phone")


def test_proposes_a_level_without_script(open_page: Open) -> None:
    page = open_page(DECLARE, script=False)
    page.get_by_label("In a few words").fill("Smoke")
    page.locator('input[name="danger"][value="yes"]').check(force=True)

    page.get_by_role("button", name="Propose a level").click()

    expect(page.locator("#proposal")).to_contain_text("people are in danger")
    expect(page.get_by_label("In a few words")).to_have_value("Smoke")


def test_leads_from_the_first_sign_to_the_stand_down(open_page: Open, keep: Keep) -> None:
    page = declared(open_page, "Gas leak at the quay")
    keep(page, "room-new")
    sound(page)

    page.get_by_role("button", name="Make the task list for what is hit").first.click()
    expect(page.locator("#tasks .task").first).to_be_visible()
    first = page.locator("#tasks .task").first
    name = first.get_attribute("id")
    first.get_by_role("button", name="Start").click()
    expect(page.locator(f"#{name} .state")).to_have_text("under way")
    page.locator(f"#{name}").get_by_role("button", name="Done").click()
    expect(page.locator("#tasks h2")).to_contain_text("1 of")

    expect(page.locator("#now-answer .options").first).to_be_visible(timeout=60_000)
    keep(page, "room")
    sound(page)
    for view in ("scribe", "lead", "executive"):
        page.get_by_role("navigation", name="Your view").get_by_role("link", name=view.capitalize()).click()
        expect(page.locator('.tabs a[aria-current="page"]')).to_have_text(view.capitalize())
        sound(page)
        keep(page, f"room-{view}")
    page.get_by_role("link", name="Whole log").click()
    expect(page.get_by_text("Whole.")).to_be_visible()
    sound(page)
    keep(page, "room-log")


def test_fits_a_phone_and_the_dark(open_page: Open, keep: Keep) -> None:
    page = declared(open_page, "Flood in the cellar", dark=True, **PHONE)
    page.get_by_role("button", name="Make the task list for what is hit").first.click()
    expect(page.locator("#tasks .task").first).to_be_visible()
    expect(page.locator("#now-answer .options").first).to_be_visible(timeout=60_000)
    sound(page)
    keep(page, "room-phone")
    page.goto(page.url.split("/incidents/")[0] + "/incidents/")
    expect(page.get_by_role("heading", name="Flood in the cellar")).to_be_visible()
    sound(page)
    keep(page, "incidents-phone")


def test_marks_an_exercise_on_every_page_of_it(open_page: Open) -> None:
    page = declared(open_page, "Drill of the night")
    room = page.url.split("?")[0].split("#")[0]

    for path in ("", "log/", "tasks/", "now/", "?as=executive"):
        page.goto(room + path)
        expect(page.locator(".exercise")).to_contain_text("EXERCISE")


def test_shows_what_another_does_and_keeps_what_is_being_typed(open_page: Open) -> None:
    mine = declared(open_page, "Two in a room")
    expect(mine.locator("#line")).to_have_attribute("data-state", "live")
    note = mine.locator("#f-note textarea")
    note.fill("Half a sentence, and")
    other = open_page(mine.url.replace(mine.url.split("/harbor")[0], ""))

    other.locator("#f-note textarea").fill("Somebody else writes")
    other.get_by_role("button", name="Write it into the log").click()

    expect(mine.locator("#write .lines")).to_contain_text("Somebody else writes", timeout=10_000)
    expect(mine.locator("#f-note textarea")).to_have_value("Half a sentence, and")
    expect(mine.locator("#f-note textarea")).to_be_focused()


def test_tells_a_refusal_where_it_was_asked_for(open_page: Open) -> None:
    page = declared(open_page, "Refused in place")
    page.get_by_text("Stand down", exact=True).first.click()
    page.get_by_role("button", name="Stand down").click()

    expect(page.locator("#f-down .refused")).to_contain_text("not every criterion is met")


def test_needs_no_mouse(open_page: Open) -> None:
    page = open_page(DECLARE)
    page.get_by_label("In a few words").focus()
    page.keyboard.type("Typed by hand")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Report it now").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Typed by hand")

    page.locator("#f-note textarea").focus()
    page.keyboard.type("A line")
    page.keyboard.press("Tab")
    for _ in range(12):
        if page.evaluate("document.activeElement.textContent") == "Write it into the log":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#write .lines")).to_contain_text("A line")


def test_works_without_script(open_page: Open) -> None:
    page = declared(open_page, "No script here", script=False)
    page.get_by_role("button", name="Make the task list for what is hit").first.click()
    page.locator("#tasks .task").first.get_by_role("button", name="Done").click()

    expect(page.locator("#tasks h2")).to_contain_text("1 of")
    page.get_by_role("link", name="look again").click()
    expect(page.locator("#tasks h2")).to_contain_text("1 of")


def test_puts_people_first_for_everybody(open_page: Open, keep: Keep) -> None:
    page = open_page("/safety/", **PHONE)

    expect(page.get_by_role("link", name="Call 112")).to_be_visible()
    sound(page)
    keep(page, "safety-phone")
