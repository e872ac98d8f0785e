"""Time to recover: from the onset until lost contacts are back to what normal days show."""

import numpy as np
from numpy.typing import NDArray

from openline.sim.results import Estimate, Run, estimate
from openline.sim.window import Window

NORMAL_SHARE = 0.975
QUIET_ATTEMPTS = 1.0
"""Intervals with fewer expected attempts than this tell nothing about service."""


def times_to_recover(window: Window, baseline: Run, disrupted: Run) -> NDArray[np.float64]:
    """Return per simulated day the seconds from the onset until service is normal again.

    An interval is bad when more contacts are abandoned, blocked or cut off than in 97.5 % of normal days, and more
    than in the same day without the disruption. The time ends with the last stretch of at least two bad intervals
    (of one, when there is no longer one). 0 when nothing was out of the ordinary, NaN when the window ends so.
    """
    band = np.quantile(baseline.days.lost, NORMAL_SHARE, axis=0)
    telling = baseline.days.attempts.mean(axis=0) >= QUIET_ATTEMPTS
    usable = np.flatnonzero(telling & (np.arange(len(band)) >= window.onset_s // window.interval_s))
    bad = (disrupted.days.lost > band) & (disrupted.days.lost > baseline.days.lost)
    ends_s = np.asarray((usable + 1.0) * window.interval_s - window.onset_s, dtype=np.float64)
    return np.array([_end_of_bad(day, ends_s) for day in bad[:, usable]], dtype=np.float64)


def _end_of_bad(bad: NDArray[np.bool_], ends_s: NDArray[np.float64]) -> float:
    """Return the end of the last stretch of bad intervals of one day."""
    if not bad.any():
        return 0.0
    stretch = np.flatnonzero(bad[1:] & bad[:-1]) + 1
    last = int(stretch[-1]) if len(stretch) else int(np.flatnonzero(bad)[0])
    return float("nan") if last == len(bad) - 1 else float(ends_s[last])


def time_to_recover(window: Window, baseline: Run, disrupted: Run) -> Estimate | None:
    """Return the time to recover in seconds over the days, None when most days do not recover in the window."""
    times = times_to_recover(window, baseline, disrupted)
    known = times[~np.isnan(times)]
    return estimate(known) if len(known) > len(times) / 2 else None
