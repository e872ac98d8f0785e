"""Rebuild the tables of this example from the call data of the Anonymous Bank.

    python examples/anonymous-bank/fit.py --data DIRECTORY [--out examples/anonymous-bank]

DIRECTORY holds ab_calls_1999-01.csv.gz, -02 and -10 (a row per call), ab_intervals_15min.csv.gz,
ab_entries_1999_6min.csv.gz and ab_disruption_events.csv. They are not part of this project. What is written
holds interval counts, rosters and quantiles, never a call.

How it is done. 3 February 1999 is left out of everything but `observed/`.

* volumes: mean calls entering per quarter hour and weekday, smoothed over three quarters, over the days without
  an episode of the event list; less the share that are callers who gave up and call again, since the simulator
  makes those itself. Split over four activities by the types asked for.
* roster: mean agents present per quarter hour and weekday, rounded.
* service: quantiles of logged service times of 10 s and more, by type, each plus one wrap-up time. The log has no
  wrap-up; it is chosen so that the simulated normal days lose as many callers as the real ones did.
* patience: Kaplan-Meier by type (those served are censored), beyond the last step an exponential tail.
* calling again after giving up: identified callers, the share within an hour less the same share of those served;
  delay quantiles.
* calling again when nobody can be reached: share and mean delay by least squares on the six-minute counts of four
  other bursts of the year (18 January, 16 June, twice on 5 July), taken as outages in which calls enter and come to
  nothing.
"""

import argparse
import csv
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LEFT_OUT = "1999-02-03"
MONTHS = ("01", "02", "10")
ACTIVITIES = {"everyday": ("PS", "PE", "TT", "AA"), "prospects": ("NW",), "stock": ("NE",), "internet": ("IN",)}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKING = ("sun", "mon", "tue", "wed", "thu")
BURSTS = (
    ("1999-01-18", "15:12", 2),
    ("1999-06-16", "13:12", 6),
    ("1999-07-05", "18:36", 4),
    ("1999-07-05", "19:48", 2),
)
"""Day, first interval and number of six-minute intervals of bursts of the same shape, on other days."""

Row = dict[str, str]
Array = NDArray[np.float64]


def rows(file: Path) -> Iterator[Row]:
    """Yield the rows of a CSV file, packed or not."""
    with file.open("rb") as raw:
        text = gzip.decompress(raw.read()) if file.suffix == ".gz" else raw.read()
    yield from csv.DictReader(text.decode("utf-8").splitlines())


def weekday(day: str) -> str:
    return DAYS[date.fromisoformat(day).weekday()]


def calls_by_activity(data: Path) -> dict[str, list[Row]]:
    """Return the calls of the other days by activity."""
    of = {kind: name for name, kinds in ACTIVITIES.items() for kind in kinds}
    found: dict[str, list[Row]] = defaultdict(list)
    for month in MONTHS:
        for call in rows(data / f"ab_calls_1999-{month}.csv.gz"):
            if call["date"] != LEFT_OUT:
                found[of[call["type"]]].append(call)
    return found


def usual_intervals(data: Path) -> dict[str, list[Row]]:
    """Return the quarter hours of days without an episode, by weekday."""
    odd = {r["date"] for r in rows(data / "ab_disruption_events.csv")} | {LEFT_OUT}
    found: dict[str, list[Row]] = defaultdict(list)
    for r in rows(data / "ab_intervals_15min.csv.gz"):
        if r["date"] not in odd:
            found[weekday(r["date"])].append(r)
    return found


def mean_by_quarter(intervals: Iterable[Row], columns: Iterable[str]) -> Array:
    """Return the mean of the sum of columns for each of the 96 quarters."""
    sums, seen = np.zeros(96), np.zeros(96)
    names = list(columns)
    for r in intervals:
        slot = int(r["start"][:2]) * 4 + int(r["start"][3:5]) // 15
        sums[slot] += sum(float(r[c] or 0) for c in names)
        seen[slot] += 1
    return sums / np.maximum(seen, 1)


def smooth(values: Array) -> Array:
    """Return the mean of each quarter and its two neighbors."""
    padded = np.concatenate([values[:1], values, values[-1:]])
    return (padded[:-2] + padded[1:-1] + padded[2:]) / 3


def kaplan_meier(calls: list[Row]) -> tuple[list[float], list[float]]:
    """Return patience as quantiles (share who have given up, seconds) from those who queued."""
    waits = [(float(c["wait_s"]), c["result"] == "abandoned") for c in calls if c["queued"] == "1"]
    waits = sorted(w for w in waits if w[0] > 0)
    alive, share, seconds, at_risk = 1.0, [0.0], [0.0], len(waits)
    for wait, gave_up in waits:
        if gave_up and at_risk > 20:
            alive *= 1 - 1 / at_risk
            share.append(1 - alive)
            seconds.append(wait)
        at_risk -= 1
    hazard = sum(g for _, g in waits) / sum(w for w, _ in waits)
    for left in np.geomspace(alive, 0.002, 12)[1:]:
        share.append(1 - float(left))
        seconds.append(seconds[-1] + float(np.log((1 - share[-2]) / left)) / hazard)
    return thinned([*share, 1.0], [*seconds, seconds[-1] + 3 / hazard])


def thinned(share: list[float], seconds: list[float], points: int = 81) -> tuple[list[float], list[float]]:
    """Return a quantile table at even shares."""
    at = np.linspace(0, 1, points)
    return list(at), list(np.interp(at, share, seconds))


def service_quantiles(calls: list[Row], points: int = 81) -> tuple[list[float], list[float]]:
    """Return logged service times of 10 s to 2 h as quantiles."""
    times = [float(c["service_s"]) for c in calls if c["result"] == "served" and 10 <= float(c["service_s"]) < 7200]
    at = np.linspace(0, 1, points)
    return list(at), [float(v) for v in np.quantile(times, at)]


def again_within_hour(calls: list[Row], result: str) -> tuple[float, list[float]]:
    """Return the share of identified queued callers with this result who enter again within an hour, and the delays."""
    entries: dict[str, list[float]] = defaultdict(list)
    for c in calls:
        if c["customer"]:
            entries[c["customer"]].append(_moment(c, "entry_s"))
    seen, delays = 0, []
    for c in calls:
        if c["customer"] and c["queued"] == "1" and c["result"] == result:
            seen += 1
            end = _moment(c, "request_s") + float(c["wait_s"]) + float(c["service_s"] or 0)
            delay = min((e - end for e in entries[c["customer"]] if e > end), default=1e9)
            if delay <= 3600:
                delays.append(delay)
    return len(delays) / seen, delays


def _moment(call: Row, column: str) -> float:
    return date.fromisoformat(call["date"]).toordinal() * 86400 + float(call[column])


def burst_counts(data: Path) -> list[tuple[Array, float]]:
    """Return (counts per six minutes, expected calls per six minutes) of the other days' bursts."""
    entries: dict[tuple[str, str], float] = {}
    usual: dict[tuple[str, str], list[float]] = defaultdict(list)
    odd = {r["date"] for r in rows(data / "ab_disruption_events.csv")} | {LEFT_OUT}
    for r in rows(data / "ab_entries_1999_6min.csv.gz"):
        entries[r["date"], r["start"][:5]] = float(r["entered"])
        if r["date"] not in odd:
            usual[weekday(r["date"]), r["start"][:5]].append(float(r["entered"]))
    found = []
    for day, start, count in BURSTS:
        first = datetime.strptime(f"{day} {start}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        times = [(first + timedelta(minutes=6 * n)).strftime("%H:%M") for n in range(count)]
        normal = float(np.mean([np.mean(usual[weekday(day), t]) for t in times]))
        found.append((np.array([entries[day, t] for t in times]), normal))
    return found


def storm(share: float, delay_min: float, normal: float, count: int, step_min: float = 0.05) -> Array:
    """Return attempts per six minutes when every call comes to nothing and `share` call again after a mean delay."""
    waiting, bins, per_bin = 0.0, np.zeros(count), round(6 / step_min)
    for n in range(count * per_bin):
        again = waiting * (1 - np.exp(-step_min / delay_min))
        attempts = normal / 6 * step_min + again
        waiting += share * attempts - again
        bins[n // per_bin] += attempts
    return bins


def fit_storm(bursts: list[tuple[Array, float]]) -> tuple[float, float, float]:
    """Return (share, mean delay in minutes, root mean square error per bin) with the least squared error."""
    best = (np.inf, 0.0, 0.0)
    bins = sum(len(c) for c, _ in bursts)
    for share in np.arange(0.5, 0.96, 0.01):
        for delay in (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0):
            error = sum(float(((storm(share, delay, n, len(c)) - c) ** 2).sum()) for c, n in bursts)
            best = min(best, (error, float(share), delay))
    return best[1], best[2], (best[0] / bins) ** 0.5


def daily_cv(data: Path) -> float:
    """Return the spread of a working day's entries around its weekday's mean."""
    totals: dict[str, float] = defaultdict(float)
    for day, found in usual_intervals(data).items():
        if day in WORKING:
            for r in found:
                totals[r["date"]] += float(r["entered"])
    means: dict[str, list[float]] = defaultdict(list)
    for d, total in totals.items():
        means[weekday(d)].append(total)
    ratios = [t / np.mean(v) for v in means.values() for t in v]
    poisson = 1 / np.mean(list(totals.values()))
    return float(np.sqrt(max(np.var(ratios) * len(ratios) / (len(ratios) - len(means)) - poisson, 0)))


def write_quantiles(file: Path, share: Iterable[float], seconds: Iterable[float]) -> None:
    body = "".join(f"{s:.4f},{t:.1f}\n" for s, t in zip(share, np.maximum.accumulate(list(seconds)), strict=True))
    _write(file, "share,seconds\n" + body)


def write_profile(file: Path, column: str, by_day: dict[str, Array], digits: int) -> None:
    lines = [f"day,start,{column}"]
    for day in DAYS:
        for n, value in enumerate(by_day[day]):
            lines.append(f"{day},{n // 4:02}:{n % 4 * 15:02},{value:.{digits}f}")
    _write(file, "\n".join(lines) + "\n")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def write_tables(data: Path, out: Path) -> dict[str, float]:
    """Write everything but the wrap-up, and return the figures that were fitted."""
    calls = calls_by_activity(data)
    every = [c for found in calls.values() for c in found]
    intervals = usual_intervals(data)
    gave_up, delays = again_within_hour(every, "abandoned")
    served, _ = again_within_hour(every, "served")
    share_again = gave_up - served
    lost = sum(c["result"] == "abandoned" for c in every) / len(every)
    first = 1 - lost * share_again
    for name, kinds in ACTIVITIES.items():
        by_day = {}
        for day in DAYS:
            entered = smooth(mean_by_quarter(intervals[day], ["entered"]))
            asked = smooth(mean_by_quarter(intervals[day], ["requests"]))
            mine = smooth(mean_by_quarter(intervals[day], [f"req_{k}" for k in kinds if k != "AA"]))
            by_day[day] = np.where(asked > 0, entered * mine / np.maximum(asked, 1e-9), 0.0) * first
        write_profile(out / "volumes" / f"{name}.csv", "contacts", by_day, 3)
        write_quantiles(out / "laws" / f"patience-{name}.csv", *kaplan_meier(calls[name]))
    roster = {d: mean_by_quarter(intervals[d], ["present_main", "present_internet"]).round() for d in DAYS}
    write_profile(out / "roster.csv", "agents", roster, 0)
    at = np.linspace(0, 1, 41)
    write_quantiles(out / "laws" / "again-after-giving-up.csv", at, np.quantile(delays, at))
    share, delay, error = fit_storm(burst_counts(data))
    return {
        "calls_fitted_on": float(len(every)),
        "abandoned_share": lost,
        "again_after_giving_up_share": share_again,
        "again_after_giving_up_mean_s": float(np.mean(delays)),
        "again_when_unreachable_share": share,
        "again_when_unreachable_mean_s": delay * 60,
        "again_when_unreachable_error_per_6_min": error,
        "day_to_day_cv": daily_cv(data),
        **{f"patience_{n}_mean_s": table_mean(out / "laws" / f"patience-{n}.csv") for n in ACTIVITIES},
    }


def table_mean(file: Path) -> float:
    """Return the mean of a quantile table."""
    found = [(float(r["share"]), float(r["seconds"])) for r in rows(file)]
    return float(np.trapezoid([t for _, t in found], [s for s, _ in found]))


def write_service(data: Path, out: Path, wrap_up_s: float) -> dict[str, float]:
    """Write the service tables with a wrap-up and return their means."""
    means = {}
    for name, calls in calls_by_activity(data).items():
        share, seconds = service_quantiles(calls)
        file = out / "laws" / f"service-{name}.csv"
        write_quantiles(file, share, [s + wrap_up_s for s in seconds])
        means[f"service_{name}_mean_s"] = table_mean(file)
    return means


ACTIVITY = """  - id: {name}
    name: {title}
    kind: inbound_queue
    numbers: [bank-number]
    skills: [banking]
    volumes: volumes/{name}.csv
    volume_cv: {day_to_day_cv:.3f}
    aht_s: {aht:.1f}
    aht_law: {{kind: table, quantiles: laws/service-{name}.csv}}
    patience_s: {patience:.1f}
    patience_law: {{kind: table, quantiles: laws/patience-{name}.csv}}
    redial:
      after_abandoned: {again_after_giving_up_share:.3f}
      after_blocked: {again_when_unreachable_share:.3f}
      after_dropped: {again_when_unreachable_share:.3f}
      delay_s: {again_after_giving_up_mean_s:.1f}
      delay_law: {{kind: table, quantiles: laws/again-after-giving-up.csv}}
      unreached_delay_s: {again_when_unreachable_mean_s:.1f}
    sl: {{formula_id: SL3, x: 0.8, t_s: 20s}}
    needs: [{{to: [path-to-agents]}}]
"""
TITLES = {
    "everyday": "Everyday banking",
    "prospects": "New and possible customers",
    "stock": "Stock exchange",
    "internet": "Internet support",
}


def write_activities(out: Path, fitted: dict[str, float]) -> None:
    """Write the activities with the fitted figures."""
    text = "# Written by fit.py: every figure is from fitted.json, tables are in volumes/ and laws/.\nactivities:\n"
    for name, title in TITLES.items():
        aht, patience = fitted[f"service_{name}_mean_s"], fitted[f"patience_{name}_mean_s"]
        text += ACTIVITY.format(name=name, title=title, aht=aht, patience=patience, **fitted)
    _write(out / "activities.yaml", text)


def simulated_abandonment(out: Path) -> float:
    """Return the share who give up on simulated working days, all five weekdays."""
    from openline.plan.directory import read_directory
    from openline.plan.load import load_plan
    from openline.sim.inputs import build, busyness
    from openline.sim.model import ABANDONED, OFFERED
    from openline.sim.run import simulate
    from openline.sim.window import onset_at, window_around

    loaded = load_plan(read_directory(out)[0])
    if loaded.plan is None:
        raise SystemExit("\n".join(map(str, loaded.problems)))
    lost = entered = 0.0
    for day in range(7, 12):
        window = window_around(loaded.plan, onset_at(loaded.plan, f"1999-02-{day:02}T12:00"), 0.0)
        model = build(loaded.plan, window).model
        counts = simulate(
            model, seed=5, replications=60, busyness=busyness(loaded.plan, seed=5, replications=60)
        ).counts.sum(axis=(0, 1, 2))
        lost, entered = lost + counts[ABANDONED], entered + counts[OFFERED]
    return float(lost / entered)


def real_abandonment(data: Path) -> float:
    """Return the share of entering calls that gave up on working days without an episode."""
    usual = [r for d in WORKING for r in usual_intervals(data)[d]]
    return sum(float(r["abandoned"]) for r in usual) / sum(float(r["entered"]) for r in usual)


def write_observed(data: Path, out: Path) -> None:
    """Write the counts of 3 February per six minutes, 12:00 to 15:30."""
    entered, abandoned = np.zeros(35), np.zeros(35)
    for call in rows(data / "ab_calls_1999-02.csv.gz"):
        slot = (int(call["entry_s"]) - 43200) // 360
        if call["date"] == LEFT_OUT and 0 <= slot < 35:
            entered[slot] += 1
            abandoned[slot] += call["result"] == "abandoned"
    clock = [f"{12 + n * 6 // 60:02}:{n * 6 % 60:02}" for n in range(35)]
    body = "".join(f"{t},{e:.0f},{a:.0f}\n" for t, e, a in zip(clock, entered, abandoned, strict=True))
    _write(out / "observed" / f"{LEFT_OUT}.csv", "start,attempts,abandoned\n" + body)


def main() -> None:
    parser = argparse.ArgumentParser(description="Rebuild the tables of this example from the call data.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    asked = parser.parse_args()
    if not (asked.data / "ab_intervals_15min.csv.gz").is_file():
        sys.exit(f"{asked.data} does not hold the call data; see the head of this file for the names")
    fitted = write_tables(asked.data, asked.out)
    write_observed(asked.data, asked.out)
    goal, low, high = real_abandonment(asked.data), 0.0, 120.0
    for _ in range(8):
        wrap_up = (low + high) / 2
        fitted |= write_service(asked.data, asked.out, wrap_up)
        write_activities(asked.out, fitted)
        found = simulated_abandonment(asked.out)
        low, high = (wrap_up, high) if found < goal else (low, wrap_up)
        sys.stderr.write(f"wrap-up {wrap_up:.1f} s: {found:.3%} give up, really {goal:.3%}\n")
    fitted |= {"wrap_up_s": wrap_up, "give_up_simulated": found, "give_up_real": goal}
    text = json.dumps({k: round(v, 4) for k, v in fitted.items()}, indent=2)
    _write(asked.out / "fitted.json", text + "\n")


if __name__ == "__main__":
    main()
