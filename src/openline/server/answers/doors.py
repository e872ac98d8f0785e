"""The open doors: which of them a request is for, however it came in."""

from openline.server.answers.inbound import INBOUND, delivered
from openline.server.answers.linked import by_link, not_here
from openline.server.answers.request import Answer, Ask, Request

MOST_BYTES = 20_000


def door(request: Request) -> Ask | Answer:
    """Return what a request asks, or the answer where nothing needs to be asked."""
    if len(request.body) > MOST_BYTES:
        return Answer(413, "This is longer than an answer can be: write less, and send it again.")
    if request.path.startswith("/a/"):
        return by_link(request)
    if request.path in INBOUND:
        return delivered(request)
    return not_here()
