"""What every form of the room carries, and figures as the room writes them."""

from datetime import datetime, timedelta
from uuid import uuid4

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from openline.server.templatetags import rough

register = template.Library()


@register.simple_tag(takes_context=True)
def acting(context: template.Context) -> SafeString:
    """Return the hidden fields of a command: the session's token, a key for double clicks, the role, the way back."""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><input type="hidden" name="key" value="{}">'
        '<input type="hidden" name="role" value="{}"><input type="hidden" name="next" value="{}">',
        context["csrf_token"],
        uuid4().hex,
        context.get("role") or "",
        context.get("here_again") or "",
    )


@register.simple_tag(takes_context=True)
def do(context: template.Context, command: str) -> str:
    """Return the address at which a command is given."""
    incident = context["incident"]
    return reverse("incidents:do", args=[incident.slug, incident.pk, command])


@register.filter
def plus(moment: datetime, seconds: float) -> datetime:
    """Return a moment some seconds later."""
    return moment + timedelta(seconds=seconds)


@register.filter
def money(value: float | None) -> str:
    """Return an amount to about three figures; a dash when unknown."""
    return "–" if value is None else f"{round(value, -1) if value >= 1000 else round(value):,.0f}"


@register.filter
def share(value: float | None) -> str:
    """Return a share as a whole percentage; a dash when unknown."""
    return "–" if value is None else f"{value * 100:.0f} %"


@register.filter
def late(value: float | None) -> str:
    """Return seconds that are left, or over."""
    if value is None:
        return "not in the plan"
    return f"{rough(value)} left" if value >= 0 else f"{rough(value)} over"


@register.filter
def elapsed(first: datetime, last: datetime) -> float:
    """Return the seconds from one moment to a later one; negative when it is earlier."""
    return (last - first).total_seconds()


@register.filter
def signed(value: float) -> str:
    """Return how long it still is, or how long it is over."""
    return f"in {rough(value)}" if value >= 0 else f"{rough(value)} over"


@register.filter
def fewer(value: float) -> str:
    """Return a difference of contacts lost in words."""
    return f"{abs(value):,.0f} {'fewer' if value < 0 else 'more'} lost"
