"""Incidents in and out of the database: one transaction for each command, with its entries and its jobs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from openline.incident.command import OPEN, Actor, Command, Phase
from openline.incident.decide import carried_out
from openline.incident.entry import Entry, as_json
from openline.incident.event import written
from openline.incident.opening import Report
from openline.incident.react import Job, react
from openline.incident.state import State
from openline.plan.document import Plan
from openline.server.engine import port as engine
from openline.server.incidents.folded import entry_of, held
from openline.server.incidents.models import Incident, Line
from openline.server.plans.models import Revision
from openline.server.plans.store import plan_of


ON_ENTRIES: list[Callable[[Incident, tuple[Entry, ...]], Sequence[engine.NewJob]]] = []
"""What other slices want done for new entries, kept in the same transaction; they add themselves in ready()."""


class NoSuchIncident(LookupError):
    """There is no incident with this number."""


def incident(pk: int) -> Incident:
    """Return an incident; raises NoSuchIncident."""
    found = Incident.objects.select_related("revision").filter(pk=pk).first()
    if found is None:
        raise NoSuchIncident(f"there is no incident {pk}")
    return found


def open_incidents(slug: str | None = None) -> Sequence[Incident]:
    """Return the incidents that are under way, the latest first."""
    found = Incident.objects.filter(phase__in=OPEN)
    return list(found.filter(slug=slug) if slug else found)


def pinned(found: Incident) -> Plan:
    """Return the plan that was in force when the incident was reported; later changes do not touch it."""
    return plan_of(found.revision)


@contextmanager
def reading(found: Incident) -> Iterator[State]:
    """Hold the state of an incident while something is read off it; keep it short."""
    with held(found) as state:
        yield state


@transaction.atomic
def report(revision: Revision, command: Report, actor: Actor, *, at: datetime | None = None, key: str = "") -> Incident:
    """Open an incident; the same key opens it once. Raises Refused."""
    known = Line.objects.filter(key=key).select_related("incident__revision").first() if key else None
    if known is not None:
        return known.incident
    found = Incident.objects.create(
        slug=revision.slug,
        revision=revision,
        title=command.title,
        is_exercise=command.exercise,
        is_demo=command.demo,
    )
    carry_out(found, command, actor, at=at, key=key)
    found.refresh_from_db()
    return found


def carry_out(
    found: Incident, command: Command, actor: Actor, *, at: datetime | None = None, key: str = ""
) -> tuple[Entry, ...]:
    """Carry a command out and return its entries; with a key that was used, return what came of it then.

    Events, lists and jobs are kept in one transaction: all of them or none. Raises Refused.
    """
    with transaction.atomic():
        row = _locked(found.pk)
        known = Line.objects.filter(key=key).first() if key else None
        if known is not None:
            return (entry_of(known),)
        plan, now = pinned(row), timezone.now()
        with held(row) as state:
            entries, jobs = [], list[Job]()
            for entry in carried_out(state, command, plan, now, actor, at):
                entries.append(entry)
                jobs += react(state, entry, plan)
            _keep(row, state, entries, key)
            more = [j for wanted in ON_ENTRIES for j in wanted(row, tuple(entries))] if entries else []
            engine.enqueue([*(as_job(row, j) for j in jobs), *more])
    found.last_seq, found.last_hash, found.phase, found.level = row.last_seq, row.last_hash, row.phase, row.level
    return tuple(entries)


def _locked(pk: int) -> Incident:
    found = Incident.objects.select_related("revision")
    if connection.features.has_select_for_update:
        found = found.select_for_update(of=("self",))
    return found.get(pk=pk)


def _keep(row: Incident, state: State, entries: list[Entry], key: str) -> None:
    if not entries:
        return
    Line.objects.bulk_create([_line(row, e, key if n == 0 else "") for n, e in enumerate(entries)])
    row.last_seq, row.last_hash = state.last_seq, state.last_hash
    row.phase, row.level, row.changed_at = state.phase, state.level, entries[-1].entered_at
    row.save(update_fields=["last_seq", "last_hash", "phase", "level", "changed_at"])


def _line(row: Incident, e: Entry, key: str) -> Line:
    return Line(
        incident=row,
        seq=e.seq,
        kind=e.event.stored_as,
        version=e.event.version,
        data=written(e.event),
        happened_at=e.happened_at,
        entered_at=e.entered_at,
        by=e.by,
        previous=e.previous,
        hash=e.hash,
        key=key or None,
    )


def as_job(row: Incident, job: Job) -> engine.NewJob:
    """Return a job as the engine keeps it; its key is unique over all incidents."""
    return engine.NewJob(
        key=f"{row.pk}/{job.key}",
        kind=job.kind,
        topic=str(row.pk),
        payload={**job.payload, "incident": row.pk},
        delay_s=job.delay_s or None,
    )


def lines_of(found: Incident, after: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the log as it is exported, from the entry after `after` on."""
    for line in found.lines.filter(seq__gt=after).order_by("seq").iterator(chunk_size=2000):
        yield as_json(entry_of(line))


def phase_of(found: Incident) -> Phase:
    """Return the phase that lists show."""
    return found.phase  # type: ignore[return-value]
