"""What an option changes in the simulator's inputs, in memory; times are seconds after now."""

from dataclasses import dataclass, replace

from openline.impact.response import Response
from openline.sim.inputs import Inputs
from openline.sim.reshape import NOBODY, diverted, held, moved

AWAY = "away"
ROW = ">"
"""Between a queue and where its diverted contacts go, in the names of rows; no id holds it."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A share of a queue's new contacts goes to another trunk group or to a partner, or AWAY: they are put off.

    While the queue is closed nobody gets in that way either, unless a partner has a platform of its own.
    """

    queue: str
    share: float
    from_s: float
    to: str
    own_platform: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """A queue is kept waiting."""

    queue: str
    from_s: float


@dataclass(frozen=True, slots=True)
class Move:
    """A share of a group's agents takes contacts of these queues only."""

    group: str
    queues: tuple[str, ...]
    share: float
    from_s: float


@dataclass(frozen=True, slots=True)
class Change:
    """What an option does; `responses` bring people, in seconds after the onset as everywhere in openline.impact."""

    responses: tuple[Response, ...] = ()
    shifts: tuple[Shift, ...] = ()
    holds: tuple[Hold, ...] = ()
    moves: tuple[Move, ...] = ()

    def and_(self, other: "Change") -> "Change":
        """Return both changes at once, this one first."""
        return Change(
            self.responses + other.responses,
            self.shifts + other.shifts,
            self.holds + other.holds,
            self.moves + other.moves,
        )


UNCHANGED = Change()


def changed(inputs: Inputs, change: Change, now_s: float = 0.0) -> Inputs:
    """Return the inputs as the change makes them, all but its responses; now is at `now_s` of the window."""
    for move in change.moves:
        name = f"{move.group}{ROW}{move.queues[0]}"
        inputs = moved(inputs, move.group, name, list(move.queues), move.share, move.from_s + now_s)
    for shift in change.shifts:
        inputs = _shifted(inputs, replace(shift, from_s=shift.from_s + now_s))
    for hold in change.holds:
        inputs = held(inputs, hold.queue, hold.from_s + now_s)
    return inputs


def _shifted(inputs: Inputs, shift: Shift) -> Inputs:
    name, no_limit = f"{shift.queue}{ROW}{shift.to}", len(inputs.model.trunk_capacity) - 1
    group = inputs.groups.index(shift.to) if shift.to in inputs.groups else None
    trunk = NOBODY if shift.to == AWAY else no_limit if group is not None else inputs.trunks.index(shift.to)
    return diverted(
        inputs,
        shift.queue,
        name,
        shift.share,
        shift.from_s,
        trunk=trunk,
        group=group,
        closes=not shift.own_platform,
    )
