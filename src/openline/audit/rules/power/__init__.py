"""Power and environment."""

from openline.audit.rules.power import batteries, environment, generators

__all__ = ["batteries", "environment", "generators"]
