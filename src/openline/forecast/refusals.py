"""Why a forecast may be refused, each with words for who asked."""

from openline.forecast.setting import BadRollCall
from openline.forecast.state import BadState
from openline.scenarios.binding import UnboundScenario
from openline.sim.inputs import NothingToSimulate
from openline.sim.run import TooMuch
from openline.sim.snapshot import BadSnapshot
from openline.sim.steps import UnknownVolume

REFUSALS = (BadState, BadSnapshot, BadRollCall, UnboundScenario, UnknownVolume, NothingToSimulate, TooMuch)
