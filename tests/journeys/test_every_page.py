"""Every page of a server on which a scripted incident has ended, looked at by axe (issue: response, axe)."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from openline.exchange.workbook import workbook_bytes
from openline.incident.script import SCENES
from tests.examples.test_harbor import harbor
from tests.notifiers.servers import Mailbox, mail_server
from tests.server.telling.listener import listening
from tests.server.test_bringing_contacts import long_form

from .conftest import ROOT, serving

pytestmark = pytest.mark.browser
ROOM = "/harbor/incidents/{incident}/"
ANSWERS = "{acknowledged}", "{counted}", "{counted}?change=1", "{waits}", "/a/not-a-link"
PAGES: dict[str, tuple[str, ...]] = {
    "/": ("/",),
    "/safety/": ("/safety/",),
    "/new/": ("/new/",),
    "/new/<template>/": ("/new/group/",),
    "/bring-in/": ("/bring-in/",),
    "/bring-in/<pk>/": ("{new_plan}",),
    "/<slug>/": ("/harbor/",),
    "/<slug>/findings/": ("/harbor/findings/", "/corner-repairs/findings/"),
    "/<slug>/findings/rules/<rule_id>/": ("/harbor/findings/rules/AR-035/",),
    "/<slug>/plan/": ("/corner-repairs/plan/", "/harbor/plan/?only=sites&page=1"),
    "/<slug>/plan/print/": ("/harbor/plan/print/",),
    "/<slug>/plan/edit/": ("/harbor/plan/edit/",),
    "/<slug>/plan/edit/organization/": ("/harbor/plan/edit/organization/",),
    "/<slug>/plan/edit/<collection>/": ("/harbor/plan/edit/exclusions/",),
    "/<slug>/plan/edit/<collection>/<entity_id>/": ("/harbor/plan/edit/sites/quay/",),
    "/<slug>/plan/edit/<collection>/<entity_id>/remove/": ("/harbor/plan/edit/sites/quay/remove/",),
    "/<slug>/bring-in/": ("/harbor/bring-in/",),
    "/<slug>/bring-in/<pk>/": ("{brought}",),
    "/<slug>/bring-in/contacts/": ("/harbor/bring-in/contacts/",),
    "/<slug>/bring-in/contacts/<pk>/": ("{contacts}",),
    "/<slug>/revisions/": ("/harbor/revisions/",),
    "/<slug>/revisions/trend/": ("/harbor/revisions/trend/",),
    "/<slug>/revisions/<old>/<new>/": ("{compared}",),
    "/<slug>/approve/": ("/harbor/approve/",),
    "/<slug>/what-if/": (
        "/harbor/what-if/",
        "/harbor/what-if/?what=scenario:records-down&at=2026-11-30T10:00&lasts=1h",
    ),
    "/<slug>/asked/": ("/harbor/asked/",),
    "/<slug>/asked/vendors/": ("/harbor/asked/vendors/",),
    "/link/<token>/": ("{owner}", "{vendor}", "/link/1.no.link/"),
    "/link/<token>/work/<activity>/": ("{owner}work/claims/",),
    "/<slug>/on-call/": ("/harbor/on-call/", "/corner-repairs/on-call/"),
    "/<slug>/reach/": ("/harbor/reach/",),
    "/<slug>/outbox/": ("/harbor/outbox/", "/corner-repairs/outbox/"),
    "/<slug>/incidents/": ("/harbor/incidents/", "/corner-repairs/incidents/"),
    "/<slug>/incidents/declare/": ("/harbor/incidents/declare/",),
    "/<slug>/incidents/<pk>/": (ROOM, ROOM + "?as=scribe", ROOM + "?as=lead", ROOM + "?as=executive"),
    "/<slug>/incidents/<pk>/now/": (ROOM + "now/",),
    "/<slug>/incidents/<pk>/log/": (ROOM + "log/",),
    "/<slug>/incidents/<pk>/tasks/": (ROOM + "tasks/",),
    "/<slug>/incidents/<pk>/tasks/<task>/": (ROOM + "tasks/leave-quay-call-partner/",),
    "/<slug>/incidents/<pk>/messages/": (ROOM + "messages/",),
    "/<slug>/incidents/<pk>/status-page/<name>": (
        ROOM + "status-page/index.html",
        ROOM + "status-page/history.html",
    ),
    "/<slug>/incidents/<pk>/roll-call/": (ROOM + "roll-call/",),
    "/<slug>/incidents/<pk>/roll-call/<name>/": (ROOM + "roll-call/roll-call-1/?by=role",),
    "/<slug>/incidents/<pk>/roll-call/<name>/sheet/": (ROOM + "roll-call/roll-call-1/sheet/",),
    "/<slug>/incidents/<pk>/damage/": (ROOM + "damage/",),
    "/<slug>/incidents/<pk>/damage/<name>/<stage>/": (ROOM + "damage/quay/detailed/",),
    "/<slug>/incidents/<pk>/sitreps/": (ROOM + "sitreps/",),
    "/<slug>/incidents/<pk>/sitreps/<number>/": (ROOM + "sitreps/1/",),
    "/<slug>/incidents/<pk>/way-back/": (ROOM + "way-back/",),
    "/<slug>/incidents/<pk>/way-back/walkthrough/<site>/": (ROOM + "way-back/walkthrough/quay/",),
    "/<slug>/incidents/<pk>/report/": (ROOM + "report/",),
    "/<slug>/incidents/<pk>/report/into-the-plan/": (ROOM + "report/into-the-plan/",),
    "/a/<token>": ANSWERS,
    "/<slug>/status-page/": ("/harbor/status-page/",),
    "/<slug>/status-page/preview/<name>": ("/harbor/status-page/preview/index.html",),
    "/status/<slug>/": ("/status/harbor/", "/status/nobody/"),
    "/status/<slug>/<name>": ("/status/harbor/history.html",),
    "/status/<slug>/confirm/<link>/": ("{confirm}",),
    "/status/<slug>/leave/<link>/": ("{leave}",),
    "/settings/webhooks/": ("/settings/webhooks/",),
    "/settings/providers/": ("/settings/providers/",),
    "/settings/providers/new/<kind>/": ("/settings/providers/new/gateway/", "/settings/providers/new/apprise/"),
    "/settings/providers/<pk>/": ("/settings/providers/1/",),
    "/account/people/": ("/account/people/",),
    "/account/tokens/": ("/account/tokens/",),
    "/account/paper-code/": ("/account/paper-code/",),
    "/account/paper-codes/": ("/account/paper-codes/",),
    "/account/log/": ("/account/log/",),
    "/account/shut/": ("/account/shut/",),
    "/account/sign-out/": ("/account/sign-out/",),
    "/account/password/": ("/account/password/",),
    "/account/password/none/": ("/account/password/none/",),
    "/account/password/done/": ("/account/password/done/",),
    "/account/password/<uidb36>-<key>/": ("/account/password/1-no-key/",),
    "/account/provider-failed/": ("/account/provider-failed/",),
    "/account/second-factor/": ("/account/second-factor/",),
    "/account/second-factor/on/": ("/account/second-factor/on/",),
    "/account/second-factor/recovery-codes/new/": ("/account/second-factor/recovery-codes/new/",),
}
"""By address what is opened of it; a page that is not named here fails `test_leaves_no_page_out`."""

NOT_IN_A_DEMO = {
    "/account/sign-in/", "/account/set-up/", "/account/code/", "/account/confirm/", "/account/confirm/code/",
    "/account/provider/<provider_id>/", "/account/provider/<provider_id>/back/", "/account/second-factor/off/",
    "/account/second-factor/recovery-codes/", "/account/second-factor/recovery-codes/file/",
    "/account/paper-codes/<pk>/",
}  # fmt: skip
"""Everybody is signed in there already, by no password and no code."""

ONLY_SENT_TO = {"/status/<slug>/subscribe/", "/link/<token>/file/", "/link/<token>/take/"}
"""Say that there is nothing when they are opened; what comes of sending to them is looked at below."""

ROLL_CALL = 3
ON_A_PHONE = (ROOM, "{acknowledged}", "{counted}", "{waits}", "/a/", "/status/", "{confirm}", "{leave}", "/safety/")
"""Pages that are read in the dark on a phone: of the incident, of who was called, of customers."""

WHOLE = {"resultTypes": ["violations"]}
DARK = {**WHOLE, "runOnly": ["color-contrast", "target-size", "scrollable-region-focusable"]}


def doors() -> list[str]:
    """Return every address of the server as the docs list them, which another test keeps true; the API's apart."""
    text = (ROOT / "docs" / "sign-in.md").read_text(encoding="utf-8")
    table = text.partition("<!-- doors -->")[2].partition("<!-- /doors -->")[0]
    return [d for d in re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE) if not d.startswith("/api/")]


@dataclass(frozen=True)
class Server:
    """A server on which the script was played to its end, and the links that came of it."""

    base: str
    links: dict[str, str]


@pytest.fixture(scope="module")
def played(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Play the script to its end on a server of its own, with a mail server, a webhook and readers who subscribe."""
    with serving(tmp_path_factory.mktemp("every"), "--demo") as base, mail_server() as (port, box), listening() as hook:
        page = browser.new_context(base_url=base).new_page()
        page.route("**/now/", lambda route: route.abort())  # a forecast for every scene takes most of a minute
        _set_up(page, port, hook.url)
        links = {**_played(page), **_asked(page), **_brought(page), **_subscribed(page, box)}
        yield Server(base, links)


def _set_up(page: Page, port: int, hook: str) -> None:
    page.goto("/settings/providers/new/smtp/")
    page.get_by_label("Name, as the log shows it").fill("post")
    page.locator("input[name=channels][value=email]").check()
    for name, value in (("host", "127.0.0.1"), ("port", str(port)), ("sender", "openline@harbor.example")):
        page.locator(f"#o-{name}").fill(value)
    page.locator("#o-security").select_option("none")
    page.locator("main form button").click()
    page.goto("/settings/webhooks/")
    page.get_by_label("Name").fill("Wallboard")
    page.get_by_label("Address").fill(hook)
    page.get_by_label("Told of").select_option("*")
    page.get_by_role("button", name="Register it").click()
    page.goto("/harbor/status-page/")
    page.get_by_label("Show the page to everybody").check()
    page.get_by_label("Let readers subscribe").check()
    page.get_by_role("button", name="Keep this").click()


def _played(page: Page) -> dict[str, str]:
    """Play every scene; the links to answer are read while the roll call is open, since its end stops the calls."""
    page.goto("/harbor/incidents/")
    page.locator("form[action$='/script/'] button").click()
    page.wait_for_url(re.compile(r"/incidents/\d+/"))
    room, played, links = page.url.partition("?")[0].partition("#")[0], 0, dict[str, str]()
    while (scene := page.locator("form[action$='/script/'] button")).count():
        scene.click()
        played += 1
        if played == ROLL_CALL:
            links = _answers(page)
        page.goto(room)
    assert played == len(SCENES)
    return {**links, "incident": room.rstrip("/").rpartition("/")[2]}


def _answers(page: Page) -> dict[str, str]:
    """Return links of the outbox: to a call and to a roll call that were answered, and to one that waits."""
    links: dict[str, str] = {}
    seen: set[str] = set()
    for _ in range(60):
        page.goto("/harbor/outbox/")
        found: list[str] = page.locator("a[href*='/a/']").evaluate_all("all => all.map(a => a.href)")
        for link in [x for x in found if x not in seen]:
            seen.add(link)
            links.setdefault(_answered(page, link, is_to_wait="waits" not in links), link)
        if len(links) == 3:
            return links
        page.wait_for_timeout(500)
    pytest.fail(f"only {sorted(links)} among {len(seen)} messages")


def _answered(page: Page, link: str, *, is_to_wait: bool) -> str:
    """Answer a call that waits, but leave the first roll call alone when one is to wait; return what it is now."""
    page.goto(link)
    count, call = page.get_by_role("button", name="I am safe"), page.get_by_role("button", name="I have it")
    if count.count() and is_to_wait:
        return "waits"
    for button in (count, call):
        if button.count():
            button.click()
    return "counted" if "you are safe" in page.get_by_role("status").inner_text() else "acknowledged"


def _asked(page: Page) -> dict[str, str]:
    links = {}
    for name, whom in (("owner", "owner:operations-manager"), ("vendor", "vendor:tidewater")):
        page.goto("/harbor/asked/")
        page.get_by_label("Who is asked?").select_option(whom)
        page.get_by_role("button", name="Make the link").click()
        links[name] = page.locator(".copy").inner_text()
    return links


def _brought(page: Page) -> dict[str, str]:
    """Change the plan; leave two workbooks and an interval export waiting to be judged."""
    page.goto("/harbor/plan/edit/skills/")
    page.locator("#f-id").fill("patience")
    page.get_by_role("button", name="Keep as a new revision").click()
    page.goto("/harbor/revisions/")
    links = {"compared": str(page.get_by_role("link", name=re.compile("What changed")).first.get_attribute("href"))}
    with TemporaryDirectory() as directory:
        book = Path(directory) / "plan.xlsx"
        book.write_bytes(io.BytesIO(workbook_bytes(harbor())).getvalue())
        for name, path in (("brought", "/harbor/bring-in/"), ("new_plan", "/bring-in/")):
            page.goto(path)
            page.locator("main input[type=file]").set_input_files(book)
            page.locator("main form button").first.click()
            page.wait_for_url(re.compile(r"/bring-in/[0-9a-f-]{30,}/"))
            links[name] = page.url
        export = Path(directory) / "acd.csv"
        export.write_text(long_form())
        page.goto("/harbor/bring-in/contacts/")
        page.locator("main input[type=file]").set_input_files(export)
        page.locator("main form button").first.click()
        page.wait_for_url(re.compile(r"/contacts/[0-9a-f-]{30,}/"))
        links["contacts"] = page.url
    return links


def _subscribed(page: Page, box: Mailbox) -> dict[str, str]:
    """Subscribe to the status page, confirm, and subscribe again, so that there is a link to leave."""
    links = {}
    for name in ("confirm", "leave"):
        page.goto("/status/harbor/")
        page.locator("#address").fill("reader@example.org")
        page.locator(".subscribe button").click()
        links[name] = _mailed(page, box, name)
        if name == "confirm":
            page.goto(links[name])
            page.locator("main button").click()
    return links


def _mailed(page: Page, box: Mailbox, name: str) -> str:
    for _ in range(100):
        for mail in box.mail:
            text = message_from_bytes(mail.content or b"").get_payload(decode=True)  # type: ignore[arg-type]
            found = re.search(rf"https?://\S+/status/harbor/{name}/\S+", bytes(text).decode())
            if found:
                return found[0]
        page.wait_for_timeout(100)
    pytest.fail(f"no mail with a link to {name} came")


@pytest.fixture(scope="module")
def looker(browser: Browser, played: Server) -> Iterator[Callable[[str], tuple[Page, list[str]]]]:
    """Open a path and give the page with what its console said."""
    context: BrowserContext = browser.new_context(base_url=played.base)
    page, said = context.new_page(), list[str]()
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: said.append(str(e)))

    def opened(path: str) -> tuple[Page, list[str]]:
        said.clear()
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme="light")
        page.goto(path.format(**played.links))
        # The room asks for its forecast by itself; left before it came, the request would count as a fault of the next.
        expect(page.locator("#now-answer .working")).to_have_count(0, timeout=60_000)
        return page, said

    yield opened
    context.close()


@pytest.mark.parametrize("path", [path for paths in PAGES.values() for path in paths])
def test_looks_at_every_page_of_a_finished_incident(looker: Callable[[str], tuple[Page, list[str]]], path: str) -> None:
    page, said = looker(path)
    is_refusal = any("Failed to load resource" in s for s in said)

    assert page.locator("h1").count() >= 1, page.url
    _passes(page, WHOLE)
    page.set_viewport_size({"width": 390, "height": 844})
    _fits(page)
    if path.startswith(ON_A_PHONE):
        page.emulate_media(color_scheme="dark")
        _passes(page, DARK)
    assert len(said) == is_refusal, said
    if path.startswith(ROOM) or path in ANSWERS[:-1]:
        assert re.search("DEMO|EXERCISE", page.locator(".exercise, aside.mark").first.inner_text())


def _passes(page: Page, options: dict[str, list[str]]) -> None:
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    _fits(page)


def _fits(page: Page) -> None:
    """Wait until nothing is wider than the window: a chart follows the window a moment later."""
    for _ in range(50):
        if page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{page.url} is wider than the window")


def test_leaves_no_page_out(browser: Browser, played: Server) -> None:
    known = doors()
    assert set(PAGES) | NOT_IN_A_DEMO | ONLY_SENT_TO <= set(known)
    request = browser.new_context(base_url=played.base).request
    filled = {"slug": "harbor", "pk": played.links["incident"], "form": "plan.xlsx", "command": "WriteNote"}
    filled["token"] = played.links["owner"].rstrip("/").rpartition("/")[2]

    for door in set(known) - set(PAGES) - NOT_IN_A_DEMO - ONLY_SENT_TO:
        path = re.sub(r"<(\w+)>", lambda m: filled.get(m[1], "1"), door)
        answer = request.get(path, max_redirects=0)
        is_page = "text/html" in answer.headers.get("content-type", "") and answer.status not in (204, 405)
        assert not is_page or "attachment" in answer.headers.get("content-disposition", ""), (door, answer.status)


def test_finds_nothing_wrong_with_what_comes_of_sending(looker: Callable[[str], tuple[Page, list[str]]]) -> None:
    page, _ = looker("/status/harbor/")
    page.locator("#address").fill("another@example.org")
    page.locator(".subscribe button").click()
    _passes(page, WHOLE)
    page.goto("/status/harbor/")
    page.locator("#address").evaluate("e => { e.type = 'text'; e.value = 'no address' }")
    page.locator(".subscribe button").click()
    assert page.locator("[aria-invalid=true]").count() == 1
    _passes(page, WHOLE)
