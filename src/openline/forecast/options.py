"""Every option that the plan and the state of this minute know, those that can not be chosen with the reason."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from openline.forecast.change import Change
from openline.forecast.demand_options import announce, defer, shift_half
from openline.forecast.option import Option
from openline.forecast.people_options import call_out, move_skills, send_home
from openline.forecast.setting import Setting
from openline.forecast.state import BadState

OPTIONS: dict[str, Callable[[Setting, float], Iterator[Option]]] = {
    "call_out": call_out,
    "send_home": send_home,
    "announce": announce,
    "defer": defer,
    "move_skills": move_skills,
    "shift": shift_half,
}
"""Kinds of option: each yields those of the plan, decided so many seconds after now (before it when negative)."""

NOTHING = Option("do-nothing", "nothing", "Do nothing more", True, "always possible")


def options_of(setting: Setting) -> tuple[Option, ...]:
    """Return all options; those under way are marked, with the change that they began when they were decided.

    Raises BadState when something is said to be under way that is no option.
    """
    since = {u.option_id: (u.since - setting.state.at).total_seconds() for u in setting.state.under_way}
    found = {o.id: o for kind in OPTIONS.values() for o in kind(setting, 0.0)}
    for name, decided_s in since.items():
        if name not in found:
            raise BadState(f"under way is {name!r}, which is no option of this plan; there are {', '.join(found)}")
        if decided_s > 0:
            raise BadState(f"{name} is said to be under way from a time after now")
        begun = next(o for o in OPTIONS[found[name].kind](setting, decided_s) if o.id == name)
        found[name] = replace(begun, available=False, reason="under way", under_way=True)
    return tuple(found.values())


def under_way(options: tuple[Option, ...]) -> Change:
    """Return what those under way do together."""
    change = Change()
    for option in options:
        change = change.and_(option.change) if option.under_way else change
    return change
