"""The power chain of a site: mains, generator with its fuel, battery. Times to the second, events only.

Rules (assumed where no source is named): the first start of a generator succeeds; fuel is full at the onset; a battery
is full at the onset, empties evenly over its run time and fills evenly over its recharge time; what lost its power
works again as soon as power is back.
"""

from collections.abc import Sequence

from openline.impact.course import ChangePoint, Course, at, highest, point, tidy, times
from openline.plan.sites import Generator, Ups
from openline.units import format_duration

NEVER = float("inf")
IDLE, STARTING = "stands by", "starts"
"""Causes of a battery or generator that does not carry the load, though nothing is wrong with it."""

TINY = 1e-9


class _Fuel:
    """The fuel of one generator: litres as hours of running, orders and deliveries."""

    def __init__(self, generator: Generator) -> None:
        self.full_s = generator.tank_l * generator.usable_fraction / generator.burn_l_per_h * 3600.0
        self.endless = generator.fuel == "gas_pipeline"
        self.left_s = self.full_s
        refuel = generator.refuel
        promised = refuel.contracted and refuel.guaranteed_delivery_h is not None
        self.delay_s = (refuel.guaranteed_delivery_h or 0.0) * 3600.0 if promised else NEVER
        self.order_below_s = refuel.order_at_fraction * self.full_s
        self.delivery_at = NEVER

    def burn(self, seconds: float) -> None:
        if not self.endless:
            self.left_s = max(0.0, self.left_s - seconds)

    def order(self, now: float) -> None:
        """Order when the level is reached and nothing is on its way."""
        if self.left_s <= self.order_below_s + TINY and self.delivery_at == NEVER and self.delay_s < NEVER:
            self.delivery_at = now + self.delay_s

    def deliver(self, now: float) -> None:
        if now >= self.delivery_at:
            self.left_s, self.delivery_at = self.full_s, NEVER

    def next_change(self, now: float) -> float:
        """Return when, running on, the fuel ends or the order level is reached."""
        if self.endless:
            return NEVER
        to_order = self.left_s - self.order_below_s
        waits = self.delivery_at == NEVER and self.delay_s < NEVER and to_order > TINY
        return now + (min(to_order, self.left_s) if waits else self.left_s)


def generator_course(generator: Generator, mains: Course, able: Course) -> Course:
    """Return when a generator carries the load (capacity 1) while the mains are away, with causes.

    `able` is the generator's own state: struck, or without gas, it does not start.
    """
    fuel, points, t, ready = _Fuel(generator), [], 0.0, NEVER
    moments = times([mains, able])
    begin_s = generator.start_s + generator.transfer_s
    while t < NEVER:
        fuel.deliver(t)
        wanted = at(mains, t).capacity < 1
        has_fuel = fuel.endless or fuel.left_s > TINY
        if not wanted or not has_fuel or at(able, t).capacity <= 0:
            ready = NEVER
        elif ready == NEVER:
            ready = t + begin_s
        running = ready <= t
        if running:
            fuel.order(t)
        points.append(_generator_point(generator, t, wanted, running, has_fuel, fuel, at(able, t)))
        later = next((m for m in moments if m > t), NEVER)
        coming = (later, ready, fuel.delivery_at, fuel.next_change(t) if running else NEVER)
        after = min(m for m in (*coming, NEVER) if m > t)
        if running:
            fuel.burn(after - t)
        t = after
    return tidy(points)


def _generator_point(
    generator: Generator, t: float, wanted: bool, running: bool, has_fuel: bool, fuel: _Fuel, able: ChangePoint
) -> ChangePoint:
    if running:
        return point(t, 1.0, "carries the load; mains are out", generator.id)
    if wanted and able.capacity <= 0:
        return point(t, 0.0, able.cause, able.cause_id)
    if wanted and not has_fuel:
        lasts = format_duration(fuel.full_s)
        more = "" if fuel.delivery_at < NEVER else "; no delivery is promised"
        return point(t, 0.0, f"out of fuel: a tank lasts {lasts}{more}", generator.id)
    return point(t, 0.0, STARTING if wanted else IDLE, generator.id)


def battery_course(ups: Ups, supply: Course, able: Course) -> Course:
    """Return when a battery carries the load (capacity 1) while its supply is away."""
    charge, t, points = 1.0, 0.0, []
    moments = times([supply, able])
    runtime = ups.runtime_at_load_s
    while t < NEVER:
        away, works = at(supply, t).capacity < 1, at(able, t).capacity > 0
        carries = away and works and charge > TINY and runtime > 0
        points.append(_battery_point(ups, t, away, works, carries, at(able, t)))
        later = next((m for m in moments if m > t), NEVER)
        after = min(later, t + charge * runtime) if carries else later
        if after < NEVER:
            charge = _charged(charge, after - t, ups, carries, not away)
        t = after
    return tidy(points)


def _charged(charge: float, seconds: float, ups: Ups, carries: bool, supplied: bool) -> float:
    if carries:
        return max(0.0, charge - seconds / ups.runtime_at_load_s)
    if supplied:
        return min(1.0, charge + seconds / ups.recharge_s) if ups.recharge_s > 0 else 1.0
    return charge


def _battery_point(ups: Ups, t: float, away: bool, works: bool, carries: bool, able: ChangePoint) -> ChangePoint:
    if carries:
        return point(t, 1.0, f"carries the load; a full battery lasts {format_duration(ups.runtime_at_load_s)}", ups.id)
    if not works:
        return point(t, 0.0, able.cause, able.cause_id)
    return point(t, 0.0, "the battery is empty" if away else IDLE, ups.id)


def supplied(mains: Course, generators: Sequence[Course], batteries: Sequence[Course]) -> Course:
    """Return the power of what these feed: the mains first, then the generators, then the batteries."""
    carried = highest([mains, *generators, *batteries])
    return tidy(_with_reason(p, generators, batteries) for p in carried)


def _with_reason(p: ChangePoint, generators: Sequence[Course], batteries: Sequence[Course]) -> ChangePoint:
    """Let a lost supply name what failed last in the chain rather than the mains."""
    if p.capacity > 0:
        return p
    spent = [at(c, p.at_s) for c in (*batteries, *generators)]
    for s in spent:
        if s.cause and s.cause not in (IDLE, STARTING):
            return point(p.at_s, 0.0, s.cause, s.cause_id)
    return p
