"""Where contacts are: slots, the queues that link them, and the calendar of what happens to them next.

A contact in the system has a slot: a row of `ci` (int64) and of `cf` (float64). It has at most one event to come,
so the calendar is a timing wheel of doubly linked slots: nothing is searched, and nothing void is left behind.
`w` is the workspace, `s` a slot, `k` a queue, `g` a group, `t` now.
"""

from typing import Any

import numpy as np
from numba import njit

from openline.sim.draws import OPTS
from openline.sim.model import numbers

# Columns of ci: the slot's integers. NEXT and PREV link the queue (or the free slots), EV_NEXT and EV_PREV a bucket.
# LUCK is the queue by which the contact's draws are keyed: where it first called, wherever it was sent since.
QUEUE, ORDINAL, ATTEMPT, STATE, GROUP, TRUNK, INTERVAL, SEQUENCE = numbers(8)
NEXT, PREV, EV_NEXT, EV_PREV, BUCKET, COUNTED, LUCK = range(8, 15)
SLOT_INTS = 16
# Columns of cf.
ARRIVAL, HANDLING, DEADLINE, EVENT_AT = range(4)
SLOT_FLOATS = 4
# States of a slot.
FREE, QUEUED, SERVED, AWAY = range(4)
# Scalars of the run in `si`.
FREE_HEAD, LAST_SEQUENCE, OPEN_BUCKET, FIRST_EVENT, ATTEMPTS, STATUS, NONEMPTY, AT_INTERVAL, HELD = range(9)
SCALARS = 9
# Values of STATUS.
DONE, FULL, ENDLESS = range(3)

NONE: Any = np.int64(-1)
ZERO: Any = np.int64(0)
ROUNDING_S = 1e-6
"""A contact has waited long enough for a group when it lacks less than this: t - arrival can round down."""

hot = njit(forceinline=True, **OPTS)
cold = njit(**OPTS)


# ---- calendar -------------------------------------------------------------------------------------------------------
@hot
def earlier(w, s, other):  # type: ignore[no-untyped-def]
    """Tell whether slot s comes before another; the older attempt first at the same time."""
    if w.cf[s, EVENT_AT] != w.cf[other, EVENT_AT]:
        return w.cf[s, EVENT_AT] < w.cf[other, EVENT_AT]
    return w.ci[s, SEQUENCE] < w.ci[other, SEQUENCE]


@hot
def schedule(w, s, at):  # type: ignore[no-untyped-def]
    """Put the slot's next event into the calendar; a time that never comes is not entered."""
    w.cf[s, EVENT_AT] = at
    if at == np.inf:
        w.ci[s, BUCKET] = NONE
        return
    b = max(int(min(at * w.clock[1], 4e18)), w.si[OPEN_BUCKET])
    place = b & (w.bucket.shape[0] - 1)
    head = w.bucket[place]
    w.ci[s, BUCKET] = b
    w.ci[s, EV_NEXT] = head
    w.ci[s, EV_PREV] = NONE
    if head != NONE:
        w.ci[head, EV_PREV] = s
    w.bucket[place] = s
    first = w.si[FIRST_EVENT]
    if b == w.si[OPEN_BUCKET] and first != NONE and earlier(w, s, first):
        w.si[FIRST_EVENT] = s


@hot
def withdraw(w, s):  # type: ignore[no-untyped-def]
    """Take the slot's event out of the calendar, if it has one there."""
    b = w.ci[s, BUCKET]
    if b == NONE:
        return
    before, after = w.ci[s, EV_PREV], w.ci[s, EV_NEXT]
    if before == NONE:
        w.bucket[b & (w.bucket.shape[0] - 1)] = after
    else:
        w.ci[before, EV_NEXT] = after
    if after != NONE:
        w.ci[after, EV_PREV] = before
    w.ci[s, BUCKET] = NONE
    if w.si[FIRST_EVENT] == s:
        w.si[FIRST_EVENT] = NONE


@hot
def first_event(w, limit):  # type: ignore[no-untyped-def]
    """Return the slot whose event comes first, NONE when no event comes before the limit."""
    while True:
        if w.si[FIRST_EVENT] != NONE:
            return w.si[FIRST_EVENT]
        b = w.si[OPEN_BUCKET]
        s = w.bucket[b & (w.bucket.shape[0] - 1)]
        best = NONE
        while s != NONE:
            if w.ci[s, BUCKET] == b and (best == NONE or earlier(w, s, best)):
                best = s
            s = w.ci[s, EV_NEXT]
        w.si[FIRST_EVENT] = best
        if best != NONE:
            return best
        if (b + 1) * w.clock[0] > limit:
            return NONE
        w.si[OPEN_BUCKET] = b + 1


# ---- slots and queues -----------------------------------------------------------------------------------------------
@hot
def take_slot(w):  # type: ignore[no-untyped-def]
    """Return a free slot, NONE when there is none left."""
    s = w.si[FREE_HEAD]
    if s == NONE:
        w.si[STATUS] = FULL
        return NONE
    w.si[FREE_HEAD] = w.ci[s, NEXT]
    w.ci[s, BUCKET] = NONE
    return s


@hot
def release(w, s):  # type: ignore[no-untyped-def]
    """Give a slot back."""
    w.ci[s, STATE] = FREE
    w.ci[s, NEXT] = w.si[FREE_HEAD]
    w.si[FREE_HEAD] = s


@hot
def tally_queue(w, k, t):  # type: ignore[no-untyped-def]
    """Add the contact seconds waited in a queue up to now."""
    w.queue_s[k, w.si[AT_INTERVAL]] += w.queue_length[k] * (t - w.queue_since[k])
    w.queue_since[k] = t


@hot
def tally_group(w, g, t):  # type: ignore[no-untyped-def]
    """Add the agent seconds of a group up to now."""
    b = w.si[AT_INTERVAL]
    w.busy_s[g, b] += w.busy[g] * (t - w.group_since[g])
    w.capacity_s[g, b] += w.capacity[g] * (t - w.group_since[g])
    w.group_since[g] = t


@hot
def join(w, s, t, at_head):  # type: ignore[no-untyped-def]
    """Put a contact at the end, or the head, of its queue."""
    k = w.ci[s, QUEUE]
    tally_queue(w, k, t)
    head, tail = w.queue_head[k], w.queue_tail[k]
    w.ci[s, STATE] = QUEUED
    w.ci[s, PREV] = NONE if at_head else tail
    w.ci[s, NEXT] = head if at_head else NONE
    if head == NONE:
        w.queue_head[k] = w.queue_tail[k] = s
    elif at_head:
        w.ci[head, PREV] = s
        w.queue_head[k] = s
    else:
        w.ci[tail, NEXT] = s
        w.queue_tail[k] = s
    w.queue_length[k] += 1
    w.si[NONEMPTY] |= np.int64(1) << k


@hot
def leave(w, s, t):  # type: ignore[no-untyped-def]
    """Take a contact out of its queue."""
    k = w.ci[s, QUEUE]
    tally_queue(w, k, t)
    before, after = w.ci[s, PREV], w.ci[s, NEXT]
    if before == NONE:
        w.queue_head[k] = after
    else:
        w.ci[before, NEXT] = after
    if after == NONE:
        w.queue_tail[k] = before
    else:
        w.ci[after, PREV] = before
    w.queue_length[k] -= 1
    if w.queue_length[k] == 0:
        w.si[NONEMPTY] &= ~(np.int64(1) << k)
