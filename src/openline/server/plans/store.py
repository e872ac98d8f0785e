"""Plans in and out of the database."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from openline.plan.directory import read_directory
from openline.plan.document import Plan
from openline.plan.load import Loaded, load_plan, overlay_names
from openline.plan.problem import Problem
from openline.server.accounts.models import Account, Act
from openline.server.plans.models import Revision

SERVER = "this server"
"""Who took a plan in that was named when the server was started."""

RESERVED = frozenset(
    (
        "a",
        "account",
        "api",
        "bring-in",
        "cal",
        "health",
        "in",
        "link",
        "metrics",
        "new",
        "safety",
        "settings",
        "static",
        "status",
        "",
    )
)


class NoSuchCentre(LookupError):
    """No plan with this short name was taken in."""


class NameReserved(ValueError):
    """A centre can not have this short name, since an address of the server begins so."""


class BrokenOverlay(ValueError):
    """The plan with these overlays is not well formed; the message lists the problems."""


def take_in(directory: Path) -> tuple[Revision | None, tuple[Problem, ...]]:
    """Keep a plan's directory as a revision; returns the problems when it is not sound.

    Content that was taken in before does not come into force again, so that a restart undoes no change made in pages.
    """
    files, problems = read_directory(directory)
    if problems:
        return None, tuple(problems)
    loaded = load_plan(files)
    if loaded.plan is None:
        return None, loaded.problems
    organization = loaded.plan.organization
    known = Revision.objects.filter(slug=organization.id, content_hash=hash_of(files)).first()
    if known is not None:
        return known, ()
    try:
        return keep(organization.id, organization.title, files, str(directory), by=None, why="named at the start"), ()
    except NameReserved as error:
        return None, (Problem("openline.yaml", 0, "organization.id", str(error), "give it another one"),)


def hash_of(files: dict[str, str]) -> str:
    """Return the hash that names a content."""
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


@transaction.atomic
def keep(slug: str, title: str, files: dict[str, str], source: str, *, by: Account | str | None, why: str) -> Revision:
    """Keep files as the revision in force; when they are in force already nothing is added. Raises NameReserved.

    `by` is an account, or the words that name somebody who has none.
    """
    if slug in RESERVED:
        raise NameReserved(f"A centre can not have the short name {slug!r}: it is an address of this server.")
    hold(slug)
    found, now = Revision.objects.filter(slug=slug).first(), hash_of(files)
    if found is not None and found.content_hash == now:
        return found
    at, who = timezone.now(), SERVER if by is None else str(by)[:120]
    account = by if isinstance(by, Account) else None
    about = f"{now[:12]} {source}"[:300]
    Act.objects.create(at=at, account=account, who=who, did="kept a revision", slug=slug, about=about)
    return Revision.objects.create(
        slug=slug, title=title, content_hash=now, files=files, source=source, who=who, why=why[:200], taken_in_at=at
    )


def hold(slug: str) -> None:
    """Keep others from changing a centre until the transaction ends; SQLite does so by itself."""
    list(Revision.objects.select_for_update().filter(slug=slug).order_by("pk").only("pk")[:1])


def taken(slug: str) -> bool:
    """Tell whether there is a centre with this short name."""
    return Revision.objects.filter(slug=slug).exists()


def centres() -> list[Revision]:
    """Return the revision in force of every centre, in the order of their first coming."""
    latest: dict[str, Revision] = {}
    for revision in Revision.objects.defer("files").order_by("taken_in_at", "pk"):
        latest[revision.slug] = revision
    return list(latest.values())


def centre(slug: str) -> Revision:
    """Return the revision in force; raises NoSuchCentre."""
    found = Revision.objects.filter(slug=slug).first()
    if found is None:
        raise NoSuchCentre(slug)
    return found


def overlays_of(revision: Revision) -> list[tuple[str, str, str]]:
    """Return (name, title, description) of the overlays that lie beside the plan."""
    found = []
    for name in overlay_names(revision.files):
        title, description = _about(revision.files[f"overlays/{name}.yaml"])
        found.append((name, title or name, description))
    return found


def _about(text: str) -> tuple[str, str]:
    from openline.plan.tree import parse

    tree, _ = parse("overlay", text)
    said = tree.value if tree is not None and isinstance(tree.value, dict) else {}
    return tuple(str(said[k].value) if k in said else "" for k in ("name", "description"))  # type: ignore[return-value]


def plan_of(revision: Revision, overlays: tuple[str, ...] = ()) -> Plan:
    """Return a revision's plan with overlays; raises BrokenOverlay."""
    plan = loaded_of(revision.pk, revision.content_hash, overlays).plan
    if plan is None:
        raise BrokenOverlay("the plan can not be read")
    return plan


@lru_cache(maxsize=32)
def loaded_of(pk: int, content_hash: str, overlays: tuple[str, ...] = ()) -> Loaded:
    """Return a revision's plan with the places of its entities, read once for all pages; raises BrokenOverlay."""
    loaded = load_plan(Revision.objects.get(pk=pk).files, overlays)
    if loaded.plan is None:
        raise BrokenOverlay("; ".join(map(str, loaded.problems)))
    return loaded
