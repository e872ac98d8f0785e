"""The application of webhooks."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Adds its jobs to what the engine does, and itself to what wants new entries."""

    name = "openline.server.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        """Take part in what happens to incidents."""
        from openline.server.engine import port as engine
        from openline.server.incidents import store, world
        from openline.server.webhooks import delivering

        store.ON_ENTRIES.append(delivering.wanted)
        world.OTHERS[delivering.KIND] = world.Other(delivering.deliver, delivering.ended)
        world.OTHERS[delivering.AGAIN] = world.Other(delivering.deliver_again, delivering.again_ended)
        world.RETRIES[delivering.KIND] = engine.Retry(attempts=10, first_s=2.0, factor=3.0, most_s=600.0)
        world.RETRIES[delivering.AGAIN] = engine.Retry(attempts=3, first_s=2.0, factor=3.0, most_s=30.0)
