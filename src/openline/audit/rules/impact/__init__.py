"""Impact, objectives, dependencies."""

from openline.audit.rules.impact import inventory, objectives, recovery

__all__ = ["inventory", "objectives", "recovery"]
