"""The permit without which no adapter touches the world; an exercise can not have one."""

from openline.incident.command import Refused
from openline.incident.state import State

_MAKER = object()


class MayNotTouchTheWorld(Refused):
    """An exercise or a demo tried to act in the real world."""


class Permit:
    """Proof that an incident is real; made by `permit` only, asked for by every adapter that acts."""

    __slots__ = ("incident",)

    def __init__(self, incident: str, maker: object = None) -> None:
        if maker is not _MAKER:
            raise MayNotTouchTheWorld("a permit comes from the state of a real incident")
        self.incident = incident


def permit(state: State, incident: str) -> Permit:
    """Return the permit of a real incident. Raises MayNotTouchTheWorld for an exercise, a demo, or nothing at all."""
    if state.is_exercise or state.is_demo or state.phase == "new":
        raise MayNotTouchTheWorld(f"{incident} is an exercise or a demo: nothing leaves this machine")
    return Permit(incident, _MAKER)


def ensure(given: object) -> None:
    """Raise MayNotTouchTheWorld unless this is a permit."""
    if type(given) is not Permit:
        raise MayNotTouchTheWorld("this needs the permit of a real incident")
