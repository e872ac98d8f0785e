"""Where contacts are: slots, the queues that link them, and the calendar of what happens to them next.

A contact in the system has a slot: a row of `ci` (int64) and of `cf` (float64). It has at most one event to come,
so the calendar is a timing wheel of doubly linked slots, of which one bucket is open and in order: nothing is searched,
and nothing void is left behind. However many fall into one bucket, it is put in order once, so n events cost n log n.
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
FEW = 8
"""So many events of a bucket are put in order one by one, further ones by merging."""
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
def enter(w, s):  # type: ignore[no-untyped-def]
    """Put the slot's event into its place in the open bucket."""
    before, after = NONE, w.si[FIRST_EVENT]
    while after != NONE and earlier(w, after, s):
        before, after = after, w.ci[after, EV_NEXT]
    w.ci[s, EV_PREV], w.ci[s, EV_NEXT] = before, after
    if before == NONE:
        w.si[FIRST_EVENT] = s
    else:
        w.ci[before, EV_NEXT] = s
    if after != NONE:
        w.ci[after, EV_PREV] = s


@hot
def put(w, s, place):  # type: ignore[no-untyped-def]
    """Put the slot's event into a bucket that is not open, at its head."""
    head = w.bucket[place]
    w.ci[s, EV_NEXT] = head
    w.ci[s, EV_PREV] = NONE
    if head != NONE:
        w.ci[head, EV_PREV] = s
    w.bucket[place] = s


@hot
def schedule(w, s, at):  # type: ignore[no-untyped-def]
    """Put the slot's next event into the calendar; a time that never comes is not entered."""
    w.cf[s, EVENT_AT] = at
    if at == np.inf:
        w.ci[s, BUCKET] = NONE
        return
    b = max(int(min(at * w.clock[1], 4e18)), w.si[OPEN_BUCKET])
    w.ci[s, BUCKET] = b
    if b == w.si[OPEN_BUCKET]:
        enter(w, s)
    else:
        put(w, s, b & (w.bucket.shape[0] - 1))


@hot
def withdraw(w, s):  # type: ignore[no-untyped-def]
    """Take the slot's event out of the calendar, if it has one there."""
    b = w.ci[s, BUCKET]
    if b == NONE:
        return
    before, after = w.ci[s, EV_PREV], w.ci[s, EV_NEXT]
    if before != NONE:
        w.ci[before, EV_NEXT] = after
    elif b == w.si[OPEN_BUCKET]:
        w.si[FIRST_EVENT] = after
    else:
        w.bucket[b & (w.bucket.shape[0] - 1)] = after
    if after != NONE:
        w.ci[after, EV_PREV] = before
    w.ci[s, BUCKET] = NONE


@cold
def merged(w, one, other):  # type: ignore[no-untyped-def]
    """Return the first of two ordered chains made one."""
    first = last = NONE
    while one != NONE and other != NONE:
        if earlier(w, other, one):
            one, other = other, one
        if last == NONE:
            first = one
        else:
            w.ci[last, EV_NEXT] = one
        last, one = one, w.ci[one, EV_NEXT]
    rest = one if one != NONE else other
    if last == NONE:
        return rest
    w.ci[last, EV_NEXT] = rest
    return first


@cold
def ordered(w, s):  # type: ignore[no-untyped-def]
    """Return the first of a chain of events put in order, by merging runs of 1, 2, 4, ... of them."""
    most = ZERO
    while s != NONE:
        run, s = s, w.ci[s, EV_NEXT]
        w.ci[run, EV_NEXT] = NONE
        i = ZERO
        while w.runs[i] != NONE:
            run, w.runs[i] = merged(w, w.runs[i], run), NONE
            i += 1
        w.runs[i] = run
        most = max(most, i + 1)
    first = NONE
    for i in range(most):
        first, w.runs[i] = merged(w, first, w.runs[i]), NONE
    return first


@hot
def open_bucket(w, b):  # type: ignore[no-untyped-def]
    """Let bucket b be the open one: its events in order."""
    place = b & (w.bucket.shape[0] - 1)
    s, first, count = w.bucket[place], NONE, 0
    while s != NONE:
        this, s = s, w.ci[s, EV_NEXT]
        if w.ci[this, BUCKET] == b:
            withdraw(w, this)
            w.ci[this, BUCKET] = b
            count += 1
            if count <= FEW:
                enter(w, this)
            else:
                w.ci[this, EV_NEXT] = first
                first = this
    w.si[OPEN_BUCKET] = b
    if first != NONE:
        link(w, merged(w, w.si[FIRST_EVENT], ordered(w, first)))


@cold
def link(w, s):  # type: ignore[no-untyped-def]
    """Let an ordered chain be the open bucket."""
    w.si[FIRST_EVENT], before = s, NONE
    while s != NONE:
        w.ci[s, EV_PREV] = before
        before, s = s, w.ci[s, EV_NEXT]


@hot
def first_event(w, limit):  # type: ignore[no-untyped-def]
    """Return the slot whose event comes first, NONE when no event comes before the limit."""
    while w.si[FIRST_EVENT] == NONE:
        b = w.si[OPEN_BUCKET] + 1
        if b * w.clock[0] > limit:
            return NONE
        open_bucket(w, b)
    return w.si[FIRST_EVENT]


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
