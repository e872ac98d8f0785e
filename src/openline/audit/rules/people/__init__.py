"""People and roles."""

from openline.audit.rules.people import agents, duty, evacuation, roles

__all__ = ["agents", "duty", "evacuation", "roles"]
