"""A first sign by text: whose number it comes from, the incident that it opens, and what is said back."""

from collections.abc import Iterator
from hashlib import sha256
from uuid import uuid4

from openline.incident.opening import Report
from openline.incident.state import State
from openline.plan.document import Plan
from openline.server.answers.finding import NobodyMeant, owners, tail
from openline.server.answers.reading import actor
from openline.server.answers.request import REPORTS
from openline.server.answers.texts import Sign
from openline.server.incidents.models import Incident
from openline.server.incidents.store import known, report
from openline.server.plans.models import Revision
from openline.server.plans.store import centres, plan_of

TITLE_MOST = 120


class TooMany(LookupError):
    """One number has opened many incidents; the message says what to do."""


def opened(sender: str, sign: Sign, once: str) -> int:
    """Return the incident that a text opens, or opened when it was delivered before. Raises NobodyMeant.

    `once` is the gateway's own id of the text; without one, each text is another sign. Raises TooMany for a new one
    when the number has opened many: one that was not written down, or was before, does not count.
    """
    revision, person, words = _meant(sender, sign.words)
    if not words:
        raise NobodyMeant("write REPORT and what you see, such as REPORT smoke in the server room")
    command = Report(
        title=words if len(words) <= TITLE_MOST else f"{words[: TITLE_MOST - 4]} ...",
        what=words if len(words) > TITLE_MOST else "",
        how="phone",
        exercise=sign.is_exercise,
        plan_slug=revision.slug,
        plan_hash=revision.content_hash,
    )
    mark = sha256(f"{once} {words}".encode()).hexdigest()[:40] if once else uuid4().hex
    key = f"text/{revision.slug}/{person}/{mark}"
    if REPORTS.is_full(tail(sender)) and known(key) is None:
        raise TooMany("too many reports from one number in ten minutes: call the duty officer")
    found = report(revision, command, actor(plan_of(revision), person), key=key)
    REPORTS.allows(tail(sender))
    return found.pk


def _meant(sender: str, words: str) -> tuple[Revision, str, str]:
    """Return the centre, the person and the words; who belongs to several centres begins with the name of one."""
    found = list(_reporters(sender))
    first, _, rest = words.partition(" ")
    chosen = [x for x in found if x[0].slug == first.lower()]
    if len({r.slug for r, _ in found}) > 1 and chosen:
        found, words = chosen, rest
    if len(found) == 1:
        return *found[0], words
    if not found:
        raise NobodyMeant("nobody in a plan in force has this number: tell your team lead, or report it on the page")
    names = sorted({r.slug for r, _ in found})
    if len(names) == 1:
        raise NobodyMeant("several people have this number: report it on the page")
    raise NobodyMeant(f"this number is known in several centres: write REPORT {names[0]}, or {', '.join(names[1:])}")


def _reporters(sender: str) -> Iterator[tuple[Revision, str]]:
    """Yield (revision in force, person) for everybody who has this number and has not left."""
    for revision in centres():
        plan = plan_of(revision)
        yield from ((revision, p) for p in sorted(owners(plan, sender)) if plan.persons[p].status != "left")


def told(found: Incident, plan: Plan, state: State) -> str:
    """Return what is said back: the incident's number, and who is called for it."""
    roles = [plan.roles[p.role].title for p in state.pages.values() if p.role in plan.roles]
    if state.is_exercise:
        return f"EXERCISE: reported as {found.ref}; nobody is called for real."
    if not roles:
        return f"Reported as {found.ref}, but the plan names nobody to call: tell your team lead."
    return f"Reported as {found.ref}. Called: {', '.join(dict.fromkeys(roles))}."
