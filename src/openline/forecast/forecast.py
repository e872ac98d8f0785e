"""What now: the next hours when nothing more is done, and under every option, ranked by contacts lost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from openline.forecast.change import ROW
from openline.forecast.courses import PAST_LUCK, Luck, affordable, begin_now, course_under, nothing_more
from openline.forecast.figures import FEW, Band, Course, Difference, QueueCourse, band, difference, weight
from openline.forecast.option import Option
from openline.forecast.options import NOTHING, options_of, under_way
from openline.forecast.roll_call import RollCall
from openline.forecast.setting import Setting
from openline.forecast.state import State
from openline.plan.document import Plan, content_hash
from openline.sim.inputs import busyness
from openline.sim.snapshot import Snapshot, Unknown

HOURS = 4.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next hours under one option; lost are abandoned, blocked or cut off, those who wait now included.

    `weighted_lost` counts each by one over its queue's priority. The differences are to doing nothing.
    """

    option: Option
    rank: int
    lost: Band
    weighted_lost: Band
    put_off: Band
    lost_difference: Difference
    weighted_difference: Difference
    queues: tuple[QueueCourse, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The room's answer. `outlooks` hold the options that can be chosen, best first, doing nothing among them.

    `sources` says for each figure of now where it came from, `weights` what a lost contact of a queue counts.
    """

    plan_hash: str
    at: datetime
    until: datetime
    interval_s: int
    tz: str
    seed: int
    replications: int
    nothing: Outlook
    outlooks: tuple[Outlook, ...]
    unavailable: tuple[Option, ...]
    sources: dict[str, str]
    weights: dict[str, float]
    notes: tuple[str, ...]

    @property
    def held(self) -> str:
        """How many of the simulated courses a range holds, in words."""
        return "95 of 100" if self.replications >= FEW else f"all {self.replications}"

    @property
    def best(self) -> Outlook:
        """The first of the ranking."""
        return self.outlooks[0]


def forecast(
    plan: Plan,
    state: State,
    *,
    snapshot: Snapshot | None = None,
    roll_call: RollCall | None = None,
    options: Sequence[Option] | None = None,
    hours: float = HOURS,
    replications: int | None = None,
    seed: int = 1,
    unknown: Unknown = "simulated",
    threads: int = 2,
) -> Forecast:
    """Return the next hours when nothing more is done and under each option.

    Parameters
    ----------
    replications : simulated courses of each option; when not given, as many as take about a second, 10 to 100.
    options : those of `available_options` to look at; all of them when not given.
    unknown : what stands for figures of now that nobody knows: the time until now, simulated, or nobody.
    seed : 0 to 2**62-1; the same seed gives the same figures, whatever `threads` is.

    Raises
    ------
    BadState, BadSnapshot, BadRollCall, UnboundScenario, UnknownVolume, NothingToSimulate, TooMuch
    """
    if not 0 <= seed < PAST_LUCK or (replications is not None and replications < 1):
        raise ValueError("replications must be 1 or more and the seed 0 to 2**62-1")
    setting = setting_of(plan, state, snapshot=snapshot, roll_call=roll_call, hours=hours)
    everything = options_of(setting) if options is None else tuple(options)
    begun = under_way(everything)
    setting = setting.having(begun.responses)
    chosen = [o for o in everything if o.available and not o.under_way]
    replications = replications or affordable(setting, begun, [o.change for o in chosen])
    luck = Luck(seed, replications, threads, busyness(setting.plan, seed=seed, replications=replications))
    start = begin_now(setting, begun, luck, unknown)
    plain = nothing_more(setting, begun, start.begin, luck)
    outlooks = [_outlook(NOTHING, plain.course, plain.course)]
    outlooks += [_outlook(o, course_under(setting, begun.and_(o.change), plain, luck), plain.course) for o in chosen]
    ranked = tuple(replace(o, rank=n + 1) for n, o in enumerate(sorted(outlooks, key=_order)))
    return Forecast(
        plan_hash=content_hash(setting.whole),
        at=state.at,
        until=setting.window.end,
        interval_s=setting.window.interval_s,
        tz=setting.window.tz,
        seed=seed,
        replications=replications,
        nothing=next(o for o in ranked if o.option.id == NOTHING.id),
        outlooks=ranked,
        unavailable=tuple(o for o in everything if not o.available),
        sources={name: told for name, told in start.sources.items() if ROW not in name},
        weights={a.id: weight(a.priority) for a in setting.plan.activities.values()},
        notes=_notes(setting),
    )


def setting_of(
    plan: Plan,
    state: State,
    *,
    snapshot: Snapshot | None = None,
    roll_call: RollCall | None = None,
    hours: float = HOURS,
) -> Setting:
    """Return what a forecast is made from; raises BadSnapshot or BadRollCall for what does not fit the plan."""
    setting = Setting(plan, state, snapshot or Snapshot(), roll_call or RollCall(), hours)
    setting.ensure_fits()
    return setting


def available_options(
    plan: Plan,
    state: State,
    *,
    snapshot: Snapshot | None = None,
    roll_call: RollCall | None = None,
    hours: float = HOURS,
) -> tuple[Option, ...]:
    """Return every option of the plan in this state, those that can not be chosen with the reason."""
    return options_of(setting_of(plan, state, snapshot=snapshot, roll_call=roll_call, hours=hours))


def _outlook(option: Option, course: Course, nothing: Course) -> Outlook:
    return Outlook(
        option=option,
        rank=0,
        lost=band(course.lost),
        weighted_lost=band(course.weighted_lost),
        put_off=band(course.put_off),
        lost_difference=difference(course.lost, nothing.lost),
        weighted_difference=difference(course.weighted_lost, nothing.weighted_lost),
        queues=course.queues,
    )


def _order(outlook: Outlook) -> tuple[float, float, int, str]:
    """Order by weighted contacts lost, to the nearest tenth; then by cost per hour; then doing nothing first."""
    option = outlook.option
    cost = 0.0 if option.cost_per_h is None else float(option.cost_per_h.amount)
    return round(outlook.weighted_lost.mean, 1), cost, option.id != NOTHING.id, option.id


def _notes(setting: Setting) -> tuple[str, ...]:
    told = setting.timeline.notes
    left_out = [
        e.title
        for c in ("activities", "agent_groups")
        for i, e in setting.whole.collection(c).items()
        if i not in setting.plan.collection(c)
    ]
    if left_out:
        told = (*told, f"Not simulated, as volumes or times are unknown: {', '.join(left_out)}.")
    silent = [f.object_id for f in setting.state.failures if f.until is None]
    if silent:
        told = (*told, f"Taken to be down for all of the time, as no end is known: {', '.join(silent)}.")
    return told
