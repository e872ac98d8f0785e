"""One incident from the declaration to the after-action report, with the keyboard alone (issue: response)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from .conftest import serving

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
PASSWORD = "four quiet harbor lamps"  # noqa: S105 - of a server that lives as long as this test
MOST_TABS = 500


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server that lets nobody in who has not signed in."""
    with serving(tmp_path_factory.mktemp("whole")) as base:
        yield base


@dataclass(frozen=True)
class Keys:
    """Somebody at a page who has a keyboard and nothing else."""

    page: Page

    def to(self, target: Locator) -> Locator:
        """Press Tab until the target has the focus; fail when it can not be reached so."""
        expect(target).to_be_attached()
        for _ in range(MOST_TABS):
            if target.evaluate("e => e === document.activeElement"):
                return target
            self.page.keyboard.press("Tab")
        pytest.fail(f"no Tab leads to {target}")

    def press(self, name: str | re.Pattern[str], within: Locator | None = None, *, role: str = "button") -> None:
        """Go to a button or link by its name and press Enter."""
        root = within if within is not None else self.page.locator("main")
        self.to(root.get_by_role(role, name=name).first)  # type: ignore[arg-type]
        self.page.keyboard.press("Enter")

    def send(self, name: str | re.Pattern[str], within: Locator | None = None, *, role: str = "button") -> None:
        """Press what leads to another page, or to the same one anew, and wait for it."""
        with self.page.expect_navigation():
            self.press(name, within, role=role)

    def unfold(self, target: Locator) -> None:
        """Open what is folded up."""
        self.to(target)
        if not target.evaluate("e => e.parentElement.open"):
            self.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        """Go to a field and type into it, instead of what stood there."""
        self.to(target)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def tick(self, target: Locator) -> None:
        """Go to a box and tick it."""
        self.to(target)
        self.page.keyboard.press("Space")
        expect(target).to_be_checked()

    def pick(self, target: Locator) -> None:
        """Go to a group of radio buttons and move to one of them with the arrows."""
        in_group = "e => document.activeElement.type === 'radio' && document.activeElement.name === e.name"
        for _ in range(MOST_TABS):
            if target.evaluate(in_group):
                break
            self.page.keyboard.press("Tab")
        if target.evaluate("e => e === document.activeElement"):
            self.page.keyboard.press("Space")
        for _ in range(12):
            if target.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"no arrow leads to {target}")

    def choose(self, target: Locator, value: str) -> None:
        """Go to a list and move down to a value."""
        self.to(target)
        self.page.keyboard.press("Home")
        for _ in range(60):
            if target.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"no arrow leads to {value}")

    def goes(self, to: str) -> None:
        """Open an address and look at it as a whole."""
        self.page.goto(to)
        sound(self.page)


def sound(page: Page) -> None:
    """Fail on what axe finds, on a page wider than the window, and on a page of the exercise without its mark."""
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
    if re.search(r"/incidents/\d+/", page.url) or "/a/" in page.url:
        expect(page.locator(".exercise").first).to_contain_text("EXERCISE")


def owner(open_page: Open, **look: int) -> Page:
    """Sign in as who set the server up, and set it up when nobody has."""
    page = open_page("/account/set-up/", **look)
    if "set-up" in page.url:
        page.get_by_label("Your name").fill("Nadia Frey")
        page.get_by_label("E-mail address").fill("nadia@example.org")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The password once more").fill(PASSWORD)
        page.get_by_role("button", name="Make the account").click()
        page.wait_for_url(lambda u: "set-up" not in u)
        return page
    return _signed_in(page, "nadia@example.org")


def _signed_in(page: Page, email: str) -> Page:
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main button").first.click()
    page.wait_for_url(lambda u: "sign-in" not in u)
    return page


def second_person(open_page: Open, page: Page, base: str, email: str, **look: int) -> Page:
    """Let a second commander in: by a link that sets a password, in a browser of their own."""
    page.goto(f"{base}/account/people/")
    page.get_by_label("Name, or role").fill("Second commander")
    page.get_by_label("E-mail address").fill(email)
    page.locator('form.questions input[name="roles"][value="commander"]').check()
    page.get_by_role("button", name="Add the account").click()
    link = page.locator(".copy").inner_text()
    sound(page)
    other = open_page(link.removeprefix(base), **look)
    for field in other.locator('main input[type="password"]').all():
        field.fill(PASSWORD)
    other.locator("main button").first.click()
    other.goto(f"{base}/account/sign-in/")
    return _signed_in(other, email)


def caught_link(page: Page, base: str, number: str, words: str) -> str:
    """Return the signed link of the latest message with these words that the outbox has caught."""
    for _ in range(60):
        page.goto(f"{base}/harbor/outbox/?incident={number}")
        rows = page.locator("tr", has_text=words).locator("a[href*='/a/']")
        if rows.count():
            return str(rows.first.get_attribute("href")).removeprefix(base)
        page.wait_for_timeout(500)
    pytest.fail(f"no message with {words!r} was caught")


@pytest.mark.parametrize("look", [{"width": 1280, "height": 900}, {"width": 390, "height": 844}], ids=["desk", "phone"])
def test_leads_from_the_declaration_to_the_report_with_the_keyboard_alone(
    open_page: Open, address: str, look: dict[str, int], keep: Callable[[Page, str], None]
) -> None:
    page = owner(open_page, **look)
    second = second_person(open_page, page, address, f"second-{look['width']}@example.org", **look)
    me = Keys(page)

    _declared(me, address)
    room = page.url.split("?")[0].split("#")[0]
    number = room.rstrip("/").rsplit("/", 1)[1]
    _answered_by_link(me, open_page, address, room, number, look)
    _counted(me, open_page, address, room, number, look)
    _worked(me, room)
    _decided(me, room)
    _told(me, room)
    _assessed(me, room)
    _reported(me, room)
    _came_back(me, room)
    _stood_down(me, Keys(second), room)
    _learned(me, room)
    keep(page, f"whole-report-{look['width']}")


def _declared(me: Keys, base: str) -> None:
    me.goes(f"{base}/harbor/incidents/declare/")
    page = me.page
    me.write(page.get_by_label("In a few words"), "Gas leak at the quay")
    me.tick(page.get_by_label("This is an exercise"))
    me.write(page.get_by_label("Find by name"), "Quay House")
    me.tick(page.get_by_label("Quay House", exact=True))
    me.pick(page.locator('input[name="site_lost"][value="yes"]'))
    expect(page.locator("#proposal")).to_contain_text("a site can not be used")
    me.pick(page.locator('input[name="level"][value="3"]'))
    me.choose(page.get_by_label("You act as"), "incident-commander")
    me.send("Report it now")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gas leak at the quay")
    expect(page.locator(".room-top")).to_contain_text("Level 3")
    sound(page)


def _answered_by_link(me: Keys, open_page: Open, base: str, room: str, number: str, look: dict[str, int]) -> None:
    them = Keys(open_page(caught_link(me.page, base, number, "Gas leak"), **look))
    sound(them.page)
    them.send("I have it")
    expect(them.page.get_by_role("status")).to_contain_text("Recorded: you have it.")
    sound(them.page)
    them.page.goto(f"{base}/harbor/incidents/")
    assert "/account/" in them.page.url, "a link lets nobody into the pages"

    me.goes(f"{room}log/?kind=page")
    expect(me.page.locator("main")).to_contain_text(re.compile("acknowledged", re.IGNORECASE))


def _counted(me: Keys, open_page: Open, base: str, room: str, number: str, look: dict[str, int]) -> None:
    me.goes(f"{room}roll-call/")
    me.send("Ask them now")
    expect(me.page.get_by_role("heading", level=1)).to_contain_text("not heard of")
    sound(me.page)
    them = Keys(open_page(caught_link(me.page, base, number, "safe"), **look))
    sound(them.page)
    them.send("I am safe")
    expect(them.page.get_by_role("status")).to_contain_text("Recorded: you are safe")

    me.goes(f"{room}roll-call/")
    expect(me.page.locator(".figures")).to_contain_text("1 of")


def _worked(me: Keys, room: str) -> None:
    me.goes(room)
    page = me.page
    me.press("Make the task list for what is hit")
    first = page.locator("#tasks .task").first
    expect(first).to_be_visible()
    name = first.get_attribute("id")
    task = page.locator(f"#{name}")
    me.press(re.compile("^Start"), task)
    expect(task.locator(".state")).to_have_text("under way")
    me.press(re.compile("^Done"), task)
    expect(page.locator("#tasks h2")).to_contain_text("1 of")
    for part in ("tasks/", "log/", "now/"):
        me.goes(f"{room}{part}")


def _decided(me: Keys, room: str) -> None:
    me.goes(room)
    page = me.page
    me.unfold(page.locator("#d-ask > summary"))
    me.write(page.locator("#f-ask input[name=question]"), "Do we send people home?")
    me.press("Put it")
    decide = page.locator("#d-decision-1")
    expect(decide).to_be_visible()
    me.unfold(decide.locator("summary"))
    me.write(decide.get_by_label("Choice"), "Yes, all of them")
    me.press("Decide", decide)
    expect(page.locator("#decisions .made")).to_contain_text("Yes, all of them")
    sound(page)


def _told(me: Keys, room: str) -> None:
    me.goes(f"{room}messages/")
    page = me.page
    me.press(re.compile("^Write to customers|^Write to"))
    card = page.locator("article.words").first
    expect(card).to_be_visible()
    sound(page)
    for field in card.locator("input[data-slot]").all():
        me.write(field, "within the hour" if field.get_attribute("data-slot") == "next_update" else "as was said")
    me.press("Approve", card)
    release = page.locator("form.release")
    expect(release).to_be_visible()
    sound(page)
    me.choose(release.get_by_label("Next update in"), "3600")
    me.press(re.compile("^Release"), release)
    expect(page.get_by_role("heading", name="Released")).to_be_visible()
    sound(page)


def _assessed(me: Keys, room: str) -> None:
    me.goes(f"{room}damage/")
    page = me.page
    me.send(re.compile("^Assess Quay House"), role="link")
    expect(page.get_by_role("heading", level=1)).to_have_text("Quay House")
    sound(page)
    me.write(page.get_by_label("What you see that can hurt somebody"), "Smell of gas at the gate")
    me.pick(page.locator('input[name="state"][value="unusable"]'))
    for label, time in (("Best case", "1h"), ("Likely", "2h"), ("Worst case", "5h")):
        me.write(page.get_by_label(label), time)
    me.send("Send what I found")
    expect(page.get_by_role("heading", level=1)).to_contain_text("looked at")
    expect(page.locator("main")).to_contain_text("at worst")
    sound(page)


def _reported(me: Keys, room: str) -> None:
    me.goes(f"{room}sitreps/")
    me.send("Issue report 1")
    expect(me.page.get_by_role("heading", level=1)).to_contain_text("Situation report 1")
    sound(me.page)


def _came_back(me: Keys, room: str) -> None:
    me.goes(f"{room}way-back/")
    page = me.page
    me.write(page.get_by_label("Why now"), "The gas is off, the fire brigade says so")
    me.send("Begin the way back")
    for _ in range(page.get_by_role("button", name="It is met").count()):
        me.write(page.get_by_placeholder("by what one sees it").first, "seen on the board")
        me.send("It is met")
    sound(page)
    me.send(re.compile("Form of Quay House"), role="link")
    sound(page)
    for answer in page.locator('input[type="radio"][value="yes"]').all():
        me.pick(answer)
    me.write(page.get_by_label("Signed by"), "Facilities lead")
    me.send("Sign it")
    for share in ("10", "25", "50", "100"):
        me.send(re.compile(f"^{share} % are back"))
        me.write(page.get_by_label("The hold is passed"), "82 % in 20 s for half an hour")
        me.send("Pass the hold point")
    expect(page.locator("main")).to_contain_text("All calls are back.")
    me.unfold(page.locator("summary", has_text="Say what was compared"))
    me.write(page.get_by_label("What, against what"), "Paper forms against the claims system")
    me.write(page.get_by_label("Differences left"), "0")
    me.send("Log it")
    me.write(page.get_by_label("Contacts waiting"), "0")
    me.send("Log it", page.locator("form", has=page.get_by_label("Contacts waiting")))
    expect(page.locator("main")).to_contain_text("The backlog is cleared.")
    sound(page)


def _stood_down(me: Keys, second: Keys, room: str) -> None:
    me.choose(me.page.get_by_label("You end it as"), "incident-commander")
    me.send("Ask to stand down")
    expect(me.page.locator("main")).to_contain_text("A second person is asked")
    sound(me.page)
    second.goes(f"{room}way-back/")
    second.choose(second.page.locator("#arole"), "incident-commander")
    second.send("I agree: stand down")
    expect(second.page.get_by_role("heading", level=1)).to_have_text("The response has ended.")


def _learned(me: Keys, room: str) -> None:
    me.goes(f"{room}report/")
    page = me.page
    me.write(page.get_by_label("What was learned"), "The second exit was locked")
    me.send("Note it")
    me.write(page.get_by_label("What will be done"), "Fit a panic bar")
    me.write(page.get_by_label("By", exact=True), "01022027")
    me.write(page.get_by_label("How it is tried again"), "With the drill in June")
    me.send("Give it")
    me.goes(f"{room}report/into-the-plan/")
    expect(page.locator('input[name="steps"]').first).to_be_checked()
    me.send("Take it into the plan")
    expect(page.locator("main")).to_contain_text("fed back from")
    me.goes(f"{room}report/")
    me.write(page.get_by_label("Reason, when something is left"), "Customers heard the end by the voice menu")
    me.send("Accept and close")
    expect(page.get_by_role("heading", level=1)).to_contain_text("The report is accepted")
    sound(page)
    page.goto(f"{room}log/")
    expect(page.get_by_text("Whole.")).to_be_visible()
    sound(page)
