"""Procedures and restoration."""

from openline.audit.rules.procedures import coverage, safety, service, steps

__all__ = ["coverage", "safety", "service", "steps"]
