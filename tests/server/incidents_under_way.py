"""Incidents for tests of pages: reported and driven through the store, as pages do it."""

from typing import TYPE_CHECKING

from openline.incident.command import Actor, Command
from openline.incident.opening import DeclareLevel, Report

if TYPE_CHECKING:
    from openline.server.incidents.models import Incident

COMMANDER = Actor("Commander", "account:900", role="incident-commander", person="commander-a")
SECOND = Actor("Second commander", "account:901", role="incident-commander", person="commander-b")


def begun(*objects: str, level: int = 2, exercise: bool = False, slug: str = "harbor") -> "Incident":
    """Return an incident with a level in force."""
    from openline.server.incidents.store import report
    from openline.server.plans.store import centre

    revision = centre(slug)
    wish = Report(
        title="Gas leak",
        plan_slug=slug,
        plan_hash=revision.content_hash,
        objects=objects or ("quay",),
        exercise=exercise,
    )
    found = report(revision, wish, COMMANDER)
    do(found, DeclareLevel(level=level))
    return found


def do(found: "Incident", *commands: Command, by: Actor = COMMANDER) -> None:
    """Carry commands out, one after the other."""
    from openline.server.incidents.store import carry_out

    for command in commands:
        carry_out(found, command, by)


def at(found: "Incident", part: str = "") -> str:
    """Return the address of a page of an incident."""
    return f"/{found.slug}/incidents/{found.pk}/{part}"
