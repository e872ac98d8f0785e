"""The centre as it is now: what a wallboard shows, in part or in full.

What a snapshot does not say is not zero. It is taken from a simulation of the time until now, or as nobody when that is
asked for; `sources` of the beginning says for each figure which it was.
"""

import difflib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, TypeVar

from pydantic import AwareDatetime, Field, ValidationError, model_validator

from openline.plan.document import Plan
from openline.plan.record import Record, Seconds, Slug
from openline.sim.places import HOME

R = TypeVar("R", bound=Record)
People = Annotated[int, Field(ge=0, le=100_000)]
MOST_NOW = 10_000
"""Customers of a snapshot in all, waiting or calling again; ten times as many kept everybody waiting for minutes."""
Unknown = Literal["simulated", "empty"]
"""What stands for a figure that nobody knows: the simulation of the time until now, or nobody."""


class QueueNow(Record):
    """One queue at the moment: an activity of the plan."""

    waiting: People | None = Field(None, description="Contacts waiting for an agent.")
    waited_s: tuple[Seconds, ...] | None = Field(None, description="How long each of them has waited so far.")
    longest_s: Seconds | None = Field(
        None, description="How long the first of them has waited, when only that is known."
    )
    redialing: People | None = Field(None, description="Customers who gave up or did not get in and will call again.")

    @model_validator(mode="after")
    def _agrees(self) -> "QueueNow":
        if self.waited_s is not None and self.waiting not in (None, len(self.waited_s)):
            raise ValueError(f"waiting is {self.waiting}, but waited_s lists {len(self.waited_s)} contacts")
        if self.longest_s is not None and (self.waited_s is not None or not self.waiting):
            raise ValueError("longest_s goes with waiting of at least 1 and without waited_s")
        return self

    @property
    def customers(self) -> int:
        """Customers of this queue that are known of, waiting or calling again."""
        return (self.count or 0) + (self.redialing or 0)

    @property
    def count(self) -> int | None:
        """Contacts waiting, None when unknown."""
        return len(self.waited_s) if self.waited_s is not None else self.waiting


class GroupNow(Record):
    """One group of agents at the moment: an agent group of the plan, its people at home, or a partner's agreement."""

    busy: People | None = Field(None, description="Agents handling a contact, wrap-up included.")
    available: People | None = Field(None, description="Agents ready for the next contact.")
    elapsed_s: tuple[Seconds, ...] = Field(
        (), description="How long contacts in progress have lasted, as far as known."
    )
    by_queue: dict[Slug, People] = Field(default_factory=dict, description="Of the busy, how many handle which queue.")

    @model_validator(mode="after")
    def _agrees(self) -> "GroupNow":
        busy = self.busy or 0
        if len(self.elapsed_s) > busy:
            raise ValueError(f"elapsed_s lists {len(self.elapsed_s)} contacts, but busy is {busy}")
        if sum(self.by_queue.values()) > busy:
            raise ValueError(f"by_queue adds up to {sum(self.by_queue.values())}, but busy is {busy}")
        return self

    @property
    def working(self) -> int | None:
        """Agents at work, None when unknown."""
        return None if self.busy is None or self.available is None else self.busy + self.available


class Snapshot(Record):
    """Queues and agents at one moment; what is left out is unknown."""

    at: AwareDatetime | None = Field(None, description="When it was taken, with its zone.")
    queues: dict[Slug, QueueNow] = Field(default_factory=dict, description="By id of the activity.")
    groups: dict[str, GroupNow] = Field(
        default_factory=dict, description="By id of the agent group (people at home: id@home) or of the agreement."
    )

    @property
    def customers(self) -> int:
        """Customers that are known of, in all queues."""
        return sum(q.customers for q in self.queues.values())


class BadSnapshot(ValueError):
    """A snapshot that can not be used; the message lists all that is wrong."""


def read_snapshot(text: str) -> Snapshot:
    """Return the snapshot of a JSON text; raises BadSnapshot with every problem in it."""
    return read_record(Snapshot, text)


def read_record(kind: type[R], text: str) -> R:
    """Return a record from JSON; raises BadSnapshot with every problem in it."""
    try:
        return kind.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise BadSnapshot(f"this is not JSON: {error.msg} in line {error.lineno}") from error
    except RecursionError:
        raise BadSnapshot("this is nested too deeply") from None
    except ValidationError as error:
        found = [f"{'.'.join(map(str, e['loc'])) or 'document'}: {e['msg']}" for e in error.errors()]
        raise BadSnapshot("; ".join(found)) from error


def ensure_fits(plan: Plan, snapshot: Snapshot, now: datetime) -> None:
    """Raise BadSnapshot when it names what the plan does not have, or was taken at another time than now."""
    queues = {i: a for i, a in plan.activities.items() if a.countable}
    faults = [f"queues.{q}: there is no such queue: {_near(q, queues)}" for q in snapshot.queues if q not in queues]
    groups = [*plan.agent_groups, *(i + HOME for i, g in plan.agent_groups.items() if g.remote), *plan.agreements]
    faults += [f"groups.{g}: there is no such group: {_near(g, groups)}" for g in snapshot.groups if g not in groups]
    for name, group in snapshot.groups.items():
        faults += [
            f"groups.{name}.by_queue.{q}: there is no such queue: {_near(q, queues)}"
            for q in group.by_queue
            if q not in queues
        ]
    if snapshot.customers > MOST_NOW:
        told = f"{snapshot.customers:,} customers in all are more than the {MOST_NOW:,} that are simulated"
        faults.append(f"queues: {told}: look at the figures that were fed")
    if snapshot.at is not None and snapshot.at != now:
        faults.append(f"at: it was taken at {snapshot.at.isoformat()}, but the forecast begins at {now.isoformat()}")
    if faults:
        raise BadSnapshot("; ".join(faults))


def _near(word: str, known: Iterable[str]) -> str:
    names = list(known)
    match = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {match[0]!r}?" if match else "known are " + (", ".join(names[:15]) or "none")
