"""Incidents in and out of the database: one transaction for each command, with its entries and its jobs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from openline.incident.command import OPEN, Actor, Command, Phase, Refused, StandIn
from openline.incident.decide import carried_out
from openline.incident.entry import Entry, as_json
from openline.incident.event import written
from openline.incident.opening import Report
from openline.incident.react import Job, react
from openline.incident.state import State
from openline.plan.document import Plan
from openline.server.engine import port as engine
from openline.server.incidents.folded import entry_of, held, seen, writing
from openline.server.incidents.models import Incident, Line
from openline.server.plans.models import Revision
from openline.server.plans.store import plan_of
from openline.server.rotas.store import stand_ins

ON_ENTRIES: list[Callable[[Incident, tuple[Entry, ...]], Sequence[engine.NewJob]]] = []
"""What other slices want done for new entries, kept in the same transaction; they add themselves in ready()."""


class NoSuchIncident(LookupError):
    """There is no incident with this number."""


def _light() -> QuerySet[Incident]:
    """Return incidents with their revisions, without the files of the plan, which may be megabytes."""
    return Incident.objects.select_related("revision").defer("revision__files")


def incident(pk: int) -> Incident:
    """Return an incident; raises NoSuchIncident."""
    found = _light().filter(pk=pk).first()
    if found is None:
        raise NoSuchIncident(f"there is no incident {pk}")
    return found


def open_incidents(slug: str | None = None) -> Sequence[Incident]:
    """Return the incidents that are under way, the latest first."""
    found = _light().filter(phase__in=OPEN)
    return list(found.filter(slug=slug) if slug else found)


def pinned(found: Incident) -> Plan:
    """Return the plan that was in force when the incident was reported; later changes do not touch it."""
    return plan_of(found.revision)


@contextmanager
def reading(found: Incident) -> Iterator[State]:
    """Hold the state of an incident while something is read off it; keep it short."""
    with seen(found) as state:
        yield state


def report(revision: Revision, command: Report, actor: Actor, *, at: datetime | None = None, key: str = "") -> Incident:
    """Open an incident; the same key opens it once. Raises Refused."""
    try:
        return known(key) or _opened(revision, command, actor, at, key)
    except (IntegrityError, _OpenedAlready):
        # The same report came twice at the same moment, and the other one was quicker.
        if found := known(key):
            return found
        raise


class _OpenedAlready(Exception):
    """What came of this report is in the log of another incident, so this one must not be kept."""


def known(key: str) -> Incident | None:
    """Return the incident that was opened with this key; None when none was."""
    line = Line.objects.filter(key=key).only("incident_id").first() if key else None
    return incident(line.incident_id) if line is not None else None


@transaction.atomic
def _opened(revision: Revision, command: Report, actor: Actor, at: datetime | None, key: str) -> Incident:
    found = Incident.objects.create(
        slug=revision.slug,
        revision=revision,
        title=command.title,
        is_exercise=command.exercise,
        is_demo=command.demo,
    )
    carry_out(found, command, actor, at=at, key=key)
    if not found.last_seq:
        raise _OpenedAlready
    found.refresh_from_db()
    return found


@dataclass(frozen=True, slots=True)
class Wish:
    """A command, who gives it, when it happened, and the key that lets it be given twice without being done twice."""

    command: Command
    actor: Actor
    at: datetime | None = None
    key: str = ""


def carry_out(
    found: Incident, command: Command, actor: Actor, *, at: datetime | None = None, key: str = ""
) -> tuple[Entry, ...]:
    """Carry a command out and return its entries; with a key that was used, return what came of it then.

    Events, lists and jobs are kept in one transaction: all of them or none. Raises Refused.
    """
    result = carry_out_all(found, [Wish(command, actor, at, key)])[0]
    if isinstance(result, Refused):
        raise result
    return result


def carry_out_all(found: Incident, wishes: Sequence[Wish]) -> list[tuple[Entry, ...] | Refused]:
    """Carry commands out in one transaction and return, for each, its entries or why it was refused."""
    writing()
    with transaction.atomic():
        row = _locked(found.pk)
        keys = [w.key for w in wishes if w.key]
        known = {str(x.key): x for x in Line.objects.filter(key__in=keys)} if keys else {}
        plan, now = pinned(row), timezone.now()
        others = stand_ins(row.slug, now)
        kept: list[tuple[Entry, str]] = []
        jobs: list[Job] = []
        with held(row) as state:
            results = [_carried_out(state, w, plan, now, others, known, kept, jobs) for w in wishes]
            row.last_seq, row.last_hash = state.last_seq, state.last_hash
            row.phase, row.level = state.phase, state.level
        # Others may read meanwhile; what was folded is thrown away by them or the next writer if this fails.
        _keep(row, kept)
        more = [j for wanted in ON_ENTRIES for j in wanted(row, tuple(e for e, _ in kept))] if kept else []
        if jobs or more:
            engine.enqueue([*(as_job(row, j) for j in jobs), *more])
    found.last_seq, found.last_hash, found.phase, found.level = row.last_seq, row.last_hash, row.phase, row.level
    return results


def _carried_out(
    state: State,
    wish: Wish,
    plan: Plan,
    now: datetime,
    others: tuple[StandIn, ...],
    known: dict[str, Line],
    kept: list[tuple[Entry, str]],
    jobs: list[Job],
) -> tuple[Entry, ...] | Refused:
    """Fold one command in, adding its entries to `kept` and its jobs to `jobs`."""
    if wish.key in known:
        return (entry_of(known[wish.key]),)
    before = [e for e, key in kept if wish.key and key == wish.key]
    if before:
        return tuple(before)
    entries: list[Entry] = []
    try:
        for entry in carried_out(state, wish.command, plan, now, wish.actor, wish.at, others):
            entries.append(entry)
            jobs += react(state, entry, plan)
    except Refused as refusal:
        if entries:
            # Part of it is folded in already: letting it pass would leave a hole in the log.
            raise RuntimeError(f"{type(wish.command).__name__} was refused half way: {refusal}") from refusal
        return refusal
    kept += [(e, wish.key if n == 0 else "") for n, e in enumerate(entries)]
    return tuple(entries)


def _locked(pk: int) -> Incident:
    found = _light()
    if connection.features.has_select_for_update:
        found = found.select_for_update(of=("self",))
    return found.get(pk=pk)


def _keep(row: Incident, kept: list[tuple[Entry, str]]) -> None:
    if not kept:
        return
    Line.objects.bulk_create([_line(row, e, key) for e, key in kept])
    row.changed_at = kept[-1][0].entered_at
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
