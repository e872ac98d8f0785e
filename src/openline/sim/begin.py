"""The contacts with which a run begins, when it does not begin with an empty centre."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openline.sim.model import I64, F, Model, ModelError
from openline.sim.slots import AWAY, QUEUED, SERVED

BEGIN_INTS, BEGIN_FLOATS = 7, 3
BEGIN_QUEUE, BEGIN_ORDINAL, BEGIN_ATTEMPT, BEGIN_STATE, BEGIN_GROUP, BEGIN_TRUNK, BEGIN_COUNTED = range(BEGIN_INTS)
BEGIN_WAITED, BEGIN_DUE, BEGIN_HANDLING = range(BEGIN_FLOATS)
FIRST_ORDINAL = 1 << 40
"""Contacts of the beginning are numbered from here, so that no new contact shares their luck."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """Contacts in the system at second 0, those of replication n in rows offset[n] to offset[n + 1] - 1.

    Those who wait stand in the order in which they called. Nothing else is known of a run's past.

    offset : int64[N+1]
    ints   : int64[S, BEGIN_INTS]      queue, ordinal (from FIRST_ORDINAL on, which no new contact reaches), attempt,
                                       state (QUEUED, SERVED or AWAY), group, trunk group, 1 when
                                       it was answered before
    floats : float64[S, BEGIN_FLOATS]  seconds waited so far; seconds until it gives up, is served or calls again;
                                       handling time
    """

    offset: I64
    ints: I64
    floats: F


@dataclass(frozen=True, slots=True)
class Inside:
    """Those in the system at one moment of one replication, a row each with the columns of a Beginning."""

    ints: I64
    floats: F


def ensure_begins(model: Model, begin: Beginning, replications: int) -> None:
    """Raise ModelError listing everything about a beginning that the kernel could not start from."""
    if begin.ints.shape[1:] != (BEGIN_INTS,) or begin.floats.shape != (len(begin.ints), BEGIN_FLOATS):
        raise ModelError(f"contacts of the beginning have shapes {begin.ints.shape} and {begin.floats.shape}")
    faults = [text for text, wrong in _faults(model, begin, replications) if wrong]
    if faults:
        raise ModelError("; ".join(faults))


def _faults(m: Model, b: Beginning, replications: int) -> list[tuple[str, bool]]:
    offset, state, trunks = b.offset, b.ints[:, BEGIN_STATE], len(m.trunk_capacity)
    groups = b.ints[state == SERVED, BEGIN_GROUP]
    ascends = len(offset) == replications + 1 and offset[0] == 0 and offset[-1] == len(b.ints)
    return [
        ("offset must ascend from 0 to all contacts, one step a replication",
         not ascends or bool((np.diff(offset) < 0).any())),
        ("a contact of the beginning is in no queue", _outside(b.ints[:, BEGIN_QUEUE], len(m.target_s))),
        ("a contact of the beginning is in no state", bool(((state < QUEUED) | (state > AWAY)).any())),
        ("a contact of the beginning is with no group", _outside(groups, len(m.group_factor))),
        ("a contact of the beginning has no line", _outside(b.ints[state != AWAY, BEGIN_TRUNK], trunks)),
        ("times of the beginning must not be negative", not bool((b.floats >= 0).all())),
    ]  # fmt: skip


def _outside(rows: I64, count: int) -> bool:
    return bool(((rows < 0) | (rows >= count)).any())


def nobody(replications: int) -> Beginning:
    """Return the beginning of an empty centre."""
    return beginning([Inside(np.zeros((0, BEGIN_INTS), np.int64), np.zeros((0, BEGIN_FLOATS)))] * replications)


def beginning(replications: Sequence["Inside"]) -> Beginning:
    """Return what the kernel takes from those who are in the system in each replication.

    They are numbered anew and those who wait are put in the order in which they called.
    """
    offset = np.cumsum([0, *(len(i.ints) for i in replications)]).astype(np.int64)
    ints = np.concatenate([i.ints for i in replications]).reshape(-1, BEGIN_INTS)
    floats = np.concatenate([i.floats for i in replications]).reshape(-1, BEGIN_FLOATS)
    owner = np.repeat(np.arange(len(replications)), np.diff(offset))
    order = np.lexsort((-floats[:, BEGIN_WAITED], owner))
    ints, floats = np.ascontiguousarray(ints[order]), np.ascontiguousarray(floats[order])
    ints[:, BEGIN_ORDINAL] = FIRST_ORDINAL + np.arange(len(ints)) - offset[owner]
    return Beginning(offset, ints, floats)
