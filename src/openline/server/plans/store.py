"""Plans in and out of the database."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.utils import timezone

from openline.plan.directory import read_directory
from openline.plan.document import Plan
from openline.plan.load import load_plan, overlay_names
from openline.plan.problem import Problem
from openline.server.plans.models import Revision


class NoSuchCentre(LookupError):
    """No plan with this short name was taken in."""


class BrokenOverlay(ValueError):
    """The plan with these overlays is not well formed; the message lists the problems."""


def take_in(directory: Path) -> tuple[Revision | None, tuple[Problem, ...]]:
    """Keep a plan's directory as a revision, unless its content is known; returns the problems when it is not sound."""
    files, problems = read_directory(directory)
    if problems:
        return None, tuple(problems)
    loaded = load_plan(files)
    if loaded.plan is None:
        return None, loaded.problems
    organization = loaded.plan.organization
    return keep(organization.id, organization.title, files, str(directory)), ()


def keep(slug: str, title: str, files: dict[str, str], source: str) -> Revision:
    """Keep files as the revision in force; content that is known already comes into force again."""
    revision, _ = Revision.objects.update_or_create(
        slug=slug,
        content_hash=hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest(),
        defaults={"title": title, "files": files, "source": source, "taken_in_at": timezone.now()},
    )
    return revision


def taken(slug: str) -> bool:
    """Tell whether there is a centre with this short name."""
    return Revision.objects.filter(slug=slug).exists()


def centres() -> list[Revision]:
    """Return the revision in force of every centre, in the order of their first coming."""
    latest: dict[str, Revision] = {}
    for revision in Revision.objects.order_by("taken_in_at"):
        latest[revision.slug] = revision
    return list(latest.values())


def centre(slug: str) -> Revision:
    """Return the revision in force; raises NoSuchCentre."""
    found = Revision.objects.filter(slug=slug).order_by("-taken_in_at").first()
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
    return _plan(revision.pk, revision.content_hash, overlays)


@lru_cache(maxsize=64)
def _plan(pk: int, content_hash: str, overlays: tuple[str, ...]) -> Plan:
    loaded = load_plan(Revision.objects.get(pk=pk).files, overlays)
    if loaded.plan is None:
        raise BrokenOverlay("; ".join(map(str, loaded.problems)))
    return loaded.plan
