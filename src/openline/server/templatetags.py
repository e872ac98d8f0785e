"""Filters that every template has: figures with their units."""

from datetime import datetime
from typing import Protocol
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import template

from openline.audit.finding import Finding
from openline.plan.record import OBJECT_COLLECTIONS
from openline.sim.results import Estimate
from openline.units import format_duration

register = template.Library()


@register.filter
def count(value: float | None) -> str:
    """Return a number of things, whole and with separators; a dash when unknown."""
    return "–" if value is None else f"{value:,.0f}"


@register.filter
def percent(value: float | None) -> str:
    """Return a share as a percentage with one decimal; a dash when undefined."""
    return "–" if value is None else f"{value:.1%}".replace("%", " %")


@register.filter
def duration(value: float | None) -> str:
    """Return seconds as people read them; a dash when unknown."""
    return "–" if value is None else format_duration(value)


@register.filter
def minutes(value: float | None) -> str:
    """Return seconds to the nearest minute; a dash when unknown."""
    return "–" if value is None else format_duration(round(value / 60) * 60)


@register.filter
def days(value: Estimate | None) -> str:
    """Return the range that holds 95 of 100 simulated days."""
    return "–" if value is None else f"{value.low:,.0f} to {value.high:,.0f}"


@register.filter
def local(moment: datetime, tz: str) -> str:
    """Return a moment on a site's clock to the minute."""
    here = moment.astimezone(ZoneInfo(tz))
    return f"{here:%a %d %b %Y %H:%M}"


@register.filter
def typed(moment: datetime, tz: str) -> str:
    """Return a moment on a site's clock as a field for date and time holds it."""
    return f"{moment.astimezone(ZoneInfo(tz)):%Y-%m-%dT%H:%M}"


@register.filter
def exact(moment: datetime, tz: str) -> str:
    """Return a moment on a site's clock to the second."""
    return f"{moment.astimezone(ZoneInfo(tz)):%a %d %b %H:%M:%S}"


@register.filter
def words(value: object) -> str:
    """Return an identifier such as access_denied as words."""
    return str(value).replace("_", " ")


class Table(Protocol):
    """What has something under a key."""

    def get(self, key: str, /) -> object:
        """Return it, or None."""


@register.filter
def aside(finding: Finding) -> str:
    """Return what a form that sets this finding aside begins with, for its address."""
    subject = finding.subject if finding.collection in OBJECT_COLLECTIONS else ""
    begun = {"id": f"{finding.rule.lower()}-{finding.subject}"[:64].rstrip("-"), "rule": finding.rule}
    return urlencode({**begun, "objects": subject or "\n".join(finding.objects)})


@register.filter
def entry(table: Table | None, key: str) -> object:
    """Return what a table has under a key, None when it has nothing."""
    return table.get(key) if table is not None else None


@register.filter
def utc(moment: datetime) -> str:
    """Return a moment in UTC to the minute."""
    return f"{moment.astimezone(ZoneInfo('UTC')):%H:%M} UTC"


@register.filter
def clock(moment: datetime, tz: str) -> str:
    """Return a moment as the time of day on a site's clock."""
    return f"{moment.astimezone(ZoneInfo(tz)):%H:%M}"


@register.filter
def rough(value: float | None) -> str:
    """Return seconds as two parts at the most, so that a glance is enough; a dash when unknown."""
    if value is None:
        return "–"
    s = abs(value)
    if s < 90:
        return f"{s:.0f} s"
    minutes = round(s / 60)
    if minutes < 100:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


@register.filter
def exact_zone(moment: datetime, tz: str) -> str:
    """Return a moment to the minute on a clock, with the clock's name, so that a reader elsewhere is not misled."""
    return f"{moment.astimezone(ZoneInfo(tz)):%Y-%m-%d %H:%M %Z}"
