"""What every open door is given and gives back, and how often it may be knocked at."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from openline.server.incidents.gathering import Asking, NotKept, Shown
from openline.server.security import Limit

log = logging.getLogger(__name__)

EACH = Limit(most=30, window_s=60)
"""Acts on one link, or of one person."""
CLIENT = Limit(most=30_000, window_s=60)
"""Acts from one address: a whole site may stand behind it."""
WRONG = Limit(most=30, window_s=60)
REPORTS = Limit(most=5, window_s=600)
"""First signs from one number: each of them calls somebody at night."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the doors look at of a request."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    client: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door says."""

    status: int
    body: str
    is_json: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Something to be asked of an incident, and how its result, or what went wrong, is said."""

    asking: Asking
    say: Callable[[Shown], Answer]
    fail: Callable[[Exception], Answer]

    def failed(self, error: Exception) -> Answer:
        """Return what is said when it did not work; what nobody foresaw goes to the log with its trace."""
        if not isinstance(error, LookupError | ValueError | NotKept):
            log.error("an answer was not given", exc_info=error)
        return self.fail(error)


def to_gateway(status: int, say: str) -> Answer:
    """Return an answer to a gateway; `say` is for whoever wrote or called."""
    return Answer(status, json.dumps({"recorded": status == 200, "say": say}), is_json=True)
