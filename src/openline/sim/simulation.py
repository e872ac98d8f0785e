"""One comparison: the normal day and the disrupted one, call by call, with the same luck in both."""

from collections.abc import Callable
from dataclasses import dataclass

from openline.impact.response import Response, responses
from openline.impact.timeline import Timeline, timeline
from openline.plan.document import Plan, content_hash
from openline.scenarios.binding import Disruption
from openline.sim.inputs import build, busyness, countable
from openline.sim.recovery import time_to_recover
from openline.sim.results import Estimate, Run, estimate, run_of
from openline.sim.run import simulate
from openline.sim.window import Window
from openline.units import format_duration

TIER = "event kernel"
"""The general call-by-call kernel: every contact of every simulated day."""

Progress = Callable[[int, int], None]
"""Called with (days done, days in all)."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a disruption does to customers, and from what it was computed."""

    plan_hash: str
    disruption: Disruption
    window: Window
    seed: int
    replications: int
    tier: str
    timeline: Timeline
    responses: tuple[Response, ...]
    baseline: Run
    disrupted: Run
    difference: dict[str, Estimate]
    time_to_recover_s: Estimate | None
    left_out: tuple[str, ...] = ()
    """Activities of which too little is known to simulate them."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed or cut, in sentences."""
        told = self.timeline.notes
        if self.left_out:
            told = (*told, f"Not simulated, as volumes or times are unknown: {', '.join(self.left_out)}.")
        shown_s = self.window.length_s - self.window.onset_s
        if self.disruption.duration_s < shown_s:
            return told
        days = format_duration(shown_s)
        return (*told, f"It lasts longer than is simulated: only its first {days} are counted.")


def compare(
    plan: Plan,
    disruption: Disruption,
    window: Window,
    *,
    seed: int,
    replications: int,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Simulation:
    """Return the normal day and the disrupted one over the window.

    Raises UnknownVolume when a table does not cover the window, and what the kernel raises when it is cancelled.
    """
    course = timeline(plan, disruption, horizon_s=window.length_s - window.onset_s)
    answers = responses(plan, course)
    whole, plan = plan, countable(plan)
    left_out = tuple(
        e.title
        for c in ("activities", "agent_groups")
        for i, e in whole.collection(c).items()
        if i not in plan.collection(c)
    )
    busy = busyness(plan, seed=seed, replications=replications)
    runs = []
    for variant, inputs in enumerate((build(plan, window), build(plan, window, course, answers))):
        told = None if progress is None else _offset(progress, variant * replications, 2 * replications)
        outcome = simulate(
            inputs.model, seed=seed, replications=replications, busyness=busy, progress=told, cancelled=cancelled
        )
        runs.append((run_of(plan, window, inputs, outcome), outcome))
    (baseline, _), (disrupted, _) = runs
    return Simulation(
        plan_hash=content_hash(whole),
        disruption=disruption,
        window=window,
        seed=seed,
        replications=replications,
        tier=TIER,
        timeline=course,
        responses=answers,
        baseline=baseline,
        disrupted=disrupted,
        difference=_difference(baseline, disrupted),
        time_to_recover_s=time_to_recover(window, baseline, disrupted),
        left_out=left_out,
    )


def _offset(progress: Progress, done: int, total: int) -> Progress:
    return lambda n, _: progress(done + n, total)


def _difference(baseline: Run, disrupted: Run) -> dict[str, Estimate]:
    """Return lost contacts and attempts beyond the normal day, day by day with the same luck."""
    return {
        "lost": estimate((disrupted.days.lost - baseline.days.lost).sum(axis=1)),
        "not_served": estimate(disrupted.days.not_served - baseline.days.not_served),
        "attempts": estimate((disrupted.days.attempts - baseline.days.attempts).sum(axis=1)),
    }
