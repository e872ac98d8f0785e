"""The event kernel: one replication of one window, call by call.

Order at one moment: interval edge, control, calendar (older attempt first), arrival.

Invariant: a group is idle only when no contact that it may take waits.
"""

import numpy as np

from openline.sim.begin import (
    BEGIN_ATTEMPT,
    BEGIN_COUNTED,
    BEGIN_DUE,
    BEGIN_GROUP,
    BEGIN_HANDLING,
    BEGIN_ORDINAL,
    BEGIN_QUEUE,
    BEGIN_STATE,
    BEGIN_TRUNK,
    BEGIN_WAITED,
)
from openline.sim.draws import (
    DROP_ORDER,
    FIRST,
    GAP,
    PATIENCE,
    REDIAL_COIN,
    REDIAL_DELAY,
    SECOND_PATIENCE,
    SECOND_SERVICE,
    SERVICE,
    THIRD,
    contact_key,
    exponential,
    random_time,
    replication_key,
    uniform,
)
from openline.sim.model import (
    ABANDON,
    ABANDONED,
    ABANDONED_IN_TARGET,
    ANSWERED,
    ANSWERED_IN_TARGET,
    BLOCK,
    BLOCKED,
    CUSTOMERS,
    DROP,
    DROPPED_TALKING,
    DROPPED_WAITING,
    DROPPING,
    GROUP_CAPACITY,
    OFFERED,
    PATIENCE_FACTOR,
    QUEUE_HOLD,
    QUEUE_TRUNK,
    REDIALS,
    REQUEUE,
    SERVICE_FACTOR,
    SHORT,
    TRUNK_CAPACITY,
    WAITING,
)
from openline.sim.slots import (
    ARRIVAL,
    AT_INTERVAL,
    ATTEMPT,
    ATTEMPTS,
    AWAY,
    COUNTED,
    DEADLINE,
    DONE,
    ENDLESS,
    EVENT_AT,
    FIRST_EVENT,
    FREE,
    GROUP,
    HANDLING,
    HELD,
    INTERVAL,
    LAST_SEQUENCE,
    LUCK,
    NEXT,
    NONE,
    NONEMPTY,
    OPEN_BUCKET,
    ORDINAL,
    QUEUE,
    QUEUED,
    ROUNDING_S,
    SEQUENCE,
    SERVED,
    STATE,
    STATUS,
    TRUNK,
    ZERO,
    cold,
    first_event,
    hot,
    join,
    leave,
    release,
    schedule,
    take_slot,
    tally_group,
    tally_queue,
    withdraw,
)


# ---- what happens to a contact --------------------------------------------------------------------------------------
@hot
def key_of(w, s, key):  # type: ignore[no-untyped-def]
    """Return the key of the slot's contact for draws."""
    return contact_key(key, w.ci[s, LUCK], w.ci[s, ORDINAL])


@cold
def part(m, w, s, t, why, key):  # type: ignore[no-untyped-def]
    """Let a contact that came to nothing go, or send it to call again later."""
    k, attempt = w.ci[s, QUEUE], w.ci[s, ATTEMPT]
    own = key_of(w, s, key)
    again = uniform(own, attempt, REDIAL_COIN, FIRST) < m.redial_frac[k, why]
    if not again or (m.redial_max[k] > 0 and attempt + 1 >= m.redial_max[k]):
        release(w, s)
        return
    row = 3 * k + why
    delay = random_time(
        own, attempt, REDIAL_DELAY, m.delay_kind[row], m.delay_a[row], m.delay_b[row], m.delay_table[row]
    )
    w.ci[s, ATTEMPT] = attempt + 1
    w.ci[s, STATE] = AWAY
    schedule(w, s, t + delay)


@hot
def answer(m, w, s, g, t):  # type: ignore[no-untyped-def]
    """Start service of a contact that is in no queue."""
    k, b = w.ci[s, QUEUE], w.ci[s, INTERVAL]
    if w.ci[s, COUNTED] == 0:
        waited = t - w.cf[s, ARRIVAL]
        w.ci[s, COUNTED] = 1
        w.counts[k, b, ANSWERED] += 1
        w.wait[k, b, 0] += waited
        if waited <= m.target[k]:
            w.counts[k, b, ANSWERED_IN_TARGET] += 1
    w.ci[s, STATE] = SERVED
    w.ci[s, GROUP] = g
    tally_group(w, g, t)
    w.busy[g] += 1
    schedule(w, s, t + w.cf[s, HANDLING] * m.factor[g] * w.slower[k])


@hot
def next_move(m, w, s, t):  # type: ignore[no-untyped-def]
    """Return when a waiting contact gives up or may overflow to a further group."""
    at, k = w.cf[s, DEADLINE], w.ci[s, QUEUE]
    if m.overflow[k] != 0:
        for g in range(m.level.shape[0]):
            opens = w.cf[s, ARRIVAL] + m.wait_before[g, k]
            if m.level[g, k] >= 0 and t + ROUNDING_S < opens < at:
                at = opens
    return at


@hot
def attempt(m, w, s, t, key):  # type: ignore[no-untyped-def]
    """Let a contact call: it is blocked, answered at once, or waits."""
    k, b = w.ci[s, QUEUE], w.si[AT_INTERVAL]
    w.si[ATTEMPTS] += 1
    w.si[LAST_SEQUENCE] += 1
    w.ci[s, SEQUENCE] = w.si[LAST_SEQUENCE]
    w.ci[s, INTERVAL] = b
    w.ci[s, COUNTED] = 0
    w.cf[s, ARRIVAL] = t
    turn = w.ci[s, ATTEMPT]
    w.counts[k, b, OFFERED] += 1
    w.counts[k, b, CUSTOMERS if turn == 0 else REDIALS] += 1
    h = w.queue_trunk[k]
    if h == NONE or w.occupied[h] >= w.channels[h]:
        w.counts[k, b, BLOCKED] += 1
        part(m, w, s, t, BLOCK, key)
        return
    w.ci[s, TRUNK] = h
    w.occupied[h] += 1
    own = key_of(w, s, key)
    w.cf[s, HANDLING] = random_time(
        own, turn, SERVICE, m.service_kind[k], m.service_a[k], m.service_b[k], m.service_table[k]
    )
    for i in range(m.route.shape[1]):
        g = m.route[k, i]
        if g == NONE or (w.si[HELD] >> k) & 1:
            break
        if w.busy[g] < w.capacity[g] and m.wait_before[g, k] <= 0.0:
            answer(m, w, s, g, t)
            return
    patience = random_time(
        own, turn, PATIENCE, m.patience_kind[k], m.patience_a[k], m.patience_b[k], m.patience_table[k]
    )
    w.cf[s, DEADLINE] = t + patience * w.patient[k]
    join(w, s, t, False)
    schedule(w, s, next_move(m, w, s, t))


@hot
def pull(m, w, g, t):  # type: ignore[no-untyped-def]
    """Give a group's free agents the contacts that it may take: best level first, oldest of equals."""
    while w.busy[g] < w.capacity[g] and (w.si[NONEMPTY] & ~w.si[HELD] & m.mask[g]) != 0:
        best, best_level = NONE, np.int64(127)
        i = 0
        k = m.served[g, 0]
        while k != NONE and m.level[g, k] <= best_level:
            s = w.queue_head[k]
            held = (w.si[HELD] >> k) & 1
            if s != NONE and held == 0 and t - w.cf[s, ARRIVAL] >= m.wait_before[g, k] - ROUNDING_S:
                if best == NONE or w.cf[s, ARRIVAL] < w.cf[best, ARRIVAL]:
                    best, best_level = s, np.int64(m.level[g, k])
            i += 1
            k = m.served[g, i]
        if best == NONE:
            return
        leave(w, best, t)
        withdraw(w, best)
        answer(m, w, best, g, t)


@hot
def depart(m, w, s, t):  # type: ignore[no-untyped-def]
    """End a service and free the agent and the line; returns the agent's group."""
    g = w.ci[s, GROUP]
    tally_group(w, g, t)
    w.busy[g] -= 1
    w.occupied[w.ci[s, TRUNK]] -= 1
    release(w, s)
    return g


@hot
def wait_no_longer(m, w, s, t, key):  # type: ignore[no-untyped-def]
    """Let a waiting contact give up, or let a further group have it."""
    k, b = w.ci[s, QUEUE], w.ci[s, INTERVAL]
    if t < w.cf[s, DEADLINE]:
        schedule(w, s, next_move(m, w, s, t))
        for i in range(m.route.shape[1]):
            g = m.route[k, i]
            if g == NONE or w.ci[s, STATE] != QUEUED:
                break
            pull(m, w, g, t)
        return
    leave(w, s, t)
    w.occupied[w.ci[s, TRUNK]] -= 1
    waited = t - w.cf[s, ARRIVAL]
    if w.ci[s, COUNTED] != 0:
        w.counts[k, b, DROPPED_TALKING] += 1
        part(m, w, s, t, DROPPING, key)
        return
    w.counts[k, b, ABANDONED] += 1
    w.wait[k, b, 1] += waited
    if waited <= m.target[k]:
        w.counts[k, b, ABANDONED_IN_TARGET] += 1
    if waited <= m.short[k]:
        w.counts[k, b, SHORT] += 1
    part(m, w, s, t, ABANDON, key)


# ---- controls -------------------------------------------------------------------------------------------------------
@cold
def cut_off(m, w, s, t, key):  # type: ignore[no-untyped-def]
    """Cut off a contact that waits or is served; it may call again."""
    k, b = w.ci[s, QUEUE], w.ci[s, INTERVAL]
    withdraw(w, s)
    if w.ci[s, STATE] == QUEUED:
        leave(w, s, t)
    else:
        tally_group(w, w.ci[s, GROUP], t)
        w.busy[w.ci[s, GROUP]] -= 1
    w.counts[k, b, DROPPED_TALKING if w.ci[s, COUNTED] != 0 else DROPPED_WAITING] += 1
    w.occupied[w.ci[s, TRUNK]] -= 1
    part(m, w, s, t, DROPPING, key)


@cold
def wait_again(m, w, s, t, key):  # type: ignore[no-untyped-def]
    """Put a contact that lost its agent back at the head of its queue, with time and patience drawn anew."""
    k, turn = w.ci[s, QUEUE], w.ci[s, ATTEMPT]
    own = key_of(w, s, key)
    withdraw(w, s)
    tally_group(w, w.ci[s, GROUP], t)
    w.busy[w.ci[s, GROUP]] -= 1
    w.cf[s, HANDLING] = random_time(
        own, turn, SECOND_SERVICE, m.service_kind[k], m.service_a[k], m.service_b[k], m.service_table[k]
    )
    patience = random_time(
        own, turn, SECOND_PATIENCE, m.patience_kind[k], m.patience_a[k], m.patience_b[k], m.patience_table[k]
    )
    w.cf[s, DEADLINE] = t + patience * w.patient[k]
    join(w, s, t, True)
    schedule(w, s, next_move(m, w, s, t))


@cold
def next_victim(w, column, row, key):  # type: ignore[no-untyped-def]
    """Return the contact of a group, trunk or queue whose lot comes first, NONE when there is none."""
    best, best_lot = NONE, 2.0
    for s in range(w.ci.shape[0]):
        state = w.ci[s, STATE]
        if w.ci[s, column] != row or not (state == SERVED or (state == QUEUED and column != GROUP)):
            continue
        lot = uniform(key_of(w, s, key), w.ci[s, ATTEMPT], DROP_ORDER, FIRST)
        if lot < best_lot:
            best, best_lot = s, lot
    return best


@cold
def reduce(m, w, column, row, surplus, fate, t, key):  # type: ignore[no-untyped-def]
    """Cut off, or send back to the queue, as many contacts as there is no room for."""
    while surplus > 0:
        s = next_victim(w, column, row, key)
        if s == NONE:
            return
        if fate == REQUEUE and w.ci[s, STATE] == SERVED:
            wait_again(m, w, s, t, key)
        else:
            cut_off(m, w, s, t, key)
        surplus -= 1


@cold
def control(m, w, c, t, key):  # type: ignore[no-untyped-def]
    """Carry out control c, then let every group take what it may."""
    kind, row, value, fate = m.c_kind[c], m.c_index[c], m.c_value[c], m.c_fate[c]
    whole = np.int64(value)
    if kind == GROUP_CAPACITY:
        tally_group(w, row, t)
        w.capacity[row] = whole
        if fate != 0:
            reduce(m, w, GROUP, row, w.busy[row] - whole, fate, t, key)
    elif kind == TRUNK_CAPACITY:
        w.channels[row] = whole
        if fate == DROP:
            reduce(m, w, TRUNK, row, w.occupied[row] - whole, fate, t, key)
    elif kind == QUEUE_TRUNK:
        w.queue_trunk[row] = whole
        if fate == DROP and whole == NONE:
            reduce(m, w, QUEUE, row, np.int64(w.ci.shape[0]), fate, t, key)
    elif kind == SERVICE_FACTOR:
        w.slower[row] = value
    elif kind == PATIENCE_FACTOR:
        w.patient[row] = value
    elif kind == QUEUE_HOLD:
        bit = np.int64(1) << row
        w.si[HELD] = w.si[HELD] | bit if whole != 0 else w.si[HELD] & ~bit
    for g in range(w.busy.shape[0]):
        pull(m, w, g, t)


# ---- arrivals and the run -------------------------------------------------------------------------------------------
@hot
def plan_arrival(m, w, k, t, scale, key):  # type: ignore[no-untyped-def]
    """Set when the queue's next customer calls: where the cumulated rate has grown by a unit exponential."""
    due = exponential(contact_key(key, k, w.next_ordinal[k]), ZERO, GAP)
    r, last = w.segment[k], m.rate_from.shape[0] - 1
    while True:
        rate = m.rates[k, r] * scale
        until = m.rate_from[r + 1] if r < last else np.inf
        if rate > 0.0 and t + due / rate < until:
            w.next_at[k] = t + due / rate
            break
        if r == last:
            w.next_at[k] = np.inf
            break
        due -= rate * (until - t)
        t = until
        r += 1
    w.segment[k] = r


@cold
def clear(m, w, scale, key):  # type: ignore[no-untyped-def]
    """Put the workspace into the state at second 0."""
    slots = w.ci.shape[0]
    for s in range(slots):
        w.ci[s, STATE] = FREE
        w.ci[s, NEXT] = s + 1 if s + 1 < slots else NONE
    w.si[:] = 0
    w.si[FIRST_EVENT] = w.si[OPEN_BUCKET] = NONE
    w.runs[:] = NONE
    w.bucket[:] = NONE
    w.busy[:] = 0
    w.occupied[:] = 0
    for g in range(w.capacity.shape[0]):
        w.capacity[g] = m.agents[g]
    for h in range(w.channels.shape[0]):
        w.channels[h] = m.channels[h]
    for k in range(w.queue_trunk.shape[0]):
        w.queue_trunk[k] = m.trunk_of[k]
    w.queue_head[:] = NONE
    w.queue_tail[:] = NONE
    w.queue_length[:] = 0
    w.slower[:] = 1.0
    w.patient[:] = 1.0
    w.group_since[:] = 0.0
    w.queue_since[:] = 0.0
    w.next_ordinal[:] = 0
    w.segment[:] = 0
    w.counts[:] = 0
    w.wait[:] = 0.0
    w.busy_s[:] = 0.0
    w.capacity_s[:] = 0.0
    w.queue_s[:] = 0.0
    for k in range(w.next_at.shape[0]):
        plan_arrival(m, w, k, 0.0, scale[k], key)


@cold
def diverted(m, k, ordinal, t, key):  # type: ignore[no-untyped-def]
    """Return the row to which a customer who calls queue k is sent: k itself unless the lot says otherwise.

    The rows of a queue share one lot, so a larger share sends the same customers and some more.
    """
    lot = uniform(contact_key(key, k, ordinal), ZERO, REDIAL_COIN, THIRD)
    for d in range(m.divert_to.shape[1]):
        if m.divert_to[k, d] != NONE and t >= m.divert_at[k, d]:
            if lot < m.divert_frac[k, d]:
                return m.divert_to[k, d]
            lot -= m.divert_frac[k, d]
    return k


@hot
def place(m, w, begin, r):  # type: ignore[no-untyped-def]
    """Put a contact that is in the system at second 0 where it is; its counts go to the row after the intervals."""
    s = take_slot(w)
    if s == NONE:
        return
    k, state, b = begin.ints[r, BEGIN_QUEUE], begin.ints[r, BEGIN_STATE], np.int64(w.counts.shape[1] - 1)
    w.si[LAST_SEQUENCE] += 1
    w.ci[s, SEQUENCE] = w.si[LAST_SEQUENCE]
    w.ci[s, QUEUE] = w.ci[s, LUCK] = k
    w.ci[s, ORDINAL] = begin.ints[r, BEGIN_ORDINAL]
    w.ci[s, ATTEMPT] = begin.ints[r, BEGIN_ATTEMPT]
    w.ci[s, COUNTED] = begin.ints[r, BEGIN_COUNTED]
    w.ci[s, INTERVAL] = b
    w.ci[s, STATE] = state
    w.cf[s, ARRIVAL] = -begin.floats[r, BEGIN_WAITED]
    w.cf[s, HANDLING] = begin.floats[r, BEGIN_HANDLING]
    due = begin.floats[r, BEGIN_DUE]
    if state == AWAY:
        schedule(w, s, due)
        return
    w.ci[s, TRUNK] = begin.ints[r, BEGIN_TRUNK]
    w.occupied[w.ci[s, TRUNK]] += 1
    if state == SERVED:
        w.ci[s, GROUP] = begin.ints[r, BEGIN_GROUP]
        w.busy[w.ci[s, GROUP]] += 1
        schedule(w, s, due)
        return
    w.ci[s, GROUP] = NONE
    if w.ci[s, COUNTED] == 0:
        w.counts[k, b, OFFERED] += 1
        w.counts[k, b, CUSTOMERS if w.ci[s, ATTEMPT] == 0 else REDIALS] += 1
    w.cf[s, DEADLINE] = due
    join(w, s, 0.0, False)
    schedule(w, s, next_move(m, w, s, 0.0))


@cold
def begin_with(m, w, begin, first, last, key):  # type: ignore[no-untyped-def]
    """Let the run begin with contacts first to last - 1; returns how many controls of second 0 it carried out."""
    c = ZERO
    while c < m.c_at.shape[0] and m.c_at[c] <= 0.0:
        control(m, w, c, 0.0, key)
        c += 1
    for r in range(first, last):
        place(m, w, begin, r)
    for g in range(w.busy.shape[0]):
        pull(m, w, g, 0.0)
    return c


@hot
def settle(w, t):  # type: ignore[no-untyped-def]
    """Bring every tally up to now."""
    for g in range(w.busy.shape[0]):
        tally_group(w, g, t)
    for k in range(w.queue_length.shape[0]):
        tally_queue(w, k, t)


@cold
def count_waiting(w):  # type: ignore[no-untyped-def]
    """Count those who still wait for their first answer."""
    for s in range(w.ci.shape[0]):
        if w.ci[s, STATE] == QUEUED and w.ci[s, COUNTED] == 0:
            w.counts[w.ci[s, QUEUE], w.ci[s, INTERVAL], WAITING] += 1


@cold
def run(m, w, begin, first, last, scale, seed, replication, most_attempts):  # type: ignore[no-untyped-def]
    """Simulate one replication into the workspace, from the contacts first to last - 1 of `begin`.

    Returns DONE, FULL or ENDLESS.
    """
    key = replication_key(seed, replication)
    clear(m, w, scale, key)
    queues, intervals, controls = w.next_at.shape[0], m.edges.shape[0] - 1, m.c_at.shape[0]
    c, caller = ZERO, ZERO
    if last > first:
        c = begin_with(m, w, begin, first, last, key)
    for k in range(1, queues):
        if w.next_at[k] < w.next_at[caller]:
            caller = k
    while w.si[STATUS] == DONE:
        edge = m.edges[w.si[AT_INTERVAL] + 1]
        control_at = m.c_at[c] if c < controls else np.inf
        arrival_at = w.next_at[caller]
        limit = min(edge, min(control_at, arrival_at))
        s = first_event(w, limit)
        if s != NONE and w.cf[s, EVENT_AT] <= arrival_at and w.cf[s, EVENT_AT] < min(edge, control_at):
            t = w.cf[s, EVENT_AT]
            withdraw(w, s)
            state = w.ci[s, STATE]
            if state == SERVED:
                pull(m, w, depart(m, w, s, t), t)
            elif state == QUEUED:
                wait_no_longer(m, w, s, t, key)
            else:
                attempt(m, w, s, t, key)
        elif edge <= min(control_at, arrival_at):
            settle(w, edge)
            if w.si[AT_INTERVAL] + 1 == intervals:
                break
            w.si[AT_INTERVAL] += 1
        elif control_at <= arrival_at:
            control(m, w, c, control_at, key)
            c += 1
        else:
            s = take_slot(w)
            if s == NONE:
                break
            w.ci[s, QUEUE] = w.ci[s, LUCK] = caller
            w.ci[s, ORDINAL] = w.next_ordinal[caller]
            if m.divert_to.shape[1] > 0:
                w.ci[s, QUEUE] = diverted(m, caller, w.next_ordinal[caller], arrival_at, key)
            w.ci[s, ATTEMPT] = 0
            attempt(m, w, s, arrival_at, key)
            w.next_ordinal[caller] += 1
            plan_arrival(m, w, caller, arrival_at, scale[caller], key)
            for k in range(queues):
                if w.next_at[k] < w.next_at[caller]:
                    caller = k
        if w.si[ATTEMPTS] > most_attempts:
            w.si[STATUS] = ENDLESS
    count_waiting(w)
    return w.si[STATUS]
