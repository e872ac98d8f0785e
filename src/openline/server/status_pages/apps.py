"""The application of status pages."""

from django.apps import AppConfig


class StatusPagesConfig(AppConfig):
    """Adds subscribers to the readers of messages, and its jobs to what the engine does."""

    name = "openline.server.status_pages"
    label = "status_pages"

    def ready(self) -> None:
        """Take part in what happens to messages."""
        from openline.server.engine import port as engine
        from openline.server.incidents import releasing, store, world
        from openline.server.status_pages import export, subscribing

        releasing.READERS.append(subscribing.readers)
        store.ON_ENTRIES.append(export.wanted)
        world.OTHERS[subscribing.KIND] = world.Other(subscribing.send_asked, subscribing.asked_ended)
        world.OTHERS[export.KIND] = world.Other(export.act, export.ended)
        world.RETRIES[subscribing.KIND] = engine.Retry(attempts=8, first_s=2.0, factor=3.0, most_s=600.0)
        world.RETRIES[export.KIND] = engine.Retry(attempts=5, first_s=1.0, factor=3.0, most_s=60.0)
