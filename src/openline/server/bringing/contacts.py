"""A telephone system's interval export as the volumes of a queue: which column is what, and what it would change."""

from dataclasses import dataclass
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from openline.exchange.columns import written
from openline.exchange.intervals import Mapping, Week, guessed, read_intervals, usual_week
from openline.exchange.merge import Merged, files_after, merge
from openline.exchange.tables import profile_text
from openline.exchange.workbook import Read, grown
from openline.plan.activities import Activity
from openline.plan.document import Plan
from openline.plan.problem import Problem
from openline.plan.tables import WEEKDAYS, Profile, read_profile

MOST_COLUMNS = 1_000
COLUMN = "volumes"


class Columns(forms.Form):
    """Which queue the export is of, and which of its columns holds what."""

    activity = forms.ChoiceField(label="Queue of the plan")
    wide = forms.BooleanField(label="A column for each interval or day", required=False)
    start = forms.ChoiceField(label="Column with the start", help_text="Date and time; or the time, beside a day.")
    count = forms.ChoiceField(label="Column with the contacts", required=False)
    day = forms.ChoiceField(label="Column with the day", required=False, help_text="When the start is only a time.")
    queue = forms.ChoiceField(label="Column with the queue", required=False)
    only = forms.CharField(label="Take the rows of this queue", required=False, max_length=200)
    zone = forms.CharField(label="Clock of the export", max_length=60, help_text="Such as Europe/London.")
    date_format = forms.CharField(
        label="How dates are written",
        required=False,
        max_length=40,
        help_text="Such as %d/%m/%Y, when it is not plain.",
    )

    def __init__(self, said: QueryDict | dict[str, str], *, plan: Plan, names: list[str]) -> None:
        super().__init__(said)
        columns = [(n, n) for n in dict.fromkeys(names[:MOST_COLUMNS]) if n]
        for name in ("start", "count", "day", "queue"):
            self.fields[name].choices = [("", "none"), *columns]  # type: ignore[attr-defined]
        queues = [(a.id, a.title) for a in plan.activities.values()]
        self.fields["activity"].choices = queues  # type: ignore[attr-defined]

    def clean_zone(self) -> str:
        """Return a zone that is known here."""
        zone: str = self.cleaned_data["zone"].strip()
        if zone not in available_timezones():
            raise ValidationError(f"{zone!r} is not a time zone: write one such as Europe/London.")
        return zone

    def mapping(self) -> Mapping:
        """Return what was said, once it is sound."""
        said = self.cleaned_data
        return Mapping(**{k: said[k] for k in Mapping.__slots__})


def said_at_first(names: list[str], plan: Plan) -> dict[str, str]:
    """Return what the form proposes for columns of these names."""
    found = guessed(names, plan.organization.tz)
    told = {k: str(getattr(found, k)) for k in Mapping.__slots__ if k != "wide"} | (
        {"wide": "on"} if found.wide else {}
    )
    first = next((a.id for a in plan.activities.values() if a.volumes), next(iter(plan.activities), ""))
    return {**told, "activity": first}


@dataclass(frozen=True, slots=True)
class Brought:
    """What an export would do: the week, the plan's files afterwards, contacts by day now and then."""

    problems: tuple[Problem, ...] = ()
    week: Week | None = None
    files: dict[str, str] | None = None
    days: tuple[tuple[str, float | None, float], ...] = ()
    shared: tuple[str, ...] = ()
    """Other queues that use the same table."""

    lost: tuple[str, ...] = ()
    """Days of their own in the plan's table that do not fit beside the new week."""

    @property
    def total(self) -> float:
        """Contacts of the usual week."""
        return sum(then for _, _, then in self.days)


def brought(files: dict[str, str], plan: Plan, name: str, text: str, chosen: Mapping, activity: str) -> Brought:
    """Return what an export would do to the volumes of a queue."""
    counted = read_intervals(name, text, chosen)
    week = None if counted.problems else usual_week(counted, chosen.zone)
    if week is None:
        lacking = Problem(name, 0, "", "a usual week needs each of its days at least once without a gap", "")
        return Brought(tuple(counted.problems) or (lacking,))
    to = plan.activities[activity]
    file = to.volumes or f"{COLUMN}/{activity}.csv"
    before, new = plan.profiles.get(file), read_profile(file, week.text, "contacts")[0]
    assert new is not None  # noqa: S101 - it was just written
    profile, lost = _with_own_days(new, before)
    merged = _laid(files, to, file, profile_text(profile, "contacts"))
    if merged.plan is None:
        return Brought(merged.problems, week)
    days = tuple((d, _sum(before, d), sum(new.days[d])) for d in WEEKDAYS)
    shared = tuple(a.title for a in plan.activities.values() if a.volumes == file and a.id != activity)
    return Brought((), week, files_after(files, merged.plan), days, shared, lost)


def _with_own_days(new: Profile, before: Profile | None) -> tuple[Profile, tuple[str, ...]]:
    """Return the new week with the dates that the plan's table has of their own, and those that do not fit."""
    own = {d: v for d, v in before.days.items() if d not in WEEKDAYS} if before is not None else {}
    if before is not None and before.slot_s != new.slot_s:
        return new, tuple(own)
    return Profile(new.slot_s, {**new.days, **own}), ()


def _laid(files: dict[str, str], to: Activity, file: str, text: str) -> Merged:
    read = Read()
    read.tables[file] = text
    if to.volumes is None:
        read.document["activities"] = [grown({**written(to), COLUMN: file}, file, 1)]
    return merge(files, read, "update")


def _sum(profile: Profile | None, day: str) -> float | None:
    return sum(profile.days[day]) if profile is not None and day in profile.days else None
