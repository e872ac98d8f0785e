"""A slow and obvious contact centre: the rules of the event kernel in plain Python objects and one event list.

It shares with the kernel only the draws (a contact's luck) and the meaning of the arrays.
"""

import heapq
import math
from dataclasses import dataclass, field

import numpy as np

from openline.sim import draws
from openline.sim import model as m
from openline.sim.begin import Inside


@dataclass(eq=False)
class Contact:
    queue: int
    ordinal: int
    attempt: int = 0
    state: str = "calling"
    arrival: float = 0.0
    interval: int = 0
    handling: float = 0.0
    deadline: float = math.inf
    group: int = -1
    trunk: int = -1
    counted: bool = False
    sequence: int = 0
    luck: int = -1
    """The queue by which its draws are keyed, when it was sent to another."""
    event: int = 0
    """Number of its latest event; older ones in the list are void."""


@dataclass
class Centre:
    model: m.Model
    seed: int
    replication: int
    scale: list[float]
    mutant: str = ""
    """Name of a deliberate fault, for the test that the comparison finds it."""
    begin: Inside | None = None
    now: float = 0.0
    interval: int = 0
    sequence: int = 0
    events: list[tuple[float, int, int, Contact]] = field(default_factory=list)

    def __post_init__(self) -> None:
        model = self.model
        self.groups, self.queues = model.level.shape
        self.counts = np.zeros((self.queues, len(model.edges_s), m.METRICS), dtype=np.int64)
        """The row after the intervals is of those who were there at the beginning."""
        self.key = np.uint64(draws.replication_key(self.seed, self.replication))
        self.capacity = [int(c) for c in model.group_capacity]
        self.busy = [0] * self.groups
        self.channels = [int(c) for c in model.trunk_capacity]
        self.occupied = [0] * len(self.channels)
        self.trunk_of = [int(t) for t in model.queue_trunk]
        self.slower, self.patient = [1.0] * self.queues, [1.0] * self.queues
        self.held = [False] * self.queues
        self.waiting: list[list[Contact]] = [[] for _ in range(self.queues)]
        self.served: list[Contact] = []

    def key_of(self, c: Contact) -> np.uint64:
        return np.uint64(draws.contact_key(self.key, c.queue if c.luck < 0 else c.luck, c.ordinal))

    def time(self, laws: m.Laws, row: int, c: Contact, purpose: int) -> float:
        if self.mutant == "one stream for two purposes" and purpose == draws.PATIENCE:
            purpose = draws.SERVICE
        a = laws.a[row]
        if self.mutant == "lognormal mean taken for the median" and laws.kind[row] == m.LOGNORMAL:
            a = laws.a[row] + laws.b[row] ** 2 / 2
        key = self.key_of(c)
        return float(draws.random_time(key, c.attempt, purpose, laws.kind[row], a, laws.b[row], laws.table[row]))

    def arrivals(self) -> list[tuple[float, int, Contact]]:
        found = []
        for k in range(self.queues):
            t, ordinal = 0.0, 0
            while True:
                t = self.next_arrival(k, ordinal, t)
                if t >= self.model.edges_s[-1]:
                    break
                found.append((t, k, Contact(self.sent_to(k, ordinal, t), ordinal, luck=k)))
                ordinal += 1
        return sorted(found, key=lambda f: f[:2])

    def sent_to(self, k: int, ordinal: int, t: float) -> int:
        lot = draws.uniform(np.uint64(draws.contact_key(self.key, k, ordinal)), 0, draws.REDIAL_COIN, draws.THIRD)
        below = 0.0
        for d in range(self.model.divert_to.shape[1]):
            if self.model.divert_to[k, d] >= 0 and t >= self.model.divert_at_s[k, d]:
                if below <= lot < below + self.model.divert_frac[k, d]:
                    return int(self.model.divert_to[k, d])
                below += self.model.divert_frac[k, d]
        return k

    def begin_with(self, inside: Inside) -> int:
        """Carry out the controls of second 0 and let those who are there in; returns how many controls those were."""
        first = sum(1 for t in self.model.control_at_s if t <= 0)
        for n in range(first):
            self.control(n)
        self.seat(inside)
        for g in range(self.groups):
            self.pull(g)
        return first

    def seat(self, inside: Inside) -> None:
        """Put those who are there at the beginning where they are."""
        for ints, floats in zip(inside.ints.tolist(), inside.floats.tolist(), strict=True):
            queue, ordinal, attempt, state, group, trunk, counted = ints
            waited, due, handling = floats
            self.sequence += 1
            c = Contact(queue, ordinal, attempt, "", -waited, len(self.model.edges_s) - 1, handling, due, group, trunk)
            c.counted, c.sequence = bool(counted), self.sequence
            if state == 1:
                c.state = "waiting"
                self.occupied[trunk] += 1
                self.waiting[queue].append(c)
                if not c.counted:
                    self.count(c, m.OFFERED)
                    self.count(c, m.REDIALS if attempt else m.CUSTOMERS)
                self.schedule(c, self.next_move(c))
            elif state == 2:
                c.state = "served"
                self.occupied[trunk] += 1
                self.busy[group] += 1
                self.served.append(c)
                self.schedule(c, due)
            else:
                c.state = "away"
                self.schedule(c, due)

    def next_arrival(self, k: int, ordinal: int, t: float) -> float:
        due = float(draws.exponential(np.uint64(draws.contact_key(self.key, k, ordinal)), 0, draws.GAP))
        starts = self.model.rate_from_s
        for r in range(len(starts)):
            until = starts[r + 1] if r + 1 < len(starts) else math.inf
            shift = 1 if self.mutant == "rate interval off by one" and r + 1 < len(starts) else 0
            rate = self.model.rate_per_s[k, r + shift] * self.scale[k]
            if until <= t:
                continue
            if rate > 0 and t + due / rate < until:
                return float(t + due / rate)
            if until == math.inf:
                return math.inf
            due -= rate * (until - t)
            t = float(until)
        return math.inf

    def count(self, c: Contact, metric: int) -> None:
        self.counts[c.queue, c.interval, metric] += 1

    def schedule(self, c: Contact, at: float) -> None:
        c.event += 1
        if at < math.inf:
            heapq.heappush(self.events, (at, c.sequence, c.event, c))

    def run(self) -> np.ndarray:
        model = self.model
        arrivals, a = self.arrivals(), 0
        controls, n = list(range(len(model.control_at_s))), 0
        if self.begin is not None:
            n = self.begin_with(self.begin)
        while True:
            while self.events and self.events[0][3].event != self.events[0][2]:
                heapq.heappop(self.events)
            edge = float(model.edges_s[self.interval + 1])
            control = float(model.control_at_s[n]) if n < len(controls) else math.inf
            arrival = arrivals[a][0] if a < len(arrivals) else math.inf
            event = self.events[0][0] if self.events else math.inf
            if event <= arrival and event < min(edge, control):
                self.now = event
                self.happen(heapq.heappop(self.events)[3])
            elif edge <= min(control, arrival):
                if self.interval + 2 == len(model.edges_s):
                    break
                self.interval += 1
            elif control <= arrival:
                self.now = control
                self.control(n)
                n += 1
            else:
                self.now = arrival
                self.call(arrivals[a][2])
                a += 1
        for queue in self.waiting:
            for c in queue:
                if not c.counted:
                    self.count(c, m.WAITING)
        return self.counts

    def happen(self, c: Contact) -> None:
        if c.state == "served":
            self.busy[c.group] -= 1
            self.occupied[c.trunk] -= 1
            self.served.remove(c)
            self.pull(c.group)
        elif c.state == "waiting":
            self.lose_patience(c)
        else:
            self.call(c)

    def call(self, c: Contact) -> None:
        self.sequence += 1
        c.sequence, c.arrival, c.interval, c.counted = self.sequence, self.now, self.interval, False
        self.count(c, m.OFFERED)
        first = c.attempt == 0 or self.mutant == "redial counted as new demand"
        self.count(c, m.CUSTOMERS if first else m.REDIALS)
        trunk = self.trunk_of[c.queue]
        if trunk < 0 or self.occupied[trunk] >= self.channels[trunk]:
            self.count(c, m.BLOCKED)
            self.part(c, m.BLOCK)
            return
        c.trunk = trunk
        self.occupied[trunk] += 1
        c.handling = self.time(self.model.service, c.queue, c, draws.SERVICE)
        for g in self.model.route[c.queue]:
            if g < 0 or self.held[c.queue]:
                break
            if self.busy[g] < self.capacity[g] and self.model.wait_before_s[g, c.queue] <= 0:
                self.answer(c, int(g))
                return
        patience = self.time(self.model.patience, c.queue, c, draws.PATIENCE)
        c.deadline = self.now + patience * self.patient[c.queue]
        c.state = "waiting"
        self.waiting[c.queue].append(c)
        self.schedule(c, self.next_move(c))

    def next_move(self, c: Contact) -> float:
        opens = [
            c.arrival + self.model.wait_before_s[g, c.queue]
            for g in range(self.groups)
            if self.model.level[g, c.queue] >= 0 and self.model.wait_before_s[g, c.queue] > 0
        ]
        return float(min([c.deadline, *(t for t in opens if t > self.now + 1e-6)]))

    def answer(self, c: Contact, g: int) -> None:
        if not c.counted:
            c.counted = True
            self.count(c, m.ANSWERED)
            if self.now - c.arrival <= self.model.target_s[c.queue]:
                self.count(c, m.ANSWERED_IN_TARGET)
        c.state, c.group = "served", g
        self.busy[g] += 1
        self.served.append(c)
        if self.mutant == "patience clock not stopped at answer" and self.now + c.handling > c.deadline:
            self.schedule(c, c.deadline)
            return
        self.schedule(c, self.now + c.handling * self.model.group_factor[g] * self.slower[c.queue])

    def pull(self, g: int) -> None:
        while self.busy[g] < self.capacity[g]:
            able = [
                (self.model.level[g, k], queue[0].arrival, queue[0].sequence, queue[0])
                for k, queue in enumerate(self.waiting)
                if queue
                and not self.held[k]
                and self.model.level[g, k] >= 0
                and self.now - queue[0].arrival >= self.model.wait_before_s[g, k] - 1e-6
            ]
            if not able:
                return
            c = min(able, key=lambda f: f[:3])[3]
            self.waiting[c.queue].remove(c)
            self.answer(c, g)

    def lose_patience(self, c: Contact) -> None:
        if self.now < c.deadline:
            self.schedule(c, self.next_move(c))
            for g in self.model.route[c.queue]:
                if g < 0 or c.state != "waiting":
                    break
                self.pull(int(g))
            return
        self.waiting[c.queue].remove(c)
        self.occupied[c.trunk] -= 1
        if c.counted:
            self.count(c, m.DROPPED_TALKING)
            self.part(c, m.DROPPING)
            return
        self.count(c, m.ABANDONED)
        if self.now - c.arrival <= self.model.target_s[c.queue]:
            self.count(c, m.ABANDONED_IN_TARGET)
        if self.now - c.arrival <= self.model.short_s[c.queue]:
            self.count(c, m.SHORT)
        self.part(c, m.ABANDON)

    def part(self, c: Contact, why: int) -> None:
        again = draws.uniform(self.key_of(c), c.attempt, draws.REDIAL_COIN, 0) < self.model.redial_frac[c.queue, why]
        most = self.model.redial_max[c.queue]
        if not again or (most > 0 and c.attempt + 1 >= most):
            c.state = "gone"
            c.event += 1
            return
        delay = self.time(self.model.redial_delay, 3 * c.queue + why, c, draws.REDIAL_DELAY)
        c.attempt += 1
        c.state = "away"
        self.schedule(c, self.now + delay)

    def cut_off(self, c: Contact) -> None:
        if c.state == "waiting":
            self.waiting[c.queue].remove(c)
        else:
            self.busy[c.group] -= 1
            if self.mutant == "agent freed twice at the end of an outage":
                self.busy[c.group] -= 1
            self.served.remove(c)
        self.count(c, m.DROPPED_TALKING if c.counted else m.DROPPED_WAITING)
        self.occupied[c.trunk] -= 1
        self.part(c, m.DROPPING)

    def wait_again(self, c: Contact) -> None:
        self.busy[c.group] -= 1
        self.served.remove(c)
        c.handling = self.time(self.model.service, c.queue, c, draws.SECOND_SERVICE)
        patience = self.time(self.model.patience, c.queue, c, draws.SECOND_PATIENCE)
        c.deadline = self.now + patience * self.patient[c.queue]
        c.state = "waiting"
        self.waiting[c.queue].insert(0, c)
        self.schedule(c, self.next_move(c))

    def reduce(self, held: list[Contact], surplus: int, fate: int) -> None:
        lots = {id(c): draws.uniform(self.key_of(c), c.attempt, draws.DROP_ORDER, 0) for c in held}
        for c in sorted(held, key=lambda c: lots[id(c)])[: max(surplus, 0)]:
            if fate == m.REQUEUE and c.state == "served":
                self.wait_again(c)
            else:
                self.cut_off(c)

    def control(self, n: int) -> None:
        model = self.model
        kind, row = int(model.control_kind[n]), int(model.control_index[n])
        value, fate = float(model.control_value[n]), int(model.control_fate[n])
        inside = [c for queue in self.waiting for c in queue] + self.served
        if kind == m.GROUP_CAPACITY:
            self.capacity[row] = int(value)
            if fate != m.FINISH:
                self.reduce([c for c in self.served if c.group == row], self.busy[row] - int(value), fate)
        elif kind == m.TRUNK_CAPACITY:
            self.channels[row] = int(value)
            if fate == m.DROP:
                self.reduce([c for c in inside if c.trunk == row], self.occupied[row] - int(value), fate)
        elif kind == m.QUEUE_TRUNK:
            self.trunk_of[row] = int(value)
            if fate == m.DROP and value < 0:
                self.reduce([c for c in inside if c.queue == row], len(inside), fate)
        elif kind == m.SERVICE_FACTOR:
            self.slower[row] = value
        elif kind == m.PATIENCE_FACTOR:
            self.patient[row] = value
        else:
            self.held[row] = value != 0
        for g in range(self.groups):
            self.pull(g)


def counts_of(model: m.Model, *, seed: int, replication: int = 0, mutant: str = "") -> np.ndarray:
    """Return the counts int64[K, B, METRICS] of one replication."""
    return Centre(model, seed, replication, [1.0] * len(model.target_s), mutant).run()[:, :-1]


def counts_from(model: m.Model, begin: Inside, *, seed: int, replication: int = 0, mutant: str = "") -> np.ndarray:
    """Return the counts int64[K, B + 1, METRICS] of one replication that begins with these contacts."""
    return Centre(model, seed, replication, [1.0] * len(model.target_s), mutant, begin).run()
