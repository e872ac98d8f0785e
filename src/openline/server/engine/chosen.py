"""Starting the engine with the work that the settings name."""

import os

from django.conf import settings
from django.utils.module_loading import import_string

from openline.server.engine import port


def start_chosen() -> None:
    """Start the engine here; OPENLINE_NODE may name the node, otherwise each start has a name of its own."""
    work = import_string(settings.ENGINE_WORK)
    port.start(
        act=work.act,
        record=work.record,
        retries=work.retries,
        schedules=work.schedules,
        node=os.environ.get("OPENLINE_NODE", ""),
    )
