"""The page as static files: rendered once, served here, taken out, or written beside the server at every release."""

import io
import threading
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from openline.incident.entry import Entry
from openline.incident.messages import MessageReleased, MessageWithdrawn
from openline.server.engine import port as engine
from openline.server.incidents.models import Incident
from openline.server.plans.store import centre, plan_of
from openline.server.status_pages.content import Content, content, real_incidents
from openline.server.status_pages.models import StatusPage
from openline.server.status_pages.words import LANGUAGES, words

KIND = "status_export"
CSS = Path(__file__).with_name("status.css")
FRESH_S = 5.0
"""How long rendered files are served again: a crisis brings thousands of readers at once."""

EARLIER = 5
"""Messages on the page below what holds now; the rest is on the page of the last 90 days."""

Files = dict[str, bytes]


class CanNotWrite(OSError):
    """The static files could not be written; the message says where and why."""


Where = Literal["here", "elsewhere", "preview"]
"""Where the files are read: it decides where the form for subscribing leads, or that there is none."""


def files(
    page: StatusPage, now: datetime, where: Where, *, incidents: list[Incident] | None = None, mark: str = ""
) -> Files:
    """Return every file of a page by its path; `mark` stands on a preview, whose incidents are given."""
    chosen = real_incidents(page.slug, now) if incidents is None else incidents
    tz = plan_of(centre(page.slug)).organization.tz
    found: Files = {"status.css": CSS.read_bytes()}
    spoken = [lang for lang in page.languages if lang in LANGUAGES] or ["en"]
    for n, language in enumerate(spoken):
        said = content(chosen, page.services, language, now)
        root = "" if n == 0 else f"{language}/"
        context = _context(page, said, language, spoken, now, tz, root)
        context |= {"mark": mark and words(language)[mark], "subscribe_to": _form(page, where, root)}
        for name in ("index.html", "history.html"):
            found[root + name] = render_to_string(f"status_pages/{name}", context).encode()
        found[root + "feed.xml"] = render_to_string("status_pages/feed.xml", context).encode()
    return found


def address(slug: str) -> str:
    """Return where people find the page."""
    return f"{settings.PUBLIC_URL or settings.OWN_URL}/status/{slug}/"


def _context(
    page: StatusPage, said: Content, language: str, spoken: list[str], now: datetime, tz: str, root: str
) -> dict[str, Any]:
    up = "../" if root else ""
    return {
        "page": page,
        "said": said,
        "earlier": [n for n in said.notices if n not in said.now][:EARLIER],
        "w": words(language),
        "language": language,
        "languages": [(lang, LANGUAGES[lang], up + ("" if n == 0 else f"{lang}/")) for n, lang in enumerate(spoken)],
        "now": now,
        "tz": tz,
        "up": up,
        "address": address(page.slug) + root,
        "late": {n.id for n in said.now if n.next_at is not None and n.next_at < now},
    }


def _form(page: StatusPage, where: Where, root: str) -> str:
    """Return where the form for subscribing leads; from elsewhere only to a server that others can reach."""
    if not page.takes_subscribers or where == "preview":
        return ""
    if where == "here":
        return f"{'../' if root else ''}subscribe/"
    return f"{address(page.slug)}subscribe/" if settings.PUBLIC_URL else ""


class Kept:
    """Rendered files of each page for a few seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._files: dict[str, tuple[float, Files]] = {}

    def files(self, page: StatusPage) -> Files:
        """Return a page's files, rendered a few seconds ago at most."""
        with self._lock:
            until_s, found = self._files.get(page.slug, (0.0, {}))
            if not found or self._clock() >= until_s:
                found = files(page, timezone.now(), "here")
                self._files[page.slug] = (self._clock() + FRESH_S, found)
            return found

    def forget(self) -> None:
        """Render anew when asked next."""
        with self._lock:
            self._files.clear()


KEPT: Final = Kept()


def write(found: Files, to: Path) -> None:
    """Write files into a directory, each whole or not at all; others there stay. Raises CanNotWrite."""
    try:
        for name, body in found.items():
            target = to / name
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".{target.name}.part")
            part.write_bytes(body)
            part.replace(target)
    except OSError as error:
        raise CanNotWrite(f"can not write {error.filename or to}: {error.strerror}") from error


def zipped(found: Files) -> bytes:
    """Return files as one archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in found.items():
            archive.writestr(name, body)
    return out.getvalue()


def directory(slug: str) -> Path:
    """Return where a page is written at every release; only who runs the server says where that lies."""
    return Path(settings.STATUS_DIR) / slug


def wanted(incident: Incident, entries: tuple[Entry, ...]) -> Sequence[engine.NewJob]:
    """Return the job that writes the page anew when its words change."""
    if incident.is_exercise or incident.is_demo:
        return ()
    seqs = [e.seq for e in entries if isinstance(e.event, MessageReleased | MessageWithdrawn)]
    if not seqs or not StatusPage.objects.filter(slug=incident.slug, is_on=True, exports=True).exists():
        return ()
    key = f"{incident.pk}/{KIND}/{seqs[-1]}"
    return (engine.NewJob(key=key, kind=KIND, topic=str(incident.pk), payload={"slug": incident.slug}),)


def act(key: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    """Write a page's files. Raises CanNotWrite."""
    page = StatusPage.objects.filter(slug=payload["slug"], is_on=True, exports=True).first()
    if page is not None:
        write(files(page, timezone.now(), "elsewhere"), directory(page.slug))
    return None


def ended(key: str, payload: dict[str, Any], outcome: engine.Outcome) -> None:
    """Keep when the page was written, or why not."""
    is_done = outcome.status == "done"
    told = {"exported_at": timezone.now(), "export_error": ""} if is_done else {"export_error": outcome.error[:300]}
    StatusPage.objects.filter(slug=payload["slug"]).update(**told)
