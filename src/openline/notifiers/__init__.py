"""Ways to reach people: one file each, and the table of them."""

from openline.notifiers import apprise, gateway, smtp
from openline.notifiers.base import Kind

NOTIFIERS: dict[str, Kind] = {"smtp": smtp.KIND, "gateway": gateway.KIND, "apprise": apprise.KIND}
"""Every kind of provider by the name it is stored under."""
