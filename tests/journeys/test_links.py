"""An owner's way behind a link in a real browser: pages that send no referrer still take answers (IMP-06)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_what_if import fits

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1280, 390])
def test_answers_by_a_link_that_was_shown_once(
    open_page: Callable[..., Page], keep: Callable[[Page, str], None], address: str, width: int
) -> None:
    editor = open_page("/harbor/asked/", width=width)
    assert fits(editor)
    editor.get_by_label("Who is asked?").select_option("owner:operations-manager")
    editor.get_by_role("button", name="Make the link").click()
    path = editor.locator(".copy").inner_text().removeprefix(address)
    keep(editor, f"asked-{width}")

    owner = open_page(path, width=width, script=False)
    assert fits(owner)
    keep(owner, f"asked-owner-{width}")
    owner.locator("a[href$='/work/claims/']").click()
    owner.wait_for_load_state("load")
    assert fits(owner)
    keep(owner, f"asked-impact-{width}")
    owner.get_by_label("Back at its minimum within").fill("95m")
    owner.get_by_label("Your name").fill("Jo Finch")
    owner.get_by_role("button", name="Send the answers").click()

    expect(owner.get_by_role("status")).to_contain_text("your answers are in the plan")
    editor.goto(f"{address}/harbor/asked/")
    expect(editor.get_by_role("row", name="Operations manager").first).to_contain_text("Jo Finch")
